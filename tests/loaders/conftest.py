"""Loading into a real embedded store and a real quarantine."""

import json
from dataclasses import dataclass, field

import pytest

from api.demo.codes import citizen_id, credit_code
from engine.operational import open_database
from graph.sqlite import SqliteStore
from graph.vault import Vault
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
    translation: Translation = field(default_factory=lambda: Translation(Vault(b"h" * 32, SEAL_KEY)))

    def load(self, *lines, **options):
        path = self.directory / "city.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return self.load_rows(city_rows(str(path)), **options)

    def load_rows(self, rows, mapping="city", **options):
        quarantine = SqlQuarantine(self.database, SEAL_KEY, mapping)
        return load(rows, self.store, quarantine, self.translation, **options)

    @property
    def kept(self):
        return list(quarantined(self.database))

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
