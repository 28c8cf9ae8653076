"""Rows read = loaded + unchanged + quarantined, over random tables, loaded one after the other."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.codes import citizen_id, credit_code
from engine.operational import open_database
from graph.model import Record, Subject
from graph.sqlite import SqliteStore
from tests.loaders.conftest import Town

OWN = """
id: own
title: own
source: {id: own, department: tax, dataset: 欠税公告, holds: [tax-arrears], cadence: P1M}
columns: [name, code, key, amount, person]
lines:
  - line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}
  - when: [{column: person, missing: true, not: true}]
    line: {fact: subject, kind: natural_person, name: 某人, citizen_id: {column: person}}
  - line:
      fact: record
      key: {column: key}
      subject: {uscc: {column: code}}
      list: tax-arrears
      amount: {column: amount, unit: 万元}
"""
HEADER = ["name", "code", "key", "amount", "person"]
WRONG_CODE = credit_code(1)[:-1] + "!"
CELLS = [
    st.sampled_from(["甲公司", "乙公司", ""]),
    st.sampled_from([credit_code(1), credit_code(2), WRONG_CODE, ""]),
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["1", "2", "much", ""]),
    st.sampled_from(["", citizen_id(1), "x"]),
]
ROW = st.tuples(*CELLS) | st.lists(st.sampled_from(["x", ""]), min_size=1, max_size=7)
TABLE = st.lists(ROW, max_size=8)


@given(TABLE, TABLE)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_read_is_loaded_unchanged_or_kept(tmp_path_factory, first, second):
    directory = tmp_path_factory.mktemp("sum")
    database = open_database(f"sqlite:///{directory / 'operational.sqlite'}")
    with SqliteStore(directory / "store") as store:
        town = Town(store, database, directory)
        own = town.file("own.yaml", OWN)
        loads = [town.load_files(own, town.table(name, HEADER, *rows)) for name, rows in files(first, second)]
        for report, rows in zip(loads, (first, second, first), strict=True):
            assert report.read == len(rows) == report.loaded + report.unchanged + report.quarantined
            assert report.quarantined == sum(report.reasons.values())
        assert len(town.facts(Subject)) == sum(report.subjects for report in loads)
        assert len(town.facts(Record)) == sum(report.records for report in loads)
        assert len({(one.file, one.line) for one in town.kept}) == len(town.kept)
        assert len(town.kept) == loads[1].quarantined + loads[2].quarantined
    database.dispose()


def files(first, second):
    """The first file comes once more after the second."""
    return [("a.csv", first), ("b.csv", second), ("a.csv", first)]
