"""The rulebook keeps what durable_rules gets wrong away from answers (docs/decisions/0002)."""

from __future__ import annotations

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import durable_rules_engine as dre
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import LinkType
from graph.plan import LinkStep, Reach
from rules.errors import CatalogueError
from rules.rule import RuleReach, RuleScope, RuleTerm
from rules.rulebook import MOST_RULES, Rulebook, RulesEngineFault, collisions, fnv1a
from tests.rules.compiled import fact, fire, fire_counted, fired, fired_counted, opened, rule

ALIKE = ("rjesfff", "zbzsmaw")
"""Two fields whose compiled names, `fs_…`, have one FNV-1a hash; found by trying names at random."""


def is_(number: int, field: str = "x") -> dict[str, object]:
    return {"field": field, "is": number}


# --- what fires -----------------------------------------------------------------------------------------------------


def test_every_rule_that_matches_a_fact_fires() -> None:
    with opened(rule("one", is_(1)), rule("also-one", is_(1)), rule("two", is_(2)), rule("any")) as book:
        assert fired(book, fi_x=1) == {"one", "also-one", "any"}
        assert fired(book, fi_x=2) == {"two", "any"}
        assert fired(book, fi_x=3) == {"any"}
        assert fired(book) == {"any"}


def test_a_rule_fires_once_however_many_of_its_alternatives_hold() -> None:
    either = {"any": [is_(1), {"field": "x", "at_least": 1}, is_(5, "y")]}
    with opened(rule("either", either)) as book:
        assert fire(book, "listed", fact(book, fi_x=1, fi_y=5)) == {("either", 0)}


def test_rules_of_negative_conditions_only_need_a_fact() -> None:
    with opened(rule("not-one", {"field": "x", "is_not": 1})) as book:
        assert fired(book, di_x=2) == {"not-one"}
        assert fired(book, di_x=1) == set()
        assert fired(book) == set()
        assert fire(book, "listed", {}) == set()


def test_a_rule_on_several_lists_fires_on_each_and_on_no_other() -> None:
    with opened(rule("both", lists="listed fined"), rule("one")) as book:
        assert fired(book, "listed") == {"both", "one"}
        assert fired(book, "fined") == {"both"}
        assert fired(book, "elsewhere") == set()


def test_each_reach_fires_for_its_own_paths() -> None:
    holder = Reach(None, (LinkStep(frozenset({LinkType.DIRECTOR}), "holder"),))
    with opened(rule("two-ways", reaches=(RuleReach(Reach()), RuleReach(holder)))) as book:
        assert fire(book, "listed", fact(book)) == {("two-ways", 0)}
        assert fire(book, "listed", fact(book, reach=book.texts.number(holder.key))) == {("two-ways", 1)}
        assert fire(book, "listed", fact(book, reach=0)) == set()


def test_a_suspension_fires_beside_its_incentive() -> None:
    suspended = rule("reward", lists="honoured", suspension=rule("reward#suspended"))
    with opened(suspended) as book:
        assert fired(book, "honoured") == {"reward"}
        assert fired(book, "listed") == {"reward#suspended"}


@pytest.mark.parametrize(
    "missing", ["counts", "published", "holds_decided_on", "since_decided_on", "e_decided_on", "t"]
)
def test_nothing_fires_on_what_is_not_known(missing: str) -> None:
    with opened(rule("plain")) as book:
        known = fact(book)
        assert fire(book, "listed", known) == {("plain", 0)}
        assert fire(book, "listed", {name: value for name, value in known.items() if name != missing}) == set()


def test_a_rule_whose_records_go_on_after_repair_asks_for_that() -> None:
    with opened(rule("ends"), rule("stays", stays=True)) as book:
        assert fired(book, counts=0) == {"stays"}
        assert fired(book, counts=0, counts_stays=0) == set()


def test_publicity_binds_only_rules_without_a_term() -> None:
    term = RuleTerm("decided_on", None, None, ranged=False)
    with opened(rule("record"), rule("for-life", term=term)) as book:
        assert fired(book, published=0, left_for_life_decided_on=1) == {"for-life"}
        assert fired(book, left_for_life_decided_on=0) == {"record"}


def test_severity_is_a_least_one() -> None:
    with opened(rule("any"), rule("serious", severity=3)) as book:
        assert fired(book, severity=2) == {"any"}
        assert fired(book, severity=3) == {"any", "serious"}
        assert fired(book) == {"any"}


# --- many rules -----------------------------------------------------------------------------------------------------


def test_more_rules_on_one_list_than_one_ruleset_bears_all_fire() -> None:
    names = {f"m{number}" for number in range(150)}
    with opened(*(rule(name) for name in sorted(names))) as book:
        assert fired(book) == names


