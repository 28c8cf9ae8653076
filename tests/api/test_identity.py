"""`xinheng identity merge|unmerge|history`: a judgement is somebody's, for a reason, shown before it is recorded."""

import json
import os
import pty
import subprocess
import sys

import pytest

from api.demo.codes import citizen_id, credit_code
from graph.identifiers import named_person_id

from .conftest import ASKED, CLEAN, DEFAULTER, NAMESAKE, PERSON, RIVAL

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


def test_who_stay_one_through_others_are_told_through_whom(known, city_file):
    heads = {code: {"name": HEAD, "of": {"uscc": code}} for code in (CLEAN, NAMESAKE, RIVAL)}
    persons = [{"fact": "subject", "kind": "natural_person", **head} for head in heads.values()]
    pairs = [(CLEAN, NAMESAKE), (NAMESAKE, RIVAL), (CLEAN, RIVAL)]
    said = {"fact": "merge", "by": "归集人员甲", "reason": "任命文件"}
    merges = [{**said, "left": heads[one], "right": heads[other]} for one, other in pairs]
    assert known("load", "city", city_file(*persons, *merges), "--json").json["quarantined"] == 0
    first, between, last = (named_person_id(f"uscc:{code}", HEAD) for code in heads)
    undone = known("identity", "unmerge", first, last, *SAID, "--yes", "--json").json
    assert (undone["one"], undone["through"]) == (True, [between])


def test_a_subject_nobody_judged_of_says_so(known):
    assert "nobody has judged" in known("identity", "history", CLEAN).text
    assert known("identity", "history", CLEAN, "--json").json == []


def test_without_a_terminal_and_without_yes_nothing_is_recorded(known):
    told = known("identity", "merge", "-", STUB, *SAID, stdin=PERSON)
    assert told.status == 2
    assert "--yes" in told.err
    assert known("identity", "history", STUB, "--json").json == []


@pytest.mark.parametrize(("answer", "status", "events"), [("y", 0, 1), ("n", 130, 0), ("", 130, 0)])
def test_at_a_real_terminal_it_is_recorded_only_for_a_yes(known, answer, status, events):
    """Whom it is about is known by id, so that nothing else is read from the terminal."""
    words = [sys.executable, "-m", "api.cli", "identity", "merge", subject_id(known), STUB, *SAID]
    terminal, end = pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    done = subprocess.run(words, stdin=end, capture_output=True, check=False)
    for side in (terminal, end):
        os.close(side)
    assert "record it? [y/N]" in done.stderr.decode()
    assert done.returncode == status
    assert len(known("identity", "history", STUB, "--json").json) == events


def subject_id(known):
    """A check answers with the id of the person whose number it read."""
    return known("check", "-", *ASKED, "--json", stdin=PERSON).json["subject"]["id"]


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


def test_links_tell_a_head_known_by_name_from_a_namesake(known, city_file):
    link = {"fact": "link", "type": "supervisor", "organisation": {"uscc": CLEAN}}
    assert known("load", "city", city_file({**link, "holder": {"name": HEAD, "of": {"uscc": CLEAN}}})).status == 0
    told = known("identity", "merge", "-", STUB, *SAID, "--yes", stdin=PERSON)
    for company in ("九江柏川商贸有限公司", "九江对手科技有限公司"):
        assert f"法定代表人 {company}" in told.text
    assert "监事 九江清白科技有限公司" in told.text


@pytest.mark.neo4j
def test_a_judgement_on_neo4j(xinheng, built_town, neo4j_url, tmp_path, monkeypatch, city_file):
    """The same story, on the production store."""
    reached = {"STORE": neo4j_url.url, "STORE_USER": neo4j_url.user, "STORE_PASSWORD": neo4j_url.password}
    for name, value in {**reached, "DATA": str(tmp_path / "data")}.items():
        monkeypatch.setenv(f"XINHENG_{name}", value)
    person = {"fact": "subject", "kind": "natural_person", "name": HEAD, "of": {"uscc": CLEAN}}
    for file in (built_town / "town.jsonl", city_file(person)):
        assert xinheng("load", "city", file, "--json").json["quarantined"] == 0
    test_a_judgement_its_undoing_and_the_history_of_both(xinheng)
    test_nobody_is_asked_to_confirm_what_is_refused(xinheng)


