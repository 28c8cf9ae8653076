"""`xinheng stats` and `sources`: what a store holds, and how fresh it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import typer
from rich.table import Table

from api.commands.options import Json, Store, deployment, out, write_bytes
from api.questions import SHANGHAI
from graph.model import Load, Source
from graph.plan import Plan
from graph.terms import Period
from loaders.quarantine import counted_by_source


def stats(store: Store = None, as_json: Json = False) -> int:
    """Current counts of subjects by kind, links by type, records by list."""
    with deployment(store=store) as opened:
        last = opened.store.last_instant()
        counts = opened.store.stats(known_at=last) if last else {"subjects": {}, "links": {}, "records": {}}
        counts = {part: dict(sorted(counts[part].items())) for part in ("subjects", "links", "records")}
    if as_json:
        write_bytes(json.dumps(counts, ensure_ascii=False).encode())
        return 0
    table = Table("", "", "count", title=f"known at {last.isoformat() if last else 'no instant: the store is empty'}")
    for part, found in counts.items():
        for name, count in found.items():
            table.add_row(part, name, f"{count:,}")
    out().print(table)
    return 0


def sources(store: Store = None, as_json: Json = False) -> int:
    """The declared sources, what they hold, whether they are up to date, and how many of their rows are kept in
    quarantine: a source counts as loaded without them."""
    with deployment(store=store) as opened:
        today = datetime.now(SHANGHAI).date()
        last = opened.store.last_instant()
        evidence = opened.store.evidence([], Plan(), as_of=today, known_at=last) if last else None
        declared = sorted(evidence.sources, key=lambda source: source.id) if evidence else []
        loads = evidence.loads if evidence else ()
        kept = counted_by_source(opened.database)
    found = [{**_source(one, loads, today), "quarantined": kept.pop(one.id, 0)} for one in declared]
    for name, rows in sorted(kept.items()):
        typer.echo(f"{name}: {rows:,} rows in quarantine, of no declared source", err=True)
    if as_json:
        write_bytes(json.dumps(found, ensure_ascii=False).encode())
        return 0
    table = Table(
        "source", "department", "holds", "cadence", "complete through", "state", "in quarantine", title="sources"
    )
    for one, source in zip(found, declared, strict=True):
        holds = "\n".join(source.holds)
        state = (one["through"] or "—", one["state"], f"{one['quarantined']:,}")
        table.add_row(source.id, source.department, holds, source.cadence, *state)
    out().print(table)
    return 0


def _source(source: Source, loads: Sequence[Load], today: date) -> dict[str, Any]:
    through = max((one.through for one in loads if one.source == source.id), default=None)
    due = Period.parse(source.cadence).after(through) if through else None
    state = "never loaded" if through is None else "overdue" if due and today >= due else "current"
    return {
        **{name: getattr(source, name) for name in ("id", "department", "dataset", "cadence", "territory")},
        "holds": list(source.holds),
        "through": through.isoformat() if through else None,
        "state": state,
    }
