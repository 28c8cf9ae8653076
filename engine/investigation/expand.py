"""`expand`: the links of a subject, counted by side and type, and a page of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.check import validate_clocks
from engine.cursor import BadCursor, cursor_of, place_of
from engine.investigation.document import Count, Expansion, Neighbour
from engine.investigation.question import ExpandQuestion, LastLink
from engine.investigation.views import identified, line, nodes, seen
from graph.network.budget import Budget
from graph.network.links import Group, Met
from graph.store import GraphStore


def expand(question: ExpandQuestion, *, store: GraphStore, budget: Budget) -> Expansion:
    """Raises `BadInput` for a question that can't be asked, and `OutOfTime` when the store takes longer than it has."""
    validate_clocks(question, store)
    subject = seen(question.subject, question, store)
    counts: Mapping[Group, int] = {}
    links: Sequence[Neighbour] = ()
    cursor = None
    if subject.identity == "verified":
        found = store.count_links(subject.id, question.where, known_at=question.known_at, seconds=budget.call())
        counts = {group: found[group] for group in sorted(found) if question.side in (None, group.side)}
        met = _page(question, subject.id, list(counts), store, budget)
        links = _shown(met[: question.limit], question, store)
        cursor = _next(question, met)
    return identified(
        Expansion(
            investigation_id="",
            question=question,
            subject=subject,
            complete=subject.identity == "verified",
            total=sum(counts.values()),
            counts=tuple(Count(side=group.side, type=group.type, links=n) for group, n in counts.items()),
            links=tuple(links),
            cursor=cursor,
        )
    )


def question_of(cursor: str) -> ExpandQuestion:
    """The question that goes on where a page ended. Raises `BadCursor`."""
    question = place_of(cursor, ExpandQuestion)
    if question.after is None:
        raise BadCursor("this cursor names no place", remedy="begin with the first page, without a cursor")
    return question


def _page(
    question: ExpandQuestion, subject_id: str, groups: list[Group], store: GraphStore, budget: Budget
) -> Sequence[Met]:
    """One link more than the page shows, which says whether there is another page."""
    after = question.after
    left = [group for group in groups if after is None or group >= after.group]
    if not left or not question.limit:
        return ()
    return store.page_of_links(
        subject_id,
        question.where,
        left,
        after=after.place if after and left[0] == after.group else None,
        limit=question.limit + 1,
        known_at=question.known_at,
        seconds=budget.call(),
    )


def _shown(met: Sequence[Met], question: ExpandQuestion, store: GraphStore) -> list[Neighbour]:
    others = [one.link.organisation if one.group.side == "holds" else one.link.holder for one in met]
    found = nodes(store, set(others), question.known_at)
    return [
        Neighbour(side=one.group.side, other=found[other], link=line(one.link))
        for one, other in zip(met, others, strict=True)
    ]


def _next(question: ExpandQuestion, met: Sequence[Met]) -> str | None:
    if len(met) <= question.limit:
        return None
    last = met[question.limit - 1]
    after = LastLink(side=last.group.side, type=last.group.type, share=last.link.share, link=last.link.id)
    return cursor_of(question.model_copy(update={"after": after}))
