"""The question of a check 信用核查, as it stands in the decision document: everything resolved, nothing defaulted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

Address = Annotated[str, Field(min_length=3, max_length=400, pattern=r"^[A-Za-z0-9_.-]+:.+$")]
"""How a subject is addressed: a subject id (``uscc:…``, ``person:<keyed digest>``, ``lei:…``, ``named:…``) or
``name:<text>``. Never a citizen ID."""


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str)]


class Dated(BaseModel):
    """``as_of`` (valid time) and ``known_at`` (transaction time) are resolved at the edge; neither is ever derived from
    the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    known_at: Instant

    @field_validator("known_at")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("known_at needs a time zone, for example 2026-01-31T08:00:00Z")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise ValueError("known_at lies outside the calendar") from None


class Asked(Dated):
    """What a check and a group check have in common."""

    matter: str
    department: str
    region: str = Field(pattern=r"^\d{6}$")
    industry: str | None = None
    object: str | None = None


class Question(Asked):
    """A check of one subject."""

    subject: Address


class GroupQuestion(Asked):
    """A check of the applicants of one contract; ``consortia`` lists members of the group that bid as one."""

    applicants: tuple[Address, ...] = Field(min_length=2)
    consortia: tuple[tuple[Address, ...], ...] = ()
    contract: str = ""
