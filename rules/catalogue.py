"""The catalogue 措施清单: read from files or data, validated, linted, versioned by its content.

Catalogue.shipped()                     the one in rules/catalogue/
Catalogue.load(directory, overlay)      several directories read as one
Catalogue.from_content(bytes)           one kept by digest, for a replay
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import rfc8785
from pydantic import BaseModel

from graph.model import Kind
from rules.contents import Contents
from rules.entries import repeated, valid_entries, words
from rules.errors import CatalogueError, Problem
from rules.files import Entry, Origin, entries, read
from rules.lint import lint
from rules.model import Document, GroupRule, Lead, ListDefinition, Measure, Word
from rules.rule import Rule, compile_rules
from rules.rulebook import Rulebook
from rules.scoped import Scoped

SHIPPED = Path(__file__).parent / "catalogue"
PARTS: Mapping[str, type[BaseModel]] = {
    "documents": Document,
    "lists": ListDefinition,
    "measures": Measure,
    "leads": Lead,
    "groups": GroupRule,
}
WORDS = ("matters", "departments", "roles")
SCOPES = 4_096
"""So many combinations of matter, department, region and kind are remembered."""
_PARTS = "the parts are documents, vocabulary, lists, leads, groups (.yaml) and measures/*.yaml"


class Catalogue(Contents):
    """A valid catalogue. Raises `CatalogueError` with every problem found when it is not."""

    def __init__(self, parts: Mapping[str, Sequence[Entry]], vocabulary: Sequence[Entry]) -> None:
        problems: list[Problem] = []
        models = {name: valid_entries(PARTS[name], parts.get(name, ()), problems) for name in PARTS}
        found = words(vocabulary, WORDS, problems)
        vocables = {name: valid_entries(Word, found[name], problems) for name in WORDS}
        if problems:
            raise CatalogueError(problems)
        super().__init__(models, vocables)
        if problems := repeated({**models, **vocables}) or lint(self):
            raise CatalogueError(problems)
        self.rules = compile_rules(self)
        self._scopes: dict[tuple[Rule, ...], Scoped] = {}

    @classmethod
    def load(cls, *directories: Path) -> Catalogue:
        """Several directories as one catalogue: a rule author's overlay beside the shipped one."""
        if problems := [problem for directory in directories for problem in _misplaced(directory)]:
            raise CatalogueError(problems)
        parts = {name: [e for d in directories for f in _files(d, name) for e in entries(f)] for name in PARTS}
        vocabulary = [read(d / "vocabulary.yaml") for d in directories if (d / "vocabulary.yaml").is_file()]
        return cls(parts, vocabulary)

    @classmethod
    def shipped(cls) -> Catalogue:
        return cls.load(SHIPPED)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Catalogue:
        """From plain data of the files' form: ``{documents: [...], vocabulary: {...}, lists: [...], …}``."""
        if unknown := sorted(data.keys() - {*PARTS, "vocabulary"}):
            raise CatalogueError([Problem("(data)", 0, one, "is no part of a catalogue", _PARTS) for one in unknown])
        parts = {name: [Entry(item, Origin()) for item in data.get(name, ())] for name in PARTS}
        return cls(parts, [Entry(data.get("vocabulary", {}), Origin())])

    @classmethod
    def from_content(cls, content: bytes) -> Catalogue:
        return cls.from_data(json.loads(content))

    @cached_property
    def content(self) -> bytes:
        """The whole catalogue as canonical JSON (RFC 8785), entries in the order of their ids."""
        data: dict[str, Any] = {name: [_plain(m) for _, m in sorted(getattr(self, name).items())] for name in PARTS}
        data["vocabulary"] = {
            name: sorted((_plain(w) for w in getattr(self.vocabulary, name)), key=lambda w: str(w["id"]))
            for name in WORDS
        }
        return rfc8785.dumps(data)

    @cached_property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @cached_property
    def rulebook(self) -> Rulebook:
        """The measures compiled to durable_rules, once for this catalogue."""
        return Rulebook(self.rules)

    def close(self) -> None:
        """Free what was compiled. The catalogue compiles anew when it is asked again."""
        if (rulebook := self.__dict__.pop("rulebook", None)) is not None:
            rulebook.close()

    def in_scope(self, *, matter: str, department: str, region: str, kind: Kind) -> Scoped:
        """The rules whose scope includes matter, department, region and the subject's kind."""
        return self._scoped(matter, department, region, kind)

    def _scope(self, matter: str, department: str, region: str, kind: Kind) -> Scoped:
        rules = tuple(
            rule
            for rule in self._by_matter.get(matter, ())
            if rule.scope.includes(department=department, region=region, kind=kind)
        )
        return self._scopes.setdefault(rules, Scoped(rules))

    @cached_property
    def _scoped(self) -> Callable[[str, str, str, Kind], Scoped]:
        return lru_cache(maxsize=SCOPES)(self._scope)

    @cached_property
    def _by_matter(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = {matter: [] for matter in self.matters}
        for rule in self.rules:
            for matter in rule.scope.matters or self.matters:
                found[matter].append(rule)
        return found


def _files(directory: Path, part: str) -> Iterable[Path]:
    if part == "measures":
        return sorted(directory.glob("measures/*.yaml"))
    return [f for f in [directory / f"{part}.yaml"] if f.is_file()]


def _misplaced(directory: Path) -> Iterator[Problem]:
    """Files that would not be read: a measure in the wrong place must not be lost in silence."""
    if not (directory / "documents.yaml").is_file() and not any(directory.glob("measures/*.yaml")):
        yield Problem(str(directory), 0, "(directory)", "holds no catalogue", "it needs documents.yaml or measures/")
    known = {*PARTS, "vocabulary"} - {"measures"}
    for file in sorted([*directory.glob("*.y*ml"), *directory.glob("measures/*.yml")]):
        if file.suffix == ".yml" or file.stem not in known:
            yield Problem(str(file), 0, "(file)", "is no part of a catalogue", _PARTS)


def _plain(model: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return plain
