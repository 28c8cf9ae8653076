"""What the random cities exercise: step time × trigger kind × record state, and how often a link leads to a measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from tests.cities.city import City, Plain
from tests.cities.laws import TRIGGER_KINDS
from tests.cities.stories import STATES
from tests.reference import paths
from tests.reference.check import addressed
from tests.reference.known import Fact, Known, as_known
from tests.reference.measures import Asked, in_scope, reaches_of, verdict
from tests.reference.records import event_date, lists_of
from tests.reference.triggers import Cause
from tests.reference.truth import TRUE

TIMES = ("now", "at_event", "after_event")
Combination = tuple[str, str, str]
COMBINATIONS: tuple[Combination, ...] = tuple(product(TIMES, TRIGGER_KINDS, STATES))


@dataclass
class Coverage:
    """Counted from the questions, and, where it is given, from what the reference answers."""

    cases: int = 0
    through_links: int = 0
    combinations: Counter[Combination] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def add(self, city: City, question: Plain, document: Plain | None = None) -> None:
        self.cases += 1
        if asked := _asked(city, question):
            self.combinations.update(combinations(asked))
            self.through_links += leads_through_a_link(asked)
        if document:
            self.outcomes[document["outcome"]] += 1
            self.gaps.update({gap["kind"] for gap in document["gaps"]})
            self.others.update(set(_others(document)))

    @property
    def rarest(self) -> tuple[Combination, int]:
        rarest = min(COMBINATIONS, key=lambda one: self.combinations[one])
        return rarest, self.combinations[rarest]

    def __str__(self) -> str:
        share = self.through_links / max(1, self.cases)
        lines = [f"{self.cases} cases, {share:.0%} return a measure through a link, rarest combination {self.rarest}"]
        counted = {"outcomes": self.outcomes, "gaps": self.gaps, "others": self.others}
        lines += [f"{name}: " + ", ".join(f"{k} {n}" for k, n in sorted(c.items())) for name, c in counted.items() if c]
        return "\n".join(lines)


def _asked(city: City, question: Plain) -> Asked | None:
    facts = as_known(city.world, question["known_at"])
    subject = addressed(facts, question["subject"])
    return Asked(subject, question, city.catalogue, facts) if isinstance(subject, str) else None


def _scoped(asked: Asked) -> list[Plain]:
    return [m for m in asked.catalogue["measures"] if in_scope(m["scope"], asked.kind, asked.question)]


def leads_through_a_link(asked: Asked) -> bool:
    verdicts = (verdict(measure, asked, asked.question["as_of"]) for measure in _scoped(asked))
    return any(chain.path.links for one in verdicts for chain in one.chains)


def combinations(asked: Asked) -> set[Combination]:
    """Those for which a record in this state stands at the end of a path of this time, for a measure in scope."""
    day = asked.question["as_of"]
    return {one for measure in _scoped(asked) for one in _of_measure(measure, asked.subject, asked.facts, day)}


def _of_measure(measure: Plain, subject: str, facts: Known, day: date) -> Iterator[Combination]:
    trigger = measure["trigger"]
    for record in facts.records:
        if record["list"] in lists_of(trigger):
            cause = Cause(record["subject"], TRUE, [(record, TRUE)], [record], event_date(record, trigger), record)
            for steps, _ in reaches_of(measure):
                if any(True for _ in paths.paths(steps, cause, subject, facts)):
                    times = {step["holds"] for step in steps if step.get("link")}
                    times |= {"at_event" for step in steps if step.get("held")}
                    yield from product(times, trigger_kinds(trigger), states(record, day))


def trigger_kinds(trigger: Plain) -> list[str]:
    kinds = {
        "list": trigger.get("list"),
        "event": trigger.get("event"),
        "several": len(lists_of(trigger)) > 1,
        "severity": trigger.get("severity"),
        "conditions": trigger.get("where"),
        "counted": trigger.get("count_at_least"),
        "summed": trigger.get("sum_at_least"),
    }
    return [kind for kind, there in kinds.items() if there]


def states(record: Fact, day: date) -> list[str]:
    start = record["effective_from"] or record["decided_on"]
    masked = record["masked_from"] is not None and record["masked_from"] <= day and _ahead(record["masked_to"], day)
    found = {
        "repaired": not _ahead(record["repaired_on"], day),
        "annulled": record["annulled"],
        "masked": masked,
        "disputed": record["disputed"],
        "ended": not _ahead(record["effective_to"], day),
        "not begun": start is not None and start > day,
        "published-out": not _ahead(record["publicity_to"], day),
    }
    return [state for state, there in found.items() if there] or ["active"]


def _ahead(end: date | None, day: date) -> bool:
    return end is None or day < end


def _others(document: Plain) -> Iterator[str]:
    yield f"identity {document['subject']['identity']}"
    yield from ("lead" for _ in document["leads"])
    yield from ("not consulted" for _ in document["not_consulted"])
    if not document["complete"]:
        yield "not complete"
    for measure in document["measures"]:
        yield from _of_view(measure)


def _of_view(measure: Plain) -> Iterator[str]:
    yield measure["kind"]
    if measure["kind"] == "incentive":
        suspended: Any = measure["suspended_by"]
        yield f"suspended {suspended if not isinstance(suspended, list) else 'by records'}"
    yield "until null" if measure["until"] is None else "until a day"
    yield from ("several chains" for _ in measure["chains"][1:])
    yield from ("several clauses" for _ in measure["lifted_by"][1:])
    yield from ("if wrong" for _ in measure["if_wrong"])
    yield from ("named" for chain in measure["chains"] if chain["named"])
    yield from ("held" for chain in measure["chains"] if chain["held"])
    yield from ("reach with a basis" for chain in measure["chains"] if chain["basis"])
