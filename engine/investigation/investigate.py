"""Any question of an investigator, answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from engine.investigation.control import control
from engine.investigation.document import Investigation
from engine.investigation.expand import expand
from engine.investigation.paths import find_paths
from engine.investigation.question import ControlQuestion, ExpandQuestion, PathsQuestion, SubjectQuestion
from engine.investigation.subject import describe
from graph.network.budget import Budget
from graph.store import GraphStore

Question = ExpandQuestion | PathsQuestion | ControlQuestion | SubjectQuestion
QUESTIONS: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="kind")])


def investigate(question: Question, *, store: GraphStore, budget: Budget) -> Investigation:
    """Nothing is written; the same question gives the same bytes, unless its time ran out.

    Raises `BadInput` for a question that can't be asked, `Unavailable` when the store does not answer.
    """
    match question:
        case ExpandQuestion():
            return expand(question, store=store, budget=budget)
        case PathsQuestion():
            return find_paths(question, store=store, budget=budget)
        case ControlQuestion():
            return control(question, store=store, budget=budget)
        case SubjectQuestion():
            return describe(question, store=store)
