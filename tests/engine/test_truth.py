"""Kleene's tables, and what is missing."""

from __future__ import annotations

from itertools import product

import pytest

from engine.truth import FALSE, TRUE, Truth, all_of, any_of, of, unknown

WHY, ELSE = unknown("missing_date", "record:1"), unknown("missing_share", "link:2")
VALUES = {True: TRUE, False: FALSE, None: WHY}


@pytest.mark.parametrize(("left", "right"), list(product(VALUES, repeat=2)))
def test_conjunction_and_disjunction_of_two(left: bool | None, right: bool | None) -> None:
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert all_of((VALUES[left], VALUES[right])).value is both
    assert any_of((VALUES[left], VALUES[right])).value is either


@pytest.mark.parametrize(("value", "negated"), [(True, False), (False, True), (None, None)])
def test_negation(value: bool | None, negated: bool | None) -> None:
    assert (~VALUES[value]).value is negated


def test_nothing_is_wanted_of_nothing() -> None:
    assert all_of(()) == TRUE
    assert any_of(()) == FALSE
    assert (of(True), of(False)) == (TRUE, FALSE)


def test_unknown_remembers_everything_that_is_missing() -> None:
    both = frozenset({("missing_date", "record:1"), ("missing_share", "link:2")})
    assert all_of((WHY, TRUE, ELSE)) == Truth(None, both)
    assert any_of((WHY, FALSE, ELSE)) == Truth(None, both)
    assert (~WHY).gaps == WHY.gaps


def test_what_is_decided_misses_nothing() -> None:
    assert all_of((WHY, FALSE)).gaps == frozenset()
    assert any_of((WHY, TRUE)).gaps == frozenset()
