"""`xinheng load`: files into the store, what can't be loaded into quarantine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from api.commands.options import Json, Store, deployment, instant, out, write_bytes
from api.deployment import Deployment
from graph.errors import BadInput
from graph.model import Source
from graph.store import GraphStore
from loaders.codes import CodeTables, Divisions
from loaders.feeds import Feed, feed
from loaders.load import LoadReport, load
from loaders.preview import Preview, preview
from loaders.quarantine import SqlQuarantine
from loaders.reading import Watch, watched
from loaders.rows import Rejected, Row
from loaders.translation import Translation

SHOWN_REJECTED = 20
PREVIEWED = 5
DECLARED = ("department", "dataset", "holds", "cadence", "territory")
TOLD = ("read", "loaded", "unchanged", "quarantined", "subjects", "links", "records")

Files = Annotated[
    list[str],
    typer.Argument(help="CSV, TSV, JSON, JSON lines, Excel, Parquet by their endings, .gz too; - for standard input."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="COLUMN=VALUE",
        help="Only rows with this value; without one, rows where it is missing. Rows that can't be read, so nobody "
        "knows what they say there, are kept in quarantine all the same.",
    ),
]


def load_files(
    mapping: Annotated[
        str, typer.Argument(help="`city` for the project's own JSON lines, a shipped mapping, or a .yaml file.")
    ],
    files: Files,
    where: Where = None,
    through: Annotated[
        str | None,
        typer.Option("--through", metavar="DATE", help="The files are complete up to and including this day."),
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option("--recorded-at", metavar="INSTANT", help="Fix the instant of recording.")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Load nothing: show how the first rows would be loaded, and all faults."),
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Load files into the store; what can't be loaded is kept in quarantine. A load that was cut short is continued by
    the same command."""
    chosen = feed(mapping)
    rows = chosen.rows(files, _conditions(where or []))
    frame_through = _day(through)
    if dry_run:
        return _preview(rows, as_json, store)
    with deployment(may_create=True, store=store) as opened, watched(files) as watch:
        report = load_rows(rows, chosen, opened, instant(recorded_at), frame_through, watch)
    if as_json:
        write_bytes(json.dumps(told(report), ensure_ascii=False).encode())
    else:
        _show(report, out())
    return 0


def load_rows(
    rows: Iterator[Row],
    chosen: Feed,
    opened: Deployment,
    recorded_at: datetime | None,
    through: date | None = None,
    watch: Watch | None = None,
    *,
    framed: bool = True,
) -> LoadReport:
    """Load with progress on standard error, and say there what was rejected. ``framed``: declare the source and its
    load as well."""
    quarantine = SqlQuarantine(opened.database, opened.settings.key("seal_key"), chosen.name, chosen.source)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    telling = _Telling(quarantine, errors)
    codes = CodeTables(opened.database)
    translation = Translation(opened.vault, Divisions.of(codes))
    frame = chosen.frame(through) if framed else ((), ())
    redeclared = list(_redeclared(opened.store, frame[0]))
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("remaining"), TimeRemainingColumn(), console=errors, transient=True) as progress:
        task = progress.add_task("loading", total=watch.total if watch else None)

        def tell(report: LoadReport) -> None:
            seconds = progress.tasks[0].elapsed or 0
            rate = f", {report.read / seconds:,.0f} rows/s" if seconds > 1 else ""
            said = f"{report.read:,} rows read, {report.loaded:,} loaded{rate}"
            progress.update(task, description=said, completed=watch.done if watch else None)

        report = load(
            rows,
            opened.store,
            telling,
            translation,
            codes=codes,
            recorded_at=recorded_at,
            progress=tell,
            frame=frame,
            may_hold={one: said.subject_kinds for one, said in opened.catalogue.lists.items()},
        )
    telling.end()
    for change in redeclared:
        errors.print(change, style="yellow", markup=False)
    return report


