"""What a mapping makes of a row: which rows count, which lines they mean, and which column a fault names."""

import pytest

from api.demo.codes import citizen_id, credit_code
from loaders.mapping import Drafting
from loaders.mapping.lookups import Lookups
from loaders.mapping.model import Lookup
from loaders.rows import FaultKind
from tests.loaders.mapping.rows import drafted, fault, mapping

COMPANY = """
columns: [name, code]
lines:
  - line: {fact: subject, kind: enterprise, name: {column: name}, uscc: {column: code}}
"""


def documents(text, **cells):
    return [draft.document for draft in drafted(text, **cells)]


def test_a_row_means_a_line_of_the_mappings_source():
    [found] = documents(COMPANY, name="甲", code="91")
    assert found == {"source": "own", "fact": "subject", "kind": "enterprise", "name": "甲", "uscc": "91"}


def test_a_line_that_has_no_source_gets_none():
    retract = "columns: [id]\nlines: [{line: {fact: retract, id: {column: id}, reason: withdrawn}}]"
    assert documents(retract, id="link:x") == [{"fact": "retract", "id": "link:x", "reason": "withdrawn"}]


def test_what_is_missing_is_left_out():
    assert "name" not in documents(COMPANY, name="", code="91")[0]


JOBS = """
columns: [name, code, jobs]
lines:
  - when: [{column: jobs, missing: true, not: true}]
    line: {fact: subject, kind: natural_person, name: {column: name}, of: {uscc: {column: code}}}
  - each: {column: jobs, split: "/、"}
    when: [{item: true, is: [职工], not: true}]
    line:
      fact: link
      type: director
      position: {item: true}
      holder: {id: {column: name}}
      organisation: {uscc: {column: code}}
"""


def test_a_line_is_made_for_each_part_of_a_cell_that_is_split():
    found = documents(JOBS, name="a:b", code="91", jobs="董事/ 经理、董事/ /职工")
    assert [line.get("position") for line in found] == [None, "董事", "经理"]


def test_no_line_is_made_of_a_missing_cell():
    assert documents(JOBS, name="a:b", code="91", jobs="") == []


EACH_PATH = """
columns: [holder, changes]
lines:
  - each: {path: changes}
    line:
      fact: record
      key: {together: [{item: true, path: number}, {item: true, path: version}], with: "#"}
      subject: {uscc: {column: holder}}
      list: permit
"""


def test_a_line_is_made_for_each_item_at_a_path():
    changes = [{"number": "1", "version": 2}, None, {"number": "1", "version": 3}]
    assert [line["key"] for line in documents(EACH_PATH, holder="91", changes=changes)] == ["1#2", "1#3"]


def test_a_part_that_is_missing_leaves_the_whole_out():
    assert "key" not in documents(EACH_PATH, holder="91", changes=[{"number": "1"}])[0]


def test_items_that_are_none_are_a_fault_of_the_row():
    found = fault(EACH_PATH, holder="91", changes={"number": "1"})
    assert found.kind == FaultKind.SHAPE
    assert "no single value" in found.reason


def test_a_row_of_no_table_is_told_what_it_lacks():
    assert fault(COMPANY, name="甲").reason == "no table of the mapping has such a row; it lacks code"


def test_rows_are_picked_by_the_mapping_and_by_whoever_loads():
    picked = mapping("where: [{column: name, ends_with: [公司]}]" + COMPANY)
    drafting = Drafting(picked, {"code": "91"}, lambda *_: None)
    assert drafting.drafted({"name": "甲公司", "code": "91"})
    assert drafting.drafted({"name": "甲公司", "code": "92"}) is None
    assert drafting.drafted({"name": "乙", "code": "91"}) is None


CHECKED = (
    """
checks:
  - when: [{column: name, matches: '\\d'}, {column: code, missing: true}]
    reason: the columns are shifted
    remedy: put them right
    kind: shape
  - when: [{column: name, contains: [分公司]}]
    warn: true
    reason: a branch
"""
    + COMPANY
)


def test_a_check_that_is_not_stood_names_its_first_column_and_says_what_to_do():
    found = fault(CHECKED, name="50万", code="")
    assert (found.field, found.value, found.kind) == ("name", "50万", FaultKind.SHAPE)
    assert (found.reason, found.remedy) == ("the columns are shifted", "put them right")


def test_all_words_of_a_check_must_hold():
    assert fault(CHECKED, name="50万", code="91") is None


