"""Paths of a reach: from the listed subject, by a naming or not, over links to the subject that is bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.known import Fact, Known, nobody_knows_who
from tests.reference.records import several
from tests.reference.triggers import Cause
from tests.reference.truth import FALSE, TRUE, Judgement, all_of, known, unknown

Step = dict[str, Any]


@dataclass(frozen=True)
class Path:
    """``naming`` and ``held`` where the reach begins by a name; ``links`` are the other steps, in order."""

    naming: Fact | None
    held: Fact | None
    links: tuple[Fact, ...]


def key(steps: list[Step]) -> str:
    """A reach in one line, the same however it is written."""
    return " / ".join(_key(step) for step in steps) or "self"


def _key(step: Step) -> str:
    if step.get("named"):
        finding = ":" + "|".join(sorted(several(step["finding"]))) if step.get("finding") else ""
        held = "&" + "|".join(sorted(several(step["held"]["link"]))) + "@at_event" if step.get("held") else ""
        return f"named({'|'.join(sorted(several(step['named'])))}{finding}{held})"
    share = f">={step['min_share']:g}" if step.get("min_share") else ""
    return f"{'|'.join(sorted(several(step['link'])))}{share}>{step['to']}@{step['holds']}"


def paths(steps: list[Step], cause: Cause, to: str, facts: Known) -> Iterator[Path]:
    """Every path of the right shape; whether its links hold is not asked here."""
    if steps and steps[0].get("named"):
        yield from _named_paths(steps, cause, to, facts)
    else:
        yield from (Path(None, None, links) for links in walks(steps, [cause.listed], to, facts))


def _named_paths(steps: list[Step], cause: Cause, to: str, facts: Known) -> Iterator[Path]:
    ids = {record["id"] for record, _ in cause.perhaps}
    for naming in facts.namings:
        person = naming["person"]
        if naming["record"] in ids and naming["role"] in several(steps[0]["named"]) and person != cause.listed:
            for held in _offices(steps[0], person, cause.listed, facts):
                for links in walks(steps[1:], [cause.listed, person], to, facts):
                    yield Path(naming, held, links)


def _offices(step: Step, person: str, listed: str, facts: Known) -> list[Fact] | list[None]:
    if not step.get("held"):
        return [None]
    types = several(step["held"]["link"])
    return [k for k in facts.links if k["type"] in types and k["holder"] == person and k["organisation"] == listed]


def walks(steps: list[Step], visited: list[str], to: str, facts: Known) -> Iterator[tuple[Fact, ...]]:
    """Walks from the last of ``visited`` to ``to`` on which no subject stands twice."""
    if not steps:
        if visited[-1] == to:
            yield ()
        return
    for link in facts.links:
        here, there = _ends(link, steps[0])
        if here == visited[-1] and there not in visited and link["type"] in several(steps[0]["link"]):
            for rest in walks(steps[1:], [*visited, there], to, facts):
                yield (link, *rest)


def _ends(link: Fact, step: Step) -> tuple[str, str]:
    if step["to"] == "organisation":
        return link["holder"], link["organisation"]
    return link["organisation"], link["holder"]


def judge(path: Path, steps: list[Step], cause: Cause, day: date) -> Judgement:
    """Whether the path leads from the cause to the subject on ``day``."""
    link_steps = steps[1:] if path.naming else steps
    parts = [judge_link(link, step, cause.event, day) for link, step in zip(path.links, link_steps, strict=True)]
    if path.naming:
        parts.append(_named(path.naming, steps[0], cause))
    if path.held:
        parts.append(_held_at(path.held, cause.event))
    return all_of(parts)


def _named(naming: Fact, step: Step, cause: Cause) -> Judgement:
    (of_record,) = (judgement for record, judgement in cause.perhaps if record["id"] == naming["record"])
    return all_of([of_record, _found(naming, step)])


def _found(naming: Fact, step: Step) -> Judgement:
    if not step.get("finding"):
        return TRUE
    if naming["finding"] is None:
        return unknown(("missing_finding", naming["id"]))
    return known(naming["finding"] in several(step["finding"]))


def judge_link(link: Fact, step: Step, event: date | None, day: date) -> Judgement:
    return all_of([_shared(link, step), _holds(link, step["holds"], event, day)])


def _shared(link: Fact, step: Step) -> Judgement:
    if step.get("min_share") is None:
        return TRUE
    if link["share"] is None:
        return unknown(("missing_share", link["id"]))
    return known(link["share"] >= step["min_share"])


def _holds(link: Fact, when: str, event: date | None, day: date) -> Judgement:
    if when == "now":
        return known(holds_on(link, day))
    if when == "at_event":
        return _held_at(link, event)
    return all_of([known(holds_on(link, day)), _began_after(link, event)])


def holds_on(link: Fact, day: date) -> bool:
    """Whether the link holds on ``day``; an undated one has begun."""
    start, end = link["valid_from"], link["valid_to"]
    return (start is None or start <= day) and (end is None or day < end)


def _held_at(link: Fact, event: date | None) -> Judgement:
    if event is None:
        return unknown()
    start, end = link["valid_from"], link["valid_to"]
    if end is not None and end <= event:
        return FALSE
    return unknown(("undated_link", link["id"])) if start is None else known(start <= event)


def _began_after(link: Fact, event: date | None) -> Judgement:
    if event is None:
        return unknown()
    start = link["valid_from"]
    return unknown(("undated_link", link["id"])) if start is None else known(start > event)


def strangers(steps: list[Step], to: str, facts: Known, day: date, lists_hold_persons: bool) -> set[str]:
    """Persons without identity whom the walk back from ``to`` meets, and whose records, namings or further links
    could lead to it."""
    named = bool(steps) and bool(steps[0].get("named"))
    link_steps = steps[1:] if named else steps
    return set(_met(link_steps, [to], facts, day, harmless_at_end=not named and not lists_hold_persons))


def _met(steps: list[Step], visited: list[str], facts: Known, day: date, harmless_at_end: bool) -> Iterator[str]:
    if nobody_knows_who(facts.subjects[visited[-1]]) and not (harmless_at_end and not steps):
        yield visited[-1]
    for link in facts.links if steps else []:
        there, here = _ends(link, steps[-1])
        if here == visited[-1] and there not in visited and _may_lead(link, steps[-1], day):
            yield from _met(steps[:-1], [*visited, there], facts, day, harmless_at_end)


def _may_lead(link: Fact, step: Step, day: date) -> bool:
    """Whether the link is not false, judged without an event date."""
    start = link["valid_from"]
    in_time = (start is None or start <= day) if step["holds"] == "at_event" else holds_on(link, day)
    return in_time and link["type"] in several(step["link"]) and _shared(link, step).value is not False
