"""Conditions on a record's fields and on the question."""

from __future__ import annotations

from typing import Any

from tests.reference.known import Fact
from tests.reference.truth import Judgement, all_of, any_of, known, negation, unknown

PLAIN = ("number", "department", "region", "severity", "list")


def judge(condition: dict[str, Any], record: Fact, question: dict[str, Any]) -> Judgement:
    if "all" in condition:
        return all_of([judge(part, record, question) for part in condition["all"]])
    if "any" in condition:
        return any_of([judge(part, record, question) for part in condition["any"]])
    if "not" in condition:
        return negation(judge(condition["not"], record, question))
    return _compare(condition, record, question)


def _compare(comparison: dict[str, Any], record: Fact, question: dict[str, Any]) -> Judgement:
    field = comparison["field"]
    (operator,) = set(comparison) - {"field"}
    left, right = _field(record, field), comparison[operator]
    gaps = [] if left is not None else [("missing_field", f"{record['id']}#{field}")]
    if isinstance(right, dict):
        asked = right["question"]
        right = question[asked]
        gaps += [] if right is not None else [("missing_in_question", f"question#{asked}")]
    return unknown(*gaps) if gaps else known(_holds(operator, left, right))


def _field(record: Fact, field: str) -> Any:
    if field == "amount":
        return None if record["amount"] is None else record["amount"] / 100
    return record[field] if field in PLAIN else record["fields"].get(field)


def _holds(operator: str, left: Any, right: Any) -> bool:
    match operator:
        case "is":
            return _equal(left, right)
        case "is_not":
            return not _equal(left, right)
        case "in":
            return any(_equal(left, one) for one in right)
        case "not_in":
            return not any(_equal(left, one) for one in right)
    if _type(left) != "number" or _type(right) != "number":
        return False
    return bool(
        {"at_least": left >= right, "at_most": left <= right, "above": left > right, "below": left < right}[operator]
    )


def _equal(left: Any, right: Any) -> bool:
    return _type(left) == _type(right) and bool(left == right)


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"
