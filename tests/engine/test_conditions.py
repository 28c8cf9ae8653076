"""Conditions on a record and on the question, with what they miss. Their meaning at large, and that durable_rules
agrees, is held by tests/rules/test_rulebook_conditions.py."""

from __future__ import annotations

from typing import Any

import pytest

from engine import conditions
from engine.truth import Truth
from tests.engine.conftest import Making
from tests.engine.worlds import Plain, World, catalogue, gaps, measure, organisation, record, world
from tests.rules.compiled import CONDITION

FIRM = organisation("甲")


def judged(condition: Plain, *, asked: Plain | None = None, **fields: Any) -> Truth:
    with world(by=catalogue()) as empty:
        question = empty.question(FIRM, **(asked or {}))
    return conditions.judge(CONDITION.validate_python(condition), record(FIRM, id="record:1", **fields), question)


def test_no_condition_is_met() -> None:
    with world(by=catalogue()) as empty:
        assert conditions.judge(None, record(FIRM), empty.question(FIRM)).value is True


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("number", "沪罚〔2024〕1号", "沪罚〔2024〕1号"),
        ("department", "market", "market"),
        ("region", "330100", "330100"),
        ("severity", "serious", "serious"),
    ],
)
def test_what_every_record_may_hold_can_be_asked(name: str, value: str, written: str) -> None:
    assert judged({"field": name, "is": written}, **{name: value}).value is True
    assert judged({"field": name, "is": "else"}, **{name: value}).value is False
    assert judged({"field": name, "is": written}).gaps == {("missing_field", f"record:1#{name}")}


def test_the_list_itself_can_be_asked() -> None:
    assert judged({"field": "list", "is": "dishonest"}).value is True


def test_amounts_are_written_in_yuan_and_held_in_fen() -> None:
    for operator, yuan, met in (
        ("at_least", 100, True),
        ("above", 100, False),
        ("is", 100, True),
        ("below", 101, True),
    ):
        assert judged({"field": "amount", operator: yuan}, amount=10000).value is met
    assert judged({"field": "amount", "in": [1, 100]}, amount=10000).value is True
    assert judged({"field": "amount", "not_in": [1, 10000]}, amount=10000).value is True


def test_types_are_not_confused() -> None:
    assert judged({"field": "x", "is": 1}, fields={"x": True}).value is False
    assert judged({"field": "x", "is": "1"}, fields={"x": 1}).value is False
    assert judged({"field": "x", "at_least": 1}, fields={"x": "2"}).value is False
    assert judged({"field": "x", "at_most": 1}, fields={"x": True}).value is False


@pytest.mark.parametrize("word", ["industry", "object"])
def test_a_field_that_the_question_leaves_out_is_named(word: str) -> None:
    condition = {"field": "x", "is": {"question": word}}
    assert judged(condition, fields={"x": "餐饮"}).gaps == {("missing_in_question", f"question#{word}")}
    assert judged(condition, asked={word: "餐饮"}, fields={"x": "餐饮"}).value is True
    assert judged(condition, asked={word: "建筑"}, fields={"x": "餐饮"}).value is False
    missing = {("missing_in_question", f"question#{word}"), ("missing_field", "record:1#x")}
    assert judged(condition).gaps == missing


def test_what_is_missing_may_not_matter() -> None:
    known = {"field": "x", "is": 1}
    missing = {"field": "y", "is": 1}
    assert judged({"any": [known, missing]}, fields={"x": 1}).value is True
    assert judged({"all": [known, missing]}, fields={"x": 2}).value is False
    assert judged({"not": missing}).value is None


def trade(world: World, **asked: Any) -> tuple[str, dict[tuple[str, str], tuple[str, ...]]]:
    decision = world.ask(FIRM, **asked)
    return decision.outcome, gaps(decision)


def test_a_ban_in_the_same_trade_needs_to_know_the_trade(make: Making) -> None:
    same = {"list": "dishonest", "where": {"field": "trade", "is": {"question": "industry"}}}
    told = make(FIRM, record(FIRM, fields={"trade": "餐饮"}), measures=[measure(trigger=same)])
    assert trade(told, industry="餐饮") == ("deny", {})
    assert trade(told, industry="建筑") == ("none", {})
    assert trade(told) == ("incomplete", {("missing_in_question", "question#industry"): ("ban",)})


def test_a_field_with_an_underscore_in_its_name_is_compared_with_the_question(make: Making) -> None:
    """Its name joins that of the question's word where durable_rules is asked (`fq`)."""
    same = {"list": "dishonest", "where": {"field": "licensed_trade", "is": {"question": "industry"}}}
    told = make(FIRM, record(FIRM, fields={"licensed_trade": "餐饮"}), measures=[measure(trigger=same)])
    assert told.applies(FIRM, industry="餐饮")
    assert not told.applies(FIRM, industry="建筑")


@pytest.mark.parametrize("wanted", [True, False])
def test_a_truth_value_is_asked_for_as_it_is_written(make: Making, wanted: bool) -> None:
    by = measure(trigger={"list": "dishonest", "where": {"field": "wilful", "is": wanted}})
    for held in (True, False):
        assert make(FIRM, record(FIRM, fields={"wilful": held}), measures=[by]).applies(FIRM) is (held is wanted)
