"""Declarations kept between questions: only what can't change any more."""

from __future__ import annotations

from graph.declared import Declarations, Declared
from tests.contract.builders import source

READ: Declarations = ((source("court"),), ())


def test_what_was_known_when_the_clock_had_passed_is_kept() -> None:
    declared = Declared()
    declared.saw(7)
    assert declared.keep(5, READ, reached=declared.reached) == READ
    assert (declared.at(5), declared.at(6)) == (READ, None)


def test_what_was_read_before_the_clock_came_there_is_not_kept_although_it_has_come_there_since() -> None:
    """Between the reading and the keeping somebody may have recorded what the reading did not see."""
    declared = Declared()
    before = declared.reached
    declared.saw(7)
    assert declared.keep(5, READ, reached=before) == READ
    assert declared.at(5) is None


def test_a_clock_seen_late_does_not_go_back() -> None:
    declared = Declared()
    for last in (7, 3):
        declared.saw(last)
    assert declared.reached == 7
