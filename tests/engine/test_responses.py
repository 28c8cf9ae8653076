"""Officers' responses on a real SQLite file and a real PostgreSQL: one stands for each measure, and all are kept."""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.canonical import canonical
from engine.errors import UnknownDecision
from engine.ledger import DecisionErased, Ledger, LedgerBroken
from engine.operational import open_database, writing
from engine.responses import (
    AnotherDepartment,
    MeasureNotInDecision,
    Reason,
    ResponseConflict,
    Responses,
    Said,
    UnknownResponse,
)

FIRM, OTHER = "uscc:甲", "uscc:乙"
ASKED = {"department": "purchaser", "subject": FIRM}


def listed(measure: str, suspended_by: Any = None) -> dict[str, Any]:
    return {"id": measure, "suspended_by": suspended_by}


def single(*measures: dict[str, Any], subject: str = FIRM) -> dict[str, Any]:
    return {"question": {**ASKED, "subject": subject}, "subject": {"id": subject}, "measures": measures}


DECISION = single(listed("deny"), listed("review"), listed("fast", ["r1"]), listed("support", "unknown"))
GROUP = {
    "question": {"department": "purchaser", "applicants": [FIRM, "registration_number:2"]},
    "decisions": [
        single(listed("deny")),
        {**single(listed("deny"), listed("review"), subject=OTHER), "question": {"subject": "registration_number:2"}},
    ],
    "findings": [{"rule": "same-head", "binds": [FIRM, "registration_number:2"]}] * 2,
}


@pytest.fixture
def database(operational_url: str) -> Iterator[sa.Engine]:
    opened = open_database(operational_url)
    ledger = Ledger(opened)
    for decision_id, document in {
        "d1": DECISION,
        "d2": DECISION,
        "g1": GROUP,
        "i1": {"investigation_id": "i1"},
    }.items():
        ledger.enter(decision_id, json.dumps(document).encode(), who="审批员 王", purpose="")
    yield opened
    opened.dispose()


@pytest.fixture
def responses(database: sa.Engine) -> Responses:
    return Responses(database)


def said(measure: str = "deny", **more: Any) -> Said:
    nothing = dict.fromkeys(("subject", "reason", "document", "decided_on", "corrects"))
    return Said(**{**nothing, "measure": measure, "answer": "applied", **more})


REPAIRED = {"answer": "not_applied", "reason": Reason(code="repaired", text="已移出名单")}


def test_a_response_says_who_answered_for_which_department_and_when(responses: Responses) -> None:
    given = responses.respond("d1", said(), who="审批员 王", department="purchaser")
    assert (given.number, given.subject, given.measure) == (1, FIRM, "deny")
    assert (given.who, given.department, given.answer) == ("审批员 王", "purchaser", "applied")
    assert responses.history("d1").responses == (given,)
    assert responses.document("d1", 1) == canonical(given)
    *_, entry = Ledger(responses.database).entries()
    assert (entry.who, entry.department, entry.purpose) == ("审批员 王", "purchaser", "")


def test_without_keys_a_response_is_of_the_department_that_the_decision_is_for(responses: Responses) -> None:
    assert responses.respond("d1", said(), who="审批员 王").department == "purchaser"


def test_a_correction_names_what_it_corrects_and_both_are_kept(responses: Responses) -> None:
    first = responses.respond("d1", said(), who="甲")
    second = responses.respond("d1", said(**REPAIRED, corrects=1), who="乙")
    other = responses.respond("d1", said("review"), who="甲")
    history = responses.history("d1")
    assert history.responses == (first, second, other)
    assert history.standing == (2, 3)
    assert responses.document("d1", 1) == canonical(first), "what was corrected is as it was"


@pytest.mark.parametrize("corrects", [None, 1, 3, 4])
def test_only_the_response_that_stands_for_the_measure_is_corrected(responses: Responses, corrects: int | None) -> None:
    responses.respond("d1", said(), who="甲")
    responses.respond("d1", said(**REPAIRED, corrects=1), who="甲")
    responses.respond("d1", said("review"), who="甲")
    with pytest.raises(ResponseConflict, match=r"^response 2 stands for this measure") as told:
        responses.respond("d1", said(corrects=corrects), who="乙")
    assert told.value.message.endswith(f"measure, not {corrects}" if corrects else "measure already")
    assert told.value.remedy == "read it, and if it is to be replaced say so: corrects 2"
    assert len(responses.history("d1").responses) == 3


