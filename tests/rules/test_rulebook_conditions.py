"""Conditions in durable_rules mean what they say: held against a direct reading in Python.

The facts travel as in a check: a record is asserted by `engine.firing`, and what fires is compared with the reading;
what `engine.judge` makes of the same record must agree as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from engine.firing import Firing
from engine.judge import judge
from engine.question import Question
from engine.situation import situation_of
from graph.evidence import Evidence
from graph.model import Kind, Record, Subject
from rules.compile import GREATEST, MOST_BRANCHES, Refused, Texts, branches
from rules.model import Interval
from rules.rule import Rule
from rules.rulebook import Rulebook
from tests.rules.compiled import TODAY, rule

Plain = dict[str, Any]
ROOT = Subject("uscc:test", Kind.ENTERPRISE, "测试公司")
TEXTS = (
    "",
    " ",
    "串通投标",
    "串 通",
    "a",
    "A",
    "a ",
    "1",
    "0",
    "true",
    "null",
    '"',
    "\\",
    "\\n",
    "\n",
    "'",
    "é",
    "e\u0301",
    "𠮷",
)
NUMBERS = (0, 1, -1, 2, 10, GREATEST - 1, GREATEST - 2, 1 - GREATEST)
FIELDS = ("x", "y", "number", "amount")

texts = st.sampled_from(TEXTS) | st.text(max_size=8)
literals = st.booleans() | st.sampled_from(NUMBERS) | texts
stored = literals | st.sampled_from((GREATEST, GREATEST + 1, -GREATEST, -GREATEST - 1, 2**63 - 1))
orders = st.sampled_from(("at_least", "at_most", "above", "below"))


def comparison(field: str) -> st.SearchStrategy[Plain]:
    whole = st.sampled_from(NUMBERS) if field != "amount" else st.sampled_from((0, 1, 2, 10, 10**13))
    value = literals if field != "amount" else whole
    asked = st.sampled_from(("industry", "object", "region")).map(lambda name: {"question": name})
    return st.one_of(
        st.tuples(st.sampled_from(("is", "is_not")), value | asked),
        st.tuples(st.sampled_from(("in", "not_in")), st.lists(value, min_size=1, max_size=4)),
        st.tuples(orders, whole),
    ).map(lambda pair: {"field": field, pair[0]: pair[1]})


conditions = st.recursive(
    st.sampled_from(FIELDS).flatmap(comparison),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
records = st.fixed_dictionaries(
    {},
    optional={
        "x": stored,
        "y": stored,
        "number": texts,
        "amount": st.sampled_from((0, 1, 99, 100, 200, 1000, 2**63 - 1)),
    },
)
questions = st.fixed_dictionaries({"industry": st.none() | texts, "object": st.none() | texts})


def reading(condition: Mapping[str, Any], record: Plain, question: Plain) -> bool | None:
    """The condition read aloud: true, false, or None where the record or the question does not say."""
    if "not" in condition:
        inner = reading(condition["not"], record, question)
        return None if inner is None else not inner
    for word, decisive in (("all", False), ("any", True)):
        if word in condition:
            parts = [reading(part, record, question) for part in condition[word]]
            return decisive if decisive in parts else None if None in parts else not decisive
    ((operator, right),) = ((k, v) for k, v in condition.items() if k != "field")
    left = record.get(condition["field"])
    if isinstance(right, dict):
        right = question[right["question"]]
    if left is None or right is None:
        return None
    return compared(operator, left, right, fen=condition["field"] == "amount")


def compared(operator: str, left: Any, right: Any, *, fen: bool) -> bool:
    def same(value: Any) -> bool:
        return type(left) is type(value) and left == (value * 100 if fen and type(value) is int else value)

    if operator in ("is", "is_not"):
        return same(right) is (operator == "is")
    if operator in ("in", "not_in"):
        return any(same(one) for one in right) is (operator == "in")
    if type(left) is not int:
        return False
    least = right * 100 if fen else right
    return {"at_least": left >= least, "at_most": left <= least, "above": left > least, "below": left < least}[operator]


def asked(industry: str | None, object: str | None) -> Question:
    known_at = datetime(2025, 7, 1, tzinfo=UTC)
    return Question(
        subject=ROOT.id, matter="m", department="d", region="330100", as_of=TODAY, known_at=known_at,
        industry=industry, object=object,
    )  # fmt: skip


def answers(rules: list[Rule], record: Plain, question: Question) -> dict[str, tuple[bool, bool | None]]:
    """For each rule: whether durable_rules fired it, and what the proof says."""
    own = {key: record[key] for key in ("number", "amount") if key in record}
    fields = {key: record[key] for key in ("x", "y") if key in record}
    held = Record("record:1", ROOT.id, "listed", decided_on=date(2025, 1, 1), fields=fields, **own)
    evidence = Evidence({ROOT.id: ROOT}, (), (held,), (), (), (), {})
    situation = situation_of(question, ROOT.id, evidence)
    book = Rulebook(rules)
    try:
        firing = Firing(book, situation)
        found = {}
        for one in rules:
            (proof,) = judge(one, situation, TODAY)
            found[one.id] = (firing.fired([proof]) == {proof.key}, proof.truth.value)
        return found
    finally:
        book.close()


def compiled(name: str, condition: Plain) -> Rule:
    return rule(name, condition, in_force=Interval.model_validate({"from": date(2000, 1, 1)}))


EVERY_OPERATOR: list[Plain] = [
    *({"field": "x", operator: value} for operator in ("is", "is_not") for value in (1, 2, "1", "a", True, False)),
    *({"field": "x", operator: values} for operator in ("in", "not_in") for values in ([1, 2], [2, "a"], [True, "1"])),
    *({"field": "x", operator: 1} for operator in ("at_least", "at_most", "above", "below")),
    *({"field": "x", operator: {"question": "industry"}} for operator in ("is", "is_not")),
    {"field": "amount", "at_least": 1},
    {"field": "amount", "is": 1},
]
EVERY_JOINT: list[Plain] = [
    {joint: [{"field": "x", "is": 1}, {"field": "y", operator: [1, 2]}]}
    for joint in ("all", "any")
    for operator in ("in", "not_in")
]


@pytest.mark.parametrize("x", [None, 0, 1, 2, "1", "a", "", True, False], ids=repr)
@pytest.mark.parametrize("more", [{}, {"y": 1, "amount": 100}, {"y": 3, "amount": 99}], ids=repr)
def test_every_operator_means_what_it_says(x: Any, more: Plain) -> None:
    """And so does what negates it, on every kind of value."""
    some = [*EVERY_OPERATOR, *EVERY_JOINT]
    record = {**more, **({} if x is None else {"x": x})}
    for industry in (None, "a"):
        agree([*some, *({"not": one} for one in some)], record, {"industry": industry, "object": None})


@pytest.mark.slow
@given(st.lists(conditions, min_size=1, max_size=4), records, questions)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@example([{"not": {"field": "x", "at_least": 1}}], {"x": "1"}, {"industry": None, "object": None})
@example([{"not": {"field": "x", "is": 1}}], {"x": True}, {"industry": None, "object": None})
@example([{"field": "x", "is_not": "1"}], {"x": 1}, {"industry": None, "object": None})
@example([{"field": "x", "above": GREATEST - 2}], {"x": GREATEST - 1}, {"industry": None, "object": None})
@example([{"field": "x", "is": GREATEST - 1}], {"x": GREATEST}, {"industry": None, "object": None})
@example([{"field": "x", "is": {"question": "industry"}}], {"x": "餐饮"}, {"industry": "餐饮", "object": None})
@example([{"field": "amount", "is": 1}], {"amount": 100}, {"industry": None, "object": None})
def test_conditions_mean_what_they_say(some: list[Plain], record: Plain, question: Plain) -> None:
    try:
        agree(some, record, question)
    except Refused:
        assume(False)


def agree(some: list[Plain], record: Plain, question: Plain) -> None:
    """The reading, durable_rules and the proof, for each of these conditions. Raises `Refused`."""
    named = {f"m{number}": condition for number, condition in enumerate(some)}
    found = answers([compiled(name, condition) for name, condition in named.items()], record, asked(**question))
    told = {**question, "region": "330100"}
    expected = {name: reading(condition, record, told) for name, condition in named.items()}
    assert {name: proof for name, (_, proof) in found.items()} == expected
    assert {name: fired for name, (fired, _) in found.items()} == {n: e is True for n, e in expected.items()}


def test_a_text_that_no_rule_speaks_of_is_none_of_theirs() -> None:
    known = Texts()
    numbers = [known.intern(text) for text in TEXTS]
    assert [known.number(text) for text in TEXTS] == numbers
    assert len({*numbers, known.number("no rule says so")}) == len(TEXTS) + 1


@pytest.mark.slow
@given(conditions)
@settings(max_examples=200, deadline=None)
def test_every_branch_is_a_flat_conjunction_of_integers_that_begins_positively(condition: Plain) -> None:
    try:
        found = list(branches(compiled("m", condition), Texts()))
    except Refused:
        return
    assert 1 <= len(found) <= MOST_BRANCHES
    for branch in found:
        assert branch.conditions[0][:2] == ("reach", "$eq")
        assert all(type(number) is int and abs(number) < GREATEST for _, _, number in branch.conditions)
        assert {op for _, op, _ in branch.conditions} <= {"$eq", "$neq", "$lt", "$lte", "$gt", "$gte"}
