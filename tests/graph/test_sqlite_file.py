"""The file of the embedded store: what becomes of it when it is foreign, newer, damaged, or can't be written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.errors import StoreCorrupt, StoreIsNewer, StoreUnavailable, XinhengError
from graph.model import LinkType
from graph.plan import Plan
from graph.sqlite import SqliteStore, schema
from graph.sqlite.file import FILE_NAME
from tests.contract.builders import TODAY, become, link, merge, naming, organisation, person, put, record, source, stub

FIRM = organisation(1)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A store with some pages in it."""
    with SqliteStore(tmp_path / "city") as store:
        put(store, *(organisation(n) for n in range(300)))
    return tmp_path / "city"


def raw(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(directory / FILE_NAME, isolation_level=None)


def test_a_store_keeps_what_it_holds_when_it_is_opened_again(directory: Path) -> None:
    with SqliteStore(directory) as store:
        at = put(store, record(FIRM))
    with SqliteStore(directory) as store:
        assert store.last_instant() == at
        assert store.subject(FIRM.id, known_at=at) == FIRM
        assert record(FIRM) in list(store.facts(known_at=at))
        assert store.search("第1商贸", known_at=at) == [FIRM]


def test_a_store_is_one_file_in_its_directory_and_leaves_nothing_else(directory: Path) -> None:
    assert [path.name for path in directory.iterdir()] == [FILE_NAME]


def test_a_store_written_by_a_later_xinheng_is_refused(directory: Path) -> None:
    connection = raw(directory)
    connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreIsNewer, match="the later Xinheng"):
        SqliteStore(directory)


def test_a_store_of_an_earlier_schema_is_migrated_and_keeps_its_facts(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = (*schema.MIGRATIONS, "CREATE TABLE remark (text TEXT); CREATE INDEX remark_text ON remark (text);")
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    with SqliteStore(directory) as store:
        assert store.subject(FIRM.id, known_at=datetime(9000, 1, 1, tzinfo=UTC)) == FIRM
    connection = raw(directory)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
    assert connection.execute("SELECT count(*) FROM remark").fetchone() == (0,)
    connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE remark (text TEXT); CREATE TABEL x;"))
        with pytest.raises(sqlite3.OperationalError):
            SqliteStore(directory)
    with SqliteStore(directory) as store:
        assert become(store.write([FIRM])) == ["unchanged"]


MARKS = "SELECT fact.id, fact.mark FROM fact WHERE fact.kind = 1 ORDER BY 1"
MARKS_OF_LINKS = "SELECT k, holder_mark, organisation_mark FROM link ORDER BY 1"


def test_marks_of_an_earlier_schema_are_told_apart(tmp_path: Path) -> None:
    """Before, a mark said only that there was some reason for one."""
    listed, of_nobody, merged, twin = organisation(2), stub(FIRM), person(1), person(2)
    named_later = person(3)
    links = [link(holder, LinkType.DIRECTOR, FIRM) for holder in (of_nobody, merged, twin, named_later)]
    links.append(link(FIRM, LinkType.SHAREHOLDER, listed))
    with SqliteStore(tmp_path) as store:
        put(store, FIRM, listed, of_nobody, merged, twin, named_later, *links, record(listed), merge(merged, twin))
        put(store, naming(record(listed), named_later))
    connection = raw(tmp_path)
    now = connection.execute(MARKS).fetchall(), connection.execute(MARKS_OF_LINKS).fetchall()
    assert dict(now[0]) == {
        FIRM.id: 0,
        listed.id: schema.LISTED,
        of_nobody.id: schema.NAMELESS,
        merged.id: schema.MERGED,
        twin.id: schema.MERGED,
        named_later.id: schema.LISTED,
    }
    connection.execute("UPDATE fact SET mark = min(mark, 1)")
    connection.execute(
        "UPDATE link SET holder_mark = min(holder_mark, 1), organisation_mark = min(organisation_mark, 1)"
    )
    connection.execute("PRAGMA user_version = 2")
    SqliteStore(tmp_path).close()
    assert (connection.execute(MARKS).fetchall(), connection.execute(MARKS_OF_LINKS).fetchall()) == now
    connection.close()


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / FILE_NAME
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = foreign.read_bytes()
    with pytest.raises(StoreCorrupt, match="not a store of Xinheng"):
        SqliteStore(tmp_path)
    assert foreign.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"name,code\n" * 2000)
    with pytest.raises(StoreCorrupt, match="damaged"):
        SqliteStore(tmp_path)


