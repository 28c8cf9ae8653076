"""Which of several statements about one subject stands, and that it does not depend on which came first."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.demo.codes import credit_code
from engine.operational import open_database
from graph.model import Subject
from graph.sqlite import SqliteStore
from loaders.standing import MENTIONED, prevails
from tests.loaders.conftest import Town

CODE = credit_code(1)


def said(source, name="甲公司", mention=False, **more):
    line = {"fact": "subject", "kind": "enterprise", "uscc": CODE, "name": name, "source": source, **more}
    return line | ({"mention": True} if mention else {})


def subject(source, name="甲", mention=False, **more):
    return Subject("uscc:x", "enterprise", name, source=source, fields={MENTIONED: True} if mention else {}, **more)


def standing(town):
    [one] = town.facts(Subject)
    return one.source, one.name


REGISTER, MENTION = said("registry", "登记名称"), said("court", "判决所称", mention=True)


@pytest.mark.parametrize("lines", list(itertools.permutations([REGISTER, MENTION])))
def test_a_register_stands_over_a_mention_whichever_came_first(town, lines):
    for line in lines:
        assert town.load(line).quarantined == 0
    assert standing(town) == ("registry", "登记名称")


@pytest.mark.parametrize("lines", list(itertools.permutations([REGISTER, MENTION])))
def test_so_it_does_within_one_load(town, lines):
    report = town.load(*lines)
    assert (report.read, report.quarantined, report.subjects) == (2, 0, 1)
    assert standing(town) == ("registry", "登记名称")


@pytest.mark.parametrize("lines", list(itertools.permutations([said("registry-a", "一"), said("registry-b", "二")])))
def test_of_two_registers_the_one_with_the_lesser_id_stands(town, lines):
    for line in lines:
        assert town.load(line).quarantined == 0
    assert standing(town) == ("registry-a", "一")


@pytest.mark.parametrize("lines", list(itertools.permutations([said("tax", "乙", True), said("tax", "甲", True)])))
def test_of_two_mentions_of_one_source_the_lesser_name_stands(town, lines):
    for line in lines:
        assert town.load(line).quarantined == 0
    assert standing(town) == ("tax", min("甲", "乙"))


def test_two_statements_of_one_register_are_a_conflict_and_the_first_stands(town):
    town.load(REGISTER)
    report = town.load({**REGISTER, "name": "另一名称"})
    assert (report.quarantined, report.reasons) == (1, {"conflict": 1})
    assert standing(town) == ("registry", "登记名称")


def test_a_statement_that_does_not_stand_is_unchanged_and_told_when_its_name_differs(town):
    town.load(REGISTER)
    report = town.load(MENTION, said("tax", "登记名称", mention=True))
    assert (report.unchanged, report.loaded) == (2, 0)
    assert report.warnings == {"name: the store knows the subject under another name": 1}


def test_the_history_keeps_what_stood_before(town):
    town.load(MENTION)
    before = town.store.last_instant()
    town.load(REGISTER)
    [then] = [fact for fact in town.store.facts(known_at=before) if isinstance(fact, Subject)]
    assert then.source == "court"
    assert [version.fact.source for version in town.store.history(f"uscc:{CODE}")] == ["court", "registry"]


def test_a_load_repeated_after_a_better_one_changes_nothing(town):
    town.load(MENTION)
    town.load(REGISTER)
    last = town.store.last_instant()
    assert town.load(MENTION).unchanged == 1
    assert town.store.last_instant() == last


@pytest.mark.parametrize(
    ("offered", "held", "expected"),
    [
        (subject("b"), subject("a", mention=True), True),
        (subject("a", mention=True), subject("b"), False),
        (subject("a"), subject("b"), True),
        (subject("b"), subject("a"), False),
        (subject("a", mention=True), subject("b", mention=True), True),
        (subject(None), subject("a"), True),
        (subject("a", "一"), subject("a", "二"), None),
        (subject("a", region="360400"), subject("a", region="360100"), None),
        (subject("a", "一", True), subject("a", "二", True), True),
        (subject("a", "二", True), subject("a", "一", True), False),
        (subject("a", "一", True, region="360100"), subject("a", "一", True, region="360400"), True),
    ],
)
def test_the_order_of_statements(offered, held, expected):
    assert prevails(offered, held) is expected


STOCK = said("exchange", "上市名称", mention=True, identifiers={"stock_code": "600373"})


@pytest.mark.parametrize("lines", list(itertools.permutations([REGISTER, STOCK, MENTION])))
def test_identifiers_that_only_a_mention_knows_stay_when_the_register_prevails(town, lines):
    for line in lines:
        assert town.load(line).quarantined == 0
    [one] = town.facts(Subject)
    assert (one.source, one.name) == ("registry", "登记名称")
    assert one.identifiers == {"uscc": CODE, "stock_code": "600373"}
    last = town.store.last_instant()
    for line in lines:
        assert town.load(line).unchanged == 1, "a row repeated is no conflict, and no correction either"
    assert town.store.last_instant() == last


def test_a_subject_is_found_by_an_identifier_that_it_was_given(town):
    town.load(STOCK)
    town.load(REGISTER)
    [found] = town.store.find("stock_code", "600373", known_at=town.store.last_instant())
    assert found.name == "登记名称"


@pytest.mark.parametrize("lines", list(itertools.permutations(["registry-a", "registry-b", "court"])))
def test_of_two_identifiers_under_one_scheme_that_of_the_better_source_stays(town, lines):
    numbers = {"registry-b": "600001", "court": "600002"}
    for source in lines:
        own = {"identifiers": {"stock_code": numbers[source]}} if source in numbers else {}
        town.load(said(source, mention=source == "court", **own))
    [one] = town.facts(Subject)
    assert (one.source, one.identifiers["stock_code"]) == ("registry-a", "600001")


def test_a_register_that_differs_from_itself_is_a_conflict_whatever_others_gave(town):
    town.load(REGISTER, STOCK)
    assert town.load({**REGISTER, "identifiers": {"lei": "529900T8BM49AURSDO55"}}).reasons == {"conflict": 1}
    assert town.load({**REGISTER, "name": "另一名称"}).reasons == {"conflict": 1}


def test_a_correction_keeps_what_others_gave_and_is_unchanged_when_repeated(town):
    town.load(REGISTER, STOCK)
    corrected = {**REGISTER, "name": "更名", "correction": True}
    assert [town.load(corrected).loaded, town.load(corrected).unchanged] == [1, 1]
    [one] = town.facts(Subject)
    assert (one.name, one.identifiers["stock_code"]) == ("更名", "600373")


NAMES = st.sampled_from(["甲公司", "乙公司", "甲 公司"])
NUMBERS = st.dictionaries(
    st.sampled_from(["stock_code", "tax_number"]), st.sampled_from(["600001", "600002"]), max_size=2
)
REGISTERS = st.dictionaries(st.sampled_from(["registry-a", "registry-b"]), st.tuples(NAMES, NUMBERS))
MENTIONS = st.lists(
    st.tuples(st.sampled_from(["court", "tax", "registry-a"]), NAMES, st.sampled_from([None, "360400"]), NUMBERS),
    max_size=5,
)


@given(REGISTERS, MENTIONS, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_loading_ends_in_the_same_facts(tmp_path_factory, registers, mentions, random, loads):
    lines = [said(source, name, identifiers=numbers) for source, (name, numbers) in registers.items()]
    lines += [
        said(source, name, mention=True, identifiers=numbers, **({"region": region} if region else {}))
        for source, name, region, numbers in mentions
    ]
    shuffled = random.sample(lines, len(lines))
    directory = tmp_path_factory.mktemp("order")
    database = open_database(f"sqlite:///{directory / 'operational.sqlite'}")
    ends = []
    for order, parts in ((lines, 1), (shuffled, loads)):
        with SqliteStore(directory / f"store-{len(ends)}") as store:
            town = Town(store, database, directory)
            for part in range(parts):
                assert town.load(*order[part::parts]).quarantined == 0
            ends.append(town.facts(Subject) if lines else [])
            for line in order:
                assert town.load(line).unchanged == 1
    database.dispose()
    assert ends[0] == ends[1]


@pytest.mark.neo4j
def test_the_production_store_ends_alike(town, neo4j_store):
    lines = [MENTION, said("tax", "税务所称", mention=True), REGISTER, said("zoning", "规划登记")]
    town.load(*lines)
    embedded = town.facts(Subject)
    town.store = neo4j_store
    for line in reversed(lines):
        assert town.load(line).quarantined == 0
    assert town.facts(Subject) == embedded
    assert json.dumps(standing(town)) == json.dumps(("registry", "登记名称"))
