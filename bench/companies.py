"""Whom the bench asks about: real companies of the register, one with a test record in each place, one without."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLACES = ("九江", "万州")
OF_A_PLACE = 2
SOURCE = "test"


@dataclass(frozen=True)
class Asked:
    place: str
    name: str
    code: str
    is_listed: bool


def asked(files: Sequence[Path]) -> list[Asked]:
    """The first limited companies of each place in the raw files; the first of each is the listed one."""
    found: dict[str, list[Asked]] = {place: [] for place in PLACES}
    for row in _rows(files):
        place, name, code = row["地区"], row["企业名称"], row["统一社会信用代码"]
        if place in found and len(found[place]) < OF_A_PLACE and code.startswith("91") and name.endswith("有限公司"):
            found[place].append(Asked(place, name, code, not found[place]))
    if missing := [place for place, ones in found.items() if len(ones) < OF_A_PLACE]:
        raise SystemExit(f"the files hold too few companies of {' and '.join(missing)} to ask about; load more rows")
    return [one for ones in found.values() for one in ones]


def test_lines(questions: Sequence[Asked], day: str) -> Iterator[dict[str, Any]]:
    """A source that says so of itself, and a test record on each listed company."""
    yield {
        "fact": "source",
        "id": SOURCE,
        "department": SOURCE,
        "dataset": "测试",
        "holds": ["judgment-defaulter"],
        "cadence": "P1Y",
    }
    yield {"fact": "load", "source": SOURCE, "through": day}
    for number, one in enumerate(question for question in questions if question.is_listed):
        yield {
            "fact": "record",
            "source": SOURCE,
            "key": f"b{number}",
            "subject": {"uscc": one.code},
            "list": "judgment-defaulter",
            "severity": "serious",
            "number": f"测试〔2026〕b{number}号",
            "decided_on": "2026-01-15",
            "effective_from": "2026-01-15",
            "amount": 860000,
            "test": True,
        }


def _rows(files: Sequence[Path]) -> Iterator[dict[str, str]]:
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
