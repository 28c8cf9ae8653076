"""`xinheng identity merge|unmerge|history`: a judgement is somebody's, for a reason, shown before it is recorded."""

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.identifiers import named_person_id

from .conftest import CLEAN, DEFAULTER, NAMESAKE, PERSON

HEAD = "程立群"
STUB = named_person_id(f"uscc:{CLEAN}", HEAD)
SAID = ("--user", "归集人员甲", "--reason", "身份证件核验")


@pytest.fixture
def known(xinheng, town, city_file):
    """The town, and a person known by name only who heads another firm."""
    person = {"fact": "subject", "kind": "natural_person", "name": HEAD, "of": {"uscc": CLEAN}}
    lines = city_file(person, {"fact": "subject", "kind": "natural_person", "citizen_id": citizen_id(3), "name": HEAD})
    assert xinheng("load", "city", lines, "--json").json["quarantined"] == 0
    return xinheng


def judged(known, what="merge", left="-", right=STUB, stdin=PERSON, said=SAID):
    return known("identity", what, left, right, *said, "--yes", "--json", stdin=f"{stdin}\n")


def test_a_citizen_id_is_read_from_standard_input_and_shown_masked(known):
    told = judged(known)
    assert (told.status, told.json["one"]) == (0, True)
    shown = {one["id"]: one for one in told.json["subjects"]}
    assert shown[STUB]["identifiers"] == {}
    assert [one["identifiers"] for key, one in shown.items() if key != STUB] == [
        {"citizen_id": f"{PERSON[:6]}********{PERSON[-4:]}"}
    ]
    assert PERSON not in told.out.decode() + told.err


def test_what_would_be_joined_is_shown_to_the_reader(known):
    told = known("identity", "merge", "-", STUB, *SAID, "--yes", stdin=PERSON)
    assert told.status == 0
    for said in (HEAD, "known by name only", f"{PERSON[:6]}********{PERSON[-4:]}", "would be one"):
        assert said in told.text


def test_a_judgement_its_undoing_and_the_history_of_both(known):
    first = judged(known).json
    second = judged(known, "unmerge", said=("--user", "归集人员乙", "--reason", "系同名他人")).json
    assert (first["one"], second["one"]) == (True, False)
    events = known("identity", "history", STUB, "--json").json
    assert [(e["what"], e["by"], e["reason"], e["at"], e["stands"]) for e in events] == [
        ("merged", "归集人员甲", "身份证件核验", first["recorded_at"], False),
        ("undone", "归集人员乙", "系同名他人", second["recorded_at"], True),
    ]
    text = known("identity", "history", "-", stdin=PERSON).text
    assert "归集人员甲" in text
    assert "系同名他人" in text


def test_a_subject_nobody_judged_of_says_so(known):
    assert "nobody has judged" in known("identity", "history", CLEAN).text
    assert known("identity", "history", CLEAN, "--json").json == []


def test_without_a_terminal_and_without_yes_nothing_is_recorded(known):
    told = known("identity", "merge", "-", STUB, *SAID, stdin=PERSON)
    assert told.status == 2
    assert "--yes" in told.err
    assert known("identity", "history", STUB, "--json").json == []


@pytest.mark.parametrize(("answer", "status", "events"), [(True, 0, 1), (False, 130, 0)])
def test_at_a_terminal_it_is_asked(known, monkeypatch, answer, status, events):
    asked = []

    def confirm(text, **more):
        asked.append(text)
        if not answer:
            raise KeyboardInterrupt

    monkeypatch.setattr("typer.confirm", confirm)
    monkeypatch.setattr("api.commands.identity._at_a_terminal", lambda: True)
    told = known("identity", "merge", "-", STUB, *SAID, stdin=PERSON)
    assert (told.status, len(asked)) == (status, 1)
    assert len(known("identity", "history", STUB, "--json").json) == events


def test_a_citizen_id_is_no_argument_and_no_reason(known):
    for words in (("-", PERSON, *SAID), ("-", STUB, "--reason", f"身份证 {PERSON} 核验")):
        told = known("identity", "merge", *words, "--yes", stdin=citizen_id(3))
        assert told.status == 2
        assert PERSON not in told.out.decode() + told.err


def test_a_name_is_no_identity(known):
    told = known("identity", "merge", "九江清白科技有限公司", CLEAN, *SAID, "--yes")
    assert told.status == 2
    assert "a name is no identity" in told.err


@pytest.mark.parametrize("code", [credit_code(99), "named:0", "person:0"])
def test_who_is_not_held_is_said(known, code):
    told = known("identity", "history", code)
    assert told.status == 2
    assert "unknown-subject" in told.err


def test_a_company_is_addressed_by_its_older_number_too(known):
    told = known("identity", "history", "registration_number:110108000000016")
    assert told.status == 0
    assert DEFAULTER in told.text


def test_two_credit_codes_need_insistence(known):
    told = known("identity", "merge", CLEAN, NAMESAKE, *SAID, "--yes")
    assert told.status == 2
    assert "--despite-different-identifiers" in told.err
    words = ("--despite-different-identifiers", "--yes", "--json")
    assert known("identity", "merge", CLEAN, NAMESAKE, *SAID, *words).json["one"]


def test_a_fixed_instant_is_the_judgements(known):
    at = "2030-01-01T00:00:00.000000+00:00"
    told = known("identity", "merge", "-", STUB, *SAID, "--yes", "--json", "--recorded-at", at, stdin=PERSON)
    assert told.json["recorded_at"] == at


def test_an_empty_user_is_nobody(known):
    told = judged(known, said=("--user", "", "--reason", "身份证件核验"))
    assert told.status == 2
    assert "by is empty" in told.err


@pytest.fixture
def alike(known, city_file):
    """The known-by-name head of the firm that another source gives a citizen ID."""
    stub, office = {"name": HEAD, "of": {"uscc": CLEAN}}, {"fact": "link", "type": "director"}
    firm = {"organisation": {"uscc": CLEAN}}
    lines = [
        {**office, **firm, "holder": stub, "source": "registry"},
        {**office, **firm, "holder": {"citizen_id": PERSON}, "source": "court", "key": "other"},
    ]
    told = known("load", "city", city_file(*lines), "--json")
    assert told.json["loaded"] == 2, told.err
    return known


def test_candidates_are_shown_with_their_reasons_and_change_nothing(alike, town):
    facts = alike("export", "ftm").out
    told = alike("identity", "candidates")
    assert told.status == 0
    for said in (STUB, "same name", "shares 1 organisation", "1 candidates: proposed, none applied"):
        assert said in told.text
    assert alike("export", "ftm").out == facts
    assert alike("identity", "history", STUB, "--json").json == []


def test_candidates_as_a_document_of_one_subject(alike):
    whole = alike("identity", "candidates", "--json").json
    assert whole["found"] == 1
    (one,) = whole["candidates"]
    assert STUB in (one["left"], one["right"])
    assert one["score"] >= 0.8
    assert alike("identity", "candidates", "-", "--json", stdin=PERSON).json == whole
    assert alike("identity", "candidates", DEFAULTER, "--json").json["candidates"] == []
    assert alike("identity", "candidates", "--min-score", "0.999", "--json").json["found"] == 0


def test_a_candidate_that_was_merged_is_none(alike):
    judged(alike)
    assert alike("identity", "candidates", "--json").json["found"] == 0


@pytest.mark.parametrize("words", [("--min-score", "2"), ("--limit", "0"), ("nobody",)])
def test_candidates_that_make_no_sense_are_bad_input(known, words):
    assert known("identity", "candidates", *words).status == 2
