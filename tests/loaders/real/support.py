"""A set loaded through the command line into a store of its own, and what became of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.command import xinheng

DATA = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data"


@dataclass(frozen=True)
class Loaded:
    """The report of a load, the counts of the store, and the rows in quarantine."""

    settings: dict[str, str]
    mapping: str
    files: tuple[Path, ...]
    more: tuple[str, ...]
    report: dict[str, Any]

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        return xinheng("stats", "--json", settings=self.settings).document

    @property
    def kept(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(xinheng("quarantine", "list", "--json", settings=self.settings).out)
        return [row for row in rows if row["mapping"] == self.mapping]

    def again(self) -> dict[str, Any]:
        """The report of the same load, repeated."""
        return _load(self.settings, self.mapping, self.files, self.more)


def load_set(home: Path, mapping: str, files: Sequence[Path], *more: str, store: str = "store") -> Loaded:
    settings = {
        "XINHENG_ENVIRONMENT": "development",
        "XINHENG_DATA": str(home),
        "XINHENG_REGION": "360400",
        "XINHENG_STORE": str(home / store),
    }
    report = _load(settings, mapping, tuple(files), more)
    assert report["read"] == report["loaded"] + report["unchanged"] + report["quarantined"]
    assert sum(report["reasons"].values()) == report["quarantined"]
    return Loaded(settings, mapping, tuple(files), more, report)


def _load(settings: dict[str, str], mapping: str, files: Sequence[Path], more: Sequence[str]) -> dict[str, Any]:
    ran = xinheng("load", mapping, *files, *more, "--json", settings=settings)
    assert ran.status == 0, ran.err
    return ran.document


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["read"], report["loaded"], report["unchanged"], report["quarantined"]


def new(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["subjects"], report["links"], report["records"]


def table(path: Path, encoding: str = "utf-8", **dialect: Any) -> Iterator[dict[str, str]]:
    """The raw rows of a table, read by the standard library alone."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode(encoding)
    yield from csv.DictReader(io.StringIO(text, newline=""), **dialect)
