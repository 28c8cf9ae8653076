"""`xinheng check`, `check-group` and `replay` as people and scripts use them."""

import json
import sqlite3
import zlib

import pytest
import rfc8785

from api.demo.codes import credit_code
from graph.identifiers import person_id
from graph.vault import Vault

from .conftest import ASKED, CLEAN, DAY, DEFAULTER, PERSON, RIVAL


def ask(xinheng, subject, *more, asked=ASKED, stdin=None):
    return xinheng("check", subject, *asked, *more, stdin=stdin)


def test_the_document_is_canonical_json_and_a_line_end(xinheng, town):
    told = ask(xinheng, DEFAULTER, "--json")
    assert (told.status, told.err) == (0, "")
    assert told.out == rfc8785.dumps(told.json) + b"\n"
    assert told.json["outcome"] == "deny"
    assert told.json["subject"]["identity"] == "verified"


def test_the_same_question_has_the_same_bytes(xinheng, town):
    assert ask(xinheng, DEFAULTER, "--json").out == ask(xinheng, DEFAULTER, "--json").out


def test_the_verdict_reads_well(xinheng, town):
    told = ask(xinheng, DEFAULTER)
    for text in (
        "不予 deny",
        "九江柏川商贸有限公司",
        "依据 basis",
        "第二十二条",
        "2028-03-10",
        "TEST RECORD",
        "lifted by",
    ):
        assert text in told.text
    assert told.status == 0


def test_a_clean_company_is_clear_and_its_leads_stay_below_the_line(xinheng, town):
    told = ask(xinheng, RIVAL, "--json")
    assert (told.status, told.json["outcome"], told.json["measures"]) == (0, "none", [])
    assert [lead["id"] for lead in told.json["leads"]] == ["shared-representative"]
    assert "leads" in ask(xinheng, RIVAL).text


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (DEFAULTER, f"uscc:{DEFAULTER}"),
        (f"uscc:{DEFAULTER}", f"uscc:{DEFAULTER}"),
        (f" {DEFAULTER[:4]} {DEFAULTER[4:]} ", f"uscc:{DEFAULTER}"),
        ("registration_number:110108000000016", "registration_number:110108000000016"),
    ],
)
def test_a_subject_is_found_by_whatever_identifies_it(xinheng, town, given, address):
    told = ask(xinheng, given, "--json").json
    assert told["question"]["subject"] == address
    assert told["subject"]["id"] == f"uscc:{DEFAULTER}"


def test_a_name_is_no_identity_and_offers_candidates(xinheng, town):
    told = ask(xinheng, "九江清白科技有限公司", "--json")
    assert (told.status, told.json["outcome"], told.json["subject"]["identity"]) == (3, "incomplete", "ambiguous")
    assert len(told.json["subject"]["candidates"]) == 2
    assert "candidate" in ask(xinheng, "九江清白科技有限公司").text


def test_persons_are_not_offered_by_name(xinheng, town):
    assert ask(xinheng, "程立群", "--json").json["subject"]["candidates"] == []


def test_a_valid_code_that_nobody_holds_is_unknown_and_not_clear(xinheng, town):
    told = ask(xinheng, credit_code(99), "--json")
    assert (told.status, told.json["outcome"], told.json["subject"]["identity"]) == (3, "incomplete", "unknown")


def test_a_citizen_id_comes_from_standard_input_and_shows_nowhere(xinheng, town):
    told = ask(xinheng, "-", "--json", stdin=f"{PERSON}\n")
    assert told.status == 0
    assert told.json["subject"]["name"] == "程立群"
    assert PERSON not in told.text
    assert told.json["subject"]["identifiers"] == [
        {"scheme": "citizen_id", "value": f"{PERSON[:6]}********{PERSON[-4:]}"}
    ]


@pytest.mark.parametrize("given", [PERSON, f"citizen_id:{PERSON}", f"name:{PERSON}", f"王强 {PERSON}"])
def test_a_citizen_id_is_refused_as_an_argument_without_being_repeated(xinheng, town, given):
    told = ask(xinheng, given)
    assert told.status == 2
    assert PERSON not in told.err
    assert "citizen ID" in told.err


@pytest.mark.parametrize("given", [f"passport:{PERSON}", f"lei:{PERSON}"])
def test_a_citizen_id_under_another_scheme_is_refused_without_being_repeated(xinheng, town, given):
    told = ask(xinheng, "-", stdin=f"{given}\n")
    assert told.status == 2
    assert PERSON not in told.text + told.err


def test_nothing_on_standard_input_is_bad_input(xinheng, town):
    assert ask(xinheng, "-", stdin="\n").status == 2


