"""When a record counts, a term runs and a link holds (docs/decisions/0001, "Records", "Term", "Paths")."""

from __future__ import annotations

from datetime import date

from engine.truth import FALSE, TRUE, Truth, all_of, of, unknown
from graph.model import SEVERITIES, Link, Record
from graph.paths import BlindPath, Path
from graph.plan import Holds, LinkStep
from graph.terms import term_ends
from rules.rule import Rule, RuleTerm

OPEN = Truth(None)
"""Unknown because the event date is; the missing date is the gap."""


def begins(record: Record) -> date | None:
    return record.effective_from or record.decided_on


def masked(record: Record, day: date) -> bool:
    return (
        record.masked_from is not None
        and record.masked_from <= day
        and (record.masked_to is None or day < record.masked_to)
    )


def record_counts(record: Record, day: date, *, stays: bool) -> Truth:
    """Whether the record counts on the day, its publicity apart; ``stays``: repair does not end it."""
    ends = (record.effective_to, None if stays else record.repaired_on)
    if record.annulled or masked(record, day) or any(end is not None and end <= day for end in ends):
        return FALSE
    begin = begins(record)
    return unknown("missing_date", f"{record.id}#effective_from") if begin is None else of(begin <= day)


def published(record: Record, day: date) -> bool:
    return record.publicity_to is None or day < record.publicity_to


def counts(record: Record, rule: Rule, day: date) -> Truth:
    """Whether the record counts for the rule: one without a term lasts no longer than the publicity (F6)."""
    if rule.term is None and not published(record, day):
        return FALSE
    return record_counts(record, day, stays=rule.stays)


def event_date(record: Record, rule: Rule) -> date | None:
    found: date | None = getattr(record, rule.trigger.on)
    return found


def happened(record: Record, rule: Rule, day: date) -> Truth:
    event = event_date(record, rule)
    return unknown("missing_date", f"{record.id}#{rule.trigger.on}") if event is None else of(event <= day)


def severe(record: Record, rule: Rule) -> Truth:
    if rule.trigger.severity is None:
        return TRUE
    if record.severity is None:
        return unknown("missing_severity", record.id)
    return of(SEVERITIES.index(record.severity) + 1 >= rule.trigger.severity)


def term_holds(term: RuleTerm | None, record: Record | None, day: date) -> Truth:
    """Whether the day lies before the end of the term; that it is not before the event is asked elsewhere."""
    if term is None:
        return TRUE
    if record is None:
        return OPEN
    if term.ranged and record.term_ends_on:
        return of(day < record.term_ends_on)
    anchor: date | None = getattr(record, term.anchor)
    if anchor is None:
        return unknown("missing_date", f"{record.id}#{term.anchor}")
    if term.least and _before_end(term.least, anchor, day):
        return TRUE
    if term.most is None:
        return unknown("undecided_term", record.id) if term.ranged else TRUE
    if not _before_end(term.most, anchor, day):
        return FALSE
    return unknown("undecided_term", record.id)


def _before_end(length: object, anchor: date, day: date) -> bool:
    end = term_ends(anchor, length)  # type: ignore[arg-type]
    return end is None or day < end


def days_left(term: RuleTerm, record: Record, day: date) -> int | None:
    """Days of the term that certainly remain on the day, 0 or less when it is over; None when nothing is certain."""
    if term.ranged and record.term_ends_on:
        return (record.term_ends_on - day).days
    anchor: date | None = getattr(record, term.anchor)
    if anchor is None or (term.ranged and term.least is None):
        return None
    end = term_ends(anchor, term.least) if term.least else None
    return ((end or date.max) - day).days


def link_holds(link: Link, holds: Holds, event: date | None, day: date) -> Truth:
    """``event`` is None while it is not known."""
    over = link.valid_to is not None and link.valid_to <= day
    if holds == "now":
        return of(not over and (link.valid_from is None or link.valid_from <= day))
    if holds == "after_event":
        return FALSE if over else _began_after(link, event, day)
    if event is None:
        return OPEN
    if link.valid_to is not None and link.valid_to <= event:
        return FALSE
    return unknown("undated_link", link.id) if link.valid_from is None else of(link.valid_from <= event)


def _began_after(link: Link, event: date | None, day: date) -> Truth:
    if link.valid_from is not None and link.valid_from > day:
        return FALSE
    if event is None:
        return OPEN
    return unknown("undated_link", link.id) if link.valid_from is None else of(event < link.valid_from)


def path_holds(path: Path, event: date | None, day: date) -> Truth:
    parts = [_step_holds(step, link, event, day) for step, link in path.steps]
    if path.held:
        parts.append(link_holds(path.held, "at_event", event, day))
    if path.naming and path.reach.named and path.reach.named.findings and path.naming.finding is None:
        parts.append(unknown("missing_finding", path.naming.id))
    return all_of(parts)


def _step_holds(step: LinkStep, link: Link, event: date | None, day: date) -> Truth:
    share = TRUE
    if step.min_share is not None:
        share = unknown("missing_share", link.id) if link.share is None else of(link.share >= step.min_share)
    return all_of((share, link_holds(link, step.holds, event, day)))


def may_lead_here(path: BlindPath, day: date) -> bool:
    """Whether the links of a walk that met somebody without identity could hold, whatever the event."""
    return all(_may_hold(step, link, day) for step, link in path.steps)


def _may_hold(step: LinkStep, link: Link, day: date) -> bool:
    if step.holds == "at_event":
        return link.valid_from is None or link.valid_from <= day
    return link_holds(link, "now", None, day).value is True