def test_what_was_never_answered_is_not_corrected(responses: Responses) -> None:
    with pytest.raises(
        ResponseConflict, match=r"^there is no response to correct \(leave `corrects` out: this is the first\)$"
    ):
        responses.respond("d1", said(corrects=1), who="甲")


def test_decisions_are_answered_each_for_itself(responses: Responses) -> None:
    responses.respond("d1", said(), who="甲")
    assert responses.history("d2").responses == ()
    assert responses.respond("d2", said(), who="甲").number == 1


@pytest.mark.parametrize("measure", ["never", "fast", "support"])
def test_a_measure_that_does_not_bind_has_no_response(responses: Responses, measure: str) -> None:
    """Neither one of another decision, nor an incentive while it is suspended."""
    with pytest.raises(MeasureNotInDecision) as told:
        responses.respond("d1", said(measure), who="甲")
    assert told.value.message == "the decision does not list this measure as binding"
    assert told.value.remedy == "respond to deny or review"
    assert responses.history("d1").responses == ()


def test_the_history_tells_what_nobody_answered_yet(responses: Responses) -> None:
    responses.respond("d1", said(), who="甲")
    assert [(one.subject, one.measure) for one in responses.history("d1").unanswered] == [(FIRM, "review")]


def test_another_department_does_not_answer(responses: Responses) -> None:
    with pytest.raises(
        AnotherDepartment,
        match=r"^the decision was given for purchaser, the key is of tax \(respond with a key of purchaser\)$",
    ):
        responses.respond("d1", said(), who="甲", department="tax")


@pytest.mark.parametrize(
    ("decision_id", "told"),
    [
        ("never", "there is no decision of this id (check the id, or ask the question anew)"),
        ("i1", "this is the id of no decision (give that of a check or a group check)"),
    ],
)
def test_what_is_no_decision_is_not_answered(responses: Responses, decision_id: str, told: str) -> None:
    with pytest.raises(UnknownDecision, match=f"^{re.escape(told)}$"):
        responses.respond(decision_id, said(), who="甲")
    with pytest.raises(UnknownDecision, match=f"^{re.escape(told)}$"):
        responses.history(decision_id)


def test_a_number_that_was_not_given_is_unknown(responses: Responses) -> None:
    with pytest.raises(
        UnknownResponse, match=r"^the decision has no response of this number \(ask for all its responses\)$"
    ):
        responses.document("d1", 1)


def test_what_stands_is_told_over_all_decisions_or_of_one_measure(responses: Responses, database: sa.Engine) -> None:
    responses.respond("d1", said(), who="甲")
    corrected = responses.respond("d1", said(**REPAIRED, corrects=1), who="甲")
    review = responses.respond("d2", said("review"), who="甲")
    of_group = responses.respond("g1", said(subject=OTHER), who="甲")
    assert list(responses.standing()) == [corrected, review, of_group]
    assert list(responses.standing("deny")) == [corrected, of_group]
    Ledger(database).erase("g1")
    assert list(responses.standing("deny")) == [corrected]


