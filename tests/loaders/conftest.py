"""Loading into a real embedded store and a real quarantine."""

import csv
import io
import json
from dataclasses import dataclass

import pytest

from api.demo.codes import citizen_id, credit_code
from engine.operational import open_database
from graph.sqlite import SqliteStore
from graph.vault import Vault
from loaders.codes import CodeTables, Divisions
from loaders.feeds import feed
from loaders.files import city_rows
from loaders.load import load
from loaders.quarantine import SqlQuarantine, quarantined
from loaders.translation import Translation

SEAL_KEY = b"s" * 32


@dataclass
class Town:
    """A small town being loaded; `faults` collects what was said of rejected rows."""

    store: SqliteStore
    database: object
    directory: object
    seal_key: bytes = SEAL_KEY

    def load(self, *lines, **options):
        path = self.directory / "city.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return self.load_rows(city_rows(str(path)), **options)

    def load_rows(self, rows, mapping="city", **options):
        quarantine = SqlQuarantine(self.database, SEAL_KEY, mapping)
        codes = CodeTables(self.database)
        translation = Translation(Vault(b"h" * 32, SEAL_KEY), Divisions.of(codes))
        return load(rows, self.store, quarantine, translation, codes=codes, **options)

    def load_files(self, mapping, *files, where=None, through=None, **options):
        """Load as the command does: `mapping` is the name of a shipped one, or the path of one's own."""
        chosen = feed(str(mapping))
        rows = chosen.rows([str(file) for file in files], where or {})
        return self.load_rows(rows, chosen.name, frame=chosen.frame(through), **options)

    def file(self, name, content):
        """A file of this name: text in UTF-8, or bytes."""
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def table(self, name, *rows):
        """A CSV file; the first of the rows is its header."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return self.file(name, text.getvalue())

    def quarantine(self, mapping="city"):
        return SqlQuarantine(self.database, SEAL_KEY, mapping)

    @property
    def kept(self):
        return list(quarantined(self.database))

    def revealed(self, mapping="city"):
        """The text of each row in quarantine."""
        return [one.row.text for one in SqlQuarantine(self.database, SEAL_KEY, mapping).kept()]

    @property
    def said(self):
        """Everything said of rows in quarantine, as one text."""
        return "\n".join(
            f"{fault['field']} {fault['value']} {fault['reason']} {fault['remedy']}"
            for row in self.kept
            for fault in row.faults
        )

    def facts(self, kind):
        return [fact for fact in self.store.facts(known_at=self.store.last_instant()) if isinstance(fact, kind)]


@pytest.fixture
def town(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'operational.sqlite'}")
    with SqliteStore(tmp_path / "store") as store:
        yield Town(store, database, tmp_path)
    database.dispose()


@pytest.fixture
def company():
    return {
        "fact": "subject",
        "kind": "enterprise",
        "uscc": credit_code(1),
        "name": "九江柏川商贸有限公司",
        "region": "360400",
    }


@pytest.fixture
def person():
    return {"fact": "subject", "kind": "natural_person", "citizen_id": citizen_id(1), "name": "程立群"}


@pytest.fixture
def link(company, person):
    return {
        "fact": "link",
        "type": "legal_representative",
        "holder": {"citizen_id": person["citizen_id"]},
        "organisation": {"uscc": company["uscc"]},
        "valid_from": "2022-03-01",
    }


@pytest.fixture
def record(company):
    return {
        "fact": "record",
        "key": "r1",
        "subject": {"uscc": company["uscc"]},
        "list": "judgment-defaulter",
        "severity": "serious",
        "decided_on": "2024-09-02",
        "amount": 900000.5,
    }
