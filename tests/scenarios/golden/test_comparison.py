"""The comparison itself: a right answer bent in one place is found wrong, whatever the place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.settings import DEVELOPMENT_KEYS
from graph.vault import Vault
from rules.catalogue import SHIPPED, Catalogue
from tests.scenarios.golden.commands import Answer, CommandLine
from tests.scenarios.golden.expect import Comparison
from tests.scenarios.golden.story import Asked, Story, stories
from tests.scenarios.golden.world import World

STORIES = {story.id: story for story in stories()}
VAULT = Vault(*(bytes.fromhex(DEVELOPMENT_KEYS[name]) for name in ("hash_key", "seal_key")))
pytestmark = pytest.mark.skipif(not STORIES, reason="the golden cases are not there: see test_golden")
Bend = Callable[[dict[str, Any]], None]


def _set(key: str, value: Any) -> Bend:
    def bend(document: dict[str, Any]) -> None:
        document["measures"][0][key] = value

    return bend


def _another_article(document: dict[str, Any]) -> None:
    document["measures"][0]["basis"][0]["article"] = "第一百三十六条"


def _one_chain_less(document: dict[str, Any]) -> None:
    document["measures"][0]["chains"].pop()


def _twice(document: dict[str, Any]) -> None:
    document["measures"].append({**document["measures"][0], "id": "again"})


def _by_the_link(document: dict[str, Any]) -> None:
    links = [link["id"] for chain in document["measures"][0]["chains"] for link in chain["links"]]
    document["measures"][0]["lifted_by"] = [
        {"links": links, "records": {"at_least": 1, "excess": None, "of": []}},
    ]


def _outcome(document: dict[str, Any]) -> None:
    document["outcome"] = "none"


def _no_measure(document: dict[str, Any]) -> None:
    document["measures"] = []


R13A = {
    "another effect": _set("effect", "restrict"),
    "another end": _set("until", "2028-08-10"),
    "no end": _set("until", None),
    "never lifted": _set("lifted_by", []),
    "lifted by leaving the office": _by_the_link,
    "another article": _another_article,
    "one chain less": _one_chain_less,
    "the measure twice": _twice,
    "another outcome": _outcome,
    "no measure": _no_measure,
}


@pytest.mark.parametrize("bend", R13A.values(), ids=R13A.keys())
def test_a_bent_answer_is_found_wrong(bend: Bend, embedded: CommandLine) -> None:
    world, asked, answer = _answered("R13a", "a", embedded)
    assert not _wrong(world, asked, answer)
    document = copy.deepcopy(answer.document)
    bend(document)
    assert _wrong(world, asked, _as_answer(document, answer))


def test_a_measure_that_must_not_be_there_is_found(embedded: CommandLine) -> None:
    world, _, answer = _answered("R13a", "a", embedded)
    spared = next(q for q in world.story.questions if q.id == "b")
    assert _wrong(world, spared, answer)


def test_a_finding_that_binds_a_spared_applicant_is_found(embedded: CommandLine) -> None:
    world, asked, answer = _answered("R08a", "a", embedded)
    assert not _wrong(world, asked, answer)
    document = copy.deepcopy(answer.document)
    document["findings"][0]["binds"].append(world.subject_ids["c"])
    assert _wrong(world, asked, _as_answer(document, answer))


def test_a_lead_or_a_gap_that_is_missing_is_found(embedded: CommandLine, tmp_path: Path) -> None:
    for story, question, key in (("L01", "a", "leads"), ("C01", "b", "gaps")):
        line = CommandLine(embedded.patch, {**embedded.settings, "XINHENG_DATA": str(tmp_path / story)}, tmp_path)
        world, asked, answer = _answered(story, question, line)
        assert not _wrong(world, asked, answer)
        assert _wrong(world, asked, _as_answer({**answer.document, key: []}, answer))


def test_an_answer_to_bad_input_is_found(embedded: CommandLine) -> None:
    world, _, answer = _answered("I05", "a", embedded)
    mistyped = next(q for q in world.story.questions if q.id == "b")
    assert _wrong(world, mistyped, answer)


def _answered(story: str, question: str, line: CommandLine) -> tuple[World, Asked, Answer]:
    told: Story = STORIES[story]
    world = World(told, Catalogue.load(SHIPPED), VAULT)
    line.load(world)
    asked = next(q for q in told.questions if q.id == question)
    return world, asked, line.ask(world, asked)


def _as_answer(document: dict[str, Any], like: Answer) -> Answer:
    return Answer(like.status, json.dumps(document).encode(), like.err)


def _wrong(world: World, asked: Asked, answer: Answer) -> list[str]:
    found = Comparison(world, asked, answer, [], world.catalogue).run()
    return [v.what for v in found if not v.right and v.strength == "hard"]
