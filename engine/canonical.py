"""Canonical bytes and hashes (RFC 8785): the same question has the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, TypeVar

import rfc8785
from pydantic import BaseModel

from graph.model import SealedId

D = TypeVar("D", bound=BaseModel)


def canonical(document: BaseModel) -> bytes:
    """The document as every surface passes it on."""
    return rfc8785.dumps(document.model_dump(mode="json"))


def digest(value: Any) -> str:
    return "sha256:" + hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def signed(document: D) -> D:
    """The document with its ``decision_id``: the hash of everything else in it."""
    content = document.model_dump(mode="json", exclude={"decision_id"})
    return document.model_copy(update={"decision_id": digest(content)})


def plain(value: Any) -> Any:
    """A fact as plain data for hashing. A citizen ID stays outside, even sealed: only whether there is one counts."""
    if isinstance(value, SealedId):
        return value.digest
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
