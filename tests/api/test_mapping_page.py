"""The page of the mapping language: its example is a mapping that loads what the page says it loads."""

import json
from datetime import date
from importlib.resources import files

import jsonschema
import pytest
import yaml

from api.mapping_page import AFTER_EXAMPLE, EXAMPLE, EXAMPLE_ROWS, PARTS, page, schema
from graph.model import Link, Record, Subject
from graph.sqlite import SqliteStore
from loaders.mapping import parsed


@pytest.fixture
def loaded(xinheng, tmp_path, monkeypatch):
    """What the example makes of its rows."""
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "data"))
    (tmp_path / "arrears.yaml").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "2026-03.csv").write_bytes(EXAMPLE_ROWS.encode("gbk"))
    told = xinheng("load", tmp_path / "arrears.yaml", tmp_path / "2026-03.csv", "--through", "2026-03-31", "--json")
    assert (told.json["loaded"], told.json["warnings"]) == (2, {})
    with SqliteStore(tmp_path / "data" / "store") as store:
        yield list(store.facts(known_at=store.last_instant()))


def test_the_example_is_a_mapping():
    assert parsed("arrears.yaml", EXAMPLE).title == "欠税公告"


def test_the_example_loads_what_the_page_says(loaded):
    assert sorted(one.name for one in loaded if isinstance(one, Subject)) == sorted(
        ["九江柏川商贸有限公司", "程立群", "樊一舟", "九江一舟副食店"]
    )
    assert len([one for one in loaded if isinstance(one, Link)]) == 2
    assert {(one.amount, one.decided_on, one.effective_to) for one in loaded if isinstance(one, Record)} == {
        (12_500_000, date(2026, 3, 1), date(2026, 9, 1)),
        (800_000, date(2026, 3, 1), None),
    }


def test_the_page_shows_the_example_and_its_rows():
    assert EXAMPLE in page()
    assert EXAMPLE_ROWS in page()
    assert "{rows}" in AFTER_EXAMPLE


@pytest.mark.parametrize("heading", sorted(PARTS))
def test_every_key_of_every_part_is_listed(heading):
    section = page().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for name, field in PARTS[heading].model_fields.items():
        assert f"| `{field.alias or name}` |" in section


def test_every_link_leads_to_a_heading():
    headings = {line.removeprefix("## ").lower().replace(" ", "-") for line in page().splitlines() if line[:3] == "## "}
    links = {part.partition(")")[0] for part in page().split("](#")[1:]}
    assert links <= headings


def test_the_schema_takes_the_shipped_mappings_as_they_are_written():
    for file in files("loaders").joinpath("mappings").iterdir():
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(json.dumps(written, default=str)), schema())
