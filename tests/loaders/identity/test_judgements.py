"""Judgements: two subjects are one, or are not after all; somebody's, for a reason, and never forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from api.demo.codes import citizen_id
from graph.errors import BadIdentifier, RecordedAtNotLater
from graph.identifiers import fact_id
from graph.model import Kind, Subject
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from loaders.identity.history import Event, UnknownSubject, history
from loaders.identity.judgements import BadJudgement, merge, unmerge
from tests.contract.builders import ids, organisation, person, put, stub
from tests.contract.builders import merge as loaded

FIRM, OTHER = organisation(1), organisation(2)
OLD = Subject(
    "registration_number:110108000000016", Kind.ENTERPRISE, FIRM.name, {"registration_number": "110108000000016"}
)
BOSS, NAMESAKE = person(1), person(2)
HERE, THERE, ELSEWHERE = (stub(organisation(n), BOSS.name) for n in (1, 2, 3))
SAID: dict[str, Any] = {"by": "归集人员甲", "reason": "身份证件核验"}
UNSAID: dict[str, Any] = {"by": "归集人员乙", "reason": "系同名他人"}


def told(store: GraphStore, of: Subject) -> list[tuple[str, str | None, str | None, bool]]:
    return [(event.what, event.by, event.reason, event.stands) for event in history(store, of.id)]


def test_a_judgement_holds_from_its_instant_on(store: GraphStore) -> None:
    before = put(store, BOSS, HERE)
    judged = merge(store, HERE.id, BOSS.id, **SAID)
    assert judged.one
    assert store.subject(HERE.id, known_at=before) == HERE
    assert store.subject(HERE.id, known_at=judged.recorded_at) == BOSS


def test_a_judgement_undone_is_known_between_the_two_instants(store: GraphStore) -> None:
    put(store, BOSS, HERE)
    judged = merge(store, BOSS.id, HERE.id, **SAID)
    undone = unmerge(store, HERE.id, BOSS.id, **UNSAID)
    assert not undone.one
    assert store.subject(HERE.id, known_at=judged.recorded_at) == BOSS
    assert store.subject(HERE.id, known_at=undone.recorded_at) == HERE


def test_the_history_tells_who_when_why_and_who_undid_it(store: GraphStore) -> None:
    put(store, BOSS, HERE)
    judged = merge(store, BOSS.id, HERE.id, **SAID)
    undone = unmerge(store, BOSS.id, HERE.id, **UNSAID)
    first, second = sorted((BOSS.id, HERE.id))
    name = fact_id("merge", "", first, second)
    assert history(store, HERE.id) == (
        Event(name, judged.recorded_at, "merged", first, second, SAID["by"], SAID["reason"], stands=False),
        Event(name, undone.recorded_at, "undone", first, second, UNSAID["by"], UNSAID["reason"], stands=True),
    )
    assert history(store, BOSS.id) == history(store, HERE.id)


def test_what_was_undone_may_be_judged_anew(store: GraphStore) -> None:
    put(store, BOSS, HERE)
    merge(store, BOSS.id, HERE.id, **SAID)
    unmerge(store, BOSS.id, HERE.id, **UNSAID)
    assert merge(store, BOSS.id, HERE.id, by="归集人员丙", reason="指纹核验").one
    assert [(what, by, stands) for what, by, _, stands in told(store, BOSS)] == [
        ("merged", "归集人员甲", False),
        ("undone", "归集人员乙", False),
        ("merged", "归集人员丙", True),
    ]


def test_the_history_spans_the_cluster_of_each_time_and_no_other(store: GraphStore) -> None:
    put(store, BOSS, HERE, THERE, ELSEWHERE, NAMESAKE)
    merge(store, HERE.id, THERE.id, **SAID)
    merge(store, THERE.id, BOSS.id, **SAID)
    unmerge(store, THERE.id, BOSS.id, **UNSAID)
    merge(store, BOSS.id, ELSEWHERE.id, by="归集人员丁", reason="档案核对")
    assert [event.what for event in history(store, HERE.id)] == ["merged", "merged", "undone"]
    assert [event.what for event in history(store, BOSS.id)] == ["merged", "merged", "undone", "merged"]
    assert [event.by for event in history(store, ELSEWHERE.id)] == ["归集人员甲", "归集人员乙", "归集人员丁"]
    assert history(store, NAMESAKE.id) == ()


def test_the_history_tells_a_retraction(store: GraphStore) -> None:
    put(store, BOSS, HERE, judgement := loaded(BOSS, HERE))
    at = store.retract([judgement.id]).recorded_at
    assert told(store, HERE) == [("merged", "steward", "same licence", False), ("retracted", None, None, True)]
    assert history(store, HERE.id)[-1].at == at
    put(store, judgement)
    assert [(what, stands) for what, _, _, stands in told(store, HERE)] == [
        ("merged", False),
        ("retracted", False),
        ("merged", True),
    ]


def test_undoing_undoes_every_judgement_on_the_two(store: GraphStore) -> None:
    put(store, BOSS, HERE, loaded(BOSS, HERE), replace(loaded(HERE, BOSS), id="merge:another-source"))
    undone = unmerge(store, BOSS.id, HERE.id, **UNSAID)
    assert not undone.one
    assert len(ids(undone.merges)) == 2
    assert {(one.by, one.undone_by) for one in undone.merges} == {("steward", UNSAID["by"])}


def test_two_that_are_one_through_others_too_stay_one(store: GraphStore) -> None:
    put(store, BOSS, HERE, THERE, loaded(BOSS, HERE), loaded(HERE, THERE), loaded(BOSS, THERE))
    undone = unmerge(store, BOSS.id, THERE.id, **UNSAID)
    assert (undone.one, undone.through) == (True, (HERE.id,))


def test_an_instant_of_recording_may_be_fixed(embedded: SqliteStore) -> None:
    put(embedded, BOSS, HERE, recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    at = datetime(2026, 2, 1, tzinfo=UTC)
    assert merge(embedded, BOSS.id, HERE.id, recorded_at=at, **SAID).recorded_at == at
    with pytest.raises(RecordedAtNotLater):
        unmerge(embedded, BOSS.id, HERE.id, recorded_at=at, **UNSAID)


# --- what is refused --------------------------------------------------------------------------------------------------
def test_a_subject_that_nobody_knows_is_refused(embedded: SqliteStore) -> None:
    with pytest.raises(UnknownSubject, match=BOSS.id):  # the store is empty
        merge(embedded, BOSS.id, HERE.id, **SAID)
    put(embedded, BOSS)
    for judge in (merge, unmerge):
        with pytest.raises(UnknownSubject, match=HERE.id):
            judge(embedded, BOSS.id, HERE.id, **SAID)
    with pytest.raises(UnknownSubject, match=HERE.id):
        history(embedded, HERE.id)


def test_a_subject_is_not_merged_with_itself(embedded: SqliteStore) -> None:
    put(embedded, BOSS)
    with pytest.raises(BadJudgement, match="with itself"):
        merge(embedded, BOSS.id, BOSS.id, **SAID)


def test_a_person_is_not_merged_with_an_organisation(embedded: SqliteStore) -> None:
    put(embedded, BOSS, FIRM)
    with pytest.raises(BadJudgement, match="a person is not merged with an organisation"):
        merge(embedded, BOSS.id, FIRM.id, **SAID)


def test_two_that_are_one_already_are_refused(embedded: SqliteStore) -> None:
    put(embedded, BOSS, HERE, THERE)
    merge(embedded, BOSS.id, HERE.id, **SAID)
    with pytest.raises(BadJudgement, match="are one already"):
        merge(embedded, HERE.id, BOSS.id, **SAID)
    merge(embedded, HERE.id, THERE.id, **SAID)
    with pytest.raises(BadJudgement, match=f"are one already, through {HERE.id}"):
        merge(embedded, BOSS.id, THERE.id, **SAID)


def test_two_credit_codes_are_two_companies_unless_somebody_insists(embedded: SqliteStore) -> None:
    put(embedded, FIRM, OTHER)
    with pytest.raises(BadJudgement, match="different values of uscc") as refused:
        merge(embedded, FIRM.id, OTHER.id, **SAID)
    assert "--despite-different-identifiers" in refused.value.remedy
    assert merge(embedded, FIRM.id, OTHER.id, despite_different_identifiers=True, **SAID).one


def test_two_citizen_ids_are_two_persons_however_they_came_to_be_known(embedded: SqliteStore) -> None:
    put(embedded, BOSS, NAMESAKE, HERE)
    merge(embedded, BOSS.id, HERE.id, **SAID)
    with pytest.raises(BadJudgement, match="different values of citizen_id") as refused:
        merge(embedded, NAMESAKE.id, HERE.id, **SAID)
    assert BOSS.citizen_id
    assert BOSS.citizen_id.digest not in str(refused.value)


def test_a_registration_number_beside_a_credit_code_is_no_difference(embedded: SqliteStore) -> None:
    put(embedded, FIRM, OLD)
    assert merge(embedded, FIRM.id, OLD.id, **SAID).one


@pytest.mark.parametrize("said", [{"by": ""}, {"by": " \t"}, {"reason": ""}, {"reason": "\n"}])
def test_a_judgement_without_its_judge_or_its_reason_is_refused(embedded: SqliteStore, said: dict[str, str]) -> None:
    put(embedded, BOSS, HERE)
    for judge in (merge, unmerge):
        missing = "user" if "by" in said else "reason"
        with pytest.raises(BadJudgement, match=f"{missing} is empty"):
            judge(embedded, BOSS.id, HERE.id, **{**SAID, **said})


@pytest.mark.parametrize("text", ["一" * 401, "first line\nsecond line", "\x1b[2J"])
def test_what_is_said_is_one_line_that_can_be_read(embedded: SqliteStore, text: str) -> None:
    put(embedded, BOSS, HERE)
    with pytest.raises(BadJudgement, match="no single line"):
        merge(embedded, BOSS.id, HERE.id, by="steward", reason=text)


def test_what_is_said_holds_no_citizen_id(embedded: SqliteStore) -> None:
    put(embedded, BOSS, HERE)
    number = citizen_id(7)
    apart = (number[:6], number[6:14], number[14:])
    for text in (f"身份证 {number} 核验", *(f"身份证{gap.join(apart)}" for gap in " -－"), f"1{number}"):
        with pytest.raises(BadIdentifier, match="reason holds a citizen ID") as refused:
            merge(embedded, BOSS.id, HERE.id, by="steward", reason=text)
        assert number not in str(refused.value)


def test_where_there_is_nothing_to_undo_that_is_said(embedded: SqliteStore) -> None:
    put(embedded, BOSS, HERE, THERE)
    with pytest.raises(BadJudgement, match="nothing to undo"):
        unmerge(embedded, BOSS.id, HERE.id, **UNSAID)
    merge(embedded, BOSS.id, HERE.id, **SAID)
    merge(embedded, HERE.id, THERE.id, **SAID)
    with pytest.raises(BadJudgement, match=f"they are, through {HERE.id}") as refused:
        unmerge(embedded, BOSS.id, THERE.id, **UNSAID)
    assert f"{BOSS.id} and {HERE.id} or {HERE.id} and {THERE.id}" in refused.value.remedy
    unmerge(embedded, BOSS.id, HERE.id, **UNSAID)
    with pytest.raises(BadJudgement, match="nothing to undo"):
        unmerge(embedded, BOSS.id, HERE.id, **UNSAID)


def test_a_retracted_subject_is_no_longer_judged_of(embedded: SqliteStore) -> None:
    put(embedded, BOSS, HERE, THERE, loaded(BOSS, HERE))
    embedded.retract([HERE.id])
    with pytest.raises(UnknownSubject, match="was retracted"):
        merge(embedded, HERE.id, THERE.id, **SAID)
