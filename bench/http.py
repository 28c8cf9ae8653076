"""Checks over HTTP: `python -m bench.http`, or `make bench-http`.

`xinheng serve` with two workers, asked with an API key; a FastAPI route that returns a constant of a usual length,
under the same settings of uvicorn; and the same checks in this process, one after the other, ledger included. They take
turns in one run, because machines differ and drift: what counts are the ratios. Whoever asks shares the machine with
whoever answers, and the constant says what is left to both. The table goes to the terminal, the same to
`build/bench-http.json`.
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
from bench.child import xinheng
from bench.city import AS_OF
from bench.timing import quantile
from bench.worlds import city_of
from graph.sqlite import SqliteStore

ROOT = Path(__file__).parents[1]
WORKERS, CONNECTIONS, SECONDS = 2, 16, 120
COMMON = {"matter": "procurement", "department": "purchaser", "as_of": AS_OF.isoformat()}
KEY = ("keys", "create", "--holder", "bench", "--department", "purchaser", "--scope", "officer", "--json")
XINHENG, FLOOR, ALONE = "xinheng serve", "FastAPI, a constant", "in process"


@dataclass
class Measured:
    """Seconds of each request, and requests per second of each round."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        quantiles = {f"p{of}_ms": 1e3 * quantile(self.seconds, of / 100) for of in (50, 95, 99)}
        return {"per_second": median(self.rates), **quantiles}


Round = Callable[[Sequence[str]], Awaitable[list[float]]]


def main() -> None:
    options = _options()
    (ROOT / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-http-", dir=ROOT / "build") as directory:
        found = asyncio.run(_measured(Path(directory), options))
    told = {name: one.told() for name, one in found.items()}
    ratios = {
        f"{XINHENG} / {other}": {name: told[XINHENG][name] / figure for name, figure in told[other].items()}
        for other in (FLOOR, ALONE)
    }
    effort = {name: getattr(options, name) for name in ("subjects", "requests", "rounds")}
    about = {"cores": os.cpu_count(), "workers": WORKERS, "connections": CONNECTIONS, **effort}
    result = {"about": about, "measured": told, "ratios": ratios}
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show({**told, **ratios})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=10_000, help="so large a city")
    parser.add_argument("--requests", type=int, default=400, help="so many requests of each in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-http.json")
    return parser.parse_args()


async def _measured(home: Path, options: argparse.Namespace) -> Mapping[str, Measured]:
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
            XINHENG: lambda some: _asked(served, some, token),
            FLOOR: lambda some: _asked(floor, some, token),
            ALONE: lambda some: _alone(deployment, some),
        }
        return await _in_turns(rounds, subjects, options.rounds)


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
async def _asked(url: str, subjects: Sequence[str], token: str) -> list[float]:
    """Ask all of them over some connections, each of which asks again as soon as it has its answer."""
    waiting = iter(subjects)
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"}
    seconds: list[float] = []
    async with httpx2.AsyncClient(base_url=url, limits=limits, headers=headers, timeout=SECONDS) as client:

        async def ask() -> None:
            for subject in waiting:
                start = time.perf_counter()
                response = await client.post("/v1/checks", json={**COMMON, "subject": subject})
                seconds.append(time.perf_counter() - start)
                response.raise_for_status()

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return seconds


@contextmanager
def _serving(application: str, settings: Mapping[str, str]) -> Iterator[str]:
    """A server as `xinheng serve` starts it, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from api.commands.serve import run; run({application!r}, host='127.0.0.1', port={port}, workers={WORKERS})"
    others = {name: value for name, value in os.environ.items() if not name.startswith("XINHENG_")}
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=ROOT, env={**others, **settings}, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url := f"http://127.0.0.1:{port}", process)
        yield url
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
