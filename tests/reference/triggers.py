"""What triggers a measure: one record, or the records of one subject counted or summed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.known import Fact, Known
from tests.reference.records import counts, event_date, fits, lists_of
from tests.reference.truth import Judgement, all_of, any_of, known, unknown


@dataclass(frozen=True)
class Cause:
    """Records of one listed subject that may trigger.

    ``perhaps`` are those with their own judgements, certain or not; ``records`` the certain ones. ``event`` is the
    event date e, None where it is unknown, and ``anchor`` the record that it belongs to: terms run from its dates.
    """

    listed: str
    judgement: Judgement
    perhaps: list[tuple[Fact, Judgement]]
    records: list[Fact]
    event: date | None
    anchor: Fact | None
    at_least: int | None = 1
    excess: int | float | None = None


def causes(
    trigger: dict[str, Any], facts: Known, day: date, question: dict[str, Any], *, repair_ends: bool, has_term: bool
) -> Iterator[Cause]:
    judged: dict[str, list[tuple[Fact, Judgement]]] = {}
    for record in sorted(facts.records, key=lambda r: r["id"]):
        if record["list"] in lists_of(trigger):
            counted = counts(record, day, repair_ends=repair_ends, has_term=has_term)
            judgement = all_of([counted, fits(record, trigger, day, question)])
            judged.setdefault(record["subject"], []).append((record, judgement))
    for listed, all_judged in judged.items():
        possible = [(r, j) for r, j in all_judged if j.value is not False]
        if trigger.get("count_at_least") or trigger.get("sum_at_least"):
            yield _together(listed, possible, trigger)
        else:
            yield from (_alone(listed, record, judgement, trigger) for record, judgement in possible)


def _alone(listed: str, record: Fact, judgement: Judgement, trigger: dict[str, Any]) -> Cause:
    return Cause(listed, judgement, [(record, judgement)], [record], event_date(record, trigger), record)


def _together(listed: str, possible: list[tuple[Fact, Judgement]], trigger: dict[str, Any]) -> Cause:
    count, total = trigger.get("count_at_least"), trigger.get("sum_at_least")
    if total is not None:
        possible = [(r, _with_amount(r, j)) for r, j in possible]
    certain = [r for r, j in possible if j.value]
    parts = []
    if count is not None:
        parts.append(_counted(possible, count))
    if total is not None:
        parts.append(_summed(possible, total))
    judgement = all_of(parts)
    anchor = _latest(certain if judgement.value else [r for r, _ in possible], trigger)
    return Cause(
        listed,
        judgement,
        possible,
        certain,
        event_date(anchor, trigger) if anchor else None,
        anchor,
        at_least=None if count is None else len(certain) - count + 1,
        excess=None if total is None else in_yuan(sum(r["amount"] for r in certain) - total * 100),
    )


def _with_amount(record: Fact, judgement: Judgement) -> Judgement:
    """A record without an amount may be any part of a sum."""
    amount = known(True) if record["amount"] is not None else unknown(("missing_amount", record["id"]))
    return all_of([judgement, amount])


def _counted(possible: list[tuple[Fact, Judgement]], least: int) -> Judgement:
    if sum(j.value is True for _, j in possible) >= least:
        return known(True)
    return _perhaps(possible) if len(possible) >= least else known(False)


def _summed(possible: list[tuple[Fact, Judgement]], least: int) -> Judgement:
    if sum(r["amount"] for r, j in possible if j.value) >= least * 100:
        return known(True)
    return _perhaps(possible) if any(j.value is None for _, j in possible) else known(False)


def _perhaps(possible: list[tuple[Fact, Judgement]]) -> Judgement:
    return any_of([j for _, j in possible if j.value is None])


def _latest(records: list[Fact], trigger: dict[str, Any]) -> Fact | None:
    """The record with the latest event date; of several, the one with the least id."""
    dated = [r for r in records if event_date(r, trigger) is not None]
    last = max((event_date(r, trigger) for r in dated), default=None)  # type: ignore[type-var]
    return min((r for r in dated if event_date(r, trigger) == last), key=lambda r: str(r["id"]), default=None)


def in_yuan(fen: int) -> int | float:
    return fen // 100 if fen % 100 == 0 else fen / 100
