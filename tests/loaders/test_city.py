"""Loading the city's own lines: what goes in, what comes out, and that nothing is lost."""

import gzip
import json
from datetime import UTC, date, datetime

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.identifiers import named_person_id
from graph.model import Link, Load, Merge, Naming, Record, Source, Subject
from graph.sqlite import SqliteStore
from loaders.files import UnreadableFile, city_rows
from loaders.load import BATCH


def test_a_city_goes_in_and_comes_out(town, company, person, link, record):
    source = {
        "fact": "source",
        "id": "court",
        "department": "court",
        "dataset": "失信被执行人",
        "holds": ["judgment-defaulter"],
        "cadence": "P7D",
    }
    naming = {
        "fact": "named",
        "record": {"key": "r1"},
        "person": {"citizen_id": person["citizen_id"]},
        "role": "directly_responsible",
    }
    done = {"fact": "load", "source": "court", "through": "2026-03-31"}
    report = town.load(source, company, person, link, record, naming, done)
    assert (report.read, report.loaded, report.unchanged, report.quarantined) == (7, 7, 0, 0)
    assert (report.subjects, report.links, report.records) == (2, 1, 1)
    [loaded] = town.facts(Record)
    assert (loaded.amount, loaded.decided_on, loaded.severity) == (90000050, date(2024, 9, 2), "serious")
    [found] = town.facts(Link)
    assert found.holder.startswith("person:")
    assert found.organisation == f"uscc:{company['uscc']}"
    assert len(town.facts(Naming)) == len(town.facts(Source)) == len(town.facts(Load)) == 1


def test_a_load_repeated_changes_nothing(town, company, person, link, record):
    town.load(company, person, link, record)
    last = town.store.last_instant()
    report = town.load(company, person, link, record)
    assert (report.read, report.unchanged, report.loaded) == (4, 4, 0)
    assert (report.subjects, report.links, report.records) == (0, 0, 0)
    assert town.store.last_instant() == last


def test_a_load_repeated_at_its_own_instant_changes_nothing(town, company, record):
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    town.load(company, record, recorded_at=instant)
    assert town.load(company, record, recorded_at=instant).unchanged == 2
    assert town.store.last_instant() == instant


def test_two_stores_loaded_alike_hold_the_same_facts_at_the_same_instants(
    town, company, person, link, record, tmp_path
):
    lines, instant = (company, person, link, record), datetime(2026, 1, 1, tzinfo=UTC)
    town.load(*lines, recorded_at=instant)
    with SqliteStore(tmp_path / "other") as other:
        first = list(town.store.facts(known_at=town.store.last_instant()))
        town.store, mine = other, town.store
        town.load(*lines, recorded_at=instant)
        assert list(other.facts(known_at=other.last_instant())) == first
        assert other.last_instant() == mine.last_instant() == instant
        town.store = mine


def test_a_row_may_come_before_what_it_names(town, company, person, link, record):
    naming = {
        "fact": "named",
        "record": {"key": "r1"},
        "person": {"citizen_id": person["citizen_id"]},
        "role": "principal",
    }
    report = town.load(naming, record, link, company, person)
    assert (report.loaded, report.quarantined) == (5, 0)


def test_a_record_whose_subject_never_comes_is_kept_and_said(town, record):
    report = town.load(record)
    assert (report.loaded, report.quarantined) == (0, 1)
    assert "subject uscc:" in town.said
    assert "the store holds no such subject" in town.said


def test_a_load_of_a_source_that_was_never_declared_is_kept(town):
    assert town.load({"fact": "load", "source": "nobody", "through": "2026-01-01"}).quarantined == 1
    assert "source nobody the store holds no such" in town.said


def test_more_rows_than_a_batch(town):
    lines = [
        {"fact": "subject", "kind": "enterprise", "uscc": credit_code(n), "name": f"九江第{n}商行"}
        for n in range(BATCH + 5)
    ]
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    report = town.load(*lines, recorded_at=instant)
    assert report.subjects == BATCH + 5
    assert town.store.last_instant() == instant.replace(microsecond=1)


