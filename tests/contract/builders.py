"""Facts for tests: short to write, valid, and none of a real person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from stdnum.cn import uscc

from graph.identifiers import fact_id, named_person_id
from graph.model import Kind, Link, LinkType, Load, Merge, Naming, Record, SealedId, Source, Subject
from graph.plan import Holds, LinkStep, NamedStep, Pattern, Plan, Reach, Toward
from graph.store import GraphStore, WriteReport, Written

LISTED = "dishonest-debtors"
OTHER_LIST = "tax-defaulters"
LEGAL_REPRESENTATIVE = LinkType.LEGAL_REPRESENTATIVE
DIRECTOR = LinkType.DIRECTOR
SHAREHOLDER = LinkType.SHAREHOLDER
TODAY = date(2025, 6, 1)


def credit_code(number: int) -> str:
    body = f"91360400MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def organisation(number: int, name: str | None = None, **more: Any) -> Subject:
    code = credit_code(number)
    more = {"kind": Kind.ENTERPRISE, "identifiers": {"uscc": code}, **more}
    return Subject(id=f"uscc:{code}", name=name or f"九江第{number}商贸有限公司", **more)


def person(number: int, name: str = "程立群", **more: Any) -> Subject:
    digest = hashlib.sha256(f"fake citizen {number}".encode()).hexdigest()
    sealed = SealedId(digest, f"110105********{number:03d}X", b"sealed")
    return Subject(id=f"person:{digest[:32]}", kind=Kind.NATURAL_PERSON, name=name, citizen_id=sealed, **more)


def stub(of: Subject, name: str = "邵敬安") -> Subject:
    """A person known only by name, of that organisation."""
    return Subject(id=named_person_id(of.id, name), kind=Kind.NATURAL_PERSON, name=name)


def link(holder: Subject, type: LinkType, held: Subject, *, key: str = "", **more: Any) -> Link:
    link_id = fact_id("link", "test", type, holder.id, held.id, key)
    return Link(id=link_id, type=type, holder=holder.id, organisation=held.id, **more)


def record(subject: Subject, list: str = LISTED, *, key: str = "", **more: Any) -> Record:
    return Record(id=fact_id("record", "test", subject.id, list, key), subject=subject.id, list=list, **more)


def naming(of: Record, named: Subject, role: str = "directly_responsible", **more: Any) -> Naming:
    return Naming(id=fact_id("naming", "test", of.id, named.id, role), record=of.id, person=named.id, role=role, **more)


def merge(left: Subject, right: Subject, **more: Any) -> Merge:
    judgement = {"by": "steward", "reason": "same licence", **more}
    return Merge(id=fact_id("merge", "test", left.id, right.id), left=left.id, right=right.id, **judgement)


def undone(judgement: Merge) -> Merge:
    return Merge(
        judgement.id,
        judgement.left,
        judgement.right,
        judgement.by,
        judgement.reason,
        undone=True,
        undone_by="steward",
        undone_reason="namesakes",
    )


def source(name: str = "court", *lists: str, **more: Any) -> Source:
    declared = {"department": "court", "dataset": name, "cadence": "P1M", **more}
    return Source(id=f"source:{name}", holds=lists or (LISTED,), **declared)


def load(of: Source, through: date) -> Load:
    return Load(id=fact_id("load", of.id, through.isoformat()), source=of.id, through=through)


def step(*types: LinkType, to: Toward, holds: Holds = "now", min_share: float | None = None) -> LinkStep:
    return LinkStep(frozenset(types), to, holds, min_share)


def named(*roles: str, findings: Iterable[str] = (), held: Iterable[LinkType] = ()) -> NamedStep:
    return NamedStep(frozenset(roles), frozenset(findings), frozenset(held))


def plan(*steps: LinkStep, by: NamedStep | None = None, lists: Iterable[str] = (LISTED,)) -> Plan:
    """A plan of one reach."""
    return Plan((Pattern(Reach(by, steps), frozenset(lists)),))


def put(store: GraphStore, *facts: Any, correct: bool = False, recorded_at: datetime | None = None) -> datetime:
    """Write what must be written, and return the instant."""
    report = store.write(facts, correct=correct, recorded_at=recorded_at)
    assert set(report.results) <= {Written.NEW, Written.CORRECTED}, report
    assert report.recorded_at is not None
    return report.recorded_at


def become(report: WriteReport) -> list[str]:
    return [str(result) for result in report.results]


def ids(facts: Iterable[Any]) -> set[str]:
    return {fact.id for fact in facts}
