"""Each mistake in a mapping: exactly one thing is wrong; the error says file, line, key, message and remedy.

The cases are data (`cases/*.yaml`), as those of the catalogue are.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from loaders.mapping import BadMapping, parsed

HERE = Path(__file__).parent
BASE = (HERE / "base.yaml").read_text(encoding="utf-8")


class Expected(BaseModel):
    """``at``: the line that the fault names; without it the first."""

    model_config = ConfigDict(extra="forbid")

    at: str | None = None
    key: str
    message: str


class Case(BaseModel):
    """A text of the base mapping replaced ``by`` another, and what is wrong then."""

    model_config = ConfigDict(extra="forbid")

    name: str
    replace: str
    by: str
    faults: list[Expected]


def cases() -> list[Case]:
    files = sorted((HERE / "cases").glob("*.yaml"))
    return [
        case
        for file in files
        for case in TypeAdapter(list[Case]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    ]


def line_of(text: str, at: str | None) -> int:
    found = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip() == (at or "").strip()]
    assert at is None or len(found) == 1, at
    return found[0] if found else 1


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_mistake_is_named_with_its_place_and_a_remedy(case: Case) -> None:
    assert BASE.count(case.replace) >= 1
    text = BASE.replace(case.replace, case.by, 1)
    with pytest.raises(BadMapping) as caught:
        parsed("own.yaml", text)
    expected = [f"own.yaml:{line_of(text, one.at)}: {one.key}: {one.message}" for one in case.faults]
    assert caught.value.message == "; ".join(expected)
    assert caught.value.remedy == "docs/mappings.md lists the keys"


def test_the_mapping_that_the_cases_spoil_is_valid() -> None:
    assert parsed("own.yaml", BASE).id == "own"


def test_the_schema_that_the_cases_name_is_theirs() -> None:
    schema = yaml.safe_load((HERE / "cases" / "schema.json").read_text(encoding="utf-8"))
    assert schema == TypeAdapter(list[Case]).json_schema()
    for file in (HERE / "cases").glob("*.yaml"):
        assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n"), file


def test_no_two_cases_share_a_name() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("id: [", "own.yaml: while parsing", "write it as YAML"),
        ("\x00", "own.yaml: ", "write it as YAML"),
        ("", "own.yaml: no mapping", "docs/mappings.md shows one"),
        ("- id: own", "own.yaml: no mapping", "docs/mappings.md shows one"),
        ("id: own", "own.yaml:1: title: it is missing", "docs/mappings.md lists the keys"),
    ],
)
def test_what_is_no_mapping_at_all_is_said_to_be_none(text: str, message: str, remedy: str) -> None:
    with pytest.raises(BadMapping) as caught:
        parsed("own.yaml", text)
    assert caught.value.message.startswith(message)
    assert caught.value.remedy == remedy


def test_a_fault_below_an_anchor_is_named_where_it_was_written() -> None:
    text = BASE.replace("{column: sum, unit: 万元}", "&sum {column: sum, unit: dollars}").replace(
        "otherwise: serious", "otherwise: *sum"
    )
    with pytest.raises(BadMapping) as caught:
        parsed("own.yaml", text)
    line = line_of(text, "amount: &sum {column: sum, unit: dollars}")
    assert f"own.yaml:{line}: lines.1.line.severity.otherwise.unit" in caught.value.message