def test_the_same_fact_with_other_content_is_a_conflict_until_it_is_called_a_correction(town, company, record):
    town.load(company, record)
    changed = {**record, "amount": 1}
    assert town.load(changed).quarantined == 1
    assert "with other content" in town.said
    assert '"correction": true' in town.said
    assert [one.amount for one in town.facts(Record)] == [90000050]
    assert town.load({**changed, "correction": True}).loaded == 1
    assert [one.amount for one in town.facts(Record)] == [100]
    [kept] = town.facts(Record)
    assert [version.fact.amount for version in town.store.history(kept.id)] == [90000050, 100]


def test_a_link_that_ends_is_a_correction_of_the_same_link(town, company, person, link):
    town.load(company, person, link)
    assert town.load({**link, "valid_to": "2025-01-01", "correction": True}).links == 0
    assert [one.valid_to for one in town.facts(Link)] == [date(2025, 1, 1)]


def test_two_records_of_one_list_differ_by_number_or_day(town, company, record):
    first, second = dict(record, number="一号"), dict(record, number="二号")
    del first["key"], second["key"]
    assert town.load(company, first, second).records == 2


def test_a_retracted_fact_is_gone_and_its_history_stays(town, company, record):
    town.load(company, record)
    [kept] = town.facts(Record)
    assert town.load({"fact": "retract", "id": kept.id, "reason": "wrong company"}).loaded == 1
    assert town.facts(Record) == []
    assert len(town.store.history(kept.id)) == 1
    assert town.load({"fact": "retract", "id": kept.id, "reason": "again"}).quarantined == 1
    assert "holds no such fact" in town.said


def test_a_merge_and_its_undoing(town, company, person, link):
    by_name = {"fact": "subject", "kind": "natural_person", "name": "程立群", "of": {"uscc": company["uscc"]}}
    merge = {
        "fact": "merge",
        "left": {"name": "程立群", "of": {"uscc": company["uscc"]}},
        "right": {"citizen_id": person["citizen_id"]},
        "by": "归集人员甲",
        "reason": "身份证件核验",
    }
    town.load(company, person, by_name, merge)
    assert [one.undone for one in town.facts(Merge)] == [False]
    undone = {**merge, "undone": True, "undone_by": "归集人员乙", "undone_reason": "证件系冒用"}
    assert town.load(undone).loaded == 1
    assert [one.undone for one in town.facts(Merge)] == [True]


def test_a_person_known_by_name_is_a_person_of_that_organisation(town, company):
    other = {**company, "uscc": credit_code(2), "name": "九江另一家有限公司"}
    people = [
        {"fact": "subject", "kind": "natural_person", "name": "王强", "of": {"uscc": one["uscc"]}}
        for one in (company, other)
    ]
    report = town.load(company, other, *people)
    assert report.subjects == 4
    found = {one.id for one in town.facts(Subject) if one.name == "王强"}
    assert found == {named_person_id(f"uscc:{one['uscc']}", "王强") for one in (company, other)}


def test_other_schemes_have_their_own_ids(town):
    line = {
        "fact": "subject",
        "kind": "enterprise",
        "name": "Example plc",
        "identifiers": {"lei": "529900T8BM49AURSDO55"},
    }
    town.load(line)
    assert [one.id for one in town.facts(Subject)] == ["lei:529900T8BM49AURSDO55"]


def test_gzip_a_byte_order_mark_and_empty_lines_are_no_obstacle(town, company):
    path = town.directory / "city.jsonl.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf\n" + json.dumps(company).encode() + b"\r\n\r\n"))
    assert town.load_rows(city_rows(str(path))).loaded == 1


