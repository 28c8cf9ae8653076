"""`xinheng identity`: who may be whom, and the judgements that two subjects are one, or are not after all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from api.commands.options import Json, Store, deployment, instant, out, subject_of, system_user, write_bytes
from api.deployment import Deployment
from api.presentation.identity import history_table, link_words, show_candidates, subjects_table
from api.questions import subject_address
from engine.views import identified
from graph.errors import BadInput
from graph.model import Subject
from graph.network.links import LinkFilter
from loaders.identity import judgements
from loaders.identity.candidates import candidates
from loaders.identity.history import UnknownSubject, history
from loaders.identity.judgements import BadJudgement, Judged
from loaders.identity.weights import THRESHOLD

SUBJECT = "Credit code, scheme:value or subject id; - reads it (a citizen ID, say) from standard input. Never a name."
OWN_SCHEMES = ("person", "named")
LINKS_SHOWN = 8
identity_app = typer.Typer(no_args_is_help=True, help="Who is whom: judgements that two subjects are one 主体同一性.")
Left = Annotated[str, typer.Argument(metavar="A", help=SUBJECT)]
Right = Annotated[str, typer.Argument(metavar="B", help="The other one, likewise.")]
User = Annotated[str | None, typer.Option("--user", help="Whose judgement it is; the system's user by default.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line. Name the document, not a citizen ID.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: what is shown is known.")]
RecordedAt = Annotated[
    str | None, typer.Option("--recorded-at", metavar="INSTANT", help="Fix the instant of recording.")
]


@identity_app.command("candidates")
def show(
    subject: Annotated[str | None, typer.Argument(help=f"Only pairs with this one. {SUBJECT}")] = None,
    min_score: Annotated[
        float, typer.Option("--min-score", min=0.0, max=1.0, help="The least probability that two are one.")
    ] = THRESHOLD,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Show the likeliest so many.")] = 100,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Pairs of subjects that may be one, and why. Proposed, never applied: judge with `identity merge`."""
    with deployment(store=store) as opened:
        found = subject_id(subject_of(subject), opened) if subject else None
        proposals = candidates(opened.store, subject_id=found, min_score=min_score, limit=limit)
    if not as_json:
        show_candidates(proposals, out())
        return 0
    said = asdict(proposals)
    said["known_at"] = proposals.known_at.isoformat(timespec="microseconds") if proposals.known_at else None
    write_bytes(json.dumps(said, ensure_ascii=False).encode())
    return 0


