"""Every golden case of the shared folder through the command line, on both stores, with the same bytes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api.settings import DEVELOPMENT_KEYS
from graph.vault import Vault
from rules.catalogue import SHIPPED, Catalogue
from tests.scenarios.golden.commands import Answer, CommandLine
from tests.scenarios.golden.expect import Comparison, Verdict
from tests.scenarios.golden.overlay import write_overlay
from tests.scenarios.golden.story import CASES, QUESTIONS, STORIES, Asked, Story, stories
from tests.scenarios.golden.world import World

CASES_HERE = stories()
VAULT = Vault(*(bytes.fromhex(DEVELOPMENT_KEYS[name]) for name in ("hash_key", "seal_key")))
every_story = pytest.mark.parametrize("story", CASES_HERE, ids=[story.id for story in CASES_HERE])
Record = Any


def test_every_case_is_there() -> None:
    if not CASES_HERE and os.environ.get("CI") != "true":
        pytest.skip(f"the golden cases are not there ({CASES.name}): name their folder in XINHENG_SHARED")
    assert (len(CASES_HERE), sum(len(story.questions) for story in CASES_HERE)) == (STORIES, QUESTIONS)


@every_story
def test_story_on_the_embedded_store(
    story: Story, embedded: CommandLine, tmp_path: Path, record_property: Record
) -> None:
    world = _world(story, [embedded], tmp_path)
    embedded.load(world)
    wrong = _judge("embedded", world, embedded, embedded, record_property)
    assert not wrong, "\n".join(wrong)


@pytest.mark.neo4j
@every_story
def test_story_on_neo4j_with_the_same_bytes(
    story: Story, embedded: CommandLine, on_neo4j: CommandLine, tmp_path: Path, record_property: Record
) -> None:
    world = _world(story, [embedded, on_neo4j], tmp_path)
    for line in (embedded, on_neo4j):
        line.load(world)
    wrong = _judge("neo4j", world, on_neo4j, embedded, record_property)
    assert not wrong, "\n".join(wrong)


def _world(story: Story, lines: list[CommandLine], folder: Path) -> World:
    overlay = write_overlay(story, Catalogue.load(SHIPPED), folder / "overlay")
    if overlay:
        for line in lines:
            line.settings = {**line.settings, "XINHENG_CATALOGUE": str(overlay)}
    return World(story, Catalogue.load(*[SHIPPED, *([overlay] if overlay else [])]), VAULT)


def _judge(store: str, world: World, line: CommandLine, other: CommandLine, record_property: Record) -> list[str]:
    """Every hard comparison that failed, and every answer that ``other`` gives in other bytes; what was counted goes
    to the summary. What the matter's further departments are told is asked of ``other``."""
    wrong: list[str] = []
    for asked in world.story.questions:
        place = f"{world.story.id}.{asked.id}"
        answer = line.ask(world, asked)
        if line is not other and (answer.status, answer.out) != _told(other.ask(world, asked)):
            wrong.append(f"{place}: the stores answer differently")
        found = Comparison(world, asked, answer, _elsewhere(world, asked, other), world.catalogue).run()
        record_property(f"golden.{store}", _counted(asked, found))
        for verdict in (v for v in found if not v.right):
            if verdict.strength == "hard":
                wrong.append(f"{place}: {verdict.what}; told: {verdict.told}")
            else:
                record_property("golden.differs", f"{place}: {verdict.what} ({asked.doubt}); told: {verdict.told}")
    return wrong


def _told(answer: Answer) -> tuple[int, bytes]:
    return answer.status, answer.out


def _elsewhere(world: World, asked: Asked, line: CommandLine) -> list[Answer]:
    """What the further departments of the matter are told, where something must be absent under all of them."""
    if "absent" not in asked.expect:
        return []
    return [line.ask(world, asked, department) for department in _other_departments(world.catalogue, asked)]


def _other_departments(catalogue: Catalogue, asked: Asked) -> list[str]:
    """The further departments that measures of this matter name."""
    matter = next(w.id for w in catalogue.matters.values() if w.zh == asked.ask["matter"])
    scopes = [m.scope for m in catalogue.measures.values() if matter in m.scope.matters]
    return sorted({department for scope in scopes for department in scope.departments})


def _counted(asked: Asked, found: list[Verdict]) -> dict[str, int]:
    decisive = [v for v in found if v.strength == asked.strength]
    details = [v for v in found if v.strength != asked.strength]
    count = Counter({asked.strength: 1, f"{asked.strength} right": int(all(v.right for v in decisive))})
    count.update({"soft detail": len(details), "soft detail right": sum(v.right for v in details)})
    return dict(count)