@pytest.mark.parametrize("share", [0, 0.001, 0.25, 0.5, 0.99])
def test_a_file_cut_short_is_refused(directory: Path, share: float) -> None:
    """An empty file too: a store that lost everything must not pass for one that holds nothing."""
    path = directory / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StoreCorrupt, match="restore it from a backup"):
        SqliteStore(directory)


def test_damage_inside_the_file_is_told_and_nothing_is_concluded(directory: Path) -> None:
    path = directory / FILE_NAME
    whole = bytearray(path.read_bytes())
    whole[8192:] = b"\xa5" * (len(whole) - 8192)
    path.write_bytes(whole)
    with pytest.raises(StoreCorrupt), SqliteStore(directory) as store:
        list(store.facts(known_at=datetime(9000, 1, 1, tzinfo=UTC)))


def test_a_table_that_is_gone_is_damage(directory: Path) -> None:
    connection = raw(directory)
    connection.execute("DROP TABLE link")
    connection.close()
    with SqliteStore(directory) as store, pytest.raises(StoreCorrupt, match="no such table"):
        store.stats(known_at=datetime(9000, 1, 1, tzinfo=UTC))


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="directory"):
        SqliteStore(tmp_path / "file" / "store")


def test_a_directory_where_the_file_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        SqliteStore(tmp_path)


def test_a_full_disk_is_told_and_the_batch_is_taken_back(directory: Path) -> None:
    with SqliteStore(directory) as store:
        with store._connections.writing() as connection:
            connection.execute("PRAGMA max_page_count = 1")  # no less than it has now: no room to grow
        with pytest.raises(StoreUnavailable, match="disk"):
            put(store, *(organisation(n) for n in range(1000, 4000)))
        assert store.history(organisation(1000).id) == []


def test_a_store_that_another_process_holds_for_long_is_told(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.sqlite.file.WAIT_SECONDS", 0.05)
    blocker = raw(directory)
    blocker.execute("BEGIN IMMEDIATE")
    with SqliteStore(directory) as store:
        with pytest.raises(StoreUnavailable, match="try again"):
            store.write([person(1)])
        assert store.subject(FIRM.id, known_at=datetime(9000, 1, 1, tzinfo=UTC)) == FIRM
    blocker.close()


def test_two_that_make_a_store_at_once_share_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: SqliteStore(tmp_path / "new"), range(8)))
    at = put(stores[0], FIRM)
    assert {store.last_instant() for store in stores} == {at}
    for store in stores:
        store.close()
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE_NAME]


WRITER = """
import sys
from pathlib import Path
from graph.sqlite import SqliteStore
from tests.contract.builders import organisation
with SqliteStore(Path(sys.argv[1])) as store:
    for n in range(int(sys.argv[2]), int(sys.argv[2]) + 20):
        store.write([organisation(n)])
"""


def test_processes_write_in_turn_while_this_one_reads(directory: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(directory), str(n)]) for n in (1000, 2000)]
    seen = []
    with SqliteStore(directory) as store:
        while any(writer.poll() is None for writer in writers):
            known_at = store.last_instant()
            assert known_at
            seen.append(store.stats(known_at=known_at)["subjects"]["enterprise"])
        assert [writer.returncode for writer in writers] == [0, 0]
        known_at = store.last_instant()
        assert known_at
        assert store.stats(known_at=known_at)["subjects"]["enterprise"] == 340
    assert seen == sorted(seen)


def test_what_another_process_delivers_is_told_with_the_next_evidence(directory: Path) -> None:
    with SqliteStore(directory) as store, SqliteStore(directory) as of_another:
        later = datetime(2999, 1, 1, tzinfo=UTC)
        assert store.evidence([FIRM.id], Plan(), as_of=TODAY, known_at=later).sources == ()
        put(of_another, court := source("court"))
        assert store.evidence([FIRM.id], Plan(), as_of=TODAY, known_at=later).sources == (court,)


def test_errors_of_the_store_name_no_path_and_carry_a_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"x" * 5000)
    with pytest.raises(XinhengError) as caught:
        SqliteStore(tmp_path)
    assert str(tmp_path) not in str(caught.value)
    assert caught.value.remedy
