"""`xinheng stats` and `sources`: what a store holds, and how fresh it is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer
from rich.table import Table

from api.commands.options import Json, Store, deployment, out, write_bytes
from api.holdings import holdings

SHOWN = 3
"""Lists of a source that the table names; ``--json`` names all."""


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
        held = holdings(opened)
    for other in held.undeclared:
        typer.echo(f"{other.source}: {other.quarantined:,} rows in quarantine, of no declared source", err=True)
    if as_json:
        found = [source.model_dump(mode="json") for source in held.sources]
        write_bytes(json.dumps(found, ensure_ascii=False).encode())
        return 0
    table = Table(
        "source", "department", "holds", "cadence", "complete through", "state", "in quarantine", title="sources"
    )
    for source in held.sources:
        state = (str(source.through or "—"), source.state, f"{source.quarantined:,}")
        table.add_row(source.id, source.department, _some(source.holds), source.cadence, *state)
    out().print(table)
    return 0


def _some(holds: Sequence[str]) -> str:
    """The first lists of a source; one that delivers penalties holds a hundred kinds of them."""
    more = [f"and {len(holds) - SHOWN} more"] if len(holds) > SHOWN else []
    return "\n".join([*holds[:SHOWN], *more])
