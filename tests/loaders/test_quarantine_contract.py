"""The quarantine on a real SQLite file and a real PostgreSQL: kept once, known by name, released, judged."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from api.demo.codes import citizen_id
from engine.operational import MIGRATIONS, open_database
from graph.errors import BadInput
from loaders.discarding import discard, judgements, restore
from loaders.quarantine import QUARANTINE, ROWS, SqlQuarantine, counted, counted_by_source, quarantined
from loaders.rows import Draft, Fault, FaultKind, Rejected, Row, Sheet

KEY = b"k" * 32
SHEET = Sheet(("名称", "代码"), "\t", quoting=False)
WRONG = Fault("代码", "9136", "wrong check character", "correct it", FaultKind.CHECK_CHARACTER)
JUDGED = {"by": "归集员 王", "reason": "mended in the original file"}


@pytest.fixture
def database(operational_url):
    engine = open_database(operational_url)
    yield engine
    engine.dispose()


@pytest.fixture
def quarantine(database):
    return SqlQuarantine(database, KEY, "own", "tax")


def row(line, file="a.tsv", entry=None, text=None):
    return Row(file, line, text or f"甲公司{line}\t9136", sheet=SHEET, entry=entry)


def rejected(*rows, fault=WRONG):
    return [Rejected(one, (fault,)) for one in rows]


def names(database, **picked):
    return [one.entry for one in quarantined(database, **picked)]


def test_a_row_comes_back_as_it_was_kept_and_once(quarantine, database):
    for _ in range(2):
        quarantine.keep(rejected(row(2), row(3)))
    assert [(one.row.line, one.row.text, one.row.sheet) for one in quarantine.kept()] == [
        (2, "甲公司2\t9136", SHEET),
        (3, "甲公司3\t9136", SHEET),
    ]
    assert counted(database) == [("own", "a.tsv", "check_character", 2)]


def test_an_entry_is_found_by_its_name_and_stays_the_one_that_it_was(quarantine, database):
    quarantine.keep(rejected(row(2), row(3)))
    first, second = names(database)
    quarantine.keep(rejected(row(1, "mended.tsv", first, "乙公司\t9136")))
    assert names(database) == [first, second]
    found, _ = list(quarantine.kept())
    assert (found.row.file, found.row.line, found.row.text) == ("a.tsv", 2, "乙公司\t9136")


def test_what_was_loaded_is_released_by_name_and_by_row_and_nothing_else(quarantine, database):
    quarantine.keep(rejected(*(row(line) for line in range(2, 6))))
    first, _, third, fourth = names(database)
    quarantine.release([row(1, "mended.tsv", first), row(3), row(9), row(1, "mended.tsv", "999999999-00000000")])
    assert names(database) == [third, fourth]
    SqlQuarantine(database, KEY, "other").release([row(1, "mended.tsv", third)])
    number, _, digest = third.partition("-")
    quarantine.release([row(1, "mended.tsv", f"{number}-{'0' * len(digest)}")])
    assert names(database) == [third, fourth], "another mapping's, or a number with another digest"


def test_more_rows_than_one_statement_takes_are_released(quarantine, database):
    rows = [row(line) for line in range(ROWS + 10)]
    quarantine.keep(rejected(*rows))
    quarantine.release([row(1, "mended.tsv", name) for name in names(database)])
    assert names(database) == []


def test_what_a_row_shows_may_hold_any_character(quarantine, database):
    odd = Row("a.jsonl", 1, '{"name": "\\u0000"}', (Draft({"name": "甲\x00\u202e\ud800乙", "source": "x\x00"}),))
    SqlQuarantine(database, KEY, "city").keep(rejected(odd, fault=Fault("name", "\x00", "no name")))
    [one] = quarantined(database, mapping="city")
    assert "甲" in one.key
    assert one.faults[0]["value"] == "\x00"


def test_rows_are_counted_by_the_source_that_they_are_of(quarantine, database):
    quarantine.keep(rejected(row(2), row(3)))
    lines = [Row("c.jsonl", n, "{}", (Draft({"fact": "record", "source": s}),)) for n, s in ((1, "court"), (2, None))]
    SqlQuarantine(database, KEY, "city").keep(rejected(*lines))
    assert counted_by_source(database) == {"tax": 2, "court": 1, "city": 1}
    assert [one.line for one in quarantined(database, source="court")] == [1]
    discard(database, names(database, source="tax"), **JUDGED)
    assert counted_by_source(database) == {"court": 1, "city": 1}


# --- judged -----------------------------------------------------------------------------------------------------------
def test_a_discarded_entry_stays_with_who_when_and_why_and_is_out_of_the_way(quarantine, database):
    quarantine.keep(rejected(row(2), row(3)))
    first, second = names(database)
    assert discard(database, [first, first], **JUDGED) == 1
    assert (names(database), names(database, discarded=True)) == ([second], [first])
    assert counted(database) == [("own", "a.tsv", "check_character", 1)]
    assert [one.row.entry for one in quarantine.kept()] == [second]
    [said] = judgements(database)[first]
    assert (said.verdict, said.by, said.reason) == ("discarded", JUDGED["by"], JUDGED["reason"])
    assert said.at
    assert discard(database, [first], **JUDGED) == 0
    assert len(judgements(database)[first]) == 1


def test_the_same_row_loaded_again_stays_discarded_whether_it_is_good_or_bad_by_then(quarantine, database):
    quarantine.keep(rejected(row(2)))
    [entry] = names(database)
    discard(database, [entry], **JUDGED)
    quarantine.keep(rejected(row(2)))
    assert (names(database), names(database, discarded=True)) == ([], [entry])
    quarantine.release([row(2), row(1, "mended.tsv", entry)])
    assert names(database, discarded=True) == [entry], "a judgement is never deleted silently"


def test_a_judgement_is_taken_back_and_both_are_kept(quarantine, database):
    quarantine.keep(rejected(row(2)))
    [entry] = names(database)
    discard(database, [entry], **JUDGED)
    assert restore(database, [entry], by="归集员 李", reason="the wrong one") == 1
    assert names(database) == [entry]
    assert [one.verdict for one in judgements(database)[entry]] == ["discarded", "restored"]


@pytest.mark.parametrize(
    ("entries", "said", "fault"),
    [
        (["7"], {}, "no name of an entry"),
        (["999999999-00000000"], {}, "holds no entry"),
        ([citizen_id(1)], {}, "no name of an entry"),
        ([], {"by": " "}, "--user"),
        ([], {"reason": ""}, "--reason"),
        ([], {"reason": f"see {citizen_id(1)}"}, "number of a person"),
    ],
    ids=["number", "gone", "person", "nobody", "no reason", "person in reason"],
)
def test_a_judgement_that_can_not_be_is_refused_and_nothing_is_judged(quarantine, database, entries, said, fault):
    quarantine.keep(rejected(row(2)))
    [entry] = names(database)
    with pytest.raises(BadInput, match=fault) as refused:
        discard(database, [entry, *entries], **{**JUDGED, **said})
    assert citizen_id(1) not in str(refused.value)
    assert (names(database), judgements(database)) == ([entry], {})


def test_rows_kept_before_judgements_were_known_can_be_judged(operational_url):
    """An operational database of the version before, brought up to date."""
    before = open_database(operational_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with before.begin() as connection:
        made = sa.MetaData()
        made.reflect(connection)
        made.drop_all(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        old = {c.name for c in QUARANTINE.c} - {"id", "source", "judgement"}
        connection.execute(QUARANTINE.insert().values({name: OLD[name] for name in old}))
    before.dispose()
    database = open_database(operational_url)
    [entry] = names(database)
    assert counted_by_source(database) == {"own": 1}
    assert discard(database, [entry], **JUDGED) == 1
    database.dispose()


OLD = {
    "digest": "ab" * 32,
    "mapping": "own",
    "file": "a.csv",
    "line": 2,
    "row_key": "",
    "faults": "[]",
    "row_sealed": b"x",
    "first_seen": "2026-01-01",
    "last_seen": "2026-01-01",
    "kind": "shape",
    "sheet": None,
}
