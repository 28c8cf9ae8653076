"""`xinheng load`, `quarantine`, `stats` and `sources`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from api.commands.options import Json, Store, deployment, instant, out, write_bytes
from api.deployment import Deployment
from api.questions import SHANGHAI
from graph.errors import BadInput
from graph.model import Load, Source
from graph.plan import Plan
from graph.terms import Period
from loaders.files import city_rows
from loaders.load import LoadReport, load
from loaders.mapping import CITY, read_mapping
from loaders.quarantine import SqlQuarantine, quarantined
from loaders.rows import Rejected, Row
from loaders.translation import Translation

SHOWN_REJECTED = 20
quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that could not be loaded 问题数据.")


def load_files(
    mapping: Annotated[
        str, typer.Argument(help="`city` for the project's own JSON lines, a shipped mapping, or a .yaml file.")
    ],
    files: Annotated[list[str], typer.Argument(help="Files, plain or .gz; - for standard input.")],
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="COLUMN=VALUE", help="Only rows with this value.")
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option("--recorded-at", metavar="INSTANT", help="Fix the instant of recording.")
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Load files into the store; what can't be loaded is kept in quarantine."""
    rows = rows_of(mapping, files, _conditions(where or []))
    with deployment(may_create=True, store=store) as opened_deployment:
        report = load_rows(rows, opened_deployment, mapping, instant(recorded_at))
    if as_json:
        write_bytes(json.dumps(asdict(report)).encode())
    else:
        _show(report, out())
    return 0


def rows_of(mapping: str, files: Sequence[str], where: Mapping[str, str]) -> Iterator[Row]:
    """The rows of all files. Raises `BadInput` for a mapping that is not there before anything is loaded."""
    if mapping == CITY:
        if where:
            raise BadInput("--where picks rows of a table by a column; the city's lines have none")
        return (row for file in files for row in city_rows(file))
    table = read_mapping(mapping)
    return (row for file in files for row in table.rows(file, where))


def load_rows(rows: Iterator[Row], opened: Deployment, mapping: str, recorded_at: datetime | None) -> LoadReport:
    """Load with progress on standard error, and say there what was rejected."""
    quarantine = SqlQuarantine(opened.database, opened.settings.key("seal_key"), mapping)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    telling = _Telling(quarantine, errors)
    translation = Translation(opened.vault)
    frame = ((), ()) if mapping == CITY else read_mapping(mapping).frame()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("loading", total=None)

        def tell(report: LoadReport) -> None:
            progress.update(task, description=f"{report.read:,} rows read, {report.loaded:,} loaded")

        report = load(rows, opened.store, telling, translation, recorded_at=recorded_at, progress=tell, frame=frame)
    telling.end()
    return report


class _Telling:
    """A quarantine that also tells what it keeps."""

    def __init__(self, kept: SqlQuarantine, errors: Console) -> None:
        self._kept, self._errors, self._count = kept, errors, 0

    def keep(self, rejected: Sequence[Rejected]) -> None:
        self._kept.keep(rejected)
        for one in rejected[: max(0, SHOWN_REJECTED - self._count)]:
            self._errors.print(str(one), style="red", markup=False)
        self._count += len(rejected)

    def end(self) -> None:
        if self._count > SHOWN_REJECTED:
            self._errors.print(f"… and {self._count - SHOWN_REJECTED} more; `xinheng quarantine list` shows them all")


def _conditions(where: list[str]) -> dict[str, str]:
    pairs = [condition.partition("=") for condition in where]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise BadInput(f"--where {wrong[0]}: no value", remedy="write --where COLUMN=VALUE")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _show(report: LoadReport, console: Console) -> None:
    console.print(
        f"read {report.read:,} = loaded {report.loaded:,} + unchanged {report.unchanged:,} "
        f"+ quarantined {report.quarantined:,}"
    )
    console.print(f"new: {report.subjects:,} subjects, {report.links:,} links, {report.records:,} records")


@quarantine_app.command("list")
def quarantine_list(as_json: Json = False) -> int:
    """The rows in quarantine, with reason and remedy; not their content."""
    with deployment() as opened:
        rows = list(quarantined(opened.database))
    if as_json:
        write_bytes(json.dumps([asdict(row) for row in rows], ensure_ascii=False).encode())
        return 0
    columns = (Column(name, overflow="fold") for name in ("id", "where", "key", "why and what to do"))
    table = Table(*columns, title=f"quarantine: {len(rows)} rows", show_lines=True)
    for row in rows:
        why = "\n".join(
            f"{f['field']}: {f['reason']}" + (f" → {f['remedy']}" if f["remedy"] else "") for f in row.faults
        )
        table.add_row(str(row.id), f"{row.file}:{row.line}", row.key, why)
    out().print(table)
    return 0


@quarantine_app.command("export")
def quarantine_export() -> int:
    """The rows in quarantine as they stood in their files, to be corrected and loaded again. May hold citizen IDs."""
    with deployment() as opened:
        kept = SqlQuarantine(opened.database, opened.settings.key("seal_key"), "")
        for row in quarantined(opened.database):
            typer.echo(kept.reveal(row.id))
    return 0


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
    """The declared sources, what they hold, and whether they are up to date."""
    with deployment(store=store) as opened:
        today = datetime.now(SHANGHAI).date()
        last = opened.store.last_instant()
        evidence = opened.store.evidence([], Plan(), as_of=today, known_at=last) if last else None
        declared = sorted(evidence.sources, key=lambda source: source.id) if evidence else []
        loads = evidence.loads if evidence else ()
    found = [_source(source, loads, today) for source in declared]
    if as_json:
        write_bytes(json.dumps(found, ensure_ascii=False).encode())
        return 0
    table = Table("source", "department", "holds", "cadence", "complete through", "state", title="sources")
    for one, source in zip(found, declared, strict=True):
        holds = "\n".join(source.holds)
        table.add_row(source.id, source.department, holds, source.cadence, one["through"] or "—", one["state"])
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
