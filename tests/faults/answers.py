"""What a caller is told while something is broken: the truth, or a problem; never less than the truth."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx2

from tests.command import xinheng
from tests.faults import town
from tests.processes import Served
from tests.real import City

MATTERS = (town.PROCUREMENT, town.SUPERVISION)
TRUE, OUT_OF_TIME = "true", "out-of-time"
RECOVERY_SECONDS = 180
UNAVAILABLE = 3
"""The exit status of a command that could not be answered."""


@dataclass(frozen=True)
class Truth:
    """The whole answers, as they were while nothing was broken."""

    documents: dict[tuple[str, str], bytes]

    @classmethod
    def of(cls, city: City) -> Truth:
        given = {asked: city.run(*town.words(asked=asked)).out.strip().encode() for asked in MATTERS}
        for document in map(json.loads, given.values()):
            assert document["complete"]
            assert len(document["measures"]) > 1
        return cls(given)

    def over_http(self, server: Served) -> set[str]:
        """``true``, or the codes of the problems."""
        return {self._over_http(server, asked) for asked in MATTERS}

    def _over_http(self, server: Served, asked: tuple[str, str]) -> str:
        answer = server.post("/v1/checks", town.question(asked=asked))
        if answer.status_code == HTTPStatus.OK:
            assert answer.content == self.documents[asked]
            return TRUE
        problem = answer.json()
        assert problem["remedy"]
        if answer.status_code == HTTPStatus.GATEWAY_TIMEOUT:
            assert problem["code"] == OUT_OF_TIME
            return OUT_OF_TIME
        assert answer.status_code == problem["status"] == HTTPStatus.SERVICE_UNAVAILABLE, problem
        assert answer.headers["retry-after"]
        return str(problem["code"])

    def comes_back(self, server: Served) -> bool:
        """Whether the server tells the truth again, by itself. Its first answers may still fall to what is over."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while (told := self.over_http(server)) != {TRUE}:
            assert time.monotonic() < deadline, told
        return True

    def by_command(self, city: City) -> set[str]:
        """The same for `xinheng check`."""
        return {self._by_command(city, asked) for asked in MATTERS}

    def _by_command(self, city: City, asked: tuple[str, str]) -> str:
        ran = xinheng(*town.words(asked=asked), settings=city.settings)
        if ran.status == 0:
            assert ran.out.strip().encode() == self.documents[asked]
            return TRUE
        assert (ran.status, ran.out) == (UNAVAILABLE, "")
        problem = json.loads(ran.err)
        assert problem["remedy"]
        return str(problem["code"])


@dataclass
class Asking:
    """Somebody who asks without a pause, and counts what he is told."""

    told: Counter[str] = field(default_factory=Counter)


@contextmanager
def asking(truth: Truth, server: Served) -> Iterator[Asking]:
    """Ask the server until the end of the context; what is not true fails it."""
    found, over, wrong = Asking(), threading.Event(), list[BaseException]()

    def ask() -> None:
        try:
            while not over.is_set():
                found.told.update(truth.over_http(server))
        except (AssertionError, httpx2.TransportError) as error:
            wrong.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield found
    finally:
        over.set()
        asker.join()
    if wrong:
        raise wrong[0]
