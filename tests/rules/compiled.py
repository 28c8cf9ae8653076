"""Rules written by hand, and facts for them as they arrive at the rules engine: flat, and of integers only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from graph.plan import SELF
from rules.conditions import Condition
from rules.rule import Rule, RuleReach, RuleScope, RuleTrigger
from rules.rulebook import Fired, Rulebook

TODAY = date(2025, 6, 1)
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def rule(name: str, where: Mapping[str, Any] | None = None, *, lists: str = "listed", **more: Any) -> Rule:
    """A rule on a list that fires for the listed subject itself. ``where`` is a condition as the files have it."""
    condition = None if where is None else CONDITION.validate_python(where)
    trigger = {key: more.pop(key) for key in ("severity", "on", "count_at_least", "sum_at_least") if key in more}
    return Rule(
        id=name,
        role="measure",
        trigger=RuleTrigger(frozenset(lists.split()), where=condition, **trigger),
        reaches=more.pop("reaches", (RuleReach(SELF),)),
        scope=RuleScope(),
        **more,
    )


@contextmanager
def opened(*rules: Rule) -> Iterator[Rulebook]:
    rulebook = Rulebook(rules)
    try:
        yield rulebook
    finally:
        rulebook.close()


def fact(rulebook: Rulebook, **fields: int) -> dict[str, int]:
    """A record of the listed subject that counts today; more fields as given."""
    return {
        "reach": rulebook.texts.number(SELF.key),
        "holds_decided_on": 1,
        "since_decided_on": 10,
        "e_decided_on": TODAY.toordinal() - 10,
        "t": TODAY.toordinal(),
        "counts": 1,
        "counts_stays": 1,
        "published": 1,
        **fields,
    }


def fire(rulebook: Rulebook, on: str, known: dict[str, int]) -> Fired:
    """Every rule on a list that holds of the fact."""
    return {one for ruleset in rulebook.rulesets(on) for one in ruleset.fire(known)}


def fired(rulebook: Rulebook, on: str = "listed", **fields: int) -> set[str]:
    return {name for name, _ in fire(rulebook, on, fact(rulebook, **fields))}


def fire_counted(rulebook: Rulebook, name: str, known: dict[str, int]) -> Fired:
    return {one for ruleset in rulebook.counting(name) for one in ruleset.fire(known)}


def fired_counted(rulebook: Rulebook, name: str, **fields: int) -> bool:
    number = rulebook.texts.number(name)
    return bool(fire_counted(rulebook, name, fact(rulebook, rule=number, **fields)))
