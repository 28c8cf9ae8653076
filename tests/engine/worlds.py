"""Small worlds for the engine's tests: facts, a catalogue and a real embedded store, short to write and to read.

A `World` is told facts and asked questions. Its catalogue comes from `catalogue`, whose measures come from `measure`:
a denial by law of the subject that stands on the list `dishonest`, in which a test changes the one thing it is about.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.check import check, scope_for
from engine.document import Decision, Gap, GroupDecision, MeasureView
from engine.group import check_group
from engine.question import GroupQuestion, Question
from engine.situation import Situation, situation_of
from graph.identifiers import fact_id, named_person_id
from graph.model import Kind, Link, LinkType, Load, Merge, Naming, Record, SealedId, Source, Subject
from graph.sqlite import SqliteStore
from graph.store import GraphStore, Written
from rules.catalogue import Catalogue
from rules.rule import Rule

Plain = dict[str, Any]
TODAY = date(2025, 6, 1)
DECIDED = date(2024, 1, 10)
REGION = "330100"
LISTS = {"dishonest": "sanction", "arrears": "sanction", "fined": "event", "revoked": "event", "honoured": "incentive"}
DOCUMENTS = {
    "law": "law",
    "interpretation": "judicial_interpretation",
    "notice": "normative_document",
    "provincial": "local_regulation",
}
ORGANISATIONS = [kind.value for kind in Kind if kind is not Kind.NATURAL_PERSON]
# --- facts ----------------------------------------------------------------------------------------------------------


def organisation(name: str, kind: Kind = Kind.ENTERPRISE, **more: Any) -> Subject:
    return Subject(id=f"test:{name}", kind=kind, name=f"{name}有限公司", identifiers={"test": name}, **more)


def person(name: str, mask: str = "330106********0014", **more: Any) -> Subject:
    """A person known by a sealed citizen ID."""
    digest = hashlib.sha256(f"fake {name}".encode()).hexdigest()
    sealed = SealedId(digest, mask, b"sealed")
    return Subject(id=f"person:{digest[:32]}", kind=Kind.NATURAL_PERSON, name=name, citizen_id=sealed, **more)


def stub(name: str, of: Subject) -> Subject:
    """A person known by name only, of that organisation."""
    return Subject(id=named_person_id(of.id, name), kind=Kind.NATURAL_PERSON, name=name)


def link(holder: Subject, type: str, held: Subject, since: date | None = date(2020, 1, 1), **more: Any) -> Link:
    link_id = more.pop("id", None) or fact_id("link", "test", type, holder.id, held.id)
    return Link(link_id, LinkType(type), holder.id, held.id, since, **more)


def record(subject: Subject, list: str = "dishonest", key: str = "1", **more: Any) -> Record:
    record_id = more.pop("id", None) or fact_id("record", "test", subject.id, list, key)
    return Record(record_id, subject.id, list, **{"decided_on": DECIDED, **more})


def naming(of: Record, named: Subject, role: str = "responsible", **more: Any) -> Naming:
    return Naming(fact_id("naming", "test", of.id, named.id, role), of.id, named.id, role, **more)


def merge(left: Subject, right: Subject) -> Merge:
    return Merge(fact_id("merge", "test", left.id, right.id), left.id, right.id, by="steward", reason="同一主体")


def source(*lists: str, name: str = "court", cadence: str = "P1M") -> Source:
    return Source(f"source:{name}", "court", name, lists or ("dishonest",), cadence)


def load(of: Source, through: date = TODAY) -> Load:
    return Load(fact_id("load", of.id, through.isoformat()), of.id, through)


# --- a catalogue ----------------------------------------------------------------------------------------------------


def reach(*links: str, **step: Any) -> list[Plain]:
    """Steps, each as ``type>end@time``: ``reach("legal_representative>holder@now")``."""
    found = []
    for text in links:
        types, _, rest = text.partition(">")
        to, _, holds = rest.partition("@")
        found.append({"link": types.split("|"), "to": to, "holds": holds or "now", **step})
    return found


def measure(name: str = "ban", **more: Any) -> Plain:
    return {
        "id": name,
        "title": f"措施{name}",
        "kind": "sanction",
        "effect": "deny",
        "trigger": {"list": "dishonest"},
        "scope": {"matters": ["tender"]},
        "basis": [{"document": "law", "article": name}],
        "in_force": {"from": "2000-01-01"},
        **more,
    }


def incentive(name: str = "reward", **more: Any) -> Plain:
    given = {"kind": "incentive", "effect": "priority", "trigger": {"list": "honoured"}}
    return measure(name, **{**given, **more})


def group_rule(name: str, **more: Any) -> Plain:
    return {
        "id": name,
        "title": f"规则{name}",
        "effect": "deny",
        "scope": {"matters": ["tender"]},
        "basis": [{"document": "law", "article": name}],
        "in_force": {"from": "2000-01-01"},
        **more,
    }


def lead(name: str, *steps: Plain, **more: Any) -> Plain:
    return {"id": name, "text": f"线索{name}", "list": "dishonest", "reaches": [list(steps)], **more}


def catalogue(*measures: Plain, leads: Sequence[Plain] = (), groups: Sequence[Plain] = (), **more: Any) -> Catalogue:
    def words(*ids: str) -> list[Plain]:
        return [{"id": one, "zh": one, "en": one} for one in ids]

    documents = [
        {"id": one, "title": f"《{one}》", "level": level, "in_force": {"from": "1990-01-01"}, "verified": "seen"}
        | ({"territory": "330000"} if level == "local_regulation" else {})
        for one, level in DOCUMENTS.items()
    ]
    lists: list[Plain] = [{"id": one, "zh": f"名单{one}", "en": one, "kind": kind} for one, kind in LISTS.items()]
    lists.append({"id": "firms", "zh": "企业名单", "en": "firms", "kind": "sanction", "subject_kinds": ORGANISATIONS})
    vocabulary = {
        "matters": words("tender", "licence"),
        "departments": words("purchaser", "market"),
        "roles": words("responsible", "principal"),
    }
    parts = {"documents": documents, "lists": lists, "vocabulary": vocabulary, "measures": measures}
    return Catalogue.from_data({**parts, "leads": leads, "groups": groups, **more})


# --- a world --------------------------------------------------------------------------------------------------------


class World:
    """A store that is told facts, and asked questions by a catalogue."""

    def __init__(self, store: GraphStore, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue

    def tell(self, *facts: Any, correct: bool = False) -> datetime:
        """Write what must be written; the instant of recording."""
        report = self.store.write(facts, correct=correct)
        assert set(report.results) <= {Written.NEW, Written.CORRECTED}, report
        assert report.recorded_at is not None
        return report.recorded_at

    def question(self, subject: Subject | str, **more: Any) -> Question:
        address = subject if isinstance(subject, str) else subject.id
        return Question(subject=address, **self._asked(more))

    def _asked(self, more: Plain) -> Plain:
        now = self.store.last_instant() or datetime(2025, 6, 1, tzinfo=UTC)
        given = {"matter": "tender", "department": "purchaser", "region": REGION, "as_of": TODAY, "known_at": now}
        return {**given, **more}

    def ask(self, subject: Subject | str, **more: Any) -> Decision:
        return check(self.question(subject, **more), store=self.store, catalogue=self.catalogue)

    def ask_group(
        self, *applicants: Subject | str, consortia: Sequence[Sequence[Subject]] = (), **more: Any
    ) -> GroupDecision:
        question = GroupQuestion(
            applicants=tuple(a if isinstance(a, str) else a.id for a in applicants),
            consortia=tuple(tuple(member.id for member in members) for members in consortia),
            **self._asked(more),
        )
        return check_group(question, store=self.store, catalogue=self.catalogue)

    def situation(self, subject: Subject, **more: Any) -> Situation:
        question = self.question(subject, **more)
        plan = scope_for(question, subject, self.catalogue).plan
        evidence = self.store.evidence([subject.id], plan, as_of=question.as_of, known_at=question.known_at)
        return situation_of(question, subject.id, evidence)

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.catalogue.rules if rule.id == name)

    def applies(self, subject: Subject, name: str = "ban", **more: Any) -> bool:
        """Whether the measure is returned for the subject."""
        return name in {m.id for m in self.ask(subject, **more).measures}


@contextmanager
def world(*facts: Any, by: Catalogue, sourced: bool = True) -> Iterator[World]:
    """A world of its own, told these facts; if ``sourced``, by a source that holds every list and is never overdue."""
    with tempfile.TemporaryDirectory() as directory, SqliteStore(Path(directory)) as store:
        made = World(store, by)
        if sourced:
            everything = source(*by.lists, name="everything")
            made.tell(everything, load(everything, date(2100, 1, 1)))
        if facts:
            made.tell(*facts)
        yield made


def only(decision: Decision) -> MeasureView:
    """The one measure that is returned."""
    (found,) = decision.measures
    return found


def gaps(decision: Decision | GroupDecision) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(gap.kind, gap.about): gap.could_add for gap in decision.gaps}


def gap(kind: str, about: str, *could_add: str) -> Gap:
    return Gap(kind=kind, about=about, could_add=could_add)
