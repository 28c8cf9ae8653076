"""Listings in pages: sorted by id, each page but the last with a cursor that leads to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from engine.cursor import LONGEST, cursor_of, place_of, same_question

MOST, PAGE = 200, 50


class PageQuery(BaseModel):
    """What is asked of a listing. With a ``cursor`` nothing else is needed; what is given all the same must be what the
    cursor says, but for ``limit``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=MOST, description="Entries of a page")] = PAGE
    cursor: Annotated[str | None, Field(max_length=LONGEST, description="Where the page before ended")] = None


Q = TypeVar("Q", bound=PageQuery)
E = TypeVar("E")


class _Place(BaseModel, Generic[Q]):
    """Where a page ended: the ``listing``, what was asked of it, and the last entry that was shown: its id, or which
    one it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listing: str
    asked: Q
    after: str

    @staticmethod
    def about(asked: Q) -> type[_Place[Q]]:
        """The model of places whose question is one like this."""
        return _Place.__class_getitem__(type(asked))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Start(Generic[Q]):
    """What a page is asked for, whether said or brought along by its cursor; it begins after the entry ``after``."""

    listing: str
    asked: Q
    after: str = ""

    @classmethod
    def of(cls, listing: str, asked: Q) -> Start[Q]:
        """Raises `BadCursor` for a cursor of another listing, or of another question."""
        if asked.cursor is None:
            return cls(listing, asked)
        place = place_of(asked.cursor, _Place.about(asked))
        given = asked.model_dump(include=asked.model_fields_set - {"cursor", "limit"})
        same_question(place, {"listing": listing})
        same_question(place.asked, given)
        update = {"limit": asked.limit} if "limit" in asked.model_fields_set else {}
        return cls(listing, place.asked.model_copy(update=update), place.after)

    def page(self, found: Sequence[tuple[str, E]]) -> tuple[Sequence[E], str | None]:
        """The entries of this page out of all that were found, each with its id, and the cursor of the next one."""
        left = [(name, entry) for name, entry in sorted(found, key=lambda one: one[0]) if name > self.after]
        shown = left[: self.asked.limit]
        entries = [entry for _, entry in shown]
        return entries, self.cursor(shown[-1][0]) if len(left) > len(shown) else None

    def cursor(self, after: str) -> str:
        """The cursor of the page that begins after this place."""
        return cursor_of(_Place.about(self.asked)(listing=self.listing, asked=self.asked, after=after))
