"""`xinheng check`, `check-group` and `replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from api.answers import Answer, answer_check, answer_group
from api.askers import Asker
from api.commands.options import (
    AsOf,
    Department,
    Industry,
    Json,
    KnownAt,
    Matter,
    Object,
    Purpose,
    Region,
    Store,
    Who,
    deployment,
    out,
    request_of,
    subject_of,
    system_user,
    write_bytes,
)
from api.presentation.decision import show_decision
from api.presentation.group import show_group
from api.questions import CheckRequest, GroupCheckRequest
from engine.document import Decision
from engine.replay import replay
from graph.errors import BadInput
from loaders.files import opened

ANSWERED, REPLAY_DIFFERS, INCOMPLETE = 0, 1, 3


def check(
    subject: Annotated[
        str,
        typer.Argument(
            help="Credit code, scheme:value, subject id or name; - reads it (a citizen ID, say) from standard input."
        ),
    ],
    matter: Matter,
    department: Department,
    region: Region = None,
    industry: Industry = None,
    object_: Object = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    purpose: Purpose = "",
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Which measures bind this subject, for one matter, before one decision."""
    said = {
        "subject": subject_of(subject),
        "matter": matter,
        "department": department,
        **_given(region=region, industry=industry, object=object_, as_of=as_of, known_at=known_at, who=who),
        "purpose": purpose,
    }
    with deployment(store=store) as opened_deployment:
        answer = answer_check(request_of(CheckRequest, said), opened_deployment, Asker(system_user()))
        return _give(answer, opened_deployment.catalogue, as_json)


def check_group(
    file: Annotated[
        str,
        typer.Argument(
            help="JSON or YAML: applicants, consortia, contract, matter, department, …; - for standard input."
        ),
    ],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    who: Who = None,
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Judge the applicants of one contract together."""
    said = _document(file) | _given(as_of=as_of, known_at=known_at, who=who)
    with deployment(store=store) as opened_deployment:
        answer = answer_group(request_of(GroupCheckRequest, said), opened_deployment, Asker(system_user()))
        return _give(answer, opened_deployment.catalogue, as_json)


def replay_decision(
    decision: Annotated[str, typer.Argument(help="The id of a decision or an investigation.")],
    store: Store = None,
    as_json: Json = False,
) -> int:
    """Recompute a past decision or investigation from its question, by the catalogue of its time, and compare."""
    with deployment(store=store) as opened_deployment:
        replayed = replay(decision, ledger=opened_deployment.ledger, store=opened_deployment.store)
    if as_json:
        said = {"decision_id": decision, "same": replayed.same, "differing": replayed.differing()}
        write_bytes(json.dumps(said, ensure_ascii=False).encode())
    elif replayed.same:
        out().print(f"[green]same[/]  {len(replayed.given)} bytes, recomputed byte for byte")
    else:
        out().print(f"[red]differs[/]  in {', '.join(replayed.differing())}")
    return ANSWERED if replayed.same else REPLAY_DIFFERS


def _give(answer: Answer, catalogue: Any, as_json: bool) -> int:
    if as_json:
        write_bytes(answer.document)
    elif isinstance(answer.decision, Decision):
        show_decision(answer.decision, catalogue, out())
    else:
        show_group(answer.decision, catalogue, out())
    return INCOMPLETE if answer.decision.outcome == "incomplete" else ANSWERED


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _document(file: str) -> dict[str, Any]:
    with opened(file) as text:
        content = text.read()
    try:
        said = yaml.safe_load(content) if Path(file).suffix in (".yaml", ".yml") else json.loads(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{file} can't be read: {error}", remedy="give JSON, or YAML in a file named .yaml") from None
    if not isinstance(said, dict):
        raise BadInput(f"{file} holds no object", remedy="give applicants, matter, department, …")
    return {key: str(value) if key in ("as_of", "known_at") and value else value for key, value in said.items()}
