"""`xinheng demo`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.commands.options import out
from api.demo.build import build, demo_settings, is_built
from api.demo.tour import Stop, show, stops
from api.deployment import Deployment

NOT_AS_TOLD = 1


def demo(
    directory: Annotated[Path, typer.Option("--directory", help="Where the example city lives.")] = Path("demo-city"),
) -> int:
    """An example city on the embedded store, and a tour of checks."""
    console = out()
    with Deployment(demo_settings(directory), may_create=True) as deployment:
        if not is_built(directory):
            _build(deployment, directory)
        told: list[Stop] = []
        for stop in stops(deployment, directory):
            show(stop, console, first=not told or told[-1].story is not stop.story)
            told.append(stop)
    console.print()
    console.print(f"{len(told)} checks, each entered in the ledger of {directory}. To go on from here:")
    settings = f"XINHENG_ENVIRONMENT=development XINHENG_REGION=360400 XINHENG_DATA={shlex.quote(str(directory))}"
    console.print(f"  export {settings}", soft_wrap=True)
    console.print("  xinheng check 九江 -m 政府采购 -d 采购人      xinheng stats      xinheng ledger verify")
    return 0 if all(stop.as_told for stop in told) else NOT_AS_TOLD


def _build(deployment: Deployment, directory: Path) -> None:
    columns = (TextColumn("building the example city"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)
        build(deployment, directory, lambda done, total: progress.update(task, completed=done, total=total))
