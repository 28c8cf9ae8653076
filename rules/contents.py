"""What a catalogue holds, entry by entry, each with the place where it stands: what lint and compilation read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rules.files import Origin
from rules.model import Document, GroupRule, Lead, ListDefinition, Measure, Vocabulary, Word

Found = Mapping[str, Sequence[tuple[Any, Origin]]]
"""Valid entries of each part, each with its origin."""


class Contents:
    """Entries by id."""

    def __init__(self, parts: Found, words: Found) -> None:
        self.documents: dict[str, Document] = _by_id(parts["documents"])
        self.lists: dict[str, ListDefinition] = _by_id(parts["lists"])
        self.measures: dict[str, Measure] = _by_id(parts["measures"])
        self.leads: dict[str, Lead] = _by_id(parts["leads"])
        self.groups: dict[str, GroupRule] = _by_id(parts["groups"])
        self.vocabulary = Vocabulary.model_validate({name: [w for w, _ in of] for name, of in words.items()})
        self.matters: dict[str, Word] = {w.id: w for w in self.vocabulary.matters}
        self.departments: dict[str, Word] = {w.id: w for w in self.vocabulary.departments}
        everything = {**parts, **words}
        self._origins = {name: {one.id: origin for one, origin in of} for name, of in everything.items()}

    def origin(self, part: str, entry_id: str) -> Origin:
        return self._origins[part].get(entry_id, Origin())


def _by_id(found: Sequence[tuple[Any, Origin]]) -> dict[str, Any]:
    return {model.id: model for model, _ in found}