def test_nobody_is_asked_to_confirm_what_is_refused(known):
    told = known("identity", "merge", STUB, CLEAN, *SAID)
    assert told.status == 2
    assert "a person is not merged with an organisation" in told.err
    assert "--yes" not in told.err
    assert told.text == ""


def test_a_citizen_id_is_no_argument_and_no_reason(known):
    for words in (("-", PERSON, *SAID), ("-", STUB, "--reason", f"身份证 {PERSON} 核验")):
        told = known("identity", "merge", *words, "--yes", stdin=citizen_id(3))
        assert told.status == 2
        assert PERSON not in told.out.decode() + told.err


@pytest.mark.parametrize("option", ["--user", "--reason"])
@pytest.mark.parametrize("apart", ["", " ", "-", "－", "–"], ids=["whole", "blank", "hyphen", "wide-hyphen", "dash"])
def test_who_and_why_hold_no_citizen_id_however_written(known, option, apart):
    written = f"证件{apart.join((PERSON[:6], PERSON[6:14], PERSON[14:]))}号"
    said = dict(zip(SAID[::2], SAID[1::2], strict=True)) | {option: written}
    for what in ("merge", "unmerge"):
        told = judged(known, what, said=[word for pair in said.items() for word in pair])
        assert told.status == 2
        assert f"{option[2:]} holds a citizen ID" in told.err
        assert "name the document" in told.err
        assert written not in told.err + told.text
    assert known("identity", "history", STUB, "--json").json == []


def test_a_companys_numbers_may_stand_in_the_reason(known):
    reason = f"营业执照载明原注册号110108000000016，信用代码{CLEAN}"
    assert judged(known, said=("--reason", reason)).status == 0
    assert [event["reason"] for event in known("identity", "history", STUB, "--json").json] == [reason]


UNHELD = credit_code(99)
REFUSED = {
    "unknown": ((CLEAN, UNHELD), "unknown-subject", f"no subject uscc:{UNHELD}", "load it first"),
    "itself": ((STUB, STUB), "bad-judgement", "not merged with itself", "give two subjects"),
    "itself-by-another-number": (
        (DEFAULTER, "registration_number:110108000000016"),
        "bad-judgement",
        "not merged with itself",
        "give two subjects",
    ),
    "person-and-organisation": ((STUB, CLEAN), "bad-judgement", "a person is not merged", "a link"),
    "two-codes": ((CLEAN, RIVAL), "bad-judgement", "different values of uscc", "--despite-different-identifiers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_is_refused_with_a_remedy(known, case):
    pair, code, fault, remedy = REFUSED[case]
    told = known("identity", "merge", *pair, *SAID, "--yes", "--json")
    assert (told.status, told.text) == (2, "")
    said = json.loads(told.err)
    assert said["code"] == code
    assert fault in said["detail"]
    assert remedy in said["remedy"]


def test_two_persons_with_a_number_each_are_two_and_neither_number_is_shown(known):
    told = judged(known, right="-", stdin=f"{PERSON}\n{citizen_id(3)}")
    assert told.status == 2
    assert "different values of citizen_id" in told.err
    assert not any(number in told.err + told.text for number in (PERSON, citizen_id(3)))


def test_what_is_one_already_is_refused_with_how_to_undo_it(known):
    assert judged(known).status == 0
    told = judged(known)
    assert (told.status, "are one already" in told.err, "identity unmerge" in told.err) == (2, True, True)


def test_what_was_never_judged_can_not_be_undone(known):
    told = judged(known, "unmerge")
    assert (told.status, "nothing to undo" in told.err, "identity history" in told.err) == (2, True, True)


def test_an_identifier_of_two_subjects_is_refused_with_their_ids(known, city_file):
    held = {"identifiers": {"registration_number": "110108000000016"}, "uscc": credit_code(60)}
    assert known("load", "city", city_file({"fact": "subject", "kind": "enterprise", "name": "甲", **held})).status == 0
    told = known("identity", "merge", "registration_number:110108000000016", CLEAN, *SAID, "--yes")
    assert told.status == 2
    for code in (DEFAULTER, credit_code(60)):
        assert f"uscc:{code}" in told.err


def test_without_a_store_nothing_is_judged(xinheng, tmp_path, monkeypatch):
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "nothing"))
    told = xinheng("identity", "merge", STUB, CLEAN, *SAID, "--yes")
    assert (told.status, "no-store" in told.err) == (3, True)


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
    assert "user is empty" in told.err


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