def test_a_person_is_addressed_by_the_id_that_a_decision_shows(xinheng, town):
    keys = [bytes.fromhex("00" * 31 + end) for end in ("01", "02")]
    told = ask(xinheng, person_id(Vault(*keys).seal(PERSON)), "--json")
    assert told.json["subject"]["name"] == "程立群"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (DEFAULTER[:-1] + ("0" if DEFAULTER[-1] != "0" else "1"), "wrong check character"),
        (DEFAULTER.lower(), "lower-case letter m at position 9"),
        (f"9136O{DEFAULTER[5:]}", "letter O at position 5"),
        ("360400210000123", "15 digits: this is a registration number"),
        ("3604002100001", "13 digits: this is a registration number"),
        ("9136", "4 characters"),
        ("lei:123", "not a legal entity identifier"),
        ("name:", "empty"),
    ],
)
def test_a_mistyped_identifier_is_never_answered_as_unknown(xinheng, town, code, said):
    told = ask(xinheng, code)
    assert told.status == 2
    assert said in told.err


def test_words_are_given_by_id_name_or_alias(xinheng, town):
    documents = {
        ask(xinheng, DEFAULTER, "--json", asked=("-m", matter, "-d", department, "--as-of", DAY)).out
        for matter, department in (
            ("procurement", "purchaser"),
            ("政府采购", "采购人"),
            ("Government procurement", "purchaser"),
        )
    }
    assert len(documents) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("-m", "政府采办", "-d", "采购人"), "did you mean procurement"),
        (("-m", "procurement", "-d", "nobody"), "unknown department nobody"),
        (("-m", "procurement", "-d", "purchaser", "--as-of", "1890-01-01"), "before all law"),
        (("-m", "procurement", "-d", "purchaser", "--as-of", "2026-02-30"), "2026-02 has 28 days"),
        (("-m", "procurement", "-d", "purchaser", "--known-at", "2099-01-01T00:00:00Z"), "after the last recorded"),
        (("-m", "procurement", "-d", "purchaser", "--known-at", "2026-01-01"), "instant with a time zone"),
        (("-m", "procurement", "-d", "purchaser", "--known-at", "2026-01-01T00:00:00"), "needs a time zone"),
        (("-m", "procurement", "-d", "purchaser", "-r", "36"), "region"),
        (("-m", "procurement"), "Missing option"),
    ],
)
def test_a_question_that_can_not_be_asked_is_bad_input(xinheng, town, asked, said):
    told = ask(xinheng, DEFAULTER, asked=asked)
    assert told.status == 2
    assert said in told.err


def test_before_all_data_the_subject_is_unknown(xinheng, town):
    told = ask(xinheng, DEFAULTER, "--known-at", "2020-01-01T00:00:00Z", "--json")
    assert (told.status, told.json["subject"]["identity"]) == (3, "unknown")


def test_there_is_no_default_territory(xinheng, town, monkeypatch):
    monkeypatch.delenv("XINHENG_REGION")
    told = ask(xinheng, DEFAULTER)
    assert told.status == 2
    assert "XINHENG_REGION" in told.err
    assert ask(xinheng, DEFAULTER, "-r", "360400").status == 0


def test_an_error_is_json_too(xinheng, town):
    told = ask(xinheng, "9136", "--json")
    assert told.out == b""
    assert json.loads(told.err)["code"] == "bad-identifier"


def test_nothing_was_ever_loaded(xinheng, tmp_path, monkeypatch):
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "nowhere"))
    told = ask(xinheng, DEFAULTER)
    assert told.status == 3
    assert "no store" in told.err
    assert not (tmp_path / "nowhere").exists()


