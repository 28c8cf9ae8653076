"""The catalogue 措施清单: read from files or data, validated, linted, versioned by its content.

Catalogue.shipped()                     the one in rules/catalogue/
Catalogue.load(directory, overlay)      several directories read as one
Catalogue.from_content(bytes)           one kept by digest, for a replay
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import rfc8785
from pydantic import BaseModel, ValidationError

from graph.model import Kind
from rules.errors import CatalogueError, Problem
from rules.files import Entry, Origin, entries, read
from rules.lint import lint
from rules.model import Document, GroupRule, Lead, ListDefinition, Measure, Vocabulary, Word
from rules.rule import Rule, compile_rules
from rules.rulebook import Rulebook

M = TypeVar("M", bound=BaseModel)
SHIPPED = Path(__file__).parent / "catalogue"
PARTS: Mapping[str, type[BaseModel]] = {
    "documents": Document,
    "lists": ListDefinition,
    "measures": Measure,
    "leads": Lead,
    "groups": GroupRule,
}
WORDS = ("matters", "departments", "roles")


class Catalogue:
    """A valid catalogue. Raises `CatalogueError` with every problem found when it is not."""

    def __init__(self, parts: Mapping[str, Sequence[Entry]], vocabulary: Sequence[Entry]) -> None:
        problems: list[Problem] = []
        models = {name: _models(PARTS[name], parts.get(name, ()), problems) for name in PARTS}
        words = {name: _models(Word, _words(vocabulary, name), problems) for name in WORDS}
        if problems:
            raise CatalogueError(problems)
        self.documents: dict[str, Document] = _by_id(models["documents"])
        self.lists: dict[str, ListDefinition] = _by_id(models["lists"])
        self.measures: dict[str, Measure] = _by_id(models["measures"])
        self.leads: dict[str, Lead] = _by_id(models["leads"])
        self.groups: dict[str, GroupRule] = _by_id(models["groups"])
        self.vocabulary = Vocabulary.model_validate({n: [m for m, _ in found] for n, found in words.items()})
        self.matters: dict[str, Word] = {w.id: w for w in self.vocabulary.matters}
        self.departments: dict[str, Word] = {w.id: w for w in self.vocabulary.departments}
        self._origins = {n: {m.id: o for m, o in found} for n, found in [*models.items(), *words.items()]}
        if problems := [*_repeated({**models, **words}), *lint(self)]:
            raise CatalogueError(problems)
        self.rules = compile_rules(self)

    @classmethod
    def load(cls, *directories: Path) -> Catalogue:
        """Several directories as one catalogue: a rule author's overlay beside the shipped one."""
        for directory in directories:
            if not (directory / "documents.yaml").is_file() and not any(directory.glob("measures/*.yaml")):
                raise CatalogueError(
                    [
                        Problem(
                            str(directory),
                            0,
                            "(directory)",
                            "holds no catalogue",
                            "it needs documents.yaml or measures/",
                        )
                    ]
                )
        parts = {name: [e for d in directories for f in _files(d, name) for e in entries(f)] for name in PARTS}
        vocabulary = [read(d / "vocabulary.yaml") for d in directories if (d / "vocabulary.yaml").is_file()]
        return cls(parts, vocabulary)

    @classmethod
    def shipped(cls) -> Catalogue:
        return cls.load(SHIPPED)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Catalogue:
        """From plain data of the files' form: ``{documents: [...], vocabulary: {...}, lists: [...], …}``."""
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

    def origin(self, part: str, entry_id: str) -> Origin:
        return self._origins[part].get(entry_id, Origin())

    def in_scope(self, *, matter: str, department: str, region: str, kind: Kind) -> list[Rule]:
        """The rules whose scope includes matter, department, region and the subject's kind."""
        return [
            rule
            for rule in self._by_matter.get(matter, ())
            if rule.scope.includes(department=department, region=region, kind=kind)
        ]

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


def _words(vocabulary: Sequence[Entry], name: str) -> list[Entry]:
    found = []
    for entry in vocabulary:
        for index, word in enumerate((entry.data or {}).get(name, ())):
            lines = {k[2:]: line for k, line in entry.origin.lines.items() if k[:2] == (name, index)}
            found.append(Entry(word, Origin(entry.origin.file, lines)))
    return found


def _models(model: type[M], found: Sequence[Entry], problems: list[Problem]) -> list[tuple[Any, Origin]]:
    valid = []
    for entry in found:
        try:
            valid.append((model.model_validate(entry.data), entry.origin))
        except ValidationError as error:
            problems.extend(_problem(entry, e["loc"], e["msg"]) for e in error.errors())
    return valid


def _problem(entry: Entry, loc: tuple[str | int, ...], message: str) -> Problem:
    name = entry.data.get("id", "?") if isinstance(entry.data, dict) else "?"
    # pydantic puts names of union branches and validators between the keys; only the keys stand in the file
    key = tuple(part for part in loc if isinstance(part, int) or part.isidentifier())
    remedy = "see docs/catalogue.md for the keys of this entry" if "Extra inputs" in message else ""
    text = "unknown key" if "Extra inputs" in message else message.removeprefix("Value error, ")
    return Problem(entry.origin.file, entry.origin.line(key), ".".join(map(str, (name, *key))), text, remedy)


def _repeated(models: Mapping[str, Sequence[tuple[Any, Origin]]]) -> list[Problem]:
    problems = []
    for name, found in models.items():
        seen: set[str] = set()
        for model, origin in found:
            if model.id in seen:
                problems.append(
                    Problem(
                        origin.file,
                        origin.line(("id",)),
                        model.id,
                        f"id is given twice in {name}",
                        "rename one of them",
                    )
                )
            seen.add(model.id)
    return problems


def _by_id(found: Sequence[tuple[Any, Origin]]) -> dict[str, Any]:
    return {model.id: model for model, _ in found}


def _plain(model: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return plain
