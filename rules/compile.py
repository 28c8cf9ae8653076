"""From rules to durable_rules, inside the limits that measuring found safe, refusing what it would get wrong.

durable_rules 2.0.28 coerces strings, numbers and booleans into each other, orders strings wrongly, compares field
names by a 32-bit hash, fires an `$or` once per true branch and matches negative conditions against its own state. So
a compiled branch is one flat conjunction over integer fields of one fact, begins with a positive condition, and every
disjunction becomes branches of its own. Texts are interned: a fact carries the number of a text that some condition
asks for, or 0. Paths, counts, windows and days left belong to the evidence and arrive as fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rules.conditions import All, Comparison, Condition, FromQuestion, Not, Scalar
from rules.conditions import Any as AnyOf
from rules.contents import Contents
from rules.files import Key
from rules.model import Measure
from rules.rule import Rule, RuleTerm, RuleTrigger, measure_rule

GREATEST = 2**53
"""Beyond it durable_rules compares integers as doubles."""
MOST_BRANCHES = 24
"""Branches of one condition; more would crowd a ruleset (64 branches on one fact: error 303)."""
MOST_FIELDS = 200
"""Fields that one condition compares; a fact carries up to 252 in all (error 302)."""
TEXT, NUMBER, TRUTH = 1, 2, 3
Atom = tuple[str, str, int]
Conjunction = tuple[Atom, ...]


class Refused(Exception):
    """A condition that durable_rules would get wrong."""


@dataclass
class Texts:
    """Texts that conditions ask for, numbered from 1; any other text is 0."""

    numbers: dict[str, int] = field(default_factory=dict)

    def intern(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers) + 1)

    def number(self, text: str) -> int:
        return self.numbers.get(text, 0)


@dataclass(frozen=True)
class Branch:
    """One conjunction of one rule along one of its reaches."""

    rule: Rule
    reach: int
    conditions: Conjunction


def term_field(term: RuleTerm) -> str:
    """The field that holds how many days of the term are left on t."""
    if term.ranged:
        return f"left_{term.least or 'P0D'}_or_decided_{term.anchor}"
    return f"left_{term.least or 'for_life'}_{term.anchor}"


def branches(rule: Rule, texts: Texts) -> Iterator[Branch]:
    """The branches of a rule: reaches × alternatives of its condition. Raises `Refused`."""
    alternatives = [()] if rule.trigger.counted or rule.trigger.where is None else _dnf(rule.trigger.where, True, texts)
    if len(alternatives) > MOST_BRANCHES:
        raise Refused(f"the condition has {len(alternatives)} alternatives, at most {MOST_BRANCHES} are allowed")
    if (fields := len({name for alternative in alternatives for name, _, _ in alternative})) > MOST_FIELDS:
        raise Refused(f"the condition compares {fields} fields, at most {MOST_FIELDS} are allowed")
    for index, reach in enumerate(rule.reaches):
        for alternative in alternatives:
            head: Conjunction = (("reach", "$eq", texts.intern(reach.reach.key)),)
            if rule.trigger.counted:
                head += (("rule", "$eq", texts.intern(rule.id)),)
            yield Branch(rule, index, head + _common(rule) + alternative)


def _common(rule: Rule) -> Conjunction:
    trigger = rule.trigger
    conditions: list[Atom] = [(f"holds_{trigger.on}", "$eq", 1), (f"since_{trigger.on}", "$gte", 0)]
    conditions += _triggered(rule, trigger)
    conditions += _in_force(rule)
    if rule.term:
        conditions.append((term_field(rule.term), "$gt", 0))
    return tuple(conditions)


def _triggered(rule: Rule, trigger: RuleTrigger) -> Iterator[Atom]:
    if not trigger.counted:
        yield "counts_stays" if rule.stays else "counts", "$eq", 1
        if rule.term is None:
            yield "published", "$eq", 1
        if trigger.severity:
            yield "severity", "$gte", trigger.severity
    if trigger.count_at_least is not None:
        yield "number", "$gte", trigger.count_at_least
    if trigger.sum_at_least is not None:
        yield "sum", "$gte", trigger.sum_at_least


def _in_force(rule: Rule) -> Iterator[Atom]:
    event = f"e_{rule.trigger.on}"
    if not rule.earlier_records or rule.survives:
        yield event, "$gte", rule.in_force.from_.toordinal()
    day = event if rule.survives else "t"
    yield day, "$gte", rule.in_force.from_.toordinal()
    if rule.in_force.to:
        yield day, "$lt", rule.in_force.to.toordinal()


def _dnf(condition: Condition, wanted: bool, texts: Texts) -> list[Conjunction]:
    match condition:
        case Not():
            return _dnf(condition.not_, not wanted, texts)
        case All() | AnyOf():
            parts = [_dnf(c, wanted, texts) for c in (condition.all if isinstance(condition, All) else condition.any)]
            return _product(parts) if isinstance(condition, All) == wanted else [c for part in parts for c in part]
        case Comparison():
            return (
                [(atom,) for atom in _atoms(condition, wanted, texts)]
                if _is_any(condition, wanted)
                else [tuple(_atoms(condition, wanted, texts))]
            )


def _product(parts: Sequence[list[Conjunction]]) -> list[Conjunction]:
    found: list[Conjunction] = [()]
    for part in parts:
        found = [left + right for left in found for right in part]
        if len(found) > MOST_BRANCHES:
            raise Refused(f"the condition has more than {MOST_BRANCHES} alternatives")
    return found


_OPPOSITE = {
    "is": "is_not",
    "is_not": "is",
    "in": "not_in",
    "not_in": "in",
}
_ORDER = {"at_least": "$gte", "at_most": "$lte", "above": "$gt", "below": "$lt"}
_CONVERSE = {"at_least": "$lt", "at_most": "$gt", "above": "$lte", "below": "$gte"}


def _is_any(comparison: Comparison, wanted: bool) -> bool:
    """Whether the atoms are alternatives of each other (else all of them must hold)."""
    operator = comparison.operator
    return operator in _ORDER or (operator in ("is", "in")) == wanted


def _atoms(comparison: Comparison, wanted: bool, texts: Texts) -> list[Atom]:
    name, operator, value = comparison.field, comparison.operator, comparison.value
    if operator in _ORDER:
        assert isinstance(value, int)  # noqa: S101  (the model made sure)
        number = _scaled(name, value)
        if wanted:
            return [(f"fi_{name}", _ORDER[operator], number)]
        return [(f"fi_{name}", _CONVERSE[operator], number), (f"ft_{name}", "$neq", NUMBER)]
    positive = (operator in ("is", "in")) == wanted
    if isinstance(value, FromQuestion):
        return [(question_field(name, value.question), "$eq", int(positive))]
    values: tuple[Scalar, ...] = value if isinstance(value, tuple) else (value,)
    return [_same(name, one, texts) for one in values] if positive else [_differs(name, one, texts) for one in values]


def _same(name: str, value: Scalar, texts: Texts) -> Atom:
    kind, number = coded(name, value, texts)
    return f"f{kind}_{name}", "$eq", number


def _differs(name: str, value: Scalar, texts: Texts) -> Atom:
    kind, number = coded(name, value, texts)
    return f"d{kind}_{name}", "$neq", number


def coded(name: str, value: Scalar, texts: Texts) -> tuple[str, int]:
    """The field's prefix and the number that a literal of the catalogue is compared as."""
    if isinstance(value, bool):
        return "b", int(value)
    if isinstance(value, int):
        return "i", _scaled(name, value)
    return "s", texts.intern(value)


def question_field(name: str, question: str) -> str:
    """The field that says whether a record's field equals one of the question."""
    return f"fq_{name}_{question}"


def _scaled(name: str, value: int) -> int:
    """Amounts are written in yuan and compared in fen."""
    number = value * 100 if name == "amount" else value
    if abs(number) >= GREATEST:
        raise Refused(f"{value} is beyond what can be compared exactly")
    return number


def refusals(measure: Measure, catalogue: Contents) -> Iterator[tuple[Key, str, str]]:
    """What of a measure can't be compiled, as lint problems."""
    rule = measure_rule(measure, catalogue)
    for key, one in (("trigger", rule), ("suspended_when", rule.suspension)):
        try:
            list(branches(one, Texts()) if one else ())
        except Refused as refused:
            yield (key, "where"), str(refused), "split the measure, or say it in simpler conditions"
