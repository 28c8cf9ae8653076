"""The ledger on a real SQLite file and a real PostgreSQL: what it keeps, and that it notices what was done to it."""

import json
import multiprocessing
import shutil
import sys

import pytest
import sqlalchemy as sa

from engine import operational
from engine.errors import UnknownDecision
from engine.ledger import DecisionErased, Head, Ledger, LedgerBroken
from engine.operational import (
    HEAD,
    MIGRATIONS,
    OperationalDataIsNewer,
    OperationalDataUnavailable,
    open_database,
    writing,
)
from graph.errors import BadInput


@pytest.fixture
def url(operational_url):
    return operational_url


@pytest.fixture
def database(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(database):
    ledger = Ledger(database)
    for number in range(1, 6):
        ledger.enter(f"d{number}", f'{{"answer":{number}}}'.encode(), who="officer", purpose="tender 7")
    return ledger


def change(database, statement, **values):
    with writing(database) as connection:
        connection.execute(sa.text(statement), values)


def test_an_entry_says_who_asked_when_and_why_and_which_decision_came_of_it(database):
    entry = Ledger(database).enter("d1", b"{}", who="采购人 王", purpose="政府采购 2026-17")
    assert (entry.seq, entry.who, entry.purpose, entry.decision_id) == (1, "采购人 王", "政府采购 2026-17", "d1")
    assert [found.hash for found in Ledger(database).entries()] == [entry.hash]


def test_the_document_comes_back_byte_for_byte(ledger):
    assert ledger.document("d3") == b'{"answer":3}'


def test_an_unknown_decision_is_said_to_be_unknown(ledger):
    with pytest.raises(
        UnknownDecision, match=r"^there is no decision of this id \(check the id, or ask the question anew\)$"
    ):
        ledger.document("never")
    with pytest.raises(UnknownDecision):
        ledger.erase("never")


def test_the_same_question_asked_twice_makes_two_entries_and_one_document(ledger, database):
    ledger.enter("d1", b'{"answer":1}', who="another", purpose="again")
    with database.connect() as connection:
        assert connection.execute(sa.text("select count(*) from document")).scalar() == 5
    assert ledger.verify().seq == 6


def test_a_whole_chain_verifies_and_tells_its_head(ledger):
    head = ledger.verify()
    assert head.seq == 5
    assert Head.parse(str(head)) == head


def test_an_empty_ledger_verifies(database):
    assert Ledger(database).verify().seq == 0


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update ledger_entry set who = 'nobody' where seq = 3", "entry 3 was changed"),
        ("update ledger_entry set at = '2020-01-01' where seq = 1", "entry 1 was changed"),
        ("delete from ledger_entry where seq = 2", "after entry 1 comes 3"),
        ("delete from ledger_entry where seq = 5", "the end was cut off"),
        ("delete from ledger_entry", "the end was cut off"),
        ("delete from ledger_head", "lost its head"),
        (
            "update document set content = cast('broken' as bytea) where decision_id = 'd4'",
            "document of entry 4 can't be read",
        ),
        ("delete from document where decision_id = 'd2'", "document of entry 2 is gone"),
        (
            "update document set content = (select content from document where decision_id = 'd1') "
            "where decision_id = 'd4'",
            "document of entry 4 was changed",
        ),
    ],
)
def test_whatever_was_done_to_it_is_noticed(ledger, database, statement, said):
    if database.dialect.name == "sqlite":
        statement = statement.replace("bytea", "blob")
    change(database, statement)
    with pytest.raises(LedgerBroken, match=said):
        ledger.verify()


def test_two_entries_that_changed_places_are_noticed(ledger, database):
    change(database, "update ledger_entry set seq = -seq where seq in (2, 3)")
    change(database, "update ledger_entry set seq = 5 + seq where seq < 0")
    with pytest.raises(
        LedgerBroken, match=r"entry 2 does not follow.*\(compare with a backup and with `ledger export`\)"
    ):
        ledger.verify()


def test_an_entry_rewritten_with_a_hash_that_fits_breaks_the_next_one(ledger, database):
    entries = list(ledger.entries())
    forged = entries[2].__class__(**{**{n: getattr(entries[2], n) for n in entries[2].__slots__}, "who": "forger"})
    change(database, "update ledger_entry set who = 'forger', hash = :h where seq = 3", h=forged.expected_hash())
    with pytest.raises(LedgerBroken, match="entry 4 does not follow"):
        ledger.verify()


def test_a_tail_cut_off_together_with_the_head_is_noticed_by_whoever_noted_the_head(ledger, database):
    noted = ledger.verify()
    fourth = list(ledger.entries())[3]
    change(database, "delete from ledger_entry where seq = 5")
    change(database, "update ledger_head set seq = 4, hash = :h", h=fourth.hash)
    assert ledger.verify().seq == 4
    with pytest.raises(LedgerBroken, match="is not the one that was noted"):
        ledger.verify(noted)


