"""Each mistake in a catalogue: exactly one thing is wrong; the error says file, line, key, message and remedy.

The cases are data (`cases/*.yaml`), which another implementation of the format could run.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from rules.catalogue import Catalogue
from rules.errors import CatalogueError
from tests.rules.catalogues import BASE, appended, edited, line_of

CASES = Path(__file__).parent / "cases"


class Expected(BaseModel):
    """``at``: a text that only the problem's line holds; without it the problem has no line."""

    model_config = ConfigDict(extra="forbid")

    at: str | None = None
    key: str
    message: str
    remedy: str


class Case(BaseModel):
    """A text of the base catalogue's ``file`` replaced ``by`` another, or one appended, and what is wrong then."""

    model_config = ConfigDict(extra="forbid")

    name: str
    file: str
    replace: str | None = None
    by: str | None = None
    append: str | None = None
    problems: list[Expected]


def cases() -> list[Case]:
    files = sorted(CASES.glob("*.yaml"))
    return [
        case
        for file in files
        for case in TypeAdapter(list[Case]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    ]


def wrong(case: Case, directory: Path) -> Path:
    if case.append is not None:
        return appended(directory, case.file, case.append)
    assert case.replace is not None
    assert case.by is not None
    return edited(directory, case.file, case.replace, case.by)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_mistake_is_named_with_its_place_and_remedy(case: Case, tmp_path: Path) -> None:
    catalogue = wrong(case, tmp_path)
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(catalogue)
    file = catalogue / case.file
    expected = [(p.key, p.message, p.remedy, line_of(file, p.at) if p.at else 0) for p in case.problems]
    assert sorted((p.key, p.message, p.remedy, p.line) for p in caught.value.problems) == sorted(expected)
    assert {p.file for p in caught.value.problems} == {str(file)}


def test_the_catalogue_that_the_cases_spoil_is_valid() -> None:
    assert set(Catalogue.load(BASE).measures) == {"ban", "fined-ban", "preference"}


def test_the_schema_that_the_cases_name_is_theirs() -> None:
    schema = yaml.safe_load((CASES / "schema.json").read_text(encoding="utf-8"))
    assert schema == TypeAdapter(list[Case]).json_schema()
    for file in CASES.glob("*.yaml"):
        assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n"), file


def test_no_two_cases_share_a_name() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names))
