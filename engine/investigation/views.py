"""Facts as an investigation shows them, and who a question is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from engine.canonical import digest
from engine.check import resolve
from engine.document import SubjectView
from engine.investigation.document import LinkLine, Node
from engine.question import Dated
from engine.views import verified
from graph.model import Link, Subject
from graph.store import GraphStore

D = TypeVar("D", bound=BaseModel)
PREFIX = "investigation:"


def node(subject: Subject) -> Node:
    return Node(id=subject.id, name=subject.name, kind=subject.kind, identified=subject.identified)


def nodes(store: GraphStore, ids: Collection[str], known_at: datetime) -> Mapping[str, Node]:
    """The subjects under these canonical ids."""
    return {one: node(subject) for one, subject in store.subjects(ids, known_at=known_at).items()}


def line(link: Link) -> LinkLine:
    return LinkLine(
        id=link.id,
        type=link.type,
        holder=link.holder,
        organisation=link.organisation,
        share=link.share,
        position=link.position,
        valid_from=link.valid_from,
        valid_to=link.valid_to,
        source=link.source,
    )


def seen(address: str, question: Dated, store: GraphStore) -> SubjectView:
    """The subject that an address means, as verified, or why it can't be told."""
    found = resolve(address, question, store)
    return found if isinstance(found, SubjectView) else verified(found)


def identified(document: D) -> D:
    """The document with its id: the hash of everything else in it."""
    content = document.model_dump(mode="json", exclude={"investigation_id"})
    return document.model_copy(update={"investigation_id": PREFIX + digest(content)})
