"""The loaders as a whole, given what nobody should send them: no traceback, no hang, and the sum always adds up.

Tables are drawn for every mapping from cells that are good, nearly good and hostile, written in any of the formats, and
then damaged byte by byte. Some seconds in every run; ``XINHENG_FUZZ_SECONDS=1800`` makes it half an hour.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from api.demo.codes import citizen_id, credit_code
from engine.operational import open_database
from graph.errors import XinhengError
from graph.sqlite import SqliteStore
from graph.vault import Vault
from loaders.codes import CodeTables, Divisions
from loaders.feeds import feed
from loaders.load import LoadReport, load
from loaders.mapping import CITY, mapping_names, read_mapping
from loaders.quarantine import SqlQuarantine, quarantined
from loaders.translation import Translation

SECONDS = float(os.environ.get("XINHENG_FUZZ_SECONDS", "20"))
EXAMPLES = 50
KEY = b"k" * 32
known, read = cache(feed), cache(read_mapping)
TABLES = [name for name in mapping_names() if read_mapping(name).format == "table"]
LINES = [CITY, *(name for name in mapping_names() if name not in TABLES)]

GOOD = [*map(credit_code, range(4)), "程立群", "九江柏川商贸有限公司", "2019-03-01", "12.50", "1", "董事", "company"]
NEARLY = [
    credit_code(1).lower(),
    credit_code(1)[:-1] + "O",
    credit_code(2).replace("0", "O", 1),
    "360400000000001",
    "3604000000001",
    citizen_id(1),
    citizen_id(2)[:-1] + "0",
    "2023-02-29",
    "0000-00-00",
    "31.12.99",
    "9999-12-31",
    "-1",
    "1e308",
    "１２，３４５．６７(万美元)",
    "甲、乙，丙,丁",
    "王雄浩(执行董事）",
    "〔2019〕【3】号",
]
HOSTILE = [
    "",
    " ",
    "N/A",
    "=1+1",
    '"',
    "\r",
    "\x00",
    "\ufeff",
    "\u202e名",
    "a" * 3000,
    "'; DROP TABLE subject; --",
    "NaN",
]
CELL = st.sampled_from(GOOD) | st.sampled_from(NEARLY) | st.sampled_from(HOSTILE) | st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | CELL,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELL, inner, max_size=3),
    max_leaves=6,
)
ENDINGS = [".csv", ".csv.gz", ".tsv", ".txt", ".json", ".jsonl", ".jsonl.gz", ".xlsx", ".parquet"]
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), st.binary(max_size=3)), max_size=3)
WORDS = st.sampled_from(
    ["fact", "subject", "link", "record", "kind", "name", "uscc", "id", "schema", "properties", "holder"]
)
OBJECT = st.dictionaries(WORDS | CELL, JSON, max_size=6)


@dataclass
class City:
    """A store and a quarantine that see one file after the other."""

    store: SqliteStore
    database: Any
    directory: Path
    number: int = 0

    def file(self, ending: str) -> Path:
        self.number += 1
        return self.directory / f"{self.number}{ending}"

    def load(self, name: str, path: Path) -> LoadReport | None:
        """What became of the file; nothing where it was refused as a whole."""
        before = len(list(quarantined(self.database)))
        chosen, codes = known(name), CodeTables(self.database)
        quarantine = SqlQuarantine(self.database, KEY, chosen.name)
        translation = Translation(Vault(b"h" * 32, KEY), Divisions.of(codes))
        try:
            rows = chosen.rows([str(path)], {})
            report = load(rows, self.store, quarantine, translation, codes=codes, frame=chosen.frame(None))
        except XinhengError:
            return None
        finally:
            path.unlink()
        assert report.read == report.loaded + report.unchanged + report.quarantined
        assert sum(report.reasons.values()) == report.quarantined
        assert len(list(quarantined(self.database))) - before <= report.quarantined
        return report


@pytest.fixture
def city(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'operational.sqlite'}")
    with SqliteStore(tmp_path / "store") as store:
        yield City(store, database, tmp_path)
    database.dispose()


def write(path: Path, columns: list[str], rows: list[list[Any]], dialect: Any) -> None:
    """A table in the format that the path's ending names."""
    if ".json" in path.name:
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        text = "\n".join(map(json.dumps, found)) if ".jsonl" in path.name else json.dumps(found)
        _put(path, text.encode())
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [columns, *rows]:
            book.active.append([ILLEGAL_CHARACTERS_RE.sub("", str(cell)) for cell in row])
        book.save(path)
    elif path.suffix == ".parquet":
        _parquet(path, columns, rows)
    else:
        table = io.StringIO()
        delimiter = dialect.delimiter or ("\t" if ".tsv" in path.name else ",")
        csv.writer(table, delimiter=delimiter, escapechar="\\").writerows([columns, *rows])
        _put(path, table.getvalue().encode(dialect.encoding, errors="replace"))


def _put(path: Path, plain: bytes) -> None:
    path.write_bytes(gzip.compress(plain) if path.suffix == ".gz" else plain)


def _parquet(path: Path, columns: list[str], rows: list[list[Any]]) -> None:
    with duckdb.connect() as connection:
        named = ", ".join(f'"{name}" VARCHAR' for name in columns)
        connection.execute(f"CREATE TABLE t ({named})")
        places = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO t VALUES ({places})", [[str(c).replace("\x00", "") for c in r] for r in rows]
        )
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def damage(content: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    """The content with bytes taken out, put in, doubled, flipped, or cut off."""
    for where, how, more in wounds:
        place = int(where * len(content))
        before, after = content[:place], content[place:]
        content = [before + after[1:], before + more + after, content + after, before, _flipped(before, after)][how]
    return content


def _flipped(before: bytes, after: bytes) -> bytes:
    return before + (bytes([after[0] ^ 0x80]) + after[1:] if after else b"")


BOUNDS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def repeated(example: Any) -> None:
    """Run examples under ever new seeds until the time is over."""
    ends, number = time.monotonic() + SECONDS / 2, 0
    while number == 0 or time.monotonic() < ends:
        seed(number)(example)()
        number += 1


def test_whatever_table_comes_every_row_is_accounted_for(city):
    outcomes = set()

    @BOUNDS
    @given(
        name=st.sampled_from(TABLES),
        ending=st.sampled_from(ENDINGS),
        wounds=DAMAGE,
        data=st.data(),
    )
    def example(name, ending, wounds, data):
        mapping = read(name)
        columns = list(data.draw(st.sampled_from(mapping.tables)).columns)
        cells = st.lists(JSON if "json" in ending else CELL, min_size=len(columns), max_size=len(columns))
        path = city.file(ending)
        write(path, columns, data.draw(st.lists(cells, min_size=1, max_size=6)), mapping.dialect)
        path.write_bytes(damage(path.read_bytes(), wounds))
        report = city.load(name, path)
        outcomes.update(
            {"refused"} if report is None else {key for key in ("loaded", "quarantined") if vars(report)[key]}
        )

    repeated(example)
    assert outcomes == {"refused", "loaded", "quarantined"}


def test_whatever_lines_come_every_one_is_accounted_for(city):
    outcomes = set()

    @BOUNDS
    @given(name=st.sampled_from(LINES), lines=st.lists(OBJECT, min_size=1, max_size=6), wounds=DAMAGE)
    def example(name, lines, wounds):
        path = city.file(".jsonl")
        path.write_bytes(damage("\n".join(map(json.dumps, lines)).encode(), wounds))
        report = city.load(name, path)
        outcomes.add("refused" if report is None else "quarantined" if report.quarantined else "nothing")

    repeated(example)
    assert "quarantined" in outcomes
