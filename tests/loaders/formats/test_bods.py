"""BODS 0.4: the standard's own conformance suite and worked examples, and what of them becomes subjects and links."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Kind, Link, Subject
from loaders.feeds import feed
from loaders.formats.bods import Bods, errors_of, fault_of, lacking_of
from loaders.reading import UnreadableFile
from loaders.rows import FaultKind
from tests.command import xinheng

BODS = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data" / "bods-examples"
VALID = sorted((BODS / "tests" / "data" / "valid-statements").glob("*.json"))
INVALID = BODS / "tests" / "data" / "invalid-statements"
EXAMPLES = sorted((BODS / "examples").glob("*.json"))
with (INVALID / "expected_errors.csv").open(encoding="utf-8") as table:
    EXPECTED = [tuple(row) for row in csv.reader(table)]
README = {  # entities, persons, relationships, as the README of the set counts them
    "fermcat": (3, 10, 10),
    "tecido": (2, 2, 7),
    "bods-package-fi-soe": (4, 0, 5),
    "nomination": (2, 2, 4),
    "multiple-indirect-ownership": (3, 1, 5),
    "mutilple-indirect-ownership-2": (3, 1, 5),
    "levent": (1, 3, 3),
    "joint-ownership": (2, 2, 3),
    "indirect-ownership": (2, 1, 3),
    "mixed-direct-and-indirect-ownership": (2, 1, 3),
    **dict.fromkeys(
        [
            "bods-package",
            "bods-package-linking-annotations",
            "full-pep-declaration",
            "simple-pep-declaration",
            "multiple-tax-residencies",
        ],
        (1, 1, 1),
    ),
    **dict.fromkeys(["bods-package-annotations", "bods-package-entity-owning-entity"], (2, 0, 1)),
    "listed-company-exempt-from-disclosure": (1, 0, 1),
    "plc-entity-statement": (1, 0, 0),
}


def statements(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_suite_is_whole():
    assert (len(VALID), len(EXPECTED), len(EXAMPLES)) == (111, 192, 19)
    assert {row[0] for row in EXPECTED} == {path.name for path in INVALID.glob("*.json")}


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_statement_is_accepted(path):
    """What has no place in the model is another matter: the standard has nothing against it."""
    rows = list(Bods().rows(str(path), "test"))
    assert len(rows) == len(statements(path)) > 0
    assert not [row.fault for row in rows if row.fault and row.fault.kind is not FaultKind.UNSUPPORTED]


@pytest.mark.parametrize(("name", "keyword", "place", "field"), EXPECTED, ids=[row[0][:-5] for row in EXPECTED])
def test_an_invalid_statement_is_rejected_for_the_stated_reason(name, keyword, place, field):
    if place == "$":
        with pytest.raises(UnreadableFile, match="it has no rows at"):  # the file itself is no array of statements
            list(Bods().rows(str(INVALID / name), "test"))
        return
    (statement,) = statements(INVALID / name)
    [error] = errors_of(statement)
    assert (error.validator, error.json_path) == (keyword, place)
    assert field.strip() in _named(error)
    (row,) = Bods().rows(str(INVALID / name), "test")
    assert row.fault is not None
    assert row.fault.kind is FaultKind.STANDARD
    assert row.drafts == ()


def _named(error):
    """What the suite may name as the field: what is required in vain, here or in one of several ways, or the place."""
    if error.validator == "required":
        return lacking_of(error)
    ways = [name for way in error.context if way.validator == "required" for name in lacking_of(way)]
    last = error.json_path.rpartition(".")[2]
    return [*ways, last, last.partition("[")[0]]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accounted_for_statement_by_statement(path, town):
    said = statements(path)
    kinds = Counter(one["recordType"] for one in said)
    assert (kinds["entity"], kinds["person"], kinds["relationship"]) == README[path.stem]
    chosen = feed("bods-examples")
    report = town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))
    last = {one["recordId"]: one for one in said}.values()
    links, kept = _links(last)
    subjects = [one for one in last if one["recordType"] != "relationship" and _is_known(one["recordDetails"])]
    unknown = len([one for one in last if one["recordType"] != "relationship"]) - len(subjects)
    assert report.read == len(said)
    assert report.unchanged == len(said) - len(last), "an earlier statement about one record is superseded"
    assert report.subjects == len(subjects)
    assert report.quarantined == unknown + kept
    assert report.links == len(links)
    assert set(report.reasons) <= {"unsupported"}
    assert Counter(link.type for link in town.facts(Link)) == Counter(links)


def _is_known(details):
    return details.get("personType", "knownPerson") == "knownPerson"


def _is_direct(interest):
    """A shareholding must be said to be direct; an office is held, or it is not."""
    return interest.get("directOrIndirect", "unknown" if interest["type"] == "shareholding" else "direct") == "direct"


def _links(said):
    """The types of the links that relationships make, and how many relationships make none."""
    types = {"shareholding": "shareholder", "boardMember": "director", "boardChair": "director"}
    links, without = [], 0
    for one in said:
        if one["recordType"] == "relationship":
            details = one["recordDetails"]
            ends = isinstance(details["subject"], str) and isinstance(details["interestedParty"], str)
            found = [
                types[interest["type"]]
                for interest in details.get("interests", [])
                if ends and interest.get("type") in types and _is_direct(interest)
            ]
            links += found
            without += not found
    return links, without


def test_a_person_is_known_by_the_record_and_no_number_of_his_is_kept(town):
    chosen = feed("bods-examples")
    path = BODS / "examples" / "fermcat.json"
    report = town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))
    people = [one for one in town.facts(Subject) if one.kind is Kind.NATURAL_PERSON]
    assert people
    assert {scheme for one in people for scheme in one.identifiers} == {"bods"}
    assert any("identity numbers of persons" in warning for warning in report.warnings)


def test_a_share_is_taken_where_it_is_exact_and_a_range_is_kept_beside(town):
    path = town.directory / "range.json"
    [company, owner, held] = statements(BODS / "examples" / "bods-package.json")
    details = held["recordDetails"]
    [interest, *_] = [one for one in details["interests"] if one["type"] == "shareholding"]
    interest["share"] = {"minimum": 25, "exclusiveMaximum": 50}
    path.write_text(json.dumps([company, owner, held]), encoding="utf-8")
    chosen = feed("bods-examples")
    town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))
    [link] = [one for one in town.facts(Link) if one.type == "shareholder"]
    assert (link.share, link.fields["minimum"], link.fields["exclusiveMaximum"]) == (None, "25", "50")


def test_a_later_statement_corrects_and_a_closed_one_ends(town):
    [company, owner, held] = statements(BODS / "examples" / "bods-package.json")
    chosen = feed("bods-examples")

    def load(*said):
        path = town.directory / "said.jsonl"
        path.write_text("\n".join(map(json.dumps, said)), encoding="utf-8")
        return town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))

    load(company, owner, held)
    later = {**held, "statementId": "f" * 32, "statementDate": "2024-05-01", "recordStatus": "closed"}
    report = load(company, owner, held, later)
    assert (report.loaded, report.unchanged, report.quarantined) == (1, 3, 0)
    assert {str(one.valid_to) for one in town.facts(Link)} == {"2024-05-01"}
    again = load(company, owner, held, later)
    assert (again.loaded, again.unchanged, again.quarantined) == (0, 4, 0)


# --- what one statement after another means ---------------------------------------------------------------------------


def deliver(town, *said, name="said.jsonl"):
    path = town.file(name, "\n".join(map(json.dumps, said)))
    chosen = feed("bods-examples")
    return town.load_rows(chosen.rows([str(path)], {}), chosen.name, frame=chosen.frame(None))


def example():
    """A company, its owner, and the one holding of shares between them."""
    company, owner, held = statements(BODS / "examples" / "bods-package.json")
    details = held["recordDetails"]
    [interest, *_] = [one for one in details["interests"] if one["type"] == "shareholding"]
    return company, owner, {**held, "recordDetails": {**details, "interests": [interest]}}


def interest_of(held, **changes):
    details = held["recordDetails"]
    [interest] = details["interests"]
    changed = {name: value for name, value in {**interest, **changes}.items() if value is not None}
    return {**held, "recordDetails": {**details, "interests": [changed]}}


def later(statement, day="2030-01-01", **changes):
    return {**statement, "statementId": "f" * 32, "statementDate": day, "recordStatus": "updated", **changes}


def shares(town):
    return [link.share for link in town.facts(Link)]


def test_a_later_statement_that_breaks_the_schema_does_not_hide_the_one_before(town):
    company, owner, held = example()
    broken = later(company, recordStatus="amended")
    report = deliver(town, company, broken, owner, held)
    assert (report.loaded, report.unchanged, report.reasons) == (3, 0, {"standard": 1})
    assert len(town.facts(Subject)) == 2


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_latest_statement_stands_whichever_file_is_loaded_first(town, order, together):
    company, owner, held = example()
    versions = [interest_of(held, share={"exact": 40}), interest_of(later(held), share={"exact": 60})]
    files = [[company, owner, versions[number]] for number in order]
    deliveries = [[*files[0], versions[order[1]]]] if together else files
    reports = [deliver(town, *said) for said in deliveries]
    assert shares(town) == [0.6]
    assert [report.quarantined for report in reports] == [0] * len(reports)
    last = town.store.last_instant()
    for said in reversed(deliveries):
        assert deliver(town, *said).loaded == 0
    assert town.store.last_instant() == last


def test_of_one_day_a_closed_record_is_later_than_the_one_that_it_closes(town):
    company, owner, held = example()
    closed = {**held, "statementId": "f" * 32, "recordStatus": "closed"}
    for said in ((company, owner, closed), (held,)):
        assert deliver(town, *said).quarantined == 0
    [link] = town.facts(Link)
    assert str(link.valid_to) == held["statementDate"][:10]


def test_two_statements_of_one_day_that_differ_are_a_conflict(town):
    company, owner, held = example()
    deliver(town, company, owner, interest_of(held, share={"exact": 40}))
    assert deliver(town, interest_of(held, share={"exact": 41})).reasons == {"conflict": 1}


def test_a_company_with_an_lei_is_found_by_its_links(town):
    company, owner, held = example()
    lei = {"scheme": "XI-LEI", "id": "529900T8BM49AURSDO55"}
    company["recordDetails"]["identifiers"] = [lei, {**lei, "scheme": "LEI"}]
    report = deliver(town, company, owner, held)
    assert (report.quarantined, report.links) == (0, 1)
    [found] = [one for one in town.facts(Subject) if one.kind is Kind.ENTERPRISE]
    assert (found.id, found.identifiers["lei"]) == (f"bods:{company['recordId']}", lei["id"])


@pytest.mark.parametrize("said", [None, "unknown", "indirect"])
def test_a_shareholding_that_is_not_said_to_be_direct_is_no_shareholder_link(town, said):
    company, owner, held = example()
    report = deliver(town, company, owner, interest_of(held, directOrIndirect=said))
    assert (report.links, report.reasons) == (0, {"unsupported": 1})


@pytest.mark.parametrize("exact", [0.1, 0.3, 12.3, 28.999, 57.1, 99.99])
def test_a_share_is_the_percentage_that_was_said(town, exact):
    company, owner, held = example()
    deliver(town, company, owner, interest_of(held, share={"exact": exact}))
    assert [Decimal(str(share)) * 100 for share in shares(town)] == [Decimal(str(exact))]


@pytest.mark.parametrize("form", [json.dumps, lambda said: "\n".join(map(json.dumps, said))])
def test_statements_come_from_standard_input(tmp_path, form):
    settings = {"XINHENG_ENVIRONMENT": "development", "XINHENG_DATA": str(tmp_path)}
    settings["XINHENG_STORE"] = str(tmp_path / "store")
    ran = xinheng("load", "bods-examples", "-", "--json", settings=settings, stdin=form(list(example())))
    assert (ran.status, ran.document["read"], ran.document["loaded"]) == (0, 3, 3)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_statement_that_is_changed_anywhere_is_a_fault_or_a_row(data):
    statement = data.draw(st.sampled_from([one for path in EXAMPLES[:8] for one in statements(path)]))
    changed = {**statement, data.draw(st.sampled_from(sorted(statement))): data.draw(JUNK)}
    details = changed.get("recordDetails")
    if isinstance(details, dict) and details:
        changed["recordDetails"] = {**details, data.draw(st.sampled_from(sorted(details))): data.draw(JUNK)}
    row = Bods().row("changed.json", 1, json.dumps(changed), "test")
    assert row.fault is not None or row.drafts
    assert (fault_of(changed) is not None) <= (row.fault is not None)
