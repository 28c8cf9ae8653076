"""The days on which the truth of a rule can change: between two of them nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine import timing
from engine.judge import holds
from engine.situation import Situation
from graph.model import Link, Record
from graph.terms import term_ends, window_ends
from rules.model import Interval
from rules.rule import Rule

RECORD_DATES = ("effective_to", "repaired_on", "masked_from", "masked_to", "publicity_to")


def until(rule: Rule, situation: Situation) -> date | None:
    """The first day after the question's on which the rule no longer holds; ``None`` if there is none."""
    after = situation.question.as_of
    days = sorted({day for day in _boundaries(rule, situation) if day > after})
    return next((day for day in days if not holds(rule, situation, day)), None)


def _boundaries(rule: Rule, situation: Situation) -> Iterator[date]:
    yield from _interval(rule.in_force)
    for basis in (*rule.bases, *(b for reach in rule.reaches for b in reach.bases)):
        yield from _interval(basis.in_force)
    listed: set[str] = set()
    for reach in rule.reaches:
        for path in situation.paths(reach.reach):
            listed.add(path.listed)
            for link in path.links:
                yield from _link(link)
    for subject in listed:
        for record in situation.records(subject, rule.trigger):
            yield from _record(record, rule)


def _interval(interval: Interval) -> Iterator[date]:
    yield interval.from_
    if interval.to:
        yield interval.to


def _link(link: Link) -> Iterator[date]:
    if link.valid_from:
        yield link.valid_from
    if link.valid_to:
        yield link.valid_to


def _record(record: Record, rule: Rule) -> Iterator[date]:
    found = [timing.begins(record), *(getattr(record, name) for name in RECORD_DATES)]
    event = timing.event_date(record, rule)
    if event:
        found.append(event)
        if rule.trigger.within:
            found.append(window_ends(event, rule.trigger.within))
    yield from (day for day in found if day)
    yield from _term(record, rule)


def _term(record: Record, rule: Rule) -> Iterator[date]:
    term = rule.term
    if term is None:
        return
    if term.ranged and record.term_ends_on:
        yield record.term_ends_on
    anchor: date | None = getattr(record, term.anchor)
    if anchor:
        ends = (term_ends(anchor, span) for span in (term.least, term.most) if span)
        yield from (day for day in ends if day)
