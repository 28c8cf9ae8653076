"""Questions of investigators, short to write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.canonical import canonical
from engine.investigation.document import ControlDocument, Expansion, PathsDocument, SubjectDocument
from engine.investigation.investigate import investigate
from engine.investigation.question import ControlQuestion, ExpandQuestion, PathsQuestion, SubjectQuestion
from graph.network.budget import Budget
from graph.store import GraphStore
from tests.contract.builders import TODAY

ENOUGH = 60.0
"""Seconds: a server compiles what it is asked for the first time."""


class Asking:
    """Asks one store, as everything was known at one instant."""

    def __init__(self, store: GraphStore, known_at: datetime, as_of: date = TODAY) -> None:
        self._store, self._dates = store, {"known_at": known_at, "as_of": as_of}

    def expand(self, subject: str, **more: Any) -> Expansion:
        return self.asked(ExpandQuestion(subject=subject, **{"limit": 50, **self._dates, **more}))

    def paths(self, start: str, goal: str, **more: Any) -> PathsDocument:
        more = {"max_links": 6, "limit": 20, **self._dates, **more}
        return self.asked(PathsQuestion(start=start, goal=goal, **more))

    def control(self, subject: str, **more: Any) -> ControlDocument:
        return self.asked(ControlQuestion(subject=subject, **{**self._dates, **more}))

    def subject(self, subject: str, **more: Any) -> SubjectDocument:
        return self.asked(SubjectQuestion(subject=subject, **{**self._dates, **more}))

    def asked(self, question: Any, seconds: float = ENOUGH) -> Any:
        found = investigate(question, store=self._store, budget=Budget(seconds))
        assert canonical(found) == canonical(type(found).model_validate_json(canonical(found)))
        return found
