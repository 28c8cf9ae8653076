"""`xinheng quarantine`: rows that could not be loaded, shown, taken out to be mended, tried again."""

from __future__ import annotations

import codecs
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from api.commands.load import load_rows, told
from api.commands.options import Json, Store, deployment, instant, out, write_bytes
from api.deployment import Deployment
from graph.errors import BadInput
from loaders.discarding import discard, judgements, restore
from loaders.feeds import feed
from loaders.load import LoadReport
from loaders.mapping import CITY, mapping_names
from loaders.mended import ENTRY, WHY, written
from loaders.quarantine import Kept, SqlQuarantine, counted, quarantined
from loaders.rows import Row, Sheet

SHOWN = 200
quarantine_app = typer.Typer(no_args_is_help=True, help="Rows that could not be loaded 问题数据.")
OfFile = Annotated[str | None, typer.Option("--file", help="Only rows of this file: its name or path.")]
OfMapping = Annotated[str | None, typer.Option("--mapping", help="Only rows of this mapping.")]


@quarantine_app.command("list")
def quarantine_list(
    mapping: OfMapping = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only this kind, as check_character.")] = None,
    file: OfFile = None,
    discarded: Annotated[bool, typer.Option("--discarded", help="Those that are discarded, by whom and why.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Count them by mapping, file and reason.")] = False,
    as_json: Json = False,
) -> int:
    """The rows in quarantine, with reason and remedy; not their content."""
    with deployment() as opened:
        counts = counted(opened.database)
        rows = [] if summary else _listed(opened, mapping=mapping, kind=reason, file=file, discarded=discarded)
    if summary:
        return _summary(counts, as_json)
    if as_json:
        write_bytes(json.dumps(rows, ensure_ascii=False).encode())
        return 0
    columns = (Column(name, overflow="fold") for name in ("entry", "where", "key", "why and what to do"))
    table = Table(*columns, title=f"{'discarded' if discarded else 'quarantine'}: {len(rows)} rows", show_lines=True)
    for row in rows[:SHOWN]:
        table.add_row(row["entry"], f"{row['file']}:{row['line']}", row["key"], _why(row))
    out().print(table)
    if len(rows) > SHOWN:
        out().print(f"… and {len(rows) - SHOWN:,} more: narrow them down with --mapping, --reason, --file; or --json")
    return 0


def _listed(opened: Deployment, *, discarded: bool, **picked: str | None) -> list[dict[str, Any]]:
    """The rows with what was judged of them."""
    said = judgements(opened.database)
    found = quarantined(opened.database, **picked, discarded=discarded)
    return [{**asdict(row), "judgements": [asdict(one) for one in said.get(row.entry, ())]} for row in found]


def _why(row: dict[str, Any]) -> str:
    faults = [
        f"{f['field']}: {f['reason']}"
        + (f" [{f['value']}]" if f["value"] else "")
        + (f" → {f['remedy']}" if f["remedy"] else "")
        for f in row["faults"]
    ]
    judged = [f"{one['verdict']} by {one['by']} at {one['at']}: {one['reason']}" for one in row["judgements"]]
    return "\n".join([*faults, *judged])


def _summary(counts: list[tuple[str, str, str, int]], as_json: bool) -> int:
    if as_json:
        said = [{"mapping": m, "file": f, "reason": r, "rows": n} for m, f, r, n in counts]
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
        return 0
    table = Table("mapping", "file", "reason", "rows", title=f"quarantine: {sum(n for *_, n in counts):,} rows")
    for mapping, file, reason, count in counts:
        table.add_row(mapping, file, reason, f"{count:,}")
    out().print(table)
    return 0


@quarantine_app.command("export")
def quarantine_export(
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="The rows of this mapping; needed where there are several.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIRECTORY", help="One file for each table; else standard output.")
    ] = None,
) -> int:
    """The rows in quarantine as they stood in their files, as tables or JSON lines to be mended and loaded again by the
    same mapping; the first two columns name the entry and say why it is there. In UTF-8 with a byte order mark, which
    is read as such whatever the mapping says of its files. May hold citizen IDs."""
    with deployment() as opened:
        name = mapping or _only_one(sorted({name for name, *_ in counted(opened.database)}))
        kept = SqlQuarantine(opened.database, opened.settings.key("seal_key"), name)
        tables: defaultdict[Sheet | None, list[Kept]] = defaultdict(list)
        for one in kept.kept():
            tables[one.row.sheet].append(one)
    if not tables:
        typer.echo(f"the quarantine holds no row{f' of {name}' if name else ''}", err=True)
    elif to is None and len(tables) > 1:
        raise BadInput(f"the rows of {name} are of {len(tables)} tables", remedy="give a directory with --to")
    for number, (sheet, rows) in enumerate(tables.items(), start=1):
        lines = list(_table(sheet, rows) if sheet else map(_json_line, rows))
        if to is None:
            write_bytes((codecs.BOM_UTF8 if sheet else b"") + "\n".join(lines).encode())
        else:
            path = _written_to(to, f"{name}-{number}.{_ending(sheet)}", lines)
            typer.echo(f"{path}: {len(rows)} rows", err=True)
    return 0


