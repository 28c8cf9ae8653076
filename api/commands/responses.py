"""`xinheng respond` and `responses`: what was done with the measures of a decision."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

import api.responses
from api.askers import Asker
from api.commands.options import Json, deployment, out, request_of, subject_of, system_user, write_bytes
from api.presentation.responses import show_counts, show_response, show_responses
from api.responses import ResponseRequest
from engine.canonical import canonical
from engine.responses import ReasonCode
from graph.errors import BadInput

DecisionId = Annotated[str, typer.Argument(metavar="DECISION", help="The id of a decision, as its check showed it.")]


def respond(
    decision: DecisionId,
    measure: Annotated[str, typer.Option("--measure", help="The id of a measure that binds, or of a group's finding.")],
    answer: Annotated[str, typer.Option("--answer", help="applied, or not_applied with --code and --text.")],
    subject: Annotated[
        str | None, typer.Option("--subject", help="Which applicant, where a group decision lists it for several.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", help=f"Why it was not applied: {', '.join(get_args(ReasonCode))}.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="The reason in the office's own words.")] = None,
    document: Annotated[str | None, typer.Option("--document", help="文号 of what the office issued.")] = None,
    decided_on: Annotated[str | None, typer.Option("--decided-on", metavar="DATE", help="Its date.")] = None,
    corrects: Annotated[
        int | None, typer.Option("--corrects", help="The number of the response that this one replaces.")
    ] = None,
    who: Annotated[str | None, typer.Option("--who", help="Which officer; the system's user by default.")] = None,
    as_json: Json = False,
) -> int:
    """Say what was done with one measure of a decision: applied, or not applied and why."""
    reason = {name: value for name, value in (("code", code), ("text", text)) if value is not None}
    said: dict[str, Any] = {
        "measure": measure,
        "subject": subject_of(subject) if subject is not None else None,
        "answer": answer,
        "reason": reason or None,
        "document": document,
        "decided_on": decided_on,
        "corrects": corrects,
        "who": who,
    }
    request = request_of(ResponseRequest, said)
    with deployment() as opened:
        response = api.responses.respond(decision, request, opened, Asker(system_user()))
    if as_json:
        write_bytes(canonical(response))
    else:
        show_response(response, out())
    return 0


def responses(
    decision: Annotated[
        str | None, typer.Argument(metavar="DECISION", help="The id of a decision; all decisions without it.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="Of all decisions: only this measure.")] = None,
    as_json: Json = False,
) -> int:
    """What was done with the measures of a decision: every response, and what nobody responded to yet. Without
    DECISION: what stands, over all decisions, counted by measure and answer; with --json each response as a line."""
    if decision is None:
        return _overview(measure, as_json)
    if measure is not None:
        raise BadInput("--measure is for all decisions", remedy="leave it out, or DECISION")
    with deployment() as opened:
        history = opened.responses.history(decision)
    if as_json:
        write_bytes(canonical(history))
    else:
        show_responses(history, out())
    return 0


def _overview(measure: str | None, as_json: bool) -> int:
    with deployment() as opened:
        standing = opened.responses.standing(measure)
        if as_json:
            for response in standing:
                write_bytes(canonical(response))
        else:
            show_counts(standing, out())
    return 0
