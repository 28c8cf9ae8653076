"""The whole register in both stores: `python -m bench.loading`, or `make bench-loading`.

Each store is loaded by `xinheng load` in a process of its own, and in the same run the bare store takes the same facts
in its fastest batch insert: machines differ, the ratio of the two says what the product adds. A tenth of the rows is
loaded as well: the peak of memory must not depend on the size, but for the pages of the store's file that are mapped.
At last two real companies, of 九江 and of 万州, are checked on both stores, and the documents must be the same byte for
byte.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.bare import into_neo4j, into_sqlite
from bench.child import Ran, megabytes, xinheng
from bench.companies import Asked, asked, test_lines
from bench.neo4j_server import server
from graph.neo4j import Neo4jStore

ROOT = Path(__file__).parents[1]
REGISTER = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data" / "cn-enterprise-register"
LOADED_AT, SAID_AT, DAY = "2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z", "2026-06-01"
PART = 10


@dataclass(frozen=True)
class Measured:
    """A load by the product, beside the bare store."""

    store: str
    rows: int
    seconds: float
    rows_per_second: float
    bare_seconds: float
    bare_rows_per_second: float
    times_the_bare_store: float
    peak_mb: float
    own_mb: float
    rows_of_the_part: int
    peak_mb_of_the_part: float
    own_mb_of_the_part: float
    disk_mb: float
    report: dict[str, Any]


@dataclass(frozen=True)
class Cut:
    """The files to load, and a part of their rows in a file of its own."""

    files: Sequence[Path]
    part: Path


def main() -> None:
    options = _options()
    (ROOT / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as directory:
        home = Path(directory)
        cut = _cut(home, options.files or sorted(REGISTER.glob("*/*.csv.gz")), options.rows)
        questions = asked(cut.files)
        measured, documents = _measured(home, cut, questions, options.store)
    same = len({tuple(found) for found in documents.values()}) == 1
    result = {"measured": [asdict(one) for one in measured], "checks": len(questions), "same_documents": same}
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show(measured, questions, documents)
    if not same:
        raise SystemExit("the stores answer differently")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="so many rows, taken evenly from all files (default: all)")
    parser.add_argument("--files", type=Path, nargs="+", help="other files of the register")
    parser.add_argument("--store", choices=["sqlite", "neo4j"], nargs="+", default=["sqlite", "neo4j"])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-loading.json")
    return parser.parse_args()


def _measured(
    home: Path, cut: Cut, questions: Sequence[Asked], stores: Sequence[str]
) -> tuple[list[Measured], dict[str, list[bytes]]]:
    measured: list[Measured] = []
    documents: dict[str, list[bytes]] = {}
    held = home / "sqlite" / "store"
    sqlite = _settings(home / "sqlite", held)
    part = xinheng(*_words([cut.part]), settings=_settings(home / "part", home / "part" / "store"))
    ran = xinheng(*_words(cut.files), settings=sqlite)
    size = megabytes(held)
    measured.append(_set_side_by_side("sqlite", ran, part, size, into_sqlite(held, home / "bare")))
    documents["sqlite"] = _checked(home, sqlite, questions)
    _show(measured, questions, documents)  # the other takes long
    if "neo4j" in stores:
        with server(home / "neo4j-part") as there:
            part = xinheng(*_words([cut.part]), settings=_settings(home / "neo4j-part-data", there))
        with server(home / "neo4j") as there:
            settings = _settings(home / "neo4j-data", there)
            ran = xinheng(*_words(cut.files), settings=settings)
            size = megabytes(home / "neo4j" / "data")
            documents["neo4j"] = _checked(home, settings, questions)
        with server(home / "neo4j-bare") as there:
            auth = (there["XINHENG_STORE_USER"], there["XINHENG_STORE_PASSWORD"])
            with Neo4jStore(there["XINHENG_STORE"], *auth):
                pass  # makes the schema
            bare = into_neo4j(held, there["XINHENG_STORE"], auth)
        measured.append(_set_side_by_side("neo4j", ran, part, size, bare))
    return measured, documents


def _words(files: Sequence[Path]) -> list[object]:
    return ["load", "cn-enterprise-register", *files, "--recorded-at", LOADED_AT, "--json"]


def _set_side_by_side(store: str, ran: Ran, part: Ran, disk_mb: float, bare_seconds: float) -> Measured:
    rows = ran.document["read"]
    return Measured(
        store,
        rows,
        ran.seconds,
        rows / ran.seconds,
        bare_seconds,
        rows / bare_seconds,
        ran.seconds / bare_seconds,
        ran.peak_mb,
        ran.own_mb,
        part.document["read"],
        part.peak_mb,
        part.own_mb,
        disk_mb,
        ran.document,
    )


def _checked(home: Path, settings: dict[str, str], questions: Sequence[Asked]) -> list[bytes]:
    path = home / "test-records.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in test_lines(questions, DAY)))
    xinheng("load", "city", path, "--recorded-at", SAID_AT, "--json", settings=settings)
    words = ["--matter", "政府采购", "--department", "采购人", "--as-of", DAY, "--json"]
    return [xinheng("check", one.code, *words, settings=settings).out for one in questions]


def _settings(home: Path, store: Path | Mapping[str, str]) -> dict[str, str]:
    place = {"XINHENG_STORE": str(store)} if isinstance(store, Path) else dict(store)
    own = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(home), "XINHENG_REGION": "360400"}
    return {**own, **place}


def _cut(home: Path, files: Sequence[Path], wanted: int | None) -> Cut:
    total = sum(1 for _ in _raw(files))
    if wanted and wanted < total:
        files = [_written(home / "rows.csv.gz", files, total // wanted)]
        total = sum(1 for _ in _raw(files))
    return Cut(files, _written(home / "part.csv.gz", files, PART))


def _written(path: Path, files: Sequence[Path], every: int) -> Path:
    """Every so-and-so-many-th row of these files."""
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        writer: csv.DictWriter[str] | None = None
        for number, row in enumerate(_raw(files)):
            if writer is None:
                writer = csv.DictWriter(out, list(row))
                writer.writeheader()
            if number % every == 0:
                writer.writerow(row)
    return path


def _raw(files: Sequence[Path]) -> Iterator[dict[str, str]]:
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _show(measured: Sequence[Measured], questions: Sequence[Asked], documents: Mapping[str, Sequence[bytes]]) -> None:
    console = Console()
    table = Table("", *(one.store for one in measured), title="loading cn-enterprise-register")
    for name, told in LINES.items():
        table.add_row(name, *(told.format(one) for one in measured))
    for name in measured[0].report:
        table.add_row(name, *(str(one.report[name]) for one in measured))
    console.print(table)
    for number, one in enumerate(questions):
        outcomes = {json.loads(found[number])["outcome"] for found in documents.values()}
        same = len({found[number] for found in documents.values()}) == 1
        told = "byte for byte the same" if same else "DIFFERENT"
        console.print(f"check of {one.name} ({one.place}): {', '.join(outcomes)}; {len(documents)} stores, {told}")


LINES = {
    "rows": "{0.rows:,}",
    "seconds": "{0.seconds:.1f}",
    "rows/s": "{0.rows_per_second:,.0f}",
    "bare store, seconds": "{0.bare_seconds:.1f}",
    "bare store, rows/s": "{0.bare_rows_per_second:,.0f}",
    "times the bare store": "{0.times_the_bare_store:.2f}",
    "peak memory of the loading process, MB": "{0.peak_mb:.0f}",
    "of it without mapped files": "{0.own_mb:.0f}",
    "rows of a part": "{0.rows_of_the_part:,}",
    "peak memory for the part, MB": "{0.peak_mb_of_the_part:.0f}",
    "of it without mapped files, part": "{0.own_mb_of_the_part:.0f}",
    "size on disk, MB": "{0.disk_mb:.0f}",
}

if __name__ == "__main__":
    main()
