"""`check`: which measures apply to a subject, for one matter, on one day, as known then (design, section 5)."""

from __future__ import annotations

from datetime import date, datetime

from engine.canonical import signed
from engine.document import Decision, SubjectView
from engine.errors import BadQuestion, UnknownWord
from engine.gaps import sources_for
from engine.measures import Assessment, gap_views, outcome_of
from engine.question import Asked, Dated, Question
from engine.situation import Situation, situation_of
from engine.used import Used
from engine.views import unresolved, verified
from graph.model import Subject
from graph.store import GraphStore
from rules.catalogue import Catalogue
from rules.scoped import Scoped

FIRST_LAW = date(1949, 10, 1)
OWN_SCHEMES = ("person", "named")
"""Ids that the project gives itself; nobody holds them as an identifier."""


def check(question: Question, *, store: GraphStore, catalogue: Catalogue) -> Decision:
    """The decision for one subject. Nothing is written; the same question gives the same bytes.

    Raises `BadInput` for a question that can't be asked, `Unavailable` when the store does not answer, and
    `Disagreement` when a fired measure can't be proved.
    """
    validate(question, store=store, catalogue=catalogue)
    resolved = resolve(question.subject, question, store)
    if isinstance(resolved, SubjectView):
        return undecided(question, resolved, catalogue)
    plan = scope_for(question, resolved, catalogue).plan
    evidence = store.evidence([resolved.id], plan, as_of=question.as_of, known_at=question.known_at)
    return decide(question, situation_of(question, resolved.id, evidence), catalogue)


def validate(question: Asked, *, store: GraphStore, catalogue: Catalogue) -> None:
    for what, word, known in (
        ("matter", question.matter, catalogue.matters),
        ("department", question.department, catalogue.departments),
    ):
        if word not in known:
            raise UnknownWord(f"unknown {what} `{word}`", remedy=f"`xinheng catalogue show {what}s` lists every {what}")
    validate_clocks(question, store)


def validate_clocks(question: Dated, store: GraphStore) -> None:
    """Raises `BadQuestion` for a day before all law, or an instant that has not come."""
    if question.as_of < FIRST_LAW:
        raise BadQuestion(f"as_of {question.as_of} lies before all law", remedy=f"ask of {FIRST_LAW} or later")
    last = store.last_instant()
    if last is not None and question.known_at > last:
        raise BadQuestion(
            f"known_at {question.known_at.isoformat()} lies after the last recorded instant {last.isoformat()}",
            remedy="leave known_at out to ask with everything known",
        )


def resolve(address: str, question: Dated, store: GraphStore) -> Subject | SubjectView:
    """The one subject that the address means, or a view that says why there is none."""
    scheme, _, value = address.partition(":")
    if scheme == "name":
        found = store.search(value, known_at=question.known_at)
        return unresolved(address, "ambiguous", found)
    held = held_by(address, question.known_at, store)
    if len(held) == 1:
        return held[0]
    return unresolved(address, "ambiguous" if held else "unknown", held)


def held_by(address: str, known_at: datetime, store: GraphStore) -> list[Subject]:
    """Who holds this identifier, or has this id, sorted by id."""
    scheme, _, value = address.partition(":")
    held = [] if scheme in OWN_SCHEMES else store.find(scheme, value, known_at=known_at)
    if not held and (subject := store.subject(address, known_at=known_at)):
        return [subject]
    return held


def scope_for(question: Asked, subject: Subject, catalogue: Catalogue) -> Scoped:
    """The rules that the question about this subject concerns."""
    return catalogue.in_scope(
        matter=question.matter, department=question.department, region=question.region, kind=subject.kind
    )


def decide(question: Question, situation: Situation, catalogue: Catalogue) -> Decision:
    """The decision on evidence already fetched."""
    subject = situation.around.subjects[situation.root]
    scope = scope_for(question, subject, catalogue)
    needed = scope.lists_needed(question.as_of, question.region)
    sources = sources_for(question, situation.evidence, needed)
    found = Assessment(situation, catalogue, sources).findings(scope)
    used = Used()
    used.add_situation(situation, scope.plan)
    could_add = {one for ids in found.gaps.values() for one in ids}
    outcome, complete = outcome_of(
        (m.effect for m in found.measures), (catalogue.measures[one].effect for one in could_add)
    )
    return signed(
        Decision(
            decision_id="",
            catalogue=catalogue.digest,
            evidence_digest=used.digest(),
            complete=complete,
            question=question,
            subject=verified(subject),
            outcome=outcome,
            measures=found.measures,
            leads=found.leads,
            gaps=gap_views(found.gaps),
            not_consulted=tuple(sorted(needed - sources.held)),
        )
    )


def undecided(question: Question, subject: SubjectView, catalogue: Catalogue) -> Decision:
    """The decision about somebody who could not be told: nothing is asserted, and nothing is clear."""
    return signed(
        Decision(
            decision_id="",
            catalogue=catalogue.digest,
            evidence_digest=Used().digest(),
            complete=False,
            question=question,
            subject=subject,
            outcome="incomplete",
            measures=(),
            leads=(),
            gaps=(),
            not_consulted=(),
        )
    )
