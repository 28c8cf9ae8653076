"""What fired is proved again on the evidence. Where the two differ there is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Disagreement
from graph.errors import BadInput
from rules.rulebook import Rulebook, RulesEngineFault
from tests.engine.conftest import Making
from tests.engine.worlds import (
    Plain,
    World,
    catalogue,
    incentive,
    measure,
    organisation,
    record,
)

FIRM = organisation("甲")


def fired_by(world: World, *measures: Plain) -> World:
    """The world with a rulebook compiled from other rules than its catalogue's."""
    world.catalogue.__dict__["rulebook"] = Rulebook(catalogue(*measures).rules)
    return world


@pytest.mark.parametrize(
    ("proved", "compiled", "text"),
    [
        ({}, {"severity": "serious"}, "fired 0 times without proof and missed 1 proofs"),
        ({"severity": "serious"}, {}, "fired 1 times without proof and missed 0 proofs"),
        ({"count_at_least": 2}, {"count_at_least": 3}, "fired 0 times without proof and missed 1 proofs"),
    ],
)
def test_a_rulebook_of_other_rules_gives_no_answer(make: Making, proved: Plain, compiled: Plain, text: str) -> None:
    def by(trigger: Plain) -> Plain:
        return measure(trigger={"list": "dishonest", **trigger})

    records = [record(FIRM, key=key, severity="minor") for key in "12"][: 2 if "count_at_least" in proved else 1]
    told = make(FIRM, *records, measures=[by(proved)])
    fired_by(told, by(compiled))
    with pytest.raises(Disagreement, match=f"`ban`: the rules engine {text}") as caught:
        told.ask(FIRM)
    assert caught.value.remedy == "no answer was given; report the question and this text"
    assert not isinstance(caught.value, BadInput)


def test_a_suspension_is_held_to_its_proof_too(make: Making) -> None:
    def by(**trigger: Any) -> Plain:
        return incentive(suspended_when={"list": "dishonest", **trigger})

    told = make(FIRM, record(FIRM, "honoured"), record(FIRM, severity="minor"), measures=[by()])
    fired_by(told, by(severity="serious"))
    with pytest.raises(Disagreement, match="`reward#suspended`"):
        told.ask(FIRM)


def test_rules_that_do_not_concern_the_subject_do_not_matter(make: Making) -> None:
    told = fired_by(make(FIRM), measure(trigger={"list": "arrears"}))
    assert told.ask(FIRM).outcome == "none"


def test_a_closed_rulebook_gives_no_answer(make: Making) -> None:
    told = make(FIRM, record(FIRM))
    told.catalogue.rulebook.close()
    with pytest.raises(RulesEngineFault, match="closed"):
        told.ask(FIRM)