def test_a_store_of_a_newer_schema_is_refused(xinheng, town):
    with sqlite3.connect(town / "store" / "graph.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    told = ask(xinheng, DEFAULTER)
    assert told.status == 3
    assert "999" in told.err


def test_an_overlay_adds_to_the_catalogue_and_a_wrong_one_is_refused(xinheng, town, tmp_path, monkeypatch):
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    monkeypatch.setenv("XINHENG_CATALOGUE", str(overlay))
    assert "holds no catalogue" in ask(xinheng, DEFAULTER).err
    (overlay / "documents.yaml").write_text("- {id: Not An Id}", encoding="utf-8")
    told = ask(xinheng, DEFAULTER)
    assert told.status == 2
    assert "documents.yaml:1" in told.err
    document = "{id: local, title: 本地规定, level: normative_document, in_force: {from: 2020-01-01}, verified: seen}"
    (overlay / "documents.yaml").write_text(f"- {document}", encoding="utf-8")
    told = ask(xinheng, DEFAULTER, "--json")
    assert told.status == 0
    monkeypatch.delenv("XINHENG_CATALOGUE")
    assert told.json["catalogue"] != ask(xinheng, DEFAULTER, "--json").json["catalogue"]


# --- groups -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def group(tmp_path):
    def write(name="group.json", **changes):
        said = {"applicants": [DEFAULTER, RIVAL, CLEAN], "matter": "政府采购", "department": "采购人", "as_of": DAY}
        path = tmp_path / name
        path.write_text(json.dumps({**said, **changes}, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def test_bidders_with_one_representative_are_found(xinheng, town, group):
    told = xinheng("check-group", group(), "--json")
    assert (told.status, told.json["outcome"]) == (0, "deny")
    [finding] = told.json["findings"]
    assert sorted(finding["binds"]) == sorted([f"uscc:{DEFAULTER}", f"uscc:{RIVAL}"])
    assert "负责人为同一人" in xinheng("check-group", group()).text


def test_a_group_may_be_yaml_or_come_from_standard_input(xinheng, town, group, tmp_path):
    document = xinheng("check-group", group(), "--json").out
    assert xinheng("check-group", "-", "--json", stdin=group().read_text(encoding="utf-8")).out == document
    said = tmp_path / "group.yaml"
    said.write_text(
        f"applicants: [{DEFAULTER}, {RIVAL}, {CLEAN}]\nmatter: 政府采购\ndepartment: 采购人\nas_of: {DAY}\n",
        encoding="utf-8",
    )
    assert xinheng("check-group", said, "--json").out == document


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"applicants": [DEFAULTER]}, "at least 2"),
        ({"applicants": [DEFAULTER, DEFAULTER]}, "more than once"),
        ({"applicants": [DEFAULTER, RIVAL], "consortia": [[CLEAN]]}, "who are no applicants"),
        ({"consortia": [[DEFAULTER, RIVAL], [RIVAL, CLEAN]]}, "consorti"),
        ({"applicants": [DEFAULTER, "9136"]}, "4 characters"),
        ({"lot": 7}, "lot: Extra inputs"),
        ({"as_of": "2026-02-30"}, "2026-02 has 28 days"),
    ],
)
def test_a_group_that_can_not_be_judged_is_bad_input(xinheng, town, group, changes, said):
    told = xinheng("check-group", group(**changes))
    assert told.status == 2
    assert said in told.err


@pytest.mark.parametrize(("name", "content"), [("g.json", "{"), ("g.yaml", "a: ["), ("g.json", "[]")])
def test_a_group_file_that_is_none_is_bad_input(xinheng, town, tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert xinheng("check-group", tmp_path / name).status == 2
    assert xinheng("check-group", tmp_path / "missing.json").status == 2


# --- replay -----------------------------------------------------------------------------------------------------------
def test_a_decision_is_replayed_byte_for_byte_after_everything_changed(
    xinheng, town, city_file, tmp_path, monkeypatch, group
):
    given = ask(xinheng, DEFAULTER, "--json").json
    together = xinheng("check-group", group(), "--json").json
    repaired = {
        "fact": "record",
        "key": "r1",
        "source": "court",
        "subject": {"uscc": DEFAULTER},
        "list": "judgment-defaulter",
        "decided_on": "2026-03-10",
        "annulled": True,
        "correction": True,
    }
    assert xinheng("load", "city", city_file(repaired)).status == 0
    (tmp_path / "overlay").mkdir()
    document = "{id: local, title: 本地规定, level: normative_document, in_force: {from: 2020-01-01}, verified: seen}"
    (tmp_path / "overlay" / "documents.yaml").write_text(f"- {document}", encoding="utf-8")
    monkeypatch.setenv("XINHENG_CATALOGUE", str(tmp_path / "overlay"))
    assert ask(xinheng, DEFAULTER, "--json").json["outcome"] == "none"
    for decision in (given, together):
        told = xinheng("replay", decision["decision_id"], "--json")
        assert (told.status, told.json["same"], told.json["differing"]) == (0, True, [])
    assert "byte for byte" in xinheng("replay", given["decision_id"]).text


def test_a_replay_that_differs_fails(xinheng, town):
    given = ask(xinheng, DEFAULTER, "--json")
    forged = zlib.compress(given.out.strip().replace(b'"outcome":"deny"', b'"outcome":"none"'))
    with sqlite3.connect(town / "operational.sqlite") as connection:
        connection.execute("update document set content = ?", (forged,))
    connection.close()
    told = xinheng("replay", given.json["decision_id"], "--json")
    assert (told.status, told.json["differing"]) == (1, ["outcome"])
    assert "outcome" in xinheng("replay", given.json["decision_id"]).text
    assert xinheng("ledger", "verify").status == 1


def test_a_decision_that_was_never_given_is_bad_input(xinheng, town):
    assert xinheng("replay", "sha256:" + "0" * 64).status == 2