def _only_one(mappings: list[str]) -> str:
    if len(mappings) > 1:
        raise BadInput("the quarantine holds rows of several mappings", remedy=f"--mapping {' or '.join(mappings)}")
    return mappings[0] if mappings else ""


def _ending(sheet: Sheet | None) -> str:
    if sheet is None:
        return "jsonl"
    return "tsv" if sheet.delimiter == "\t" else "csv"


def _written_to(directory: Path, name: str, lines: list[str]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig", newline="")
    return path


def _table(sheet: Sheet, rows: list[Kept]) -> Iterator[str]:
    """The rows' own text, so that one with too many or too few cells can be mended as well."""
    yield written([ENTRY, WHY, *sheet.header], sheet)
    for one in rows:
        yield written([one.row.entry or "", one.why], sheet) + sheet.delimiter + one.row.text.rstrip("\r\n")


def _json_line(one: Kept) -> str:
    try:
        said = json.loads(one.row.text)
    except ValueError:
        return one.row.text
    if not isinstance(said, dict):
        return one.row.text
    return json.dumps({ENTRY: one.row.entry, WHY: one.why, **said}, ensure_ascii=False)


@quarantine_app.command("retry")
def quarantine_retry(
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only rows of this mapping; the file of one of your own.")
    ] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="FILE", help="A file in which the mapping looks something up.")
    ] = None,
    recorded_at: Annotated[
        str | None, typer.Option("--recorded-at", metavar="INSTANT", help="Fix the instant of recording.")
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Try the rows in quarantine once more: after what they refer to was loaded, or their mapping was mended. Rows of a
    mapping of one's own are tried when --mapping gives its file, and those of a mapping that looks something up in
    another file when --with gives that."""
    if with_ and not mapping:
        raise BadInput("--with goes with --mapping", remedy="say which mapping's rows are to be tried")
    with deployment(store=store) as opened:
        held = Counter[str]()
        for name, _, _, rows in counted(opened.database):
            held[name] += rows
        ours = {CITY, *mapping_names()}
        names = [mapping] if mapping else sorted(held.keys() & ours)
        if mapping is None:
            asking = [name for name in names if feed(name).asks]
            names = [name for name in names if name not in asking]
            for name in asking:
                typer.echo(f"{name}: {held[name]:,} rows left; try them with --mapping {name} --with FILE", err=True)
        reports = {name: _retried(opened, name, with_ or (), instant(recorded_at)) for name in names}
    for name in sorted(held.keys() - ours if mapping is None else ()):
        typer.echo(f"{name}: {held[name]:,} rows left; give its file, as --mapping {name}.yaml", err=True)
    if as_json:
        said: dict[str, Any] = {name: told(report) for name, report in reports.items()}
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
        return 0
    for name, report in reports.items():
        out().print(f"{name}: {report.read:,} rows tried, {report.loaded + report.unchanged:,} loaded after all")
    return 0


def _retried(opened: Deployment, name: str, asked: Sequence[str], recorded_at: datetime | None) -> LoadReport:
    chosen = feed(name)
    kept = SqlQuarantine(opened.database, opened.settings.key("seal_key"), chosen.name)
    again: list[Row] = list(chosen.again((one.row for one in kept.kept()), asked))
    return load_rows(iter(again), chosen, opened, recorded_at, framed=False)


Entries = Annotated[list[str] | None, typer.Argument(help="Names of entries as `list` shows them.")]
User = Annotated[str, typer.Option("--user", help="Who judges.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


@quarantine_app.command("discard")
def quarantine_discard(
    user: User,
    reason: Reason,
    entries: Entries = None,
    mapping: OfMapping = None,
    kind: Annotated[str | None, typer.Option("--kind", help="All rows of this kind, as check_character.")] = None,
    file: OfFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before many are discarded.")] = False,
) -> int:
    """Judge that rows need no more work, as they were mended in the file that they came from. They stay, with who, when
    and why, under `list --discarded`; they are no longer listed, exported or tried again, also when the same file is
    loaded once more. By name, or all of a mapping, kind and file."""
    with deployment() as opened:
        picked = list(entries or ())
        if mapping or kind or file:
            if picked:
                raise BadInput("name entries, or say of which mapping, kind and file they are; not both")
            picked = [row.entry for row in quarantined(opened.database, mapping=mapping, kind=kind, file=file)]
            if picked and not yes:
                typer.confirm(f"discard {len(picked):,} rows?", abort=True, err=True)
        elif not picked:
            raise BadInput("which entries?", remedy="name them, or give --mapping, --kind or --file")
        count = discard(opened.database, picked, by=user, reason=reason)
    typer.echo(f"{count:,} rows discarded", err=True)
    return 0


@quarantine_app.command("restore")
def quarantine_restore(user: User, reason: Reason, entries: Entries = None) -> int:
    """Take back that rows were discarded: they are listed, exported and tried again. Both judgements are kept."""
    with deployment() as opened:
        count = restore(opened.database, entries or [], by=user, reason=reason)
    typer.echo(f"{count:,} rows restored", err=True)
    return 0