def test_a_file_cut_short_is_an_error_and_what_came_before_stays(town, company):
    lines = [json.dumps({**company, "uscc": credit_code(n)}) for n in range(3 * BATCH)]
    whole = gzip.compress("\n".join(lines).encode())
    path = town.directory / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) - 2000])
    with pytest.raises(UnreadableFile, match="end-of-stream"):
        town.load_rows(city_rows(str(path)))
    assert len(town.facts(Subject)) >= BATCH


@pytest.mark.parametrize(("name", "content"), [("missing.jsonl", None), ("gbk.jsonl", "名称".encode("gbk"))])
def test_a_file_that_cannot_be_read_is_said(town, name, content):
    path = town.directory / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=name):
        list(city_rows(str(path)))


def test_citizen_ids_are_nowhere_in_the_clear(town, company, person, link):
    number = person["citizen_id"]
    broken = number[:-1] + ("0" if number[-1] != "0" else "1")
    town.load(
        company,
        person,
        link,
        {**person, "citizen_id": broken},
        {**company, "uscc": number},
        {**link, "holder": {"id": f"citizen_id:{number}"}},
        {**link, "holder": {"citizen_id": number}, "valid_from": number},
        {**link, "position": number, "share": 7},
        '{"fact": "subject", "citizen_id": "' + number + '"',
    )
    assert len(town.kept) == 6
    assert number not in town.said
    assert broken not in town.said
    town.database.dispose()
    for file in town.directory.rglob("*"):
        if file.is_file() and file.name != "city.jsonl":
            content = file.read_bytes()
            assert number.encode() not in content, file
            assert broken.encode() not in content, file


def test_what_was_kept_can_be_given_back(town, record):
    town.load(record)
    [kept] = town.kept
    assert (kept.line, kept.kind) == (1, "reference")
    assert [json.loads(text) for text in town.revealed()] == [record]


BAD = [
    ({"uscc": "91360400MA35G0G001"}, "wrong check character of the credit code: expected"),
    ({"uscc": "91360400ma35g0g00b"}, "lower-case letter m at position 9"),
    ({"uscc": "9136O400MA35G0G00B"}, "letter O at position 5"),
    ({"uscc": "360400210000123"}, "15 digits: this is a registration number"),
    ({"uscc": "3604002100001"}, "13 digits: this is a registration number"),
    ({"uscc": "9136"}, "4 characters: a credit code has 18"),
    ({"established_on": "2023-02-29"}, "2023-02-29 is no date: 2023-02 has 28 days"),
    ({"established_on": "2023-13-01"}, "there is no month 13"),
    ({"established_on": "1.2.2023"}, "write it as 2024-03-01"),
    ({"established_on": 20230101}, "is no date"),
    ({"region": "3604"}, "String should match pattern"),
    ({"name": ""}, "it is empty"),
    ({"kind": "company"}, "Input should be 'enterprise'"),
    ({"colour": "red"}, "unknown key"),
    ({"fact": "company"}, "`fact` says what the line is"),
    ({"name": 360400}, "write it as text"),
]


@pytest.mark.parametrize(("change", "said"), BAD)
def test_a_bad_subject_is_kept_with_a_reason(town, company, change, said):
    report = town.load({**company, **change})
    assert (report.read, report.quarantined) == (1, 1)
    assert said in town.said


BAD_LINKS = [
    ({"share": 30, "type": "shareholder"}, "less than or equal to 1"),
    ({"share": 1.0001, "type": "shareholder"}, "less than or equal to 1"),
    ({"share": "0.5", "type": "shareholder"}, "valid number"),
    ({"valid_from": "2024-01-02", "valid_to": "2024-01-02"}, "valid_to 2024-01-02 is not after valid_from"),
    ({"valid_from": "2024-01-02", "valid_to": "2023-01-02"}, "valid_to 2023-01-02 is not after valid_from"),
    ({"holder": {"name": "程立群"}}, "a name is no identity"),
    ({"holder": {}}, "address a subject in one way"),
    ({"type": "owner"}, "Input should be"),
    ({"holder": {"scheme": "lei"}}, "`scheme` and `value` go together"),
]