def _redeclared(store: GraphStore, frame: Sequence[Row]) -> Iterator[str]:
    """What the mapping's declaration of its source changes in the one that the store holds."""
    for said in (draft.document for row in frame for draft in row.drafts if draft.document["fact"] == "source"):
        held = next((one.fact for one in store.history(said["id"]) if one.superseded_at is None), None)
        for name in DECLARED if isinstance(held, Source) else ():
            before, now = getattr(held, name), said[name]
            before, now = (", ".join(one) if name == "holds" else one or "none" for one in (before, now))
            if before != now:
                yield f"source {said['id']}: {name} was {before}, is {now} from now on"


class _Telling:
    """A quarantine that also tells what it keeps."""

    def __init__(self, kept: SqlQuarantine, errors: Console) -> None:
        self._kept, self._errors, self._count = kept, errors, 0

    def keep(self, rejected: Sequence[Rejected]) -> None:
        self._kept.keep(rejected)
        for one in rejected[: max(0, SHOWN_REJECTED - self._count)]:
            self._errors.print(str(one), style="red", markup=False)
        self._count += len(rejected)

    def release(self, rows: Sequence[Row]) -> None:
        self._kept.release(rows)

    def end(self) -> None:
        if self._count > SHOWN_REJECTED:
            self._errors.print(f"… and {self._count - SHOWN_REJECTED} more; `xinheng quarantine list` shows them all")


def told(report: LoadReport) -> dict[str, Any]:
    """The report as `load --json` ends with it."""
    counts = {name: getattr(report, name) for name in TOLD}
    more = {"codes": report.codes} if report.codes else {}
    return {**counts, **more, "reasons": _sorted(report.reasons), "warnings": _sorted(report.warnings)}


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _conditions(where: list[str]) -> dict[str, str]:
    pairs = [condition.partition("=") for condition in where]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise BadInput(f"--where {wrong[0]}: no value", remedy="write --where COLUMN=VALUE")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--through {text} is no date", remedy="write it as 2026-01-31") from None


def _show(report: LoadReport, console: Console) -> None:
    console.print(
        f"read {report.read:,} = loaded {report.loaded:,} + unchanged {report.unchanged:,} "
        f"+ quarantined {report.quarantined:,}"
    )
    codes = f", {report.codes:,} codes" if report.codes else ""
    console.print(f"new: {report.subjects:,} subjects, {report.links:,} links, {report.records:,} records{codes}")
    if report.reasons:
        console.print("quarantined: " + ", ".join(f"{kind} {n:,}" for kind, n in report.reasons.most_common()))
    for warning, count in report.warnings.most_common(SHOWN_REJECTED):
        console.print(f"warning: {warning} ({count:,} rows)", markup=False)


def _preview(rows: Iterator[Row], as_json: bool, store: str | None) -> int:
    with deployment(may_create=True, store=store) as opened:
        found = preview(rows, Translation(opened.vault, Divisions.of(CodeTables(opened.database))), PREVIEWED)
    if as_json:
        write_bytes(json.dumps(asdict(found), ensure_ascii=False, default=str).encode())
    else:
        _show_preview(found, out())
    return 0


def _show_preview(found: Preview, console: Console) -> None:
    for shown in found.rows:
        table = Table("line", "what it says", title=f"{shown.file}:{shown.line}", title_justify="left")
        for line in shown.lines:
            table.add_row(line.pop("fact"), "\n".join(f"{name}: {value}" for name, value in line.items()))
        console.print(table)
    console.print(f"dry run: {found.read:,} rows read, {found.good:,} good, {found.bad:,} would go to quarantine")
    for why, count in islice(found.faults.items(), SHOWN_REJECTED):
        console.print(f"fault: {why} ({count:,} rows)", markup=False)
    for why, count in islice(found.warnings.items(), SHOWN_REJECTED):
        console.print(f"warning: {why} ({count:,} rows)", markup=False)
    console.print("Nothing was loaded. What only the store can tell (conflicts, what rows refer to) was not looked at.")
