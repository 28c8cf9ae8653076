"""Judgements that two subjects are one, or that they are not after all: somebody's, for a reason.

Nothing here is inferred. A judgement is a `graph.model.Merge`; it is undone by a later version, so that every instant
knows what was held then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from graph.errors import BadIdentifier, BadInput
from graph.identifiers import fact_id, holds_citizen_id
from graph.model import Kind, Merge
from graph.store import GraphStore, Written
from loaders.identity.history import UnknownSubject, connected, in_force, known_subject, ways
from loaders.identity.identifiers import decisive, held

LONGEST = 400


class BadJudgement(BadInput):
    """A judgement that can't be: of whom, by whom, or why."""

    code = "bad-judgement"
    title_zh = "同一性认定有误"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was written and when, and whether the two are one from then on; after an undoing they may be, ``through``
    others."""

    merges: tuple[Merge, ...]
    recorded_at: datetime
    one: bool
    through: tuple[str, ...] = ()


def merge(
    store: GraphStore,
    left: str,
    right: str,
    *,
    by: str,
    reason: str,
    recorded_at: datetime | None = None,
    despite_different_identifiers: bool = False,
) -> Judged:
    """Record that two subjects (by id) are one.

    Raises `UnknownSubject`; `BadJudgement` if they are one already, can't be one, or hold different identifiers of
    which a subject has one only; `BadIdentifier` for a citizen ID in the text.
    """
    by, reason = examine_merge(
        store, left, right, by=by, reason=reason, despite_different_identifiers=despite_different_identifiers
    )
    first, second = sorted((left, right))
    judgement = Merge(fact_id("merge", "", first, second), first, second, by, reason)
    anew = any(version.superseded_at is None for version in store.history(judgement.id))
    return _write(store, [judgement], recorded_at, correct=anew)


def examine_merge(
    store: GraphStore, left: str, right: str, *, by: str, reason: str, despite_different_identifiers: bool = False
) -> tuple[str, str]:
    """Who judges and why, as they will be written. Writes nothing, and raises what `merge` would: so that nobody is
    asked to confirm what is then refused."""
    said = _said("user", by), _said("reason", reason)
    _refuse_impossible(store, left, right, despite_different_identifiers)
    return said


def unmerge(
    store: GraphStore, left: str, right: str, *, by: str, reason: str, recorded_at: datetime | None = None
) -> Judged:
    """Undo every judgement in force that these two subjects (by id) are one.

    Raises `UnknownSubject`; `BadJudgement` if there is none, naming those through whom they are one all the same.
    """
    undone = examine_unmerge(store, left, right, by=by, reason=reason)
    return _write(store, undone, recorded_at, correct=True)


def examine_unmerge(store: GraphStore, left: str, right: str, *, by: str, reason: str) -> list[Merge]:
    """The judgements undone, as they will be written. Writes nothing, and raises what `unmerge` would."""
    by, reason = _said("user", by), _said("reason", reason)
    for end in (left, right):
        known_subject(store, end)
    between = [one for one in in_force(store.merges([left])) if {one.left, one.right} == {left, right}]
    if not between:
        raise _nothing_to_undo(store, left, right)
    return [replace(one, undone=True, undone_by=by, undone_reason=reason) for one in between]


def _said(what: str, text: str) -> str:
    said = text.strip()
    if not said:
        raise BadJudgement(f"{what} is empty", remedy="a judgement is somebody's, for a reason: say who and why")
    if holds_citizen_id(said):
        raise BadIdentifier(f"{what} holds a citizen ID", remedy="name the document that was seen, not its number")
    if len(said) > LONGEST or not said.isprintable():
        raise BadJudgement(
            f"{what} is no single line of at most {LONGEST} characters",
            remedy="name the document that was seen, and leave the rest to the file",
        )
    return said


def _refuse_impossible(store: GraphStore, left: str, right: str, despite: bool) -> None:
    one, other = known_subject(store, left), known_subject(store, right)
    if left == right:
        raise BadJudgement(f"{left} is not merged with itself", remedy="give two subjects")
    if one.id == other.id:
        between = _between(store, left, right)
        raise BadJudgement(
            f"{left} and {right} are one already" + (f", through {', '.join(between)}" if between else ""),
            remedy="`xinheng identity history` tells by whose judgement, `xinheng identity unmerge` undoes it",
        )
    if (one.kind is Kind.NATURAL_PERSON) is not (other.kind is Kind.NATURAL_PERSON):
        raise BadJudgement(
            f"{left} and {right}: a person is not merged with an organisation",
            remedy="what joins them is a link, such as operator 经营者: load that",
        )
    if (scheme := decisive(held(one), held(other))) and not despite:
        raise BadJudgement(
            f"{left} and {right} hold different values of {scheme}: by law they are two",
            remedy="a company that absorbed another 吸收合并 is not the same company; only where a code was given in "
            "error, repeat it with --despite-different-identifiers",
        )


def _between(store: GraphStore, left: str, right: str) -> tuple[str, ...]:
    """Those through whom two are one; none if a judgement joins them directly."""
    return ways(left, in_force(connected(store, left))).get(right, ())[1:-1]


def _nothing_to_undo(store: GraphStore, left: str, right: str) -> BadJudgement:
    fault = f"nothing to undo: no judgement in force says that {left} and {right} are one"
    if between := _between(store, left, right):
        pairs = " or ".join(f"{one} and {other}" for one, other in pairwise((left, *between, right)))
        return BadJudgement(f"{fault}; they are, through {', '.join(between)}", remedy=f"undo that on {pairs}")
    return BadJudgement(fault, remedy="`xinheng identity history` tells what was judged about each")


def _write(store: GraphStore, merges: Sequence[Merge], recorded_at: datetime | None, *, correct: bool) -> Judged:
    report = store.write(merges, recorded_at=recorded_at, correct=correct)
    ends = (merges[0].left, merges[0].right)
    if Written.UNKNOWN_REFERENCE in report.results:
        raise UnknownSubject(
            f"of {ends[0]} and {ends[1]} one was retracted", remedy="judge of the others of its cluster"
        )
    if report.recorded_at is None or Written.CONFLICT in report.results:
        raise BadJudgement("somebody else has judged of these two meanwhile", remedy="see the history, and judge again")
    one, other = (store.subject(end, known_at=report.recorded_at) for end in ends)
    through = _between(store, *ends) if one == other else ()
    return Judged(tuple(merges), report.recorded_at, one=one == other, through=through)
