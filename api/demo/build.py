"""Building the example city: everything goes in by the loaders, in the order in which it became known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any

from api.demo.background import background
from api.demo.sources import declarations, loads
from api.demo.stories import LAST, lines, stories
from api.deployment import Deployment
from api.settings import Settings
from graph.errors import BadInput
from loaders.load import load
from loaders.rows import Draft, Rejected, Row
from loaders.translation import Translation
from rules.catalogue import Catalogue

EDITION = "1"
"""Changes when the city does, so that an older one is built anew."""
MARKER = "xinheng-demo-city.json"
Tell = Callable[[int, int], None]


class _NothingToReject:
    """The city is without fault, or the demo says so."""

    def keep(self, rejected: Sequence[Rejected]) -> None:
        raise BadInput(f"the example city holds a faulty line: {rejected[0]}")

    def release(self, rows: Sequence[Row]) -> None:
        """None of them was ever kept."""


def demo_settings(directory: Path) -> Settings:
    """The settings of the example city, whatever the environment says."""
    return Settings(
        environment="development", data=directory, store=str(directory / "store"), region="360400", catalogue=()
    )


def is_built(directory: Path) -> bool:
    """Whether this directory holds the city of this edition. Raises `BadInput` if it holds something else."""
    marker = directory / MARKER
    if marker.exists():
        return bool(json.loads(marker.read_text(encoding="utf-8")).get("edition") == EDITION)
    if directory.exists() and any(directory.iterdir()):
        raise BadInput(
            f"{directory} is not empty and holds no example city", remedy="give another one with --directory"
        )
    return False


def build(deployment: Deployment, directory: Path, tell: Tell) -> None:
    """Load the city, telling (done, in all), and mark the directory as holding it."""
    told = list(chronicle(deployment.catalogue))
    translation, done = Translation(deployment.vault), 0
    for day, group in groupby(told, key=lambda entry: entry[0]):
        rows = [_row(line) for _, line in group]
        already = done

        def progress(report: Any, already: int = already) -> None:
            tell(already + report.read, len(told))

        instant = datetime.combine(day, time(), UTC)
        load(rows, deployment.store, _NothingToReject(), translation, recorded_at=instant, progress=progress)
        done += len(rows)
    (directory / MARKER).write_text(json.dumps({"edition": EDITION}), encoding="utf-8")


def chronicle(catalogue: Catalogue) -> Iterator[tuple[date, dict[str, Any]]]:
    """Every line of the city with the day on which it was recorded, in that order."""
    told = [entry for number in range(len(stories())) for entry in lines(number)]
    asked = {ask.known_at for story in stories() for ask in story.asks if ask.known_at}
    days = sorted({day for day, _ in told} | asked | {LAST})
    entries = [(days[0], line) for line in declarations(catalogue)]
    entries += [(days[0] if line["fact"] != "record" else LAST, line) for line in background()]
    entries += told + list(loads(days))
    yield from sorted(entries, key=lambda entry: entry[0])


def _row(line: dict[str, Any]) -> Row:
    return Row("the example city", 0, "", (Draft(line),))
