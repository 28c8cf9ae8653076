"""`xinheng expand`, `path`, `control` and `subject`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from api.commands.options import (
    AsOf,
    Json,
    KnownAt,
    Purpose,
    Store,
    Who,
    deployment,
    out,
    request_of,
    subject_of,
    system_user,
    write_bytes,
)
from api.deployment import Deployment
from api.investigations import (
    PAGE,
    PATHS,
    ControlQuery,
    LinksQuery,
    PathsRequest,
    SubjectQuery,
    Timed,
    answer,
    complete,
    control_question,
    expand_question,
    paths_question,
    subject_question,
)
from api.presentation.network import show_control, show_expansion, show_paths
from api.presentation.subjects import show_subject
from engine.investigation.document import ControlDocument, Expansion, Investigation, PathsDocument, SubjectDocument
from engine.investigation.investigate import Question
from graph.network.paths import LONGEST

ANSWERED, INCOMPLETE = 0, 3
A = TypeVar("A", LinksQuery, PathsRequest, ControlQuery, SubjectQuery)
SUBJECT = "Credit code, scheme:value, subject id or name; - reads it (a citizen ID, say) from standard input."
Subject = Annotated[str, typer.Argument(help=SUBJECT)]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", "-t", help="Only links of this type, by id or Chinese name; may be given several times."),
]
MinShare = Annotated[
    float | None, typer.Option("--min-share", min=0, max=1, help="Only links with this share or more.")
]
Seconds = Annotated[
    float | None,
    typer.Option("--seconds", help="The answer may take so long; at most XINHENG_INVESTIGATION_SECONDS, its default."),
]
Ended = Annotated[bool, typer.Option("--ended", help="Also links that no longer hold on that day, or not yet.")]


def expand(
    subject: Subject,
    types: Types = None,
    side: Annotated[str | None, typer.Option("--side", help="holds or held_by; both by default.")] = None,
    min_share: MinShare = None,
    ended: Ended = False,
    limit: Annotated[int | None, typer.Option("--limit", help=f"Links of a page, {PAGE} by default; 0 counts.")] = None,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Where the page before ended.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    purpose: Purpose = "",
    seconds: Seconds = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """The links of a subject: counted by type, then page by page."""
    said = _given(type=types, side=side, min_share=min_share, ended=ended or None, limit=limit, cursor=cursor)
    said |= _given(as_of=as_of, known_at=known_at, who=who, purpose=purpose, seconds=seconds)
    asked = request_of(LinksQuery, said)
    address = subject_of(subject)
    return _answered(asked, lambda opened: expand_question(address, asked, opened), store, as_json)


def path(
    start: Annotated[str, typer.Argument(help=SUBJECT)],
    goal: Annotated[str, typer.Argument(help=SUBJECT)],
    types: Types = None,
    min_share: MinShare = None,
    ended: Ended = False,
    avoid: Annotated[list[str] | None, typer.Option("--avoid", help="Not through this subject.")] = None,
    max_links: Annotated[int, typer.Option("--max-links", min=1, max=LONGEST)] = LONGEST,
    limit: Annotated[int, typer.Option("--limit", help="Paths that are shown.")] = PATHS,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    purpose: Purpose = "",
    seconds: Seconds = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """The shortest paths between two subjects."""
    said = _given(types=types, min_share=min_share, ended=ended, max_links=max_links, limit=limit)
    said |= {"start": subject_of(start), "goal": subject_of(goal), "avoid": [subject_of(one) for one in avoid or ()]}
    said |= _given(as_of=as_of, known_at=known_at, who=who, purpose=purpose, seconds=seconds)
    asked = request_of(PathsRequest, said)
    return _answered(asked, lambda opened: paths_question(asked, opened), store, as_json)


def control(
    subject: Subject,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    purpose: Purpose = "",
    seconds: Seconds = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Who stands behind a subject: effective shares, control chains, beneficial owners."""
    said = _given(as_of=as_of, known_at=known_at, who=who, purpose=purpose, seconds=seconds)
    asked = request_of(ControlQuery, said)
    address = subject_of(subject)
    return _answered(asked, lambda opened: control_question(address, asked, opened), store, as_json)


def subject(
    subject: Annotated[
        str,
        typer.Argument(
            help="Credit code, scheme:value or subject id; - reads it (a citizen ID, say) from standard input."
        ),
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    purpose: Purpose = "",
    store: Store = None,
    as_json: Json = False,
) -> int:
    """What is held of a subject: names, records by list, and up to which day each source is complete."""
    asked = request_of(SubjectQuery, _given(as_of=as_of, known_at=known_at, who=who, purpose=purpose))
    address = subject_of(subject)
    return _answered(asked, lambda opened: subject_question(address, asked, opened), store, as_json)


def _answered(asked: A, question: Callable[[Deployment], Question], store: str | None, as_json: bool) -> int:
    with deployment(store=store) as opened:
        who, seconds = asked.who or system_user(), asked.seconds if isinstance(asked, Timed) else None
        found = answer(question(opened), opened, who=who, purpose=asked.purpose, seconds=seconds)
        if as_json:
            write_bytes(found.document)
        else:
            _show(found.investigation, opened, out())
    return ANSWERED if complete(found.investigation) else INCOMPLETE


def _show(found: Investigation, opened: Deployment, console: Console) -> None:
    match found:
        case Expansion():
            show_expansion(found, console)
        case PathsDocument():
            show_paths(found, console)
        case ControlDocument():
            show_control(found, console)
        case SubjectDocument():
            show_subject(found, opened.catalogue.lists, console)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
