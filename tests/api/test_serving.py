"""`xinheng serve` as a process: started, asked over a real connection, stopped."""

import json
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import httpx2
import pytest

from api.http.server import Config

from .conftest import ASKED, CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON, RIVAL

QUESTION = {"subject": DEFAULTER, "matter": "政府采购", "department": "采购人", "as_of": DAY}
SECONDS = 60


@contextmanager
def serving(town, *words):
    """A server on the town: its address, its process, and the file that it logs into."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *words]
    environment = {**ENVIRONMENT, "XINHENG_DATA": str(town), "PATH": "", "PYTHONUTF8": "1"}
    log = town / "serve.log"
    with log.open("wb") as written, subprocess.Popen(command, env=environment, stderr=written) as process:
        try:
            yield answering(f"http://127.0.0.1:{port}", process, log), process, log
        finally:
            process.terminate()
            process.wait(SECONDS)


def answering(url, process, log):
    for _ in range(10 * SECONDS):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            httpx2.get(f"{url}/health")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return url
    raise AssertionError("the server never answered")


def logged(log):
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def stopped(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(SECONDS)


def test_an_answer_is_sent_at_once_and_not_when_its_asker_has_acknowledged_what_came_before():
    with (
        Config("api.http.app:from_settings", port=0, log_config=None).bind_socket() as bound,
        closing(bound.listen() or socket.create_connection(bound.getsockname())),
        bound.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_real_server_gives_the_same_bytes_and_logs_no_citizen_id(town, xinheng):
    with serving(town) as (url, process, log):
        document = httpx2.post(f"{url}/v1/checks", json=QUESTION, timeout=SECONDS).content
        assert document + b"\n" == xinheng("check", DEFAULTER, *ASKED, "--json").out
        httpx2.post(f"{url}/v1/checks", json={**QUESTION, "subject": PERSON}, timeout=SECONDS)
        httpx2.post(f"{url}/v1/checks", json={**QUESTION, "as_of": PERSON}, timeout=SECONDS)
        assert stopped(process) in (0, -signal.SIGTERM)
    assert PERSON not in log.read_text(encoding="utf-8")
    lines = logged(log)
    assert {line["logger"] for line in lines} == {"uvicorn.error", "xinheng.requests"}
    assert [line["status"] for line in lines if line.get("route") == "/v1/checks"] == [200, 200, 422]


def test_two_workers_asked_at_once_write_one_ledger(town, xinheng):
    """Each append sees the one before it, whichever process made it; the answers are those of a single process."""
    subjects = [DEFAULTER, RIVAL, CLEAN, PERSON] * 30
    with serving(town, "--workers", "2") as (url, process, log):

        def check(number):
            question = {**QUESTION, "subject": subjects[number], "purpose": f"{number}"}
            return httpx2.post(f"{url}/v1/checks", json=question, timeout=SECONDS)  # a connection for each

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(check, range(len(subjects))))
        assert stopped(process) == 0
    assert {response.status_code for response in found} == {200}
    assert len({(s, response.content) for s, response in zip(subjects, found, strict=True)}) == len(set(subjects))
    assert xinheng("ledger", "verify").status == 0
    entries = [json.loads(line) for line in xinheng("ledger", "export").text.splitlines()]
    assert sorted((entry["purpose"], entry["decision_id"]) for entry in entries) == sorted(
        (f"{number}", response.json()["decision_id"]) for number, response in enumerate(found)
    )
    lines = logged(log)
    assert sum(line.get("route") == "/v1/checks" for line in lines) == len(subjects)
    assert sum(line["event"].startswith("Started server process") for line in lines) == 2
    assert sum(line["event"].startswith("Finished server process") for line in lines) == 2
    assert {line["level"] for line in lines} == {"info"}


@pytest.mark.slow
def test_a_server_that_is_stopped_answers_what_it_was_asked_before(town, xinheng):
    questions = [{**QUESTION, "purpose": f"{number}"} for number in range(500)]
    with serving(town) as (url, process, _), ThreadPoolExecutor(1) as thread:
        asked = thread.submit(httpx2.post, f"{url}/v1/check-batches", json={"questions": questions}, timeout=SECONDS)
        while len(xinheng("ledger", "export").text.splitlines()) < 5:
            time.sleep(0.05)
        assert stopped(process) in (0, -signal.SIGTERM)
        assert len(asked.result().json()["answers"]) == len(questions)
    assert xinheng("ledger", "verify").status == 0
