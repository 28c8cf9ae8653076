"""A catalogue that changes under those who ask: each answer is by one version and is replayed by it.

``XINHENG_RELOADS`` is how often it changes.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import count
from pathlib import Path
from random import Random

import pytest
from fastapi.testclient import TestClient

from api import catalogues
from api.deployment import Deployment
from api.http.app import create
from api.settings import load_settings
from rules.catalogue import SHIPPED
from tests.faults import town
from tests.real import City, embedded

pytestmark = pytest.mark.slow
RELOADS = int(os.environ.get("XINHENG_RELOADS", "20"))
ASKERS = 2
MOST_GROWTH = 50 * 2**20
PATIENCE = 60
SAMPLE = 10
"""Answers that are replayed."""
WARM = 5
"""Reloads before the memory is looked at."""

MEASURE = "town.procurement"
LIST, OTHER_LIST = "wage-arrears", "abnormal-operation"


def resident() -> int:
    """Bytes of memory that this process occupies."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Overlay:
    """Catalogue files of the town's own, which say of which version they are."""

    directory: Path

    @property
    def file(self) -> Path:
        return self.directory / "measures" / "town.yaml"

    def write(self, version: int) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "id": MEASURE,
            "title": title(version),
            "kind": "sanction",
            "effect": "deny",
            "trigger": {"list": LIST},
            "scope": {"matters": ["procurement"]},
            "basis": [{"document": "government-procurement-law", "article": "第二十二条"}],
            "in_force": {"from": "2016-08-01"},
        }
        self.file.write_text(json.dumps([said], ensure_ascii=False), encoding="utf-8")  # JSON is YAML

    def spoil(self) -> None:
        self.file.write_text("- id: town.procurement\n  effect: banish\n", encoding="utf-8")


def title(version: int) -> str:
    return f"测试措施第{version}版"


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    overlay = Overlay(tmp_path / "catalogue")
    overlay.write(0)
    return overlay


@pytest.fixture
def city(tmp_path: Path, overlay: Overlay) -> City:
    city = town.build(embedded(tmp_path, town.REGION))
    return replace(city, settings={**city.settings, "XINHENG_CATALOGUE": str(overlay.directory)})


@pytest.fixture
def client(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An application that looks at its files at every question, and takes a change at the second look."""
    monkeypatch.setattr(catalogues, "LOOK_SECONDS", 0)
    for name, value in city.settings.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings(), reloads=True) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def digest(client: TestClient) -> str:
    ready = client.get("/ready")
    assert ready.status_code == HTTPStatus.OK, ready.text
    return str(ready.json()["catalogue"])


def taken(client: TestClient, before: str) -> str:
    """The digest of the catalogue that took the place of this one."""
    deadline = time.monotonic() + PATIENCE
    while (now := digest(client)) == before:
        assert time.monotonic() < deadline, "the change was never taken"
    return now


class Asking(threading.Thread):
    """Asks one question after the other, and keeps the answers."""

    def __init__(self, client: TestClient, first: int) -> None:
        super().__init__()
        self.client, self.first = client, first
        self.answers: list[bytes] = []
        self.failed: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        for number in count(self.first):
            if self.over.is_set():
                return
            answer = self.client.post("/v1/checks", json=town.question(town.day(number)))
            if answer.status_code == HTTPStatus.OK:
                self.answers.append(answer.content)
            else:
                self.failed.append(answer.text)


def test_a_catalogue_that_changes_is_taken_and_no_answer_is_mixed_or_fails(
    client: TestClient, overlay: Overlay, city: City
) -> None:
    versions = {digest(client): title(0)}
    askers = [Asking(client, 500 * n) for n in range(ASKERS)]
    for asker in askers:
        asker.start()
    try:
        at_first, now = 0, digest(client)
        for version in range(1, RELOADS + WARM + 1):
            overlay.write(version)
            now = taken(client, now)
            versions[now] = title(version)
            if version == WARM:
                at_first = resident()
        grown = resident() - at_first
    finally:
        for asker in askers:
            asker.over.set()
            asker.join()
    assert [asker.failed for asker in askers] == [[]] * ASKERS
    decisions = [json.loads(answer) for asker in askers for answer in asker.answers]
    for decision in decisions:
        (measure,) = (one for one in decision["measures"] if one["id"] == MEASURE)
        assert measure["title"] == versions[decision["catalogue"]]
    assert len({decision["catalogue"] for decision in decisions}) > RELOADS // 2
    assert grown < MOST_GROWTH
    for decision in Random(RELOADS).sample(decisions, SAMPLE):
        assert city.run("replay", decision["decision_id"], "--json").document["same"]
    print(f"{RELOADS} reloads, {len(decisions)} answers, {grown / 2**20:.1f} MB")


def test_a_broken_catalogue_is_refused_with_an_alarm_and_the_one_before_goes_on(
    client: TestClient, overlay: Overlay, caplog: pytest.LogCaptureFixture
) -> None:
    before = digest(client)
    overlay.spoil()
    for _ in range(5):
        assert client.post("/v1/checks", json=town.question()).json()["catalogue"] == before
    (alarm,) = (record for record in caplog.records if record.levelno == logging.CRITICAL)
    assert "town.yaml" in alarm.getMessage()
    assert before in alarm.getMessage()
    overlay.write(1)
    assert taken(client, before) != before


def test_a_file_that_is_gone_is_a_change_too(client: TestClient, overlay: Overlay) -> None:
    other = overlay.directory / "measures" / "more.yaml"
    before = digest(client)
    more = overlay.file.read_text(encoding="utf-8").replace(MEASURE, f"{MEASURE}.more").replace(LIST, OTHER_LIST)
    other.write_text(more, encoding="utf-8")
    between = taken(client, before)
    other.unlink()
    assert taken(client, between) == before


def test_a_catalogue_is_not_read_while_its_files_are_being_written(
    overlay: Overlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = catalogues.CurrentCatalogue([SHIPPED, overlay.directory])
    monkeypatch.setattr(catalogues, "LOOK_SECONDS", 0)
    before = current.now().digest
    for version in range(1, 4):
        overlay.write(version)
        assert current.now().digest == before
    current.now()
    current.close()
    assert current.now().digest != before
    assert current.now().measures[MEASURE].title == title(3)