@pytest.mark.parametrize(("change", "said"), BAD_LINKS)
def test_a_bad_link_is_kept_with_a_reason(town, company, person, link, change, said):
    report = town.load(company, person, {**link, **change})
    assert (report.loaded, report.quarantined) == (2, 1)
    assert said in town.said


def test_an_organisation_that_holds_itself_is_kept_with_a_reason(town, company):
    own = {"uscc": company["uscc"]}
    town.load(company, {"fact": "link", "type": "shareholder", "holder": own, "organisation": own, "share": 0.5})
    assert "an organisation cannot hold itself" in town.said


def test_circular_holdings_are_facts_like_any_other(town):
    codes = [credit_code(n) for n in range(3)]
    companies = [{"fact": "subject", "kind": "enterprise", "uscc": code, "name": f"九江环{code}"} for code in codes]
    links = [
        {
            "fact": "link",
            "type": "shareholder",
            "share": 0.6,
            "holder": {"uscc": codes[n]},
            "organisation": {"uscc": codes[(n + 1) % 3]},
        }
        for n in range(3)
    ]
    assert town.load(*companies, *links).links == 3


def test_one_bad_fact_does_not_take_its_batch_with_it(town, company, person, link):
    two = {**person, "citizen_id": citizen_id(2)}
    wrong = {**link, "organisation": {"citizen_id": citizen_id(2)}}
    report = town.load(company, person, two, wrong, link)
    assert (report.loaded, report.quarantined) == (4, 1)
    assert "is a natural person" in town.said


BAD_RECORDS = [
    ({"amount": 1.005}, "more than two decimals"),
    ({"amount": -1}, "negative or too large"),
    ({"amount": "12,000"}, "is no amount in yuan"),
    ({"severity": "grave"}, "Input should be 'minor'"),
    ({"effective_from": "2024-05-01", "effective_to": "2024-04-01"}, "effective_to 2024-04-01 is not after"),
    ({"masked_to": "2024-05-01"}, "masked_to without masked_from"),
    ({"fields": {"rate": 0.5}}, "fields.rate"),
    ({"annulled": "yes"}, "valid boolean"),
]


@pytest.mark.parametrize(("change", "said"), BAD_RECORDS)
def test_a_bad_record_is_kept_with_a_reason(town, company, record, change, said):
    report = town.load(company, {**record, **change})
    assert (report.loaded, report.quarantined) == (1, 1)
    assert said in town.said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ('{"fact": "load", "fact": "load"}', "a key stands twice"),
        ('{"amount": NaN}', "NaN is no JSON number"),
        ("[" * 100_000, "no JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_kept_with_a_reason(town, line, said):
    assert town.load(line).quarantined == 1
    assert said in town.said


def test_a_row_kept_twice_is_one_row_in_quarantine(town, record):
    town.load(record)
    town.load(record)
    assert len(town.kept) == 1


def test_every_row_read_is_loaded_unchanged_or_kept(town, company, person, link, record):
    town.load(company)
    report = town.load(company, person, link, record, {**record, "amount": 1}, "{", {**company, "uscc": "1"})
    assert report.read == report.loaded + report.unchanged + report.quarantined == 7
    assert (report.loaded, report.unchanged, report.quarantined) == (3, 1, 3)


def test_a_subject_with_several_identifiers_is_known_by_the_one_it_says(town, company):
    lei = {"lei": "5493001KJTIIGC8Y1R12", "register": "A-1"}
    other = {**company, "identifiers": lei, "known_by": "register"}
    assert town.load(other | {"uscc": None}).loaded == 1
    assert {one.id: dict(one.identifiers) for one in town.facts(Subject)} == {"register:A-1": lei}


@pytest.mark.parametrize("known_by", ["lei", "uscc"])
def test_a_subject_is_known_by_one_of_its_identifiers(town, company, known_by):
    town.load({**company, "identifiers": {"register": "A-1"}, "known_by": known_by})
    assert "`known_by` names one of the `identifiers`" in town.said
