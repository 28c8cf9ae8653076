"""A row is loaded whole or kept whole: of a row in quarantine nothing reached the store."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loaders.load
from api.demo.codes import credit_code
from engine.operational import open_database
from graph.errors import BadInput
from graph.model import Link, Record, Subject
from graph.sqlite import SqliteStore
from graph.vault import Vault
from loaders.rows import Draft, Row
from loaders.translation import Translation
from tests.loaders.conftest import SEAL_KEY, Town

SOURCE = "registry"


def company(number, name="甲公司", **more):
    line = {"fact": "subject", "kind": "enterprise", "uscc": credit_code(number), "name": name, "source": SOURCE}
    return line | more


def boss(number, name="程立群"):
    of = {"uscc": credit_code(number)}
    return {"fact": "subject", "kind": "natural_person", "name": name, "of": of, "source": SOURCE}


def runs(number, key, position="董事", name="程立群"):
    of = {"uscc": credit_code(number)}
    line = {"fact": "link", "type": "legal_representative", "key": key, "position": position, "source": SOURCE}
    return line | {"holder": {"name": name, "of": of}, "organisation": of}


def holds(holder, organisation, key):
    ends = {"holder": {"uscc": credit_code(holder)}, "organisation": {"uscc": credit_code(organisation)}}
    return {"fact": "link", "type": "shareholder", "key": key, "source": SOURCE, **ends}


def owes(number, key, amount):
    subject = {"uscc": credit_code(number)}
    line = {"fact": "record", "key": key, "list": "tax-arrears", "amount": amount, "source": SOURCE}
    return line | {"subject": subject}


def rows_of(*rows):
    return [Row("rows.csv", number, str(row), tuple(map(Draft, row))) for number, row in enumerate(rows, start=1)]


def held(town):
    last = town.store.last_instant()
    return {fact.id: fact for fact in town.store.facts(known_at=last)} if last else {}


WHOLE = [company(1), boss(1), runs(1, "a")]


def test_of_a_row_whose_subject_conflicts_neither_person_nor_link_is_written(town):
    """As 915101249024944174 in the register of Sichuan: one code, two companies, each with a head."""
    town.load_rows(rows_of(WHOLE))
    before = held(town)
    report = town.load_rows(rows_of([company(1, "乙公司"), boss(1, "赵德柱"), runs(1, "b", name="赵德柱")]))
    assert (report.quarantined, report.subjects, report.links) == (1, 0, 0)
    assert held(town) == before


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ([company(2), runs(1, "a", "经理")], "conflict"),
        ([company(2), owes(2, "r", 1), holds(2, 3, "h")], "reference"),
        ([company(2), holds(2, 2, "h")], "contradiction"),
        ([company(2), company(2, "乙公司")], "conflict"),
        (
            [company(2), {**holds(1, 2, "h"), "organisation": {"name": "程立群", "of": {"uscc": credit_code(1)}}}],
            "contradiction",
        ),
    ],
)
def test_of_a_row_whose_link_can_not_be_written_its_subject_is_not_either(town, bad, reason):
    town.load_rows(rows_of(WHOLE))
    before = held(town)
    good = [company(4), boss(4), runs(4, "d")]
    report = town.load_rows(rows_of(bad, good))
    assert (report.loaded, report.reasons) == (1, {reason: 1})
    assert len(held(town).keys() - before) == len(good)


def test_what_only_a_row_in_quarantine_brings_is_missing_for_others_too(town):
    report = town.load_rows(rows_of(WHOLE, [company(2), runs(1, "a", "经理")], [holds(1, 2, "h")]))
    assert report.reasons == {"conflict": 1, "reference": 1}


@pytest.mark.parametrize("among", [1, 3])
def test_rows_that_wait_for_each_other_come_in_together(town, monkeypatch, among):
    monkeypatch.setattr(loaders.load, "BATCH", among)
    report = town.load_rows(
        rows_of([company(1), holds(1, 2, "a")], [company(3), holds(3, 4, "c")], [company(2), holds(2, 1, "b")])
    )
    assert (report.loaded, report.subjects, report.links, report.reasons) == (2, 2, 2, {"reference": 1})


def test_a_subject_that_a_row_mentions_and_describes_is_one(town):
    report = town.load_rows(rows_of([company(1, "甲", mention=True), company(1, "甲公司"), boss(1), runs(1, "a")]))
    assert (report.loaded, report.subjects, report.quarantined) == (1, 2, 0)
    assert {fact.name for fact in town.facts(Subject)} == {"甲公司", "程立群"}


NUMBERS = st.integers(1, 3)
KEYS = st.sampled_from("ab")
LINE = st.one_of(
    st.builds(company, NUMBERS, st.sampled_from(["甲公司", "乙公司"])),
    st.builds(boss, NUMBERS),
    st.builds(runs, NUMBERS, KEYS, st.sampled_from(["董事", "经理"])),
    st.builds(holds, NUMBERS, NUMBERS, st.sampled_from("cd")),
    st.builds(owes, NUMBERS, KEYS, st.integers(1, 2)),
)
TABLE = st.lists(st.lists(LINE, min_size=1, max_size=4), max_size=8)
REFERENCES = {Link: ("holder", "organisation"), Record: ("subject",), Subject: ()}


class Naive:
    """The promise, row by row: a dictionary of facts, and the rows that are in."""

    def __init__(self, rows):
        translation = Translation(Vault(b"h" * 32, SEAL_KEY))
        self.facts, self.loaded, waiting = {}, set(), []
        for row in rows:
            try:
                facts = [translation.statement(draft).fact for draft in row.drafts]
            except BadInput:  # a line that contradicts itself
                continue
            self.offer(row, facts, waiting)
        while waiting:
            before, again = waiting, []
            for row, facts in before:
                self.offer(row, facts, again)
            if len(again) == len(before):
                again = self.together(again)
                if len(again) == len(before):
                    break
            waiting = again

    def offer(self, row, facts, waiting):
        own = {}
        for fact in facts:
            if own.setdefault(fact.id, self.facts.get(fact.id, fact)) != fact:
                return
        known = set(self.facts)
        known |= {fact.id for fact in facts}
        if any(getattr(fact, name) not in known for fact in facts for name in REFERENCES[type(fact)]):
            waiting.append((row, facts))
            return
        self.facts |= own
        self.loaded.add(row.line)

    def together(self, waiting):
        """Those that lack nothing but each other come in at once; the rest goes on waiting."""
        left = waiting
        while left:
            known = {*self.facts, *(fact.id for _, facts in left for fact in facts)}
            complete = [
                (row, facts)
                for row, facts in left
                if all(getattr(fact, name) in known for fact in facts for name in REFERENCES[type(fact)])
            ]
            if len(complete) == len(left):
                first = dict(self.facts)
                agreeing = [one for one in left if all(first.setdefault(fact.id, fact) == fact for fact in one[1])]
                if len(agreeing) == len(left):
                    self.facts = first
                    self.loaded |= {row.line for row, _ in left}
                    return [one for one in waiting if one not in left]
                complete = agreeing
            left = complete
        return waiting


@given(TABLE, st.sampled_from([1, 2, 3, 1000]), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_ends_as_row_by_row(tmp_path_factory, table, batch, backwards):
    rows = rows_of(*(table[::-1] if backwards else table))
    expected = Naive(rows)
    directory = tmp_path_factory.mktemp("whole")
    database = open_database(f"sqlite:///{directory / 'operational.sqlite'}")
    with pytest.MonkeyPatch.context() as patch, SqliteStore(directory / "store") as store:
        patch.setattr(loaders.load, "BATCH", batch)
        town = Town(store, database, directory)
        report = town.load_rows(rows)
        assert {one.line for one in town.kept} == {row.line for row in rows} - expected.loaded
        assert held(town) == expected.facts
        assert report.quarantined == len(rows) - len(expected.loaded)
    database.dispose()