def test_a_check_that_warns_lets_the_row_pass():
    drafts, warnings, hidden = Drafting(mapping(CHECKED), {}, lambda *_: None).drafted(
        {"name": "甲分公司", "code": "91"}
    )
    assert (len(drafts), hidden) == (1, None)
    assert [(warning.field, warning.reason) for warning in warnings] == [("name", "a branch")]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"代码": credit_code(1)[:-1] + "!"}, "代码"),
        ({"名称": ""}, "名称"),
        ({"name": "1.2.2023"}, "name"),
        ({"证件": citizen_id(1)[:-1] + "?"}, "证件"),
    ],
)
def test_a_fault_names_the_column_that_it_stands_in(town, change, column):
    """``name`` is a column here as well as a field, and they are not the same."""
    own = town.file(
        "own.yaml",
        """
id: own
title: own
source: {id: own, department: tax, dataset: own, cadence: P1Y}
columns: [名称, 代码, name, 证件, 人]
lines:
  - line:
      fact: subject
      kind: enterprise
      name: {column: 名称}
      uscc: {column: 代码}
      established_on: {column: name, date: ["%Y-%m-%d"], optional: false}
  - line: {fact: subject, kind: natural_person, name: {column: 人}, citizen_id: {column: 证件}}
""",
    )
    good = {"名称": "甲公司", "代码": credit_code(1), "name": "2020-01-01", "证件": citizen_id(1), "人": "程立群"}
    row = {**good, **change}
    town.load_files(own, town.table("own.csv", list(row), list(row.values())))
    [kept] = town.kept
    assert [one["field"] for one in kept.faults] == [column]


# --- lookups ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def lookups():
    found = Lookups({"code": Lookup(key="stock", value="code", pad=6), "name": Lookup(key="stock", value="name")})
    found.learn(
        [
            {"stock": 1, "code": "91", "name": "一"},
            {"stock": "2", "code": "92", "name": ""},
            {"stock": "000002", "code": "92", "name": "二"},
            {"stock": "3", "code": "93"},
            {"stock": "3", "code": "94"},
            {"stock": "", "code": "95"},
            {"other": "x"},
        ]
    )
    yield found
    found.close()


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("code", "000001", "91"),
        ("code", "000002", "92"),  # said twice, alike
        ("code", "000003", None),  # two values: nothing is guessed
        ("code", "000009", None),
        ("code", "1", None),  # the keys are padded, and so must be what is asked
        ("name", "1", "一"),
        ("name", "2", None),
        ("nothing", "1", None),
    ],
)
def test_a_lookup_gives_the_one_value_of_a_key(lookups, name, key, value):
    assert lookups.of(name, key) == value


def test_what_is_learned_later_may_take_a_value_away(lookups):
    assert lookups.of("code", "000001") == "91"
    lookups.learn([{"stock": "1", "code": "99"}])
    assert lookups.of("code", "000001") is None


@pytest.mark.parametrize("cell", [[], ["93"], {"a": 1}, 10**60])
def test_a_cell_that_is_no_single_value_is_nothing_to_look_up(lookups, cell):
    lookups.learn([{"stock": cell, "code": "93"}, {"stock": "000093", "code": cell}, {"stock": "000094", "code": "94"}])
    assert lookups.of("code", "000093") is None
    assert lookups.of("code", "000094") == "94"


def test_only_files_with_both_columns_are_read_for_lookups(lookups):
    assert lookups.wanted_by(["stock", "code", "more"])
    assert not lookups.wanted_by(["stock", "more"])


def test_a_lookup_joins_the_files_that_are_loaded_together(town):
    own = town.file(
        "own.yaml",
        """
id: own
title: own
source: {id: own, department: tax, dataset: own, cadence: P1Y}
lookups: {credit code: {key: stock, value: code, pad: 6}}
tables:
  - columns: [stock, code]
    lines: [{line: {fact: subject, kind: enterprise, name: {column: stock}, uscc: {column: code}}}]
  - columns: [stock, fine]
    lines:
      - line:
          fact: record
          key: {column: fine}
          subject: {uscc: {column: stock, pad: 6, lookup: credit code}}
          list: fined
""",
    )
    codes = town.table("z-codes.csv", ["stock", "code"], ["000001", credit_code(1)])
    fines = town.table("a-fines.csv", ["stock", "fine"], ["1", "f1"], ["7", "f2"])
    report = town.load_files(own, fines, codes)
    assert (report.records, report.quarantined, report.reasons) == (1, 1, {"reference": 1})
    assert "load it together with the file that does" in town.said