def test_a_thousand_rules_fire_each_on_its_own() -> None:
    rules = [rule(f"m{n}", is_(n), lists=f"list{n % 20}") for n in range(1000)]
    with opened(*rules) as book:
        for number in (0, 1, 59, 60, 61, 999):
            assert fired(book, f"list{number % 20}", fi_x=number) == {f"m{number}"}
        assert fired(book, "list0", fi_x=1) == set()


def test_only_the_rulesets_that_hold_a_rule_are_fired_for_it_and_matters_stand_together() -> None:
    matters = [f"m{n % 2}" for n in range(2 * MOST_RULES)]
    rules = [replace(rule(f"r{n:03}"), scope=RuleScope(frozenset({of}))) for n, of in enumerate(matters)]
    with opened(*rules) as book:
        assert len(book.rulesets("listed")) == 2
        for n, of in enumerate(matters):
            (ruleset,) = book.holding("listed", f"r{n:03}")
            assert {branch.rule.scope.matters for branch in ruleset.branches} == {frozenset({of})}
            assert (f"r{n:03}", 0) in ruleset.fire(fact(book))


def test_rules_that_look_at_many_fields_are_spread_over_rulesets() -> None:
    """A fact bears 252 fields at most."""
    wide = [rule(f"m{n}", {"all": [is_(1, f"f{n}_{i}") for i in range(6)]}) for n in range(60)]
    with opened(*wide) as book:
        everything = {f"fi_f{n}_{i}": 1 for n in range(60) for i in range(6)}
        assert len({field for ruleset in book.rulesets("listed") for field in ruleset.fields}) > 300
        assert fired(book, **everything) == {f"m{n}" for n in range(60)}
        assert fired(book, **{**everything, "fi_f7_3": 0}) == {f"m{n}" for n in range(60) if n != 7}


def test_a_rule_of_the_widest_condition_that_loads_fires() -> None:
    with opened(rule("wide", {"all": [is_(1, f"f{i}") for i in range(200)]})) as book:
        assert fired(book, **{f"fi_f{i}": 1 for i in range(200)}) == {"wide"}
        assert fired(book, **{f"fi_f{i}": 1 for i in range(199)}) == set()


def test_a_rule_of_many_reaches_and_alternatives_fires_on_each() -> None:
    reaches = tuple(RuleReach(Reach(None, (LinkStep(frozenset({t}), "holder"),))) for t in LinkType)
    either = {"field": "x", "in": list(range(24))}
    with opened(rule("broad", either, reaches=reaches)) as book:
        for index, reach in enumerate(reaches):
            for x in (0, 23):
                known = fact(book, reach=book.texts.number(reach.reach.key), fi_x=x)
                assert fire(book, "listed", known) == {("broad", index)}


# --- counted rules --------------------------------------------------------------------------------------------------


@given(st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=30, deadline=None)
def test_counts_and_sums_are_least_ones(number: int, hundreds: int) -> None:
    with opened(
        rule("count", count_at_least=3), rule("sum", sum_at_least=300), rule("both", count_at_least=3, sum_at_least=300)
    ) as book:
        told = {"number": number, "sum": hundreds * 100}
        assert fired_counted(book, "count", **told) is (number >= 3)
        assert fired_counted(book, "sum", **told) is (hundreds >= 3)
        assert fired_counted(book, "both", **told) is (number >= 3 and hundreds >= 3)


def test_a_counted_rule_fires_for_its_own_records_only() -> None:
    with opened(*(rule(f"c{n}", count_at_least=2) for n in range(100)), rule("single")) as book:
        told = fact(book, rule=book.texts.number("c7"), number=2)
        assert fire_counted(book, "c7", told) == {("c7", 0)}
        assert fired_counted(book, "c99", number=2)
        assert fired(book, number=2) == {"single"}


def test_a_counted_rule_asks_the_publicity_of_no_record() -> None:
    """Each record's own counting is judged before they are counted."""
    with opened(rule("count", count_at_least=2)) as book:
        assert fired_counted(book, "count", number=2, counts=0, published=0)


# --- one fact at a time ---------------------------------------------------------------------------------------------


@given(st.permutations(range(12)), st.permutations(range(12)))
@settings(max_examples=25, deadline=None)
def test_what_fires_does_not_depend_on_earlier_facts(first: list[int], second: list[int]) -> None:
    rules = [
        rule("low", {"field": "x", "below": 5}),
        rule("high", {"field": "x", "at_least": 5}),
        rule("three", is_(3)),
    ]
    with opened(*rules) as book:
        once = {x: fired(book, fi_x=x) for x in first}
        again = {x: fired(book, fi_x=x) for x in second}
    assert once == again == {x: {"low" if x < 5 else "high"} | ({"three"} if x == 3 else set()) for x in first}