@identity_app.command("merge")
def merge(
    left: Left,
    right: Right,
    reason: Reason,
    user: User = None,
    despite: Annotated[
        bool,
        typer.Option("--despite-different-identifiers", help="Where a credit code or citizen ID was given in error."),
    ] = False,
    yes: Yes = False,
    recorded_at: RecordedAt = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Judge that two subjects are one. Both are shown first; it is recorded when you confirm, and can be undone."""
    said: dict[str, Any] = {"by": _judge_named(user), "reason": reason, "despite_different_identifiers": despite}

    def examine(opened: Deployment, one: str, other: str) -> None:
        judgements.examine_merge(opened.store, one, other, **said)

    def judge(opened: Deployment, one: str, other: str) -> Judged:
        return judgements.merge(opened.store, one, other, recorded_at=instant(recorded_at), **said)

    title = "认定为同一主体 would be one"
    return _judge(left, right, examine, judge, title, yes=yes, store=store, as_json=as_json)


@identity_app.command("unmerge")
def unmerge(
    left: Left,
    right: Right,
    reason: Reason,
    user: User = None,
    yes: Yes = False,
    recorded_at: RecordedAt = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Undo the judgement that two subjects are one. What was answered in between is replayed as it was."""
    said = {"by": _judge_named(user), "reason": reason}

    def examine(opened: Deployment, one: str, other: str) -> None:
        judgements.examine_unmerge(opened.store, one, other, **said)

    def judge(opened: Deployment, one: str, other: str) -> Judged:
        return judgements.unmerge(opened.store, one, other, recorded_at=instant(recorded_at), **said)

    title = "撤销同一认定 would be two again"
    return _judge(left, right, examine, judge, title, yes=yes, store=store, as_json=as_json)


@identity_app.command("history")
def show_history(
    subject: Annotated[str, typer.Argument(help=SUBJECT)], store: Store = None, as_json: Json = False
) -> int:
    """Every judgement about who this subject is: by whom, when, why, and what became of it."""
    with deployment(store=store) as opened:
        found = subject_id(subject_of(subject), opened)
        events = history(opened.store, found)
    if as_json:
        said = [asdict(event) | {"at": event.at.isoformat(timespec="microseconds")} for event in events]
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
    elif events:
        out().print(history_table(events, f"同一认定 judgements about {found}"))
    else:
        out().print(f"nobody has judged of who {found} is")
    return 0


def subject_id(typed: str, opened: Deployment) -> str:
    """The id under which the store holds who was typed: as it is written where the store has it, so that a member of a
    merged pair can be addressed. Raises `UnknownSubject`, and `BadJudgement` for a name or what several hold."""
    address = subject_address(typed, opened)
    scheme, _, value = address.partition(":")
    if scheme == "name":
        raise BadJudgement("a name is no identity", remedy="give a credit code, scheme:value or the subject's id")
    last = opened.store.last_instant()
    if last is None:
        raise UnknownSubject("the store is empty", remedy="load data first")
    if opened.store.subject(address, known_at=last):
        return address
    held = [] if scheme in OWN_SCHEMES else opened.store.find(scheme, value, known_at=last)
    if not held:
        raise UnknownSubject(f"the store holds no subject {address}", remedy="load it first, or correct the id")
    if len(held) > 1:
        ids = ", ".join(one.id for one in held)
        raise BadJudgement(f"several subjects hold {address}: {ids}", remedy="give the id of one of them")
    return held[0].id


def _judge(
    left: str,
    right: str,
    examine: Callable[[Deployment, str, str], None],
    judge: Callable[[Deployment, str, str], Judged],
    title: str,
    *,
    yes: bool,
    store: str | None,
    as_json: bool,
) -> int:
    typed = subject_of(left), subject_of(right)
    with deployment(store=store) as opened:
        one, other = (subject_id(text, opened) for text in typed)
        examine(opened, one, other)  # so that nobody is asked to confirm what is then refused
        before = [_as_recorded(opened, end) for end in (one, other)]
        if not as_json:
            out().print(subjects_table(before, [_links(opened, end) for end in (one, other)], title))
        _confirm(yes)
        judged = judge(opened, one, other)
    at = judged.recorded_at.isoformat(timespec="microseconds")
    if as_json:
        merges = [{"id": merge.id, "left": merge.left, "right": merge.right} for merge in judged.merges]
        said = {
            "recorded_at": at,
            "one": judged.one,
            "through": judged.through,
            "judgements": merges,
            "subjects": list(map(_shown, before)),
        }
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
    else:
        state = "[green]one[/]" if judged.one else "[yellow]two[/]"
        through = f", through {', '.join(judged.through)}" if judged.through else ""
        out().print(f"{state}{through}  recorded at {at}")
    return 0


def _judge_named(user: str | None) -> str:
    return system_user() if user is None else user


def _as_recorded(opened: Deployment, fact_id: str) -> Subject:
    """The subject under this id as its source says, merges not resolved: what a judgement is about."""
    versions = opened.store.history(fact_id)
    current = [one.fact for one in versions if one.superseded_at is None and isinstance(one.fact, Subject)]
    if not current:
        raise UnknownSubject(f"{fact_id} was retracted", remedy="judge of the others of its cluster")
    return current[0]


def _links(opened: Deployment, subject_id: str) -> list[str]:
    """A few links of a subject: they tell who is known by name only from its namesakes."""
    last = opened.store.last_instant()
    subject = opened.store.subject(subject_id, known_at=last) if last else None
    if last is None or subject is None:
        return []
    around = opened.store.links_around([subject.id], LinkFilter(), limit=LINKS_SHOWN, known_at=last)
    others = [link.organisation if link.holder == subject.id else link.holder for link in around.links]
    names = {key: one.name for key, one in opened.store.subjects(others, known_at=last).items()}
    links = zip(around.links, others, strict=True)
    return [link_words(link, names[other]) for link, other in links] + ["…"] * around.cut


def _shown(subject: Subject) -> dict[str, Any]:
    identifiers = {one.scheme: one.value for one in identified(subject)}
    return {"id": subject.id, "kind": str(subject.kind), "name": subject.name, "identifiers": identifiers}


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not _at_a_terminal():
        raise BadInput("nobody is there to confirm it", remedy="repeat it with --yes")
    Console(stderr=True, highlight=False).print("A judgement changes what checks find, for everybody, from now on.")
    typer.confirm("record it?", abort=True, err=True)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()
