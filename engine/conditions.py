"""Conditions of a trigger, judged on one record and the question."""

from __future__ import annotations

from collections.abc import Callable

from engine.question import Asked
from engine.truth import Truth, all_of, any_of, of, unknown
from graph.model import Record
from rules.conditions import All, Any, Comparison, Condition, FromQuestion, Not, Operator

Value = str | int | bool
BUILT_IN = ("number", "department", "region", "severity", "list")


def field_of(record: Record, name: str) -> Value | None:
    """A field of the record as conditions see it; amounts in fen. ``None``: the record does not say."""
    if name == "amount":
        return record.amount
    value: Value | None = getattr(record, name) if name in BUILT_IN else record.fields.get(name)
    return value


def judge(condition: Condition | None, record: Record, question: Asked) -> Truth:
    match condition:
        case None:
            return of(True)
        case All():
            return all_of(judge(c, record, question) for c in condition.all)
        case Any():
            return any_of(judge(c, record, question) for c in condition.any)
        case Not():
            return ~judge(condition.not_, record, question)
        case Comparison():
            return _compare(condition, record, question)


def _compare(comparison: Comparison, record: Record, question: Asked) -> Truth:
    left = field_of(record, comparison.field)
    parts = [] if left is not None else [unknown("missing_field", f"{record.id}#{comparison.field}")]
    right = comparison.value
    if isinstance(right, FromQuestion):
        asked = getattr(question, right.question)
        if asked is None:
            parts.append(unknown("missing_in_question", f"question#{right.question}"))
        right = asked
    if parts or left is None:
        return all_of(parts)
    unit = 100 if comparison.field == "amount" else 1
    return of(_OPERATORS[comparison.operator](left, _in_unit(right, unit)))


def _in_unit(value: Value | tuple[Value, ...], unit: int) -> Value | tuple[Value, ...]:
    if isinstance(value, tuple):
        return tuple(_in_unit(v, unit) for v in value)  # type: ignore[misc]
    return value * unit if isinstance(value, int) and not isinstance(value, bool) else value


def _same(left: Value, right: object) -> bool:
    return type(left) is type(right) and left == right


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _among(left: Value, right: object) -> bool:
    return isinstance(right, tuple) and any(_same(left, r) for r in right)


_OPERATORS: dict[Operator, Callable[..., bool]] = {
    "is": _same,
    "is_not": lambda left, right: not _same(left, right),
    "in": _among,
    "not_in": lambda left, right: not _among(left, right),
    "at_least": lambda left, right: _is_number(left) and left >= right,
    "at_most": lambda left, right: _is_number(left) and left <= right,
    "above": lambda left, right: _is_number(left) and left > right,
    "below": lambda left, right: _is_number(left) and left < right,
}
