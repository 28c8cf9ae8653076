"""What the data cannot tell, and which measures it could add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from tests.reference import terms
from tests.reference.days import day_of, duration
from tests.reference.known import Known
from tests.reference.measures import Asked, reaches_of
from tests.reference.paths import strangers
from tests.reference.records import lists_of
from tests.reference.truth import Gap

Entry = dict[str, Any]
STRENGTH = ["none", "remind", "publicise", "heighten_supervision", "strict_review", "revoke_honour", "restrict", "deny"]


def missing_source(list_id: str, facts: Known, question: Entry) -> list[Gap]:
    """The sources of a list that were never loaded or are overdue."""
    return [
        (kind, f"{source['id']}/{list_id}")
        for source in facts.sources
        if list_id in source["holds"] and (kind := _missing(source, facts, question))
    ]


def _missing(source: Entry, facts: Known, question: Entry) -> str | None:
    loaded: list[date] = [load["through"] for load in facts.loads if load["source"] == source["id"]]
    if not loaded:
        return "never_loaded"
    asked_for = min(question["as_of"], day_of(question["known_at"]))
    return "overdue" if asked_for >= max(loaded) + duration(source["cadence"]) else None


def in_force(measure: Entry, asked: Asked) -> bool:
    return terms.may_be_in_force(measure, asked.documents, asked.question["as_of"], asked.question["region"])


def source_gaps(measure: Entry, asked: Asked) -> Iterator[Gap]:
    for list_id in lists_of(measure["trigger"]):
        yield from missing_source(list_id, asked.facts, asked.question)


def stranger_gaps(measure: Entry, asked: Asked) -> Iterator[Gap]:
    day, region = asked.question["as_of"], asked.question["region"]
    lists = lists_of(measure["trigger"])
    kinds = {kind for entry in asked.catalogue["lists"] for kind in _kinds(entry, lists)}
    for steps, basis in reaches_of(measure):
        counting = terms.bases_that_count(basis, asked.documents, day, region)
        if not basis or counting or measure.get("survives"):
            for person in strangers(steps, asked.subject, asked.facts, day, "natural_person" in kinds):
                yield "unidentified_holder", person


def _kinds(entry: Entry, lists: list[str]) -> list[str]:
    if entry["id"] not in lists:
        return []
    return list(entry.get("subject_kinds") or ["natural_person"])


def not_consulted(measures: Iterable[Entry], facts: Known) -> list[str]:
    """Lists that measures in scope and in force need and no declared source holds."""
    return sorted(_needed(measures) - _held(facts))


def nothing_consulted(measures: Iterable[Entry], facts: Known) -> set[Gap]:
    """Where no declared source holds any of the lists that are needed."""
    return set() if _needed(measures) & _held(facts) else {("nothing_consulted", "sources")}


def _needed(measures: Iterable[Entry]) -> set[str]:
    triggers = [m[part] for m in measures for part in ("trigger", "suspended_when") if m.get(part)]
    return {list_id for trigger in triggers for list_id in lists_of(trigger)}


def _held(facts: Known) -> set[str]:
    return {list_id for source in facts.sources for list_id in source["holds"]}


def gap_views(gaps: dict[Gap, set[str]]) -> list[Entry]:
    return [{"kind": kind, "about": about, "could_add": sorted(gaps[kind, about])} for kind, about in sorted(gaps)]


def complete(gaps: list[Entry], effects: dict[str, str], outcome: str) -> bool:
    """Whether no gap could raise the outcome. ``effects`` of incentives are not in it: they raise nothing."""
    could = [effects[id_] for gap in gaps for id_ in gap["could_add"] if id_ in effects]
    return all(STRENGTH.index(effect) <= STRENGTH.index(outcome) for effect in could)


def strongest(effects: Iterable[str]) -> str:
    return max(effects, key=STRENGTH.index, default="none")