def test_two_rulebooks_do_not_know_of_each_other() -> None:
    with (
        opened(rule("old", {"field": "x", "is": "甲"})) as old,
        opened(rule("other", {"field": "x", "is": "乙"}), rule("new", {"field": "x", "is": "甲"})) as new,
    ):
        assert old.texts.number("甲") != new.texts.number("甲")
        assert fired(old, fs_x=old.texts.number("甲")) == {"old"}
        assert fired(new, fs_x=new.texts.number("甲")) == {"new"}
        old.close()
        assert fired(new, fs_x=new.texts.number("乙")) == {"other"}


def test_threads_share_a_rulebook() -> None:
    """Without the lock, more than half of the results were wrong."""
    with opened(*(rule(f"m{n}", is_(n)) for n in range(40)), rule("any")) as book, ThreadPoolExecutor(8) as pool:
        asked = [n % 40 for n in range(4000)]
        answers = list(pool.map(lambda n: fired(book, fi_x=n), asked))
    assert [answer ^ {"any"} for answer in answers] == [{f"m{n}"} for n in asked]


# --- closing --------------------------------------------------------------------------------------------------------


def test_a_closed_rulebook_cannot_be_used() -> None:
    book = Rulebook([rule("plain"), rule("count", count_at_least=2)])
    assert fired(book) == {"plain"}
    book.close()
    book.close()
    with pytest.raises(RulesEngineFault, match="closed"):
        fired(book)
    with pytest.raises(RulesEngineFault, match="closed"):
        fired_counted(book, "count", number=2)


def test_an_unused_rulebook_may_be_closed() -> None:
    Rulebook([rule("plain")]).close()


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def test_reloading_gives_the_native_memory_back() -> None:
    """Without `delete_state`, 716 KB stay for each ruleset: here 700 MB."""

    def reload() -> None:
        with opened(*(rule(f"m{n}", is_(n), lists=f"list{n % 20}") for n in range(100))) as book:
            assert fired(book, "list1", fi_x=1) == {"m1"}

    for _ in range(5):
        reload()
    gc.collect()
    before = resident()
    for _ in range(50):
        reload()
    assert resident() - before < 64 * 2**20


# --- what is refused ------------------------------------------------------------------------------------------------


def test_durable_rules_takes_two_names_of_one_hash_for_one() -> None:
    """The trap itself: a rule on one field fires on the other."""
    one, other = (f"fs_{name}" for name in ALIKE)
    assert fnv1a(one) == fnv1a(other)
    handle = dre.create_ruleset(f"trap{next(_numbers)}", json.dumps({"r0": {"all": [{"m": {"$and": [{one: 1}]}}]}}))
    matched, _ = dre.assert_fact(handle, json.dumps({"id": "f", other: 1}))
    assert matched == 0


_numbers = count()


def test_fields_that_the_engine_would_confuse_are_refused() -> None:
    both = {"all": [{"field": name, "is": "a"} for name in ALIKE]}
    with pytest.raises(CatalogueError, match=r"the fields `fs_zbzsmaw` and `fs_rjesfff` can't be told apart"):
        Rulebook([rule("confused", both)])


def test_fields_of_different_lists_are_held_apart_too() -> None:
    one, other = ({"field": name, "is": "a"} for name in ALIKE)
    with pytest.raises(CatalogueError, match="can't be told apart"):
        Rulebook([rule("one", one), rule("other", other, lists="fined")])


def test_names_without_a_common_hash_pass() -> None:
    assert list(collisions(["fs_x", "fi_x", "t"])) == []


@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_the_hash_is_fnv1a(text: str, value: int) -> None:
    """Test vectors of the FNV reference implementation."""
    assert fnv1a(text) == value


def test_a_fact_that_stayed_behind_is_a_fault_and_no_answer() -> None:
    with opened(rule("plain")) as book:
        (ruleset,) = book.rulesets("listed")
        left = json.dumps({"id": "f", **{k: v for k, v in fact(book).items() if k in ruleset.names}})
        assert dre.assert_fact(ruleset.handle, left)[0] == 0
        with pytest.raises(RulesEngineFault, match="assert_fact answered 2"):
            fired(book)
        dre.retract_fact(ruleset.handle, left)


def test_what_the_engine_cannot_read_is_a_fault_and_the_next_fact_is_judged_rightly() -> None:
    with opened(rule("plain"), rule("one", is_(1))) as book:
        with pytest.raises(RulesEngineFault, match="error code: 204"):
            fired(book, fi_x=1e16)  # type: ignore[arg-type]
        assert fired(book, fi_x=1) == {"plain", "one"}
