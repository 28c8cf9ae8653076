"""The shipped catalogue is lawful, and between them its entries use everything that the format can say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.model import Kind
from rules.catalogue import Catalogue
from rules.conditions import All, Any, Comparison, Condition, FromQuestion, Not
from rules.model import GREATEST_EFFECT, INCENTIVES, SANCTIONS, LengthRange, Measure, ReachDefinition, Term


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.shipped()


def shape(reach: ReachDefinition) -> str:
    """Such as ``self``, ``holder``, ``named+finding+held`` and ``named, organisation``."""
    parts = []
    for step in reach.steps:
        narrowed = ["finding"] * bool(step.finding) + ["held"] * bool(step.held)
        parts.append("+".join(["named", *narrowed]) if step.named else str(step.to))
    return ", ".join(parts) or "self"


def parts(condition: Condition) -> Iterator[str]:
    match condition:
        case All():
            yield "all"
            yield from (p for c in condition.all for p in parts(c))
        case Any():
            yield "any"
            yield from (p for c in condition.any for p in parts(c))
        case Not():
            yield "not"
            yield from parts(condition.not_)
        case Comparison():
            yield condition.operator
            if isinstance(condition.value, FromQuestion):
                yield condition.value.question


def length(term: Term | None) -> str:
    if term is None:
        return "none"
    if isinstance(term.length, LengthRange):
        return "range" if term.length.least else "open range"
    return "for_life" if term.length == "for_life" else "fixed"


def test_every_reach_shape_and_step_time_is_used(shipped: Catalogue) -> None:
    reaches = [r for m in shipped.measures.values() for r in m.reaches]
    shapes = {shape(r) for r in reaches}
    assert shapes >= {"self", "holder", "organisation", "holder, organisation", "named", "named+finding", "named+held"}
    assert shapes >= {"named+finding+held", "named, organisation"}
    assert {s.holds for r in reaches for s in r.steps if s.link} == {"now", "at_event", "after_event"}
    assert any(s.min_share for r in reaches for s in r.steps)
    assert any(r.basis for r in reaches)


def test_every_kind_of_trigger_is_used(shipped: Catalogue) -> None:
    triggers = [m.trigger for m in shipped.measures.values()]
    assert any(t.list_ for t in triggers)
    assert any(t.event for t in triggers)
    assert any(len(t.lists) > 1 for t in triggers)
    assert any(t.list_ and t.event for t in triggers)
    assert any(t.severity for t in triggers)
    assert any(t.count_at_least and t.within for t in triggers)
    assert any(t.sum_at_least and t.within for t in triggers)
    assert {t.on for t in triggers} >= {"decided_on", "acted_on", "final_on"}
    used = {p for t in triggers if t.where for p in parts(t.where)}
    assert used >= {"all", "any", "not", "is", "in", "at_least", "industry", "object"}


def test_every_term_basis_level_and_effect_is_used(shipped: Catalogue) -> None:
    measures = list(shipped.measures.values())
    assert {length(m.term) for m in measures} == {"none", "fixed", "range", "open range", "for_life"}
    anchors = {m.term.from_ for m in measures if m.term}
    assert anchors == {"decided_on", "final_on", "sentence_ends_on", "bankruptcy_ends_on", "publicity_to"}
    assert {shipped.documents[b.document].level for m in measures for b in m.basis} == set(GREATEST_EFFECT)
    assert {m.effect for m in measures} == {*SANCTIONS, *INCENTIVES}
    for says in (
        lambda m: m.suspended_when,
        lambda m: m.discretionary,
        lambda m: m.survives,
        lambda m: m.applies_to,
        lambda m: m.repair == "stays",
        lambda m: m.carried_out_by == "market",
        lambda m: m.scope.regions,
        lambda m: m.text == "recalled",
    ):
        assert any(says(m) for m in measures)


def test_nobody_but_the_listed_is_struck_without_a_document(shipped: Catalogue) -> None:
    for measure in shipped.measures.values():
        assert measure.basis
        if any(r.steps for r in measure.reaches) and not measure.discretionary:
            levels = {shipped.documents[b.document].level for b in measure.basis}
            assert levels - {"memorandum"} or measure.effect not in ("deny", "restrict", "revoke_honour")


def test_market_players_are_only_reminded_and_choices_only_reviewed(shipped: Catalogue) -> None:
    for measure in shipped.measures.values():
        if measure.carried_out_by == "market":
            assert measure.effect == "remind"
        if measure.discretionary or measure.text == "recalled":
            assert measure.effect not in ("deny", "restrict", "revoke_honour")


def test_a_unit_that_defaults_does_not_make_its_representative_a_defaulter(shipped: Catalogue) -> None:
    """法发〔2019〕35号: consumption is limited, and nothing else reaches the four kinds of persons."""
    reaching = [m for m in shipped.measures.values() if "judgment-defaulter" in m.trigger.lists and _to_persons(m)]
    assert reaching
    assert all(m.basis[0].article == "限制高消费部分" for m in reaching)


def _to_persons(measure: Measure) -> bool:
    return any(s.named or s.to == "holder" for r in measure.reaches for s in r.steps)


def test_lists_hold_whom_the_law_lets_them_hold(shipped: Catalogue) -> None:
    assert shipped.lists["government-default"].subject_kinds == (Kind.GOVERNMENT_ORGAN,)
    assert Kind.GOVERNMENT_ORGAN not in shipped.lists["judgment-defaulter"].subject_kinds
    assert shipped.lists["judgment-defaulter"].default_term is None


def test_every_document_serves_an_entry(shipped: Catalogue) -> None:
    entries = [*shipped.measures.values(), *shipped.groups.values()]
    assert {b.document for e in entries for b in e.basis} == set(shipped.documents)
