"""Facts that contradict themselves are refused; odd ones that the law knows are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from graph.errors import BadFact
from graph.model import Fact, Kind, LinkType, SealedId
from graph.validate import check_fact
from tests.contract.builders import (
    DIRECTOR,
    SHAREHOLDER,
    link,
    load,
    merge,
    naming,
    organisation,
    person,
    record,
    source,
    stub,
    undone,
)

FIRM, OTHER, BOSS = organisation(1), organisation(2), person(1)
JANUARY, JUNE = date(2025, 1, 1), date(2025, 6, 1)
CITIZEN = "11010519491231002X"

BAD = {
    "a fact needs an id": replace(FIRM, id=" "),
    "the name is empty": replace(FIRM, name="\u3000"),
    "belongs to a natural person": replace(FIRM, citizen_id=SealedId("d", "m")),
    "identifier uscc is empty": replace(FIRM, identifiers={"uscc": ""}),
    "without a scheme is empty": replace(FIRM, identifiers={"": "1"}),
    "established_on is an instant": replace(FIRM, established_on=datetime(2025, 1, 1)),  # noqa: DTZ001
    "cannot hold itself": link(FIRM, SHAREHOLDER, FIRM),
    "share 1.01 lies outside": link(OTHER, SHAREHOLDER, FIRM, share=1.01),
    "share -0.1 lies outside": link(OTHER, SHAREHOLDER, FIRM, share=-0.1),
    "share nan lies outside": link(OTHER, SHAREHOLDER, FIRM, share=float("nan")),
    "valid_to 2025-01-01 is not after valid_from 2025-06-01": link(
        BOSS, DIRECTOR, FIRM, valid_from=JUNE, valid_to=JANUARY
    ),
    "valid_to 2025-01-01 is not after valid_from 2025-01-01": link(
        BOSS, DIRECTOR, FIRM, valid_from=JANUARY, valid_to=JANUARY
    ),
    "the list or event kind is empty": record(FIRM, ""),
    "the severity grave is none of": record(FIRM, severity="grave"),
    "effective_to 2025-01-01 is not after": record(FIRM, effective_from=JUNE, effective_to=JANUARY),
    "publicity_to 2025-01-01 is not after": record(FIRM, publicity_from=JUNE, publicity_to=JANUARY),
    "masked_to 2025-01-01 is not after": record(FIRM, masked_from=JUNE, masked_to=JANUARY),
    "masked_to without masked_from": record(FIRM, masked_to=JUNE),
    "the amount in fen is negative": record(FIRM, amount=-1),
    "beyond 64 bits": record(FIRM, amount=2**63),
    "the field rate is neither": record(FIRM, fields={"rate": 0.5}),
    "a naming needs a role": naming(record(FIRM), BOSS, " "),
    "not merged with itself": merge(FIRM, FIRM),
    "say who made it and why": merge(FIRM, OTHER, reason=""),
    "undone and undone_by go together": replace(merge(FIRM, OTHER), undone=True),
    "cadence": source(cadence="monthly"),
}


@pytest.mark.parametrize(("said", "fact"), BAD.items())
def test_a_fact_that_contradicts_itself_is_refused(said: str, fact: Fact) -> None:
    with pytest.raises(BadFact) as caught:
        check_fact(fact)
    assert said in str(caught.value)
    assert str(caught.value).startswith(fact.id)


@pytest.mark.parametrize(
    "fact",
    [
        replace(BOSS, identifiers={"citizen_id": CITIZEN}),
        replace(BOSS, identifiers={"passport": CITIZEN.lower()}),
        replace(BOSS, id=f"citizen_id:{CITIZEN}"),
        replace(BOSS, id=f"person:{CITIZEN}"),
        replace(record(FIRM), id=f"record:{CITIZEN}"),
        replace(FIRM, identifiers={"uscc": CITIZEN}),
        record(FIRM, fields={"responsible": f" {CITIZEN} "}),
    ],
)
def test_a_citizen_id_in_the_clear_is_refused_and_not_repeated(fact: Fact) -> None:
    with pytest.raises(BadFact, match="in the clear") as caught:
        check_fact(fact)
    assert CITIZEN not in str(caught.value).upper()


def test_kinds_are_judged_as_far_as_they_are_known() -> None:
    kinds = {subject.id: subject.kind for subject in (FIRM, OTHER, BOSS)}
    for fact in (link(BOSS, LinkType.MANAGES, FIRM), link(FIRM, SHAREHOLDER, BOSS), merge(FIRM, BOSS)):
        check_fact(fact)
        with pytest.raises(BadFact):
            check_fact(fact, kinds)
    for fact in (link(OTHER, LinkType.MANAGES, FIRM), link(BOSS, SHAREHOLDER, FIRM), merge(FIRM, OTHER)):
        check_fact(fact, kinds)


@pytest.mark.parametrize(
    "fact",
    [
        FIRM,
        BOSS,
        stub(FIRM),
        organisation(3, kind=Kind.GOVERNMENT_ORGAN, identifiers={}),
        link(OTHER, SHAREHOLDER, FIRM, share=0.0),
        link(OTHER, SHAREHOLDER, FIRM, share=1),
        link(BOSS, DIRECTOR, FIRM, valid_to=JANUARY),
        record(FIRM),
        record(FIRM, masked_from=JANUARY, amount=0, fields={"paid": False, "count": 3, "object": "许可证"}),
        record(FIRM, repaired_on=JANUARY, decided_on=JUNE),
        merge(FIRM, OTHER),
        undone(merge(FIRM, OTHER)),
        source(),
        load(source(), JANUARY),
    ],
)
def test_what_is_merely_odd_is_taken(fact: Fact) -> None:
    check_fact(fact)
