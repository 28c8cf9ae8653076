"""Canonical bytes and hashes (RFC 8785): the same question has the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar, get_args

import rfc8785
from pydantic import BaseModel

from graph.model import Fact, SealedId

D = TypeVar("D", bound=BaseModel)
KEPT = "_canonical"
"""Where a signed document keeps its bytes (`engine.document.Signed`)."""

EXACT = 2**53
"""Up to it integers and doubles are the same."""
_LEAST = 1e-4
"""From it on Python writes a double as JavaScript does, without an exponent."""
_VALUES = {fact_type: attrgetter(*(one.name for one in fields(fact_type))) for fact_type in get_args(Fact)}
"""The values of a fact, in the order of its fields."""
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


_NUMBERS = re.compile(r"[0-9](?:\.0(?:[,\]}]|$)|e[-+][0-9]|[0-9]{15})")
"""Numbers that Python may write in another way: 1.0, 1e-07, and those beyond 2^53."""


class _WrittenOtherwise(Exception):
    """Python's own encoder would write this differently."""


def canonical(document: BaseModel) -> bytes:
    """The document as every surface passes it on."""
    return getattr(document, KEPT, None) or canonical_json(document.model_dump(mode="json"))


def canonical_json(value: Any) -> bytes:
    """Canonical JSON (RFC 8785). Python's own encoder, in C, is an order of magnitude faster than a canonical one in
    Python, and writes the same but for some numbers and for keys beyond ASCII: only these are left to the other."""
    try:
        text = _encode(value)
        return (_encode(_as_written(value)) if _may_differ(text) else text).encode()
    except (_WrittenOtherwise, ValueError):
        return rfc8785.dumps(value)


def _may_differ(text: str) -> bool:
    """Whether the text might not be canonical; to think so of one that is costs a walk through the value."""
    beyond = len(text.encode("utf-16-le")) > 2 * len(text)  # keys are ordered by UTF-16 code units
    return beyond or _NUMBERS.search(text) is not None


def _as_written(value: Any) -> Any:
    """The value such that Python's encoder writes it canonically."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            raise _WrittenOtherwise
        return {key: _as_written(one) for key, one in value.items()}
    if kind is list or kind is tuple:
        return [_as_written(one) for one in value]
    if kind is int and -EXACT < value < EXACT:
        return value
    if kind is float and abs(value) < EXACT:
        if value.is_integer():
            return int(value)
        if abs(value) >= _LEAST:
            return value
    raise _WrittenOtherwise


def digest(value: Any) -> str:
    return _digest(canonical_json(value))


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def facts_json(facts: Mapping[str, Any]) -> str:
    """Facts as sorted compact JSON by the C encoder, each the list of its values; compared by its hash, never passed
    on."""
    return _encode_facts(facts)


def fingerprint(*parts: str) -> str:
    """The hash of facts, given as JSON, and of other fingerprints."""
    return _digest("\n".join(parts).encode())


def _said(value: Any) -> Any:
    """A fact as JSON takes it. A citizen ID stays outside, even sealed: its keyed digest stands for it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, SealedId):
        return value.digest
    return _VALUES[type(value)](value)


_encode_facts = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_said).encode


def signed(document: D) -> D:
    """The document with its ``decision_id``: the hash of everything else in it. It is written once, and its bytes are
    kept with it."""
    unsigned = canonical_json({**document.model_dump(mode="json"), "decision_id": ""})
    id_ = _digest(unsigned.replace(_NO_ID + b",", b"", 1))
    given = document.model_copy(update={"decision_id": id_})
    object.__setattr__(given, KEPT, unsigned.replace(_NO_ID, f'"decision_id":"{id_}"'.encode(), 1))
    return given


_NO_ID = b'"decision_id":""'
"""Stands once in the bytes: within a text its quotes would be escaped, and decisions within one have their ids."""
