"""One story, one empty store, one command line. The catalogue is read once for all of them: reading it takes longer
than every question of a story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rules.catalogue import Catalogue
from tests.neo4j_harness import Neo4jUrl
from tests.scenarios.golden.commands import CommandLine
from tests.scenarios.golden.story import QUESTIONS

SETTINGS = {"XINHENG_ENVIRONMENT": "development", "XINHENG_REGION": "360400"}
_read: dict[tuple[Path, ...], Catalogue] = {}
_load: Callable[..., Catalogue] = Catalogue.load


def _once(*directories: Path) -> Catalogue:
    if directories not in _read:
        _read[directories] = _load(*directories)
    return _read[directories]


@pytest.fixture(autouse=True)
def _catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Catalogue, "load", _once)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line on an empty embedded store."""
    (tmp_path / "embedded").mkdir()
    settings = SETTINGS | {"XINHENG_DATA": str(tmp_path / "embedded" / "data")}
    return CommandLine(monkeypatch, settings, tmp_path / "embedded")


@pytest.fixture
def on_neo4j(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, neo4j_url: Neo4jUrl) -> CommandLine:
    """The command line on an empty Neo4j."""
    (tmp_path / "neo4j").mkdir()
    reached = {
        "XINHENG_STORE": neo4j_url.url,
        "XINHENG_STORE_USER": neo4j_url.user,
        "XINHENG_STORE_PASSWORD": neo4j_url.password,
        "XINHENG_DATA": str(tmp_path / "neo4j" / "data"),
    }
    return CommandLine(monkeypatch, SETTINGS | reached, tmp_path / "neo4j")


def _golden(reporter: Any) -> Iterator[tuple[str, Any]]:
    for reports in (reporter.stats.get(outcome, ()) for outcome in ("passed", "failed")):
        for report in reports:
            if getattr(report, "when", "") == "call":
                yield from (p for p in getattr(report, "user_properties", ()) if p[0].startswith("golden."))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The count of questions right, hard and soft apart, for each store; and every soft answer that differs."""
    counts: dict[str, Counter[str]] = {}
    differing: set[str] = set()
    for name, value in _golden(terminalreporter):
        if name == "golden.differs":
            differing.add(value)
        else:
            counts.setdefault(name.removeprefix("golden."), Counter()).update(value)
    if not counts:
        return
    terminalreporter.section("golden cases")
    for store, count in sorted(counts.items()):
        terminalreporter.write_line(
            f"{store}: {count['hard'] + count['soft']} of {QUESTIONS} questions asked; "
            f"right: {count['hard right']} of {count['hard']} hard ones, {count['soft right']} of {count['soft']} soft "
            f"ones, {count['soft detail right']} of {count['soft detail']} soft details of hard questions"
        )
    for told in sorted(differing):
        terminalreporter.write_line(f"soft, answered otherwise: {told}")
