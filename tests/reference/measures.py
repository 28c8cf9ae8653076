"""Whether a measure is returned, along which chains, until when, and what would lift it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.reference import paths, terms
from tests.reference.days import covers, duration, free_day
from tests.reference.known import Fact, Known
from tests.reference.paths import Path
from tests.reference.records import lists_of, several
from tests.reference.triggers import Cause, causes
from tests.reference.truth import Judgement, all_of, any_of

Entry = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question about one subject, with all that is needed to answer it."""

    subject: str
    question: Entry
    catalogue: Entry
    facts: Known

    @property
    def documents(self) -> dict[str, Entry]:
        return {document["id"]: document for document in self.catalogue["documents"]}

    @property
    def kind(self) -> str:
        return str(self.facts.subjects[self.subject]["kind"])


@dataclass(frozen=True)
class Chain:
    steps: list[Entry]
    basis: list[Entry]
    cause: Cause
    path: Path

    def links(self) -> list[tuple[Fact, str]]:
        """Links with the time that their step asks for."""
        link_steps = self.steps[1:] if self.path.naming else self.steps
        return [(link, step["holds"]) for link, step in zip(self.path.links, link_steps, strict=True)]


@dataclass(frozen=True)
class Verdict:
    judgement: Judgement
    chains: list[Chain]


def in_scope(scope: Entry, kind: str, question: Entry) -> bool:
    regions = scope.get("regions") or []
    return (
        question["matter"] in scope["matters"]
        and (not scope.get("departments") or question["department"] in scope["departments"])
        and (not scope.get("subject_kinds") or kind in scope["subject_kinds"])
        and (not regions or any(covers(region, question["region"]) for region in regions))
    )


def reaches_of(entry: Entry) -> list[tuple[list[Entry], list[Entry]]]:
    """Steps and own bases of each reach; a reach without bases of its own may be written as its steps alone."""
    written = entry.get("reaches") or [[]]
    return [(r, []) if isinstance(r, list) else (r.get("steps") or [], r.get("basis") or []) for r in written]


def verdict(measure: Entry, asked: Asked, day: date) -> Verdict:
    """The truth of a measure in scope on ``day``, and its true chains."""
    found: list[tuple[Chain, Judgement]] = []
    for cause in causes_of(measure, asked, day):
        binds = all_of(
            [
                cause.judgement,
                terms.in_force(measure, asked.documents, cause.event, day, asked.question["region"]),
                terms.within(measure.get("term"), cause, day),
            ]
        )
        for steps, basis in reaches_of(measure):
            leads = terms.reach_in_force(measure, basis, asked.documents, cause.event, day, asked.question["region"])
            for path in paths.paths(steps, cause, asked.subject, asked.facts):
                judgement = all_of([binds, leads, paths.judge(path, steps, cause, day)])
                found.append((Chain(steps, basis, cause, path), judgement))
    return Verdict(any_of([j for _, j in found]), [chain for chain, j in found if j.value])


def causes_of(measure: Entry, asked: Asked, day: date) -> list[Cause]:
    return list(
        causes(
            measure["trigger"],
            asked.facts,
            day,
            asked.question,
            repair_ends=measure.get("repair", "ends") == "ends",
            has_term=measure.get("term") is not None,
        )
    )


def until(measure: Entry, asked: Asked) -> date | None:
    """The first day after the question's on which the measure is no longer true."""
    as_of = asked.question["as_of"]
    later = sorted(day for day in boundaries(measure, asked) if day > as_of)
    return next((day for day in later if not verdict(measure, asked, day).judgement.value), None)


def boundaries(measure: Entry, asked: Asked) -> set[date]:
    """Days on which anything could begin or end: every date that stands in a fact or a law, and such dates plus every
    term and window. A window ends by the calendar backwards, up to four days later at the ends of months."""
    relevant = [r for r in asked.facts.records if r["list"] in lists_of(measure["trigger"])]
    types = {type_ for steps, _ in reaches_of(measure) for step in steps for type_ in _types(step)}
    relevant += [link for link in asked.facts.links if link["type"] in types]
    dates = {value for fact in relevant for value in fact.values() if type(value) is date}
    ends = {free_day(day, length) for day in dates for length in _lengths(measure)}
    ends |= {day + duration(w) + timedelta(days=n) for day in dates for w in _windows(measure) for n in range(5)}
    return dates | ends | _laws(measure, asked)


def _types(step: Entry) -> list[str]:
    return several(step.get("link") or (step.get("held") or {}).get("link"))


def _lengths(measure: Entry) -> list[str]:
    length = (measure.get("term") or {}).get("length")
    lengths = [length.get("least"), length["most"]] if isinstance(length, dict) else [length]
    return [length for length in lengths if length not in (None, "for_life")]


def _windows(measure: Entry) -> list[str]:
    window = measure["trigger"].get("within")
    return [window] if window else []


def _laws(measure: Entry, asked: Asked) -> set[date]:
    bases = [*measure["basis"], *(basis for _, own in reaches_of(measure) for basis in own)]
    intervals = [measure["in_force"], *(b["in_force"] for b in bases if b.get("in_force"))]
    intervals += [asked.documents[basis["document"]]["in_force"] for basis in bases]
    return {day for interval in intervals for day in (interval["from"], interval.get("to")) if day}


def lifted_by(chains: list[Chain]) -> list[Entry]:
    """One clause for each chain, without those that another one makes needless."""
    clauses: list[Entry] = []
    for clause in map(_clause, chains):
        if clause not in clauses:
            clauses.append(clause)
    needed = [c for c in clauses if not any(_absorbs(other, c) for other in clauses if other is not c)]
    return sorted(needed, key=_order)


def _clause(chain: Chain) -> Entry:
    records = sorted(record["id"] for record in chain.cause.records)
    links = sorted({link["id"] for link, holds in chain.links() if holds != "at_event"})
    return {
        "links": links,
        "records": {"at_least": chain.cause.at_least, "excess": chain.cause.excess, "of": records},
    }


def _absorbs(clause: Entry, other: Entry) -> bool:
    """Whether breaking ``clause`` always breaks the other as well."""
    return bool(clause["records"] == other["records"]) and set(clause["links"]) <= set(other["links"])


def _order(clause: Entry) -> Any:
    records = clause["records"]
    return records["of"], clause["links"]


def if_wrong(chains: list[Chain]) -> list[str]:
    """What counted at the event can't be ended, only corrected."""
    facts = {link["id"] for chain in chains for link, holds in chain.links() if holds == "at_event"}
    facts |= {chain.path.naming["id"] for chain in chains if chain.path.naming}
    return sorted(facts | {chain.path.held["id"] for chain in chains if chain.path.held})
