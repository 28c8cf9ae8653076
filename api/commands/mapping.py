"""`xinheng mapping`: drafts of mappings, and those that are shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from api.commands.options import Json, out, write_bytes
from graph.errors import BadInput
from loaders.guess import guess
from loaders.mapping import mapping_names, read_mapping

mapping_app = typer.Typer(no_args_is_help=True, help="Mappings: how a department's tables become facts.")


@mapping_app.command("guess")
def guess_mapping(
    file: Annotated[str, typer.Argument(help="A file of the kind that the mapping is to read.")],
    target: Annotated[Path | None, typer.Option("--out", help="Write the draft here instead.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what stands there.")] = False,
) -> int:
    """Draft a mapping from a file's header and first rows. What is not certain is a comment or `to-be-named`; no value
    of the file stands in it."""
    if target and target.exists() and not force:
        raise BadInput(f"{target} exists", remedy="give another name, or --force to overwrite it")
    draft = guess(file)
    if target is None:
        write_bytes(draft.removesuffix("\n").encode())
        return 0
    try:
        target.write_text(draft, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{target}: {error.strerror}", remedy="give a path that can be written") from None
    out().print(f"drafted {escape(str(target))}; `to-be-named` marks what only you can say")
    return 0


@mapping_app.command("list")
def list_mappings(as_json: Json = False) -> int:
    """The mappings shipped with Xinheng."""
    shipped = [read_mapping(name) for name in mapping_names()]
    if as_json:
        said = [{"name": one.id, "title": one.title, "licence": one.licence} for one in shipped]
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
        return 0
    for one in shipped:
        out().print(f"{one.id:<30}{one.title}", markup=False)
    return 0


@mapping_app.command("check")
def check_mapping(
    mapping: Annotated[str, typer.Argument(help="A .yaml file, or the name of a shipped mapping.")],
) -> int:
    """Whether a mapping is sound and whole: each fault with file, line and key."""
    found = read_mapping(mapping)
    out().print(f"{found.id}: sound, {len(found.tables) or 'no'} kinds of tables", markup=False)
    return 0