def test_an_earlier_head_still_proves_the_chain_after_it_grew(ledger):
    noted = ledger.verify()
    ledger.enter("d6", b"{}", who="officer", purpose="")
    assert ledger.verify(noted).seq == 6


def test_what_is_no_head_is_refused():
    with pytest.raises(BadInput) as told:
        Head.parse("last Tuesday")
    said = "last Tuesday is no head of a ledger (write it as `ledger verify` prints it: SEQ:HASH)"
    assert str(told.value) == said


def test_a_ledger_that_could_take_no_entry_says_so_before_anybody_asks(ledger, database):
    ledger.ping()
    change(database, "delete from ledger_head")
    with pytest.raises(LedgerBroken, match=r"the ledger has lost its head \(restore .+ from a backup\)"):
        ledger.ping()


def test_an_erased_document_is_gone_and_the_chain_holds(ledger, database):
    ledger.erase("d2")
    with pytest.raises(DecisionErased):
        ledger.document("d2")
    assert ledger.verify().seq == 5
    with database.connect() as connection:
        assert connection.execute(sa.text("select salt from ledger_entry where seq = 2")).scalar() is None


def test_an_erased_document_given_anew_is_there_again(ledger):
    ledger.erase("d2")
    ledger.enter("d2", b'{"answer":2}', who="officer", purpose="asked again")
    assert ledger.document("d2") == b'{"answer":2}'
    assert ledger.verify().seq == 6


def test_catalogues_are_kept_by_digest(database):
    ledger = Ledger(database)
    ledger.keep_catalogue("abc", b"measures: []")
    ledger.keep_catalogue("abc", b"measures: []")
    assert Ledger(database).catalogue("abc") == b"measures: []"
    with pytest.raises(UnknownDecision):
        ledger.catalogue("def")


def test_entries_are_exported_as_they_stand(ledger):
    exported = [json.loads(json.dumps({n: getattr(e, n) for n in e.__slots__})) for e in ledger.entries()]
    assert [e["previous"] for e in exported[1:]] == [e["hash"] for e in exported[:-1]]


def append(arguments):
    url, name, count = arguments
    database = open_database(url)
    for number in range(count):
        Ledger(database).enter(f"{name}-{number}", b"{}", who=name, purpose="")
    database.dispose()


@pytest.mark.slow
def test_appends_of_several_processes_make_one_unbroken_chain(url):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(append, [(url, f"p{number}", 12) for number in range(4)])
    database = open_database(url)
    ledger = Ledger(database)
    assert ledger.verify().seq == 48
    for name in ("p0", "p1", "p2", "p3"):
        own = [entry.decision_id for entry in ledger.entries() if entry.who == name]
        assert own == [f"{name}-{number}" for number in range(12)]
    database.dispose()


def test_an_append_that_fails_leaves_nothing_behind(ledger, database):
    change(database, "drop table document")
    with pytest.raises(OperationalDataUnavailable):
        ledger.enter("d6", b"{}", who="officer", purpose="")
    assert len(list(ledger.entries())) == 5


def test_a_database_of_a_newer_schema_is_refused(url, database):
    change(database, "update alembic_version set version_num = '9999'")
    with pytest.raises(OperationalDataIsNewer, match="9999"):
        open_database(url)


def test_the_last_migration_is_the_schema_that_this_xinheng_knows():
    revisions = sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/0*.py"))
    assert revisions[-1] == HEAD


def test_xinheng_may_be_installed_under_any_name(tmp_path, monkeypatch):
    shutil.copytree(MIGRATIONS, tmp_path / "50% of it" / "migrations")
    monkeypatch.setattr(operational, "MIGRATIONS", tmp_path / "50% of it" / "migrations")
    database = open_database(f"sqlite:///{tmp_path / 'operational.sqlite'}")
    Ledger(database).enter("d1", b"{}", who="officer", purpose="tender 7")
    assert Ledger(database).document("d1") == b"{}"
    database.dispose()


def test_the_directories_of_a_database_are_made(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'within' / 'operational.sqlite'}")
    assert list(Ledger(database).entries()) == []
    database.dispose()


def test_a_driver_that_is_not_installed_is_told_with_the_way_to_get_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "engine.postgresql", raising=False)
    monkeypatch.delattr("engine.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(OperationalDataUnavailable, match="psycopg, is not installed") as refused:
        open_database("postgresql+psycopg://host/xinheng")
    assert "xinheng[postgresql]" in refused.value.remedy


def test_a_place_that_is_no_database_is_said_to_be_unusable(tmp_path):
    (tmp_path / "text").write_text("not a database, but long enough to be read as one" * 50, encoding="utf-8")
    with pytest.raises(OperationalDataUnavailable):
        open_database(f"sqlite:///{tmp_path / 'text'}")


def test_a_database_opened_twice_keeps_its_entries(ledger, url):
    again = open_database(url)
    assert Ledger(again).verify() == ledger.verify()
    again.dispose()
