"""`find_paths`: how two subjects hang together."""

from __future__ import annotations

from collections.abc import Iterable

from engine.check import validate_clocks
from engine.document import SubjectView
from engine.investigation.document import PathsDocument, PathView
from engine.investigation.question import PathsQuestion
from engine.investigation.views import identified, line, nodes, seen
from graph.network.budget import Budget
from graph.network.paths import Paths, shortest_paths
from graph.store import GraphStore


def find_paths(question: PathsQuestion, *, store: GraphStore, budget: Budget) -> PathsDocument:
    """The shortest paths between two subjects. An answer comes within the budget; what it could not see it says.

    Raises `BadInput` for a question that can't be asked.
    """
    validate_clocks(question, store)
    start, goal = (seen(address, question, store) for address in (question.start, question.goal))
    if start.identity != "verified" or goal.identity != "verified":
        return _document(question, start, goal, None, ())
    known = store.subjects(question.avoid, known_at=question.known_at)
    found = shortest_paths(
        store,
        start.id,
        goal.id,
        question.where,
        known_at=question.known_at,
        longest=question.max_links,
        shown=question.limit,
        avoid={known[one].id for one in question.avoid if one in known},
        budget=budget,
    )
    return _document(question, start, goal, found, _views(found, question, store))


def _views(found: Paths, question: PathsQuestion, store: GraphStore) -> Iterable[PathView]:
    known = nodes(store, {one for path in found.paths for one in path.subjects}, question.known_at)
    for path in found.paths:
        steps = tuple(tuple(line(link) for link in links) for links in path.steps)
        yield PathView(subjects=tuple(known[one] for one in path.subjects), steps=steps)


def _document(
    question: PathsQuestion, start: SubjectView, goal: SubjectView, found: Paths | None, paths: Iterable[PathView]
) -> PathsDocument:
    return identified(
        PathsDocument(
            investigation_id="",
            question=question,
            start=start,
            goal=goal,
            complete=found is not None and found.complete,
            why=found.why if found else ("unresolved",),
            length=found.length if found else None,
            count=found.count if found else 0,
            none_within=found.none_within if found else 0,
            paths=tuple(paths),
        )
    )
