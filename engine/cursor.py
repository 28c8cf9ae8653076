"""Cursors: where a page ended, and of which question.

A cursor gives nobody more than a question would, so it needs no key: it carries the whole question and a checksum, and
whatever was altered, cut or put together by hand is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.canonical import canonical
from graph.errors import BadInput

VERSION = b"1"
CHECKSUM_BYTES = 12
LONGEST = 4_000
P = TypeVar("P", bound=BaseModel)


class BadCursor(BadInput):
    """This is not a cursor as it was given out."""

    code = "bad-cursor"
    title_zh = "翻页标记有误"


def cursor_of(place: BaseModel) -> str:
    """The cursor of the page that begins after this place; the place names its question."""
    content = VERSION + canonical(place)
    return base64.urlsafe_b64encode(_checksum(content) + content).decode().rstrip("=")


def place_of(cursor: str, model: type[P]) -> P:
    """Raises `BadCursor` unless it is, to the last character, what `cursor_of` gave for a place of this model."""
    refused = BadCursor("this is no cursor of this service", remedy="begin with the first page, without a cursor")
    if len(cursor) > LONGEST:
        raise refused
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        checksum, content = raw[:CHECKSUM_BYTES], raw[CHECKSUM_BYTES:]
        if checksum != _checksum(content) or content[:1] != VERSION:
            raise refused
        place = model.model_validate_json(content[1:])
    except (UnicodeEncodeError, binascii.Error, ValidationError):
        raise refused from None
    if cursor_of(place) != cursor:
        raise refused
    return place


def same_question(asked: BaseModel, given: Mapping[str, Any]) -> None:
    """What is given beside a cursor must be what the cursor's question says. Raises `BadCursor`."""
    if any(getattr(asked, name) != value for name, value in given.items()):
        raise BadCursor("the cursor belongs to another question", remedy="begin with the first page, without a cursor")


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(b"xinheng cursor" + content).digest()[:CHECKSUM_BYTES]
