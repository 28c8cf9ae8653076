"""Xinheng in processes of its own, as the console script runs it: to be killed, paused and starved."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

CONSOLE = "import sys; from api.cli import main; sys.exit(main())"
ANSWER_SECONDS = 120
START_SECONDS = 120


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these settings, and no other ``XINHENG_…`` ones."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("XINHENG_")}
    return {**others, **settings}


def started(settings: Mapping[str, str], words: Sequence[object], **more: Any) -> subprocess.Popen[str]:
    """``xinheng`` with these words. Its standard output is a pipe; ``more`` is for `subprocess.Popen`."""
    command = [sys.executable, "-c", CONSOLE, *map(str, words)]
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, **more}
    return subprocess.Popen(command, env=environment(settings), **given)


def killed(process: subprocess.Popen[str]) -> bool:
    """Kill a process. Whether that came before it was over."""
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


@dataclass(frozen=True)
class Served:
    """A server of its own. ``log`` is what it writes."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def post(self, path: str, document: object) -> httpx2.Response:
        return httpx2.post(f"{self.url}{path}", json=document, timeout=ANSWER_SECONDS)

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(f"{self.url}{path}", timeout=ANSWER_SECONDS)

    def is_up(self) -> bool:
        """Whether it answers. Raises `AssertionError` if it has ended."""
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            return self.get("/health").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False


@contextmanager
def serving(settings: Mapping[str, str], log: Path, **more: Any) -> Iterator[Served]:
    """`xinheng serve` on a free port of this machine, possibly not yet up (see `up`); killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w", encoding="utf-8") as out:
        process = started(settings, ["serve", "--port", port], stdout=out, stderr=out, **more)
        try:
            yield Served(f"http://127.0.0.1:{port}", process, log)
        finally:
            killed(process)


def up(server: Served) -> Served:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while not server.is_up():
        assert time.monotonic() < deadline, "the server never answered"
        time.sleep(0.05)
    return server
