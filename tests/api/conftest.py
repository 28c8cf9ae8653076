"""A small town loaded through the command line, and ways to ask about it.

The town is loaded once for each worker; a test that writes gets a copy of its directory. Its words are those of the
shipped catalogue.
"""

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from api.demo.codes import citizen_id, credit_code
from api.demo.sources import declarations
from rules.catalogue import Catalogue

DAY = "2026-10-31"
DEFAULTER, CLEAN, NAMESAKE, RIVAL = (credit_code(number) for number in range(1, 5))
PERSON = citizen_id(1)
ASKED = ("--matter", "政府采购", "--department", "采购人", "--as-of", DAY)
ENVIRONMENT = {
    "XINHENG_ENVIRONMENT": "development",
    "XINHENG_REGION": "360400",
    "XINHENG_STORE": "",
}


@dataclass(frozen=True)
class Told:
    """What a command wrote, and its exit status."""

    status: int
    out: bytes
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def text(self):
        return self.out.decode()


def town_lines():
    company = {"fact": "subject", "kind": "enterprise", "region": "360400"}
    yield from declarations(Catalogue.shipped())
    for source in ("court", "tax", "market", "penalties", "credit-platform", "registry", "ecology", "conscription"):
        yield {"fact": "load", "source": source, "through": DAY}
    yield {
        **company,
        "uscc": DEFAULTER,
        "name": "九江柏川商贸有限公司",
        "identifiers": {"registration_number": "110108000000016"},
    }
    yield {**company, "uscc": CLEAN, "name": "九江清白科技有限公司"}
    yield {**company, "uscc": NAMESAKE, "name": "九江清白科技有限公司"}
    yield {**company, "uscc": RIVAL, "name": "九江对手科技有限公司"}
    yield {"fact": "subject", "kind": "natural_person", "citizen_id": PERSON, "name": "程立群"}
    for code in (DEFAULTER, RIVAL):
        link = {
            "fact": "link",
            "type": "legal_representative",
            "holder": {"citizen_id": PERSON},
            "valid_from": "2020-01-01",
        }
        yield {**link, "organisation": {"uscc": code}}
    yield {
        "fact": "record",
        "key": "r1",
        "source": "court",
        "subject": {"uscc": DEFAULTER},
        "list": "judgment-defaulter",
        "severity": "serious",
        "decided_on": "2026-03-10",
        "effective_from": "2026-03-10",
        "effective_to": "2028-03-10",
        "amount": 900000,
        "test": True,
    }


@pytest.fixture
def xinheng(monkeypatch, capfdbinary):
    """Runs a command in this process: `xinheng("check", …, stdin="…")`."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def run(*arguments, stdin=None):
        capfdbinary.readouterr()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((stdin or "").encode()), encoding="utf-8"))
        status = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Told(status, out, err.decode())

    return run


@pytest.fixture(scope="session")
def built_town(tmp_path_factory):
    directory = tmp_path_factory.mktemp("town")
    file = directory / "town.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in town_lines()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "XINHENG_DATA": str(directory / "data")}.items():
            patch.setenv(name, value)
        assert main(["load", "city", str(file), "--recorded-at", f"{DAY}T00:00:00Z", "--json"]) == 0
    return directory


@pytest.fixture
def town(built_town, tmp_path, monkeypatch) -> Path:
    """The town's own data directory, ready for the commands."""
    data = tmp_path / "data"
    shutil.copytree(built_town / "data", data)
    monkeypatch.setenv("XINHENG_DATA", str(data))
    return data


@pytest.fixture
def city_file(tmp_path):
    """Writes lines to a file and gives its path."""

    def write(*lines, name="more.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", encoding="utf-8")
        return path

    return write
