"""A decision computed anew from its own question: whatever kind it is, and whatever became known since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import canonical
from engine.errors import UnknownDecision
from engine.investigation.investigate import investigate
from engine.investigation.question import ExpandQuestion
from engine.ledger import Ledger
from engine.operational import open_database
from engine.replay import replay
from graph.network.budget import Budget
from tests.engine.conftest import Making
from tests.engine.worlds import TODAY, World, group_rule, link, measure, organisation, person, record

A, B, ZHANG = organisation("甲"), organisation("乙"), person("张")
SAME = group_rule("same", same_holder={"link": "principal"})


@pytest.fixture
def told(make: Making) -> World:
    return make(A, B, ZHANG, *(link(ZHANG, "principal", one) for one in (A, B)), groups=[SAME])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = open_database(f"sqlite:///{tmp_path / 'operational.sqlite'}")
    yield Ledger(database)
    database.dispose()


def entered(ledger: Ledger, told: World, document: Any, name: str) -> str:
    """The document's name in the ledger, after it was entered with the catalogue that it was decided by."""
    ledger.keep_catalogue(told.catalogue.digest, told.catalogue.content)
    ledger.enter(name, canonical(document), who="officer", purpose="tender")
    return name


def test_a_decision_is_computed_anew_as_it_was_known(told: World, ledger: Ledger) -> None:
    decision = entered(ledger, told, told.ask(A), "one")
    told.tell(record(A))
    assert told.applies(A)
    assert replay(decision, ledger=ledger, store=told.store).same


def test_a_decision_on_several_applicants_is_computed_anew(told: World, ledger: Ledger) -> None:
    decision = entered(ledger, told, told.ask_group(A, B), "group")
    told.tell(record(B))
    assert replay(decision, ledger=ledger, store=told.store).same


def test_an_investigation_is_computed_anew_without_a_catalogue(told: World, ledger: Ledger) -> None:
    known_at = told.store.last_instant() or datetime.now(UTC)
    question = ExpandQuestion(subject=A.id, limit=9, as_of=TODAY, known_at=known_at)
    document = investigate(question, store=told.store, budget=Budget(60))
    ledger.enter("links", canonical(document), who="investigator", purpose="case 7")
    told.tell(person("李"), link(person("李"), "director", A))
    assert replay("links", ledger=ledger, store=told.store).same


def test_a_decision_is_computed_anew_by_the_catalogue_of_its_time(make: Making, ledger: Ledger) -> None:
    then = make(A, record(A))
    decision = entered(ledger, then, then.ask(A), "one")
    now = make(A, record(A), measures=[measure("newer")])
    ledger.keep_catalogue(now.catalogue.digest, now.catalogue.content)
    again = replay(decision, ledger=ledger, store=then.store)
    assert again.same
    assert again.differing() == []


def test_what_differs_is_named(told: World, make: Making, ledger: Ledger) -> None:
    """Over another store: that of a machine whose facts were lost."""
    told.tell(record(A))
    decision = entered(ledger, told, told.ask(A), "one")
    again = replay(decision, ledger=ledger, store=make(A).store)
    assert not again.same
    assert {"measures", "outcome"} <= set(again.differing())
    assert "question" not in again.differing()


def test_a_decision_by_a_catalogue_that_is_not_kept_is_said_to_be_unknown(told: World, ledger: Ledger) -> None:
    ledger.enter("one", canonical(told.ask(A)), who="officer", purpose="tender")
    with pytest.raises(UnknownDecision, match=f"no catalogue {told.catalogue.digest} is kept here"):
        replay("one", ledger=ledger, store=told.store)
