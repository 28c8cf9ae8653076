"""Whether a rule holds of a situation on a day, path by path: what an explanation rests on.

Written from design section 5 and docs/decisions/0001. The rules engine decides which measures fire; every one that
fired is proved here again on the evidence, and what stays unknown is told from what is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine import conditions, timing
from engine.situation import Situation
from engine.timing import OPEN
from engine.truth import FALSE, TRUE, Truth, all_of, of, unknown
from graph.model import Record
from graph.paths import Path
from graph.terms import in_window
from rules.rule import DatedBasis, Rule, RuleReach


@dataclass(frozen=True)
class Group:
    """The records of one listed subject as a counted trigger sees them on a day. ``doubtful`` are those of unknown
    truth; ``latest`` gives event date and anchors."""

    certain: tuple[Record, ...]
    doubtful: tuple[tuple[Record, Truth], ...]
    truth: Truth
    latest: Record | None


@dataclass(frozen=True)
class Proof:
    """One way in which a rule might reach the subject, and whether it does."""

    rule: Rule
    reach: int
    path: Path
    records: tuple[Record, ...]
    truth: Truth
    group: Group | None = None

    @property
    def event(self) -> date | None:
        """The event date: of records judged together, the latest."""
        latest = self.group.latest if self.group else self.records[0]
        return timing.event_date(latest, self.rule) if latest else None

    @property
    def key(self) -> tuple[str, int, int, str]:
        """Identity within one situation; a group's records are one."""
        return self.rule.id, self.reach, id(self.path), "" if self.group else self.records[0].id


def judge(rule: Rule, situation: Situation, day: date) -> Iterator[Proof]:
    """A proof for every path of every reach and every record (or group of records) at its listed end."""
    groups: dict[str, Group] = {}
    for index, reach in enumerate(rule.reaches):
        for path in situation.paths(reach.reach):
            if rule.trigger.counted:
                group = groups.get(path.listed) or _group(rule, situation, path.listed, day)
                groups[path.listed] = group
                if group.certain or group.doubtful:
                    yield _counted(rule, index, path, group, situation, day)
            else:
                for record in _triggering(rule, path, situation):
                    yield _single(rule, index, path, record, situation, day)


def holds(rule: Rule, situation: Situation, day: date) -> bool:
    return any(proof.truth.value for proof in judge(rule, situation, day))


def _triggering(rule: Rule, path: Path, situation: Situation) -> Sequence[Record]:
    records = situation.records(path.listed, rule.trigger)
    return [r for r in records if r.id == path.naming.record] if path.naming else records


def _single(rule: Rule, index: int, path: Path, record: Record, situation: Situation, day: date) -> Proof:
    return Proof(rule, index, path, (record,), all_of(_of_one(rule, index, path, record, situation, day)))


def _of_one(rule: Rule, index: int, path: Path, record: Record, situation: Situation, day: date) -> Iterator[Truth]:
    """Looked at one by one: most ways end at the first."""
    event = timing.event_date(record, rule)
    yield timing.counts(record, rule, day)
    yield timing.happened(record, rule, day)
    yield timing.severe(record, rule)
    yield conditions.judge(rule.trigger.where, record, situation.question)
    yield in_force(rule, rule.reaches[index], event, day, situation.question.region)
    yield timing.term_holds(rule.term, record, day)
    yield timing.path_holds(path, event, day)


def _counted(rule: Rule, index: int, path: Path, group: Group, situation: Situation, day: date) -> Proof:
    event = timing.event_date(group.latest, rule) if group.latest else None
    truth = all_of(
        (
            group.truth,
            _named_in(group, path),
            in_force(rule, rule.reaches[index], event, day, situation.question.region),
            timing.term_holds(rule.term, group.latest, day),
            timing.path_holds(path, event, day),
        )
    )
    return Proof(rule, index, path, group.certain, truth, group)


def _named_in(group: Group, path: Path) -> Truth:
    if path.naming is None or any(r.id == path.naming.record for r in group.certain):
        return TRUE
    return next((truth for r, truth in group.doubtful if r.id == path.naming.record), FALSE)


def in_force(rule: Rule, reach: RuleReach, event: date | None, day: date, region: str) -> Truth:
    """The rule's time, its bases', and no retroactivity (design, section 5)."""
    if event is None and (rule.survives or not rule.earlier_records):
        return OPEN if rule.survives or _bases_hold(rule, reach, day, region) else FALSE
    asked_of = event if rule.survives and event else day
    begun = rule.earlier_records or (event is not None and event >= rule.in_force.from_)
    return of(begun and _bases_hold(rule, reach, asked_of, region))


def _bases_hold(rule: Rule, reach: RuleReach, day: date, region: str) -> bool:
    return rule.in_force_on(day, region) and (not reach.bases or any(b.counts(day, region) for b in reach.bases))


def bases_for(
    bases: Sequence[DatedBasis], rule: Rule, events: Sequence[date], day: date, region: str
) -> tuple[DatedBasis, ...]:
    """The bases to cite: those that count on the day; where none does and the rule survives, those at the events."""
    now = tuple(b for b in bases if b.counts(day, region))
    if now or not rule.survives:
        return now
    return tuple(b for b in bases if any(b.counts(event, region) for event in events))


def _group(rule: Rule, situation: Situation, listed: str, day: date) -> Group:
    judged = [(r, _member(rule, r, situation, day)) for r in situation.records(listed, rule.trigger)]
    certain = tuple(r for r, truth in judged if truth.value)
    doubtful = tuple((r, truth) for r, truth in judged if truth.value is None)
    truth = all_of(_enough(rule, certain, doubtful))
    known = certain if truth.value else certain + tuple(r for r, _ in doubtful)
    return Group(certain, doubtful, truth, _latest(rule, known))


def _member(rule: Rule, record: Record, situation: Situation, day: date) -> Truth:
    trigger = rule.trigger
    event = timing.event_date(record, rule)
    window = TRUE
    if trigger.within:
        window = OPEN if event is None else of(in_window(event, day, trigger.within))
    amount = TRUE
    if trigger.sum_at_least is not None and record.amount is None:
        amount = unknown("missing_amount", record.id)
    return all_of(
        (
            timing.counts(record, rule, day),
            timing.happened(record, rule, day),
            window,
            timing.severe(record, rule),
            conditions.judge(trigger.where, record, situation.question),
            amount,
        )
    )


def _enough(rule: Rule, certain: Sequence[Record], doubtful: Sequence[tuple[Record, Truth]]) -> Iterator[Truth]:
    trigger = rule.trigger
    doubt = Truth(None, frozenset().union(*(truth.gaps for _, truth in doubtful)))
    if trigger.count_at_least is not None:
        if len(certain) >= trigger.count_at_least:
            yield TRUE
        else:
            yield doubt if len(certain) + len(doubtful) >= trigger.count_at_least else FALSE
    if trigger.sum_at_least is not None:
        if total(certain) >= trigger.sum_at_least:
            yield TRUE
        else:
            yield doubt if doubtful else FALSE


def total(records: Sequence[Record]) -> int:
    """Fen."""
    return sum(r.amount or 0 for r in records)


def _latest(rule: Rule, records: Sequence[Record]) -> Record | None:
    dated = [(event, r) for r in records if (event := timing.event_date(r, rule))]
    if not dated:
        return None
    last = max(event for event, _ in dated)
    return min((r for event, r in dated if event == last), key=lambda r: r.id)
