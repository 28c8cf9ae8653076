"""The header that says what was put right in an identifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HEADER = "Xinheng-Notice"
NOTICE: Mapping[str, Any] = {
    HEADER: {
        "description": "What was put right in an identifier before it was looked up; in a group with the places of "
        "its applicants",
        "schema": {"type": "string"},
        "example": "subject: spaces were left out",
    }
}


def noticed(notices: Sequence[str]) -> dict[str, str]:
    """The header, where there is anything to say."""
    return {HEADER: ", ".join(notices)} if notices else {}
