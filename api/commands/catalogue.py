"""`xinheng catalogue lint|test|show`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.catalogue import PARTS
from api.catalogue import entry as entry_of
from api.catalogues import catalogue_of
from api.commands.options import Json, out, write_bytes
from api.settings import load_settings
from engine.errors import UnknownWord
from engine.scenarios import run_scenarios
from rules.catalogue import SHIPPED
from rules.errors import CatalogueError

catalogue_app = typer.Typer(no_args_is_help=True, help="The catalogue 措施清单.")
Directories = Annotated[
    list[Path] | None, typer.Argument(help="Directories beside the shipped catalogue and XINHENG_CATALOGUE.")
]


def directories(extra: list[Path] | None) -> list[Path]:
    return [SHIPPED, *load_settings().catalogue, *(extra or [])]


@catalogue_app.command("lint")
def lint(extra: Directories = None, as_json: Json = False) -> int:
    """Everything that is wrong with the catalogue, with file, line, key and remedy."""
    try:
        catalogue = catalogue_of(directories(extra))
    except CatalogueError as error:
        return _problems(error, as_json)
    counts = {part: len(getattr(catalogue, part)) for part in PARTS}
    if as_json:
        write_bytes(json.dumps({"digest": catalogue.digest, "problems": [], **counts}).encode())
    else:
        told = ", ".join(f"{count} {part}" for part, count in counts.items())
        out().print(f"[green]ok[/]  {told}\n{catalogue.digest}", soft_wrap=True)
    return 0


def _problems(error: CatalogueError, as_json: bool) -> int:
    if as_json:
        write_bytes(json.dumps({"problems": [asdict(one) for one in error.problems]}, ensure_ascii=False).encode())
        return 1
    errors = Console(stderr=True, highlight=False)
    for problem in error.problems:
        errors.print(Text(str(problem), style="red"), soft_wrap=True)
    errors.print(f"{len(error.problems)} problem{'s' if len(error.problems) > 1 else ''}")
    return 1


@catalogue_app.command("test")
def run(
    extra: Directories = None,
    only: Annotated[str | None, typer.Option("--only", metavar="ID", help="The scenarios of one entry.")] = None,
    as_json: Json = False,
) -> int:
    """Run the scenarios: each entry fires in one, and not in the one that differs by a single fact."""
    places = directories(extra)
    try:
        report = run_scenarios(catalogue_of(places), places, only=only)
    except CatalogueError as error:
        return _problems(error, as_json)
    if report.problems:
        return _problems(CatalogueError(report.problems), as_json)
    if as_json:
        write_bytes(json.dumps({"ran": report.ran, "problems": []}).encode())
    else:
        out().print(f"[green]ok[/]  {report.ran} scenarios")
    return 0


@catalogue_app.command("show")
def show(
    part: Annotated[str, typer.Argument(help=f"One of {', '.join(PARTS)}.")] = "measures",
    entry: Annotated[str | None, typer.Argument(help="The id of one entry.")] = None,
    as_json: Json = False,
) -> int:
    """What the catalogue holds."""
    if part not in PARTS:
        raise UnknownWord(f"the catalogue has no part {part}", remedy=f"one of {', '.join(PARTS)}")
    catalogue = catalogue_of(directories(None))
    found = [entry_of(catalogue, part, entry)] if entry else list(getattr(catalogue, part).values())
    if as_json or entry:
        plain = [one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in found]
        write_bytes(json.dumps(plain[0] if entry else plain, ensure_ascii=False, indent=2).encode())
        return 0
    table = Table("id", "name", "more", title=f"{part}: {len(found)}")
    for one in found:
        table.add_row(*_row(one))
    out().print(table)
    return 0


def _row(entry: Any) -> tuple[str, str, str]:
    name: str = getattr(entry, "zh", None) or getattr(entry, "title", None) or getattr(entry, "text", None) or ""
    more = getattr(entry, "effect", None) or getattr(entry, "level", None) or getattr(entry, "en", "")
    aliases = "、".join(getattr(entry, "aliases", ()))
    return entry.id, name, f"{more}  {aliases}".strip()
