"""Checks over HTTP: `python -m bench.http`, or `make bench-http`.

`xinheng serve` with two workers, asked with an API key; a FastAPI route that returns a constant of a usual length,
under the same settings of uvicorn; and the same checks in this process, one after the other, ledger included. They take
turns in one run, because machines differ and drift: what counts are the ratios. Whoever asks shares the machine with
whoever answers, and the constant says what is left to both. Then the server is asked at a steady rate, seven tenths of
what it could do: a request counts from the moment it was due. With `--soak MINUTES` that goes on for so long, and the
memory of each worker is told. The table goes to the terminal, the same to `build/bench-http.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from api.answers import answer_check
from api.askers import Asker
from api.deployment import Deployment
from api.questions import CheckRequest
from api.settings import load_settings
from bench.child import own_megabytes, xinheng
from bench.city import AS_OF
from bench.timing import quantile
from bench.worlds import city_of
from graph.sqlite import SqliteStore

ROOT = Path(__file__).parents[1]
WORKERS, CONNECTIONS, SECONDS = 2, 16, 120
LOAD = 0.7
"""Of the highest throughput."""
STEADY_SECONDS, LOOK_SECONDS = 20, 30
COMMON = {"matter": "procurement", "department": "purchaser", "as_of": AS_OF.isoformat()}
KEY = ("keys", "create", "--holder", "bench", "--department", "purchaser", "--scope", "officer", "--json")
XINHENG, FLOOR, ALONE = "xinheng serve", "FastAPI, a constant", "in process"
STEADY = f"{XINHENG} at {LOAD:.0%}"


@dataclass
class Measured:
    """Seconds of each request, and requests per second of each round."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        """Requests per second, and quantiles of what they took."""
        quantiles = {f"p{of}_ms": 1e3 * quantile(self.seconds, of / 100) for of in (50, 95, 99)}
        return {"per_second": median(self.rates), **quantiles}


@dataclass
class Soak:
    """Megabytes of each worker's own memory, every `LOOK_SECONDS`."""

    memory: list[list[float]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The growth is that of the worker which grew most, after the first fifth."""
        first = self.memory[len(self.memory) // 5]
        grown = [max(later) - before for before, *later in zip(first, *self.memory, strict=True)]
        return {"looks": len(self.memory), "memory_mb": self.memory, "growth_mb": max(grown)}


@dataclass(frozen=True)
class Served:
    url: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[float]:
        """Megabytes of the memory of each process of the server's own, the largest first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sorted((own_megabytes(int(child)) for child in children), reverse=True)[:WORKERS]


Round = Callable[[Sequence[str]], Awaitable[list[float]]]


def main() -> None:
    options = _options()
    (ROOT / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-http-", dir=ROOT / "build") as directory:
        found, soak = asyncio.run(_measured(Path(directory), options))
    told = {name: one.told() for name, one in found.items()}
    ratios = {
        f"{XINHENG} / {other}": {name: told[XINHENG][name] / figure for name, figure in told[other].items()}
        for other in (FLOOR, ALONE)
    }
    spread = told[STEADY]["p99_ms"] / told[STEADY]["p50_ms"]
    effort = {name: getattr(options, name) for name in ("subjects", "requests", "rounds", "soak")}
    about = {"cores": os.cpu_count(), "workers": WORKERS, "connections": CONNECTIONS, **effort}
    result = {"about": about, "measured": told, "ratios": ratios, "steady_p99_to_p50": spread, "soak": soak.told()}
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show({**told, **ratios})
    print(f"p99 is {spread:.2f} times p50 at {LOAD:.0%}; a worker grew by {soak.told()['growth_mb']:.1f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=10_000, help="so large a city")
    parser.add_argument("--requests", type=int, default=400, help="so many requests of each in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--soak", type=float, default=STEADY_SECONDS / 60, help="minutes at a steady rate")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-http.json")
    return parser.parse_args()


async def _measured(home: Path, options: argparse.Namespace) -> tuple[Mapping[str, Measured], Soak]:
    city = city_of(options.subjects)
    with SqliteStore(home / "store") as store:
        city.write_to(store)
    settings = {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_REGION": "360400",
        "XINHENG_DATA": str(home / "data"),
        "XINHENG_STORE": str(home / "store"),
    }
    token = xinheng(*KEY, settings=settings).document["token"]
    subjects = city.asked(options.requests)
    with ExitStack() as stack:
        deployment = stack.enter_context(Deployment(load_settings(**_fields(settings))))
        documents = sorted((_checked(subject, deployment) for subject in subjects), key=len)
        (home / "constant.json").write_bytes(documents[len(documents) // 2])
        served = stack.enter_context(_serving("api.http.app:from_settings", settings))
        floor = stack.enter_context(
            _serving("bench.floor:application", {"BENCH_CONSTANT": str(home / "constant.json")})
        )
        rounds: dict[str, Round] = {
            XINHENG: lambda some: _asked(served.url, some, token),
            FLOOR: lambda some: _asked(floor.url, some, token),
            ALONE: lambda some: _alone(deployment, some),
        }
        found = await _in_turns(rounds, subjects, options.rounds)
        rate = LOAD * median(found[XINHENG].rates)
        steady, soak = await _steadily(served, subjects, token, rate, options.soak * 60)
        return {**found, STEADY: steady}, soak


def _fields(settings: Mapping[str, str]) -> dict[str, Any]:
    return {name.removeprefix("XINHENG_").lower(): value for name, value in settings.items()}


async def _in_turns(rounds: Mapping[str, Round], subjects: Sequence[str], number: int) -> Mapping[str, Measured]:
    """Each in every round, in an order drawn anew; a first round warms up and does not count."""
    dice, found = Random(0), {name: Measured() for name in rounds}
    order = list(rounds)
    for round_ in range(1 + number):
        dice.shuffle(order)
        for name in order:
            start = time.perf_counter()
            seconds = await rounds[name](subjects)
            if round_:
                found[name].rates.append(len(seconds) / (time.perf_counter() - start))
                found[name].seconds.extend(seconds)
    return found


# --- over HTTP --------------------------------------------------------------------------------------------------------
def _client(url: str, token: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.AsyncClient(base_url=url, limits=limits, headers=headers, timeout=SECONDS)


async def _ask(client: httpx2.AsyncClient, subject: str, since: float) -> float:
    """The seconds since then when the answer has come."""
    response = await client.post("/v1/checks", json={**COMMON, "subject": subject})
    seconds = time.perf_counter() - since
    response.raise_for_status()
    return seconds


async def _asked(url: str, subjects: Sequence[str], token: str) -> list[float]:
    """Ask all of them over some connections, each of which asks again as soon as it has its answer."""
    waiting = iter(subjects)
    seconds: list[float] = []
    async with _client(url, token) as client:

        async def ask() -> None:
            seconds.extend([await _ask(client, subject, time.perf_counter()) for subject in waiting])

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return seconds


async def _steadily(
    served: Served, subjects: Sequence[str], token: str, rate: float, seconds: float
) -> tuple[Measured, Soak]:
    """Ask ``rate`` times a second, whether or not the answers keep up, and look at the workers' memory."""
    found, soak = Measured(), Soak()
    start = time.perf_counter()
    async with _client(served.url, token) as client, asyncio.TaskGroup() as asking:

        async def ask(subject: str, due: float) -> None:
            found.seconds.append(await _ask(client, subject, due))

        for number in range(int(rate * seconds)):
            due = start + number / rate
            await asyncio.sleep(max(0, due - time.perf_counter()))
            if len(soak.memory) * LOOK_SECONDS <= due - start:
                soak.memory.append(served.workers())
            asking.create_task(ask(subjects[number % len(subjects)], due))
    soak.memory.append(served.workers())
    found.rates.append(len(found.seconds) / (time.perf_counter() - start))
    return found, soak


@contextmanager
def _serving(application: str, settings: Mapping[str, str]) -> Iterator[Served]:
    """A server as `xinheng serve` starts it, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from api.http.server import run; run({application!r}, host='127.0.0.1', port={port}, workers={WORKERS})"
    others = {name: value for name, value in os.environ.items() if not name.startswith("XINHENG_")}
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=ROOT, env={**others, **settings}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url := f"http://127.0.0.1:{port}", process)
        yield Served(url, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx2.get(f"{url}/health")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


# --- in this process --------------------------------------------------------------------------------------------------
def _checked(subject: str, deployment: Deployment) -> bytes:
    """What the server does for a request, without HTTP."""
    request = CheckRequest.model_validate({**COMMON, "subject": subject})
    return answer_check(request, deployment, Asker("bench")).document


async def _alone(deployment: Deployment, subjects: Sequence[str]) -> list[float]:
    seconds = []
    for subject in subjects:
        start = time.perf_counter()
        _checked(subject, deployment)
        seconds.append(time.perf_counter() - start)
    return seconds


def _show(told: Mapping[str, Mapping[str, float]]) -> None:
    table = Table("what", "per second", "p50 ms", "p95 ms", "p99 ms", title="checks over HTTP")
    for name, figures in told.items():
        table.add_row(name, *(f"{figure:.2f}" for figure in figures.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
