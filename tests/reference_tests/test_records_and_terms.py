"""The reference by hand: when a record counts, and how long a measure binds."""

import pytest

from tests.reference.check import reference_check
from tests.reference.days import free_day
from tests.reference_tests.worlds import (
    asked,
    catalogue,
    company,
    day,
    gaps,
    measure,
    question,
    record,
    returned,
    world,
)


def one(as_of="2024-06-01", term=None, trigger=None, **more):
    facts = world(subjects=[company("c")], records=[record("r", "c", **more)])
    return asked("c", facts, measure(term=term, trigger=trigger or {"list": "dishonest"}), as_of=as_of)


@pytest.mark.parametrize(
    ("start", "length", "free"),
    [
        ("2020-03-01", "P5Y", "2025-03-02"),
        ("2024-02-29", "P5Y", "2029-03-01"),
        ("2024-01-31", "P1M", "2024-03-01"),
        ("2024-01-01", "P30D", "2024-02-01"),
    ],
)
def test_a_term_ends_the_day_after_the_corresponding_day(start, length, free):
    assert free_day(day(start), length) == day(free)


@pytest.mark.parametrize(
    "state",
    [
        {"annulled": True},
        {"repaired_on": "2024-06-01"},
        {"masked_from": "2024-05-01"},
        {"effective_to": "2024-06-01"},
        {"effective_from": "2024-06-02"},
        {"publicity_to": "2024-06-01"},
        {"decided_on": "2024-06-02"},
    ],
)
def test_a_record_in_one_of_these_states_does_not_count(state):
    assert returned(one(**state)) == []


@pytest.mark.parametrize(
    "state",
    [
        {"disputed": True},
        {"repaired_on": "2024-06-02"},
        {"masked_from": "2024-05-01", "masked_to": "2024-06-01"},
        {"effective_to": "2024-06-02"},
        {"decided_on": "2024-06-01"},
    ],
)
def test_a_record_in_one_of_these_states_counts(state):
    assert returned(one(**state)) == ["m"]


def test_a_term_of_its_own_runs_whatever_the_publicity_and_no_longer_than_the_record():
    term = {"length": "P5Y", "from": "decided_on"}
    assert returned(one(term=term, publicity_to="2024-03-01")) == ["m"]
    assert returned(one(term=term, effective_to="2024-03-01")) == []


def test_until_is_the_earlier_of_term_and_record():
    term = {"length": "P5Y", "from": "decided_on"}
    assert one(term=term)["measures"][0]["until"] == "2029-01-02"
    assert one(term=term, repaired_on="2025-01-01")["measures"][0]["until"] == "2025-01-01"
    assert one()["measures"][0]["until"] is None


def test_in_a_range_the_decision_decides_and_without_it_the_greatest_is_a_gap():
    term = {"length": {"least": "P1Y", "most": "P3Y"}, "from": "decided_on"}
    assert returned(one("2026-01-01", term, term_ends_on="2026-06-01")) == ["m"]
    assert returned(one("2025-01-01", term)) == ["m"]
    beyond = one("2025-01-02", term)
    assert (returned(beyond), gaps(beyond), beyond["outcome"]) == ([], [("undecided_term", "r")], "incomplete")
    assert gaps(one("2027-01-02", term)) == []


def test_what_is_missing_is_a_gap():
    assert gaps(one(severity=None, trigger={"list": "dishonest", "severity": "general"})) == [("missing_severity", "r")]
    assert gaps(one(trigger={"list": "dishonest", "on": "acted_on"})) == [("missing_date", "r#acted_on")]
    assert gaps(one(trigger={"list": "dishonest", "where": {"field": "x", "is": 1}})) == [("missing_field", "r#x")]
    asks = {"list": "dishonest", "where": {"field": "list", "is_not": {"question": "industry"}}}
    assert gaps(one(trigger=asks)) == [("missing_in_question", "question#industry")]


def test_a_condition_that_is_true_anyhow_makes_no_gap():
    either = {"any": [{"field": "x", "is": 1}, {"field": "severity", "is": "serious"}]}
    found = one(trigger={"list": "dishonest", "where": either})
    assert (returned(found), gaps(found)) == (["m"], [])


def test_values_of_different_types_are_unequal_and_text_has_no_order():
    def where(condition):
        return returned(
            one(trigger={"list": "dishonest", "where": condition}, fields={"n": "5", "b": True}, amount=1050)
        )

    assert where({"field": "n", "is": 5}) == []
    assert where({"field": "n", "at_least": 1}) == []
    assert where({"field": "b", "is": 1}) == []
    assert where({"field": "amount", "above": 10}) == ["m"]
    assert where({"field": "amount", "at_least": 11}) == []


def counted(trigger, *records, as_of="2024-06-01"):
    return asked("c", world(subjects=[company("c")], records=list(records)), measure(trigger=trigger), as_of=as_of)


def test_two_within_a_year_are_judged_together():
    trigger = {"event": "fined", "count_at_least": 2, "within": "P1Y"}
    first = record("a", "c", "fined", decided_on="2023-06-02")
    found = counted(trigger, first, record("b", "c", "fined"))["measures"][0]
    assert [r["id"] for r in found["chains"][0]["records"]] == ["a", "b"]
    assert found["until"] == "2024-06-02"
    assert found["lifted_by"] == [{"links": [], "records": {"at_least": 1, "excess": None, "of": ["a", "b"]}}]
    assert returned(counted(trigger, first, record("b", "c", "fined"), as_of="2024-06-02")) == []


def test_a_sum_states_its_excess_and_a_missing_amount_is_a_gap():
    trigger = {"event": "fined", "sum_at_least": 100}
    rich = record("a", "c", "fined", amount=12050)
    found = counted(trigger, rich, record("b", "c", "fined"))["measures"][0]
    assert found["lifted_by"][0]["records"] == {"at_least": None, "excess": 20.5, "of": ["a"]}
    poor = counted(trigger, record("a", "c", "fined", amount=9999), record("b", "c", "fined"))
    assert gaps(poor) == [("missing_amount", "b")]


def test_no_retroactivity_unless_the_measure_says_so():
    facts = world(subjects=[company("c")], records=[record("r", "c", decided_on="1999-12-31")])
    assert returned(asked("c", facts, measure())) == []
    assert returned(asked("c", facts, measure(applies_to="earlier_records"))) == ["m"]


def test_a_measure_ends_with_its_law_unless_it_survives():
    old = {
        "id": "old",
        "title": "旧法",
        "level": "law",
        "in_force": {"from": day("1990-01-01"), "to": day("2024-03-01")},
    }
    facts = world(subjects=[company("c")], records=[record("r", "c")])
    for survives, expected in ((False, []), (True, ["m"])):
        rule = measure(basis=[{"document": "old", "article": "第1条"}], survives=survives)
        found = reference_check(facts, catalogue(rule, documents=[old]), question("c"))
        assert returned(found) == expected
    assert [basis["document"] for basis in found["measures"][0]["basis"]] == ["old"]


def test_repair_stays_where_the_statute_says_so_and_says_when_it_may_be_asked_for():
    facts = world(subjects=[company("c")], records=[record("r", "c", repaired_on="2024-02-01", severity="general")])
    found = asked("c", facts, measure(repair="stays", repair_reason="…"))
    assert returned(found) == ["m"]
    assert found["measures"][0]["chains"][0]["records"][0]["repair_from"] is None
    plain = asked("c", facts, measure(), as_of="2024-01-15")["measures"][0]
    assert plain["chains"][0]["records"][0]["repair_from"] == "2024-04-01"
