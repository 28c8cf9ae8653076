"""`xinheng export`: what the store holds, in the formats of others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from api.commands.options import Store, deployment
from api.deployment import Deployment
from loaders.formats.ftm_export import entities, entity_of
from loaders.quarantine import SqlQuarantine, counted, quarantined
from loaders.rows import FaultKind

export_app = typer.Typer(no_args_is_help=True, help="What the store holds, in exchange formats 导出.")


@export_app.command("ftm")
def export_ftm(
    source: Annotated[str | None, typer.Option("--source", help="Only facts of this source.")] = None,
    store: Store = None,
) -> int:
    """FollowTheMoney entities as JSON lines. Those that were loaded as such are given back as they came, the ones for
    which the store has no place too; identity numbers of persons are left out, and records that are no sanctions."""
    left_out: Counter[str] = Counter()
    with deployment(store=store) as opened:
        known_at = opened.store.last_instant()
        if known_at:
            found = entities(
                opened.store,
                known_at=known_at,
                source=source,
                sanctions={one for one, said in opened.catalogue.lists.items() if said.kind == "sanction"},
                leave_out=lambda record: left_out.update([record.list]),
            )
            for entity in found:
                typer.echo(json.dumps(entity, ensure_ascii=False))
        for entity in _in_quarantine(opened, source):
            typer.echo(json.dumps(entity, ensure_ascii=False))
    if left_out:
        reason = "annulled, marked as tests, or on lists that the catalogue does not call sanctions"
        Console(stderr=True, highlight=False).print(f"left out: {left_out.total():,} records, {reason}")
    return 0


def _in_quarantine(opened: Deployment, source: str | None) -> Iterator[Mapping[str, Any]]:
    """Entities for which the store has no place, but for the numbers of persons; without those that are discarded."""
    for mapping in sorted({name for name, _, kind, _ in counted(opened.database) if kind == FaultKind.UNSUPPORTED}):
        found = quarantined(opened.database, mapping=mapping, kind=FaultKind.UNSUPPORTED, source=source)
        unsupported = {one.entry for one in found}
        for one in SqlQuarantine(opened.database, opened.settings.key("seal_key"), mapping).kept():
            if one.row.entry in unsupported and (entity := entity_of(one.row.text)):
                yield entity
