"""Replay 重放: a past decision computed anew from its question, by the catalogue of its time, and compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from engine.canonical import canonical
from engine.check import check
from engine.errors import UnknownDecision
from engine.group import check_group
from engine.investigation.investigate import QUESTIONS, investigate
from engine.ledger import Ledger
from engine.question import GroupQuestion, Question
from graph.network.budget import Budget
from graph.store import GraphStore
from rules.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered then, and what the same question comes to now."""

    given: bytes
    recomputed: bytes

    @property
    def same(self) -> bool:
        return self.given == self.recomputed

    def differing(self) -> list[str]:
        """The top-level keys that differ."""
        then, now = json.loads(self.given), json.loads(self.recomputed)
        return sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))


def replay(decision_id: str, *, ledger: Ledger, store: GraphStore) -> Replay:
    """Recompute a decision and compare. Raises `UnknownDecision` or `DecisionErased`, and what a check raises."""
    given = ledger.document(decision_id)
    then = json.loads(given)
    if "question" not in then:
        raise UnknownDecision("a response was said by somebody, and is not recomputed", remedy="replay its decision")
    if "investigation_id" in then:
        asked = QUESTIONS.validate_python(then["question"])
        return Replay(given, canonical(investigate(asked, store=store, budget=Budget())))
    catalogue = _catalogue(ledger.catalogue(then["catalogue"]))
    if "applicants" in then["question"]:
        question = GroupQuestion.model_validate(then["question"])
        return Replay(given, canonical(check_group(question, store=store, catalogue=catalogue)))
    single = Question.model_validate(then["question"])
    return Replay(given, canonical(check(single, store=store, catalogue=catalogue)))


@lru_cache(maxsize=4)
def _catalogue(content: bytes) -> Catalogue:
    return Catalogue.from_content(content)