def test_more_responses_than_are_read_at_once(responses: Responses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.responses.AT_ONCE", 2)
    given = [responses.respond("g1", said("same-head", subject=one), who="甲") for one in (FIRM, OTHER)]
    given += [responses.respond("g1", said(subject=one), who="甲") for one in (FIRM, OTHER)]
    given.append(responses.respond("g1", said("review"), who="甲"))
    assert list(responses.standing()) == given


# --- group decisions --------------------------------------------------------------------------------------------------
def test_a_measure_of_one_applicant_needs_no_subject(responses: Responses) -> None:
    assert responses.respond("g1", said("review"), who="甲").subject == OTHER


def test_a_measure_of_several_applicants_is_answered_for_each(responses: Responses) -> None:
    with pytest.raises(MeasureNotInDecision, match=r"^the measure binds several applicants \(") as told:
        responses.respond("g1", said(), who="甲")
    assert told.value.remedy == f"name the subject: {OTHER} or {FIRM}"
    responses.respond("g1", said(subject=FIRM), who="甲")
    responses.respond("g1", said(**REPAIRED, subject="registration_number:2"), who="甲")
    assert [one.subject for one in responses.history("g1").responses] == [FIRM, OTHER]
    assert responses.history("g1").standing == (1, 2)


def test_a_measure_of_another_applicant_is_not_answered(responses: Responses) -> None:
    with pytest.raises(MeasureNotInDecision, match=r"does not list this measure as binding this subject \(") as told:
        responses.respond("g1", said("review", subject=FIRM), who="甲")
    assert told.value.remedy == "respond to deny or same-head"


def test_a_finding_of_the_group_is_answered_for_each_whom_it_binds(responses: Responses) -> None:
    responses.respond("g1", said("same-head", subject=OTHER), who="甲")
    left = {(one.subject, one.measure) for one in responses.history("g1").unanswered}
    assert left == {(FIRM, "deny"), (OTHER, "deny"), (OTHER, "review"), (FIRM, "same-head")}


# --- the ledger -------------------------------------------------------------------------------------------------------
def test_every_response_is_in_the_chain(responses: Responses, database: sa.Engine) -> None:
    given = responses.respond("d1", said(), who="审批员 王", department="purchaser")
    entry = list(Ledger(database).entries())[-1]
    assert (entry.decision_id, entry.who, entry.department) == ("d1/responses/1", "审批员 王", "purchaser")
    assert entry.at == given.at.isoformat(timespec="microseconds")
    Ledger(database).verify()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update document set content = :other where decision_id = 'd1/responses/1'", "was changed|can't be read"),
        ("delete from document where decision_id = 'd1/responses/1'", "is gone"),
    ],
)
def test_a_response_that_was_changed_or_removed_is_noticed(
    responses: Responses, database: sa.Engine, statement: str, fault: str
) -> None:
    responses.respond("d1", said(), who="甲")
    with writing(database) as connection:
        other = sa.bindparam("other", b"another", type_=sa.LargeBinary)
        text = sa.text(statement)
        connection.execute(text.bindparams(other) if ":other" in statement else text)
    with pytest.raises(LedgerBroken, match=fault):
        Ledger(database).verify()


def test_responses_are_erased_with_their_decision(responses: Responses, database: sa.Engine) -> None:
    responses.respond("d1", said(**REPAIRED), who="甲")
    responses.respond("d2", said(), who="甲")
    Ledger(database).erase("d1")
    for ask in (
        lambda: responses.history("d1"),
        lambda: responses.document("d1", 1),
        lambda: responses.respond("d1", said(corrects=1), who="甲"),
        lambda: Ledger(database).document("d1/responses/1"),
    ):
        with pytest.raises(DecisionErased):
            ask()
    assert len(responses.history("d2").responses) == 1
    Ledger(database).verify()


def test_a_decision_given_anew_after_it_was_erased_begins_without_responses(
    responses: Responses, database: sa.Engine
) -> None:
    responses.respond("d1", said(), who="甲")
    Ledger(database).erase("d1")
    Ledger(database).enter("d1", json.dumps(DECISION).encode(), who="乙", purpose="")
    assert responses.history("d1").responses == ()
    assert responses.respond("d1", said(), who="乙").number == 2


# --- several at once --------------------------------------------------------------------------------------------------
def correct(arguments: tuple[str, str, int]) -> list[int]:
    """Correct whatever is the response of this number, as soon as it is there; how often this one came first."""
    url, who, rounds = arguments
    database = open_database(url)
    won = []
    for number in range(rounds):
        try:
            Responses(database).respond("d1", said(corrects=number or None), who=who)
        except ResponseConflict:
            while number not in {one.number - 1 for one in Responses(database).history("d1").responses}:
                pass
        else:
            won.append(number)
    database.dispose()
    return won


@pytest.mark.slow
def test_of_several_responses_at_once_exactly_one_wins(
    responses: Responses, database: sa.Engine, operational_url: str
) -> None:
    rounds = 12
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        won = pool.map(correct, [(operational_url, f"p{one}", rounds) for one in range(4)])
    assert sorted(number for ours in won for number in ours) == list(range(rounds))
    history = responses.history("d1")
    assert [one.corrects for one in history.responses] == [None, *range(1, rounds)]
    assert history.standing == (rounds,)
    Ledger(database).verify()
