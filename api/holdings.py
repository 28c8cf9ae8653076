"""What a deployment holds: its sources, how fresh each is, and what of it is kept in quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from api.deployment import Deployment
from api.questions import SHANGHAI
from engine.document import View
from engine.gaps import lateness
from engine.question import Instant
from graph.evidence import reached
from graph.model import Source
from graph.plan import Plan
from loaders.quarantine import counted_by_source

State = Literal["current", "overdue", "never loaded"]
STATES: Mapping[str | None, State] = {None: "current", "overdue": "overdue", "never_loaded": "never loaded"}


class SourceView(View):
    """A declared source. ``through``: the last day up to which it was ever loaded completely, not counting the rows
    that are ``quarantined``. ``cadence``: how often it is due, as an ISO 8601 duration."""

    id: str
    department: str
    dataset: str
    cadence: str
    territory: str | None
    holds: tuple[str, ...]
    through: date | None
    state: State
    quarantined: int


class Undeclared(View):
    """Rows in quarantine of a source that nobody declared."""

    source: str
    quarantined: int


class Holdings(View):
    """The sources on the day ``as_of``, as known at the last instant of the store (null: it is empty)."""

    as_of: date
    known_at: Instant | None
    sources: tuple[SourceView, ...]
    undeclared: tuple[Undeclared, ...]


def holdings(deployment: Deployment) -> Holdings:
    """Today, in Asia/Shanghai."""
    today = datetime.now(SHANGHAI).date()
    last = deployment.store.last_instant()
    evidence = deployment.store.evidence([], Plan(), as_of=today, known_at=last) if last else None
    declared = sorted(evidence.sources, key=lambda source: source.id) if evidence else []
    through = reached(evidence.loads) if evidence else {}
    kept = counted_by_source(deployment.database)
    found = tuple(_source(one, through.get(one.id), today, kept.pop(one.id, 0)) for one in declared)
    others = tuple(Undeclared(source=name, quarantined=rows) for name, rows in sorted(kept.items()))
    return Holdings(as_of=today, known_at=last, sources=found, undeclared=others)


def _source(source: Source, through: date | None, today: date, quarantined: int) -> SourceView:
    state = STATES[lateness(source, through, today)]
    said = {name: getattr(source, name) for name in ("id", "department", "dataset", "cadence", "territory", "holds")}
    return SourceView(**said, through=through, state=state, quarantined=quarantined)
