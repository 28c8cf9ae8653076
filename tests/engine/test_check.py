"""The question, and who is asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from engine.errors import BadQuestion, UnknownWord
from engine.question import Question
from graph.errors import BadInput
from graph.model import Kind, Subject
from tests.engine.conftest import Making
from tests.engine.worlds import (
    TODAY,
    gaps,
    link,
    measure,
    merge,
    only,
    organisation,
    person,
    reach,
    record,
    stub,
)

FIRM, OTHER, ZHANG = organisation("甲"), organisation("乙"), person("张")


@pytest.mark.parametrize(("word", "value"), [("matter", "tenders"), ("department", "nobody")])
def test_an_unknown_word_is_bad_input(make: Making, word: str, value: str) -> None:
    with pytest.raises(UnknownWord, match=f"unknown {word} `{value}`") as caught:
        make(FIRM).ask(FIRM, **{word: value})
    assert "catalogue show" in caught.value.remedy
    assert isinstance(caught.value, BadInput)


def test_a_day_before_all_law_is_bad_input(make: Making) -> None:
    told = make(FIRM)
    with pytest.raises(BadQuestion, match="as_of 1949-09-30 lies before all law"):
        told.ask(FIRM, as_of=date(1949, 9, 30))
    assert told.ask(FIRM, as_of=date(1949, 10, 1)).outcome == "none"


def test_what_is_not_yet_recorded_cannot_be_known(make: Making) -> None:
    told = make(FIRM)
    last = told.store.last_instant()
    assert last is not None
    with pytest.raises(BadQuestion, match="lies after the last recorded instant") as caught:
        told.ask(FIRM, known_at=last + timedelta(microseconds=1))
    assert caught.value.remedy == "leave known_at out to ask with everything known"
    assert told.ask(FIRM, known_at=last).outcome == "none"


def test_before_all_data_nothing_is_known_and_nothing_is_clear(make: Making) -> None:
    decision = make(FIRM, record(FIRM)).ask(FIRM, known_at=datetime(1990, 1, 1, tzinfo=UTC))
    assert (decision.outcome, decision.complete, decision.subject.identity) == ("incomplete", False, "unknown")
    assert (decision.measures, decision.gaps, decision.subject.name) == ((), (), None)


def test_an_empty_store_knows_nobody(make: Making) -> None:
    decision = make(sourced=False).ask("uscc:91350100M000100Y43")
    assert (decision.outcome, decision.subject.identity) == ("incomplete", "unknown")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("region", "3301"),
        ("region", "浙江"),
        ("as_of", "2025-02-30"),
        ("known_at", datetime(2025, 1, 1)),  # noqa: DTZ001
        ("subject", "91350100M000100Y43"),
        ("subject", "uscc:"),
        ("subject", "uscc:" + "9" * 400),
        ("unheard_of", 1),
    ],
)
def test_a_question_is_complete_and_well_formed(key: str, value: Any) -> None:
    asked = {
        "subject": "name:甲", "matter": "tender", "department": "purchaser", "region": "330100",
        "as_of": TODAY, "known_at": datetime(2025, 6, 1, tzinfo=UTC),
    }  # fmt: skip
    Question(**asked)
    with pytest.raises(ValidationError):
        Question(**{**asked, key: value})


def test_the_question_stands_in_the_answer_as_it_was_understood(make: Making) -> None:
    shanghai = datetime.fromisoformat("2026-01-01T08:00:00+08:00")
    asked = make(FIRM).question(FIRM, known_at=shanghai)
    assert asked.model_dump(mode="json")["known_at"] == "2026-01-01T00:00:00.000000Z"


# --- who is asked about ---------------------------------------------------------------------------------------------


def test_an_identifier_that_one_subject_holds_is_verified(make: Making) -> None:
    told = make(Subject("test:甲", Kind.ENTERPRISE, "甲厂", {"test": "甲", "organisation_code": "600037341"}))
    for address in ("test:甲", "organisation_code:600037341"):
        assert told.ask(address).subject.identity == "verified"
        assert told.ask(address).subject.id == "test:甲"


def test_an_identifier_that_two_hold_is_ambiguous(make: Making) -> None:
    both = [Subject(f"test:{n}", Kind.ENTERPRISE, f"厂{n}", {"registration_number": "110108000000016"}) for n in "12"]
    decision = make(*both, record(both[0])).ask("registration_number:110108000000016")
    assert (decision.outcome, decision.subject.identity, decision.measures) == ("incomplete", "ambiguous", ())
    assert [one.id for one in decision.subject.candidates] == ["test:1", "test:2"]


def test_a_name_is_never_an_identity(make: Making) -> None:
    decision = make(FIRM, record(FIRM)).ask("name:甲有限公司")
    assert (decision.outcome, decision.complete, decision.subject.identity) == ("incomplete", False, "ambiguous")
    assert [one.name for one in decision.subject.candidates] == ["甲有限公司"]
    assert decision.subject.id == "name:甲有限公司"


def test_a_name_offers_organisations_only(make: Making) -> None:
    assert make(ZHANG).ask("name:张").subject.candidates == ()


def test_an_identifier_that_nobody_holds_is_unknown_and_never_clear(make: Making) -> None:
    decision = make(FIRM).ask("test:丙")
    assert (decision.outcome, decision.subject.identity) == ("incomplete", "unknown")


def test_persons_are_addressed_by_their_digest_or_organisation(make: Making) -> None:
    named = stub("王", FIRM)
    told = make(FIRM, ZHANG, named)
    assert told.ask(ZHANG).subject.name == "张"
    assert told.ask(named).subject.name == "王"
    assert told.ask("person:" + "0" * 32).subject.identity == "unknown"


def test_a_subject_of_another_kind_is_out_of_scope(make: Making) -> None:
    by = [measure(scope={"matters": ["tender"], "subject_kinds": ["natural_person"]})]
    told = make(FIRM, ZHANG, record(FIRM), record(ZHANG), measures=by)
    assert (told.applies(ZHANG), told.applies(FIRM)) == (True, False)


# --- two clocks and merges ------------------------------------------------------------------------------------------


def test_a_correction_changes_the_answer_from_its_recording_on(make: Making) -> None:
    listed = record(FIRM)
    told = make(FIRM, listed)
    before = told.store.last_instant()
    told.tell(record(FIRM, annulled=True), correct=True)
    assert told.ask(FIRM, known_at=before).outcome == "deny"
    assert told.ask(FIRM).outcome == "none"
    assert told.ask(FIRM, as_of=date(2024, 6, 1)).outcome == "none", "annulled, it never counted"


def test_a_fact_learnt_later_counts_for_the_past_from_then_on(make: Making) -> None:
    told = make(FIRM)
    before = told.store.last_instant()
    told.tell(record(FIRM))
    assert told.ask(FIRM, as_of=date(2024, 6, 1)).outcome == "deny"
    assert told.ask(FIRM, as_of=date(2024, 6, 1), known_at=before).outcome == "none"


def test_records_of_merged_subjects_are_one_subjects(make: Making) -> None:
    told = make(FIRM, OTHER, record(FIRM))
    assert told.ask(OTHER).outcome == "none"
    told.tell(merge(FIRM, OTHER))
    decision = told.ask(OTHER)
    assert decision.outcome == "deny"
    assert decision.subject.id == min(FIRM.id, OTHER.id)


def test_a_person_found_out_by_a_merge_is_no_gap_any_more(make: Making) -> None:
    named = stub("张", FIRM)
    by = [measure(reaches=[reach("legal_representative>organisation@now")])]
    told = make(FIRM, named, ZHANG, record(ZHANG), link(named, "legal_representative", FIRM), measures=by)
    assert gaps(told.ask(FIRM)) == {("unidentified_holder", named.id): ("ban",)}
    told.tell(merge(named, ZHANG))
    (chain,) = only(told.ask(FIRM)).chains
    assert chain.links[0].holder.id == ZHANG.id
