"""Entries held against their models: what is wrong with one, on which line, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.errors import Problem
from rules.files import Entry, Key, Origin

M = TypeVar("M", bound=BaseModel)
REMEDIES: Mapping[str, str] = {
    "literal_error": "write one of them",
    "enum": "write one of them",
    "string_type": "write text; digits stand in quotes",
    "too_short": "name at least one",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "int_type": "write a whole number",
    "model_type": "write it as `key: value` lines",
    "model_attributes_type": "write it as `key: value` lines",
    "tuple_type": "write a list: `[one, another]`",
}
"""By the kind of pydantic's error."""
MEND = "mend the value"
PATTERNS: Mapping[str, str] = {
    r"^\d{6}$": "write the region's six digits (GB/T 2260), in quotes",
    r"^[a-z0-9][a-z0-9._\-]*$": "ids are lower-case letters, digits, dots, hyphens and underscores",
    r"^[a-z][a-z0-9_]*$": "fields are lower-case letters, digits and underscores",
}


def valid_entries(model: type[M], found: Sequence[Entry], problems: list[Problem]) -> list[tuple[M, Origin]]:
    """The valid ones, each with its origin; what is wrong with the others is added to ``problems``."""
    valid = []
    for entry in found:
        try:
            valid.append((model.model_validate(entry.data), entry.origin))
        except ValidationError as error:
            problems.extend(_problems(entry, model, error.errors()))
    return valid


def _problems(entry: Entry, model: type[BaseModel], errors: Iterable[ErrorDetails]) -> list[Problem]:
    """One problem for each key: where several forms are possible, pydantic tells why it is none of them."""
    by_key: dict[Key, list[ErrorDetails]] = {}
    for error in errors:
        by_key.setdefault(_key(entry.data, error), []).append(error)
    name = entry.data.get("id", "?") if isinstance(entry.data, dict) else "?"
    inner = {key[:length] for key in by_key for length in range(len(key))}
    return [
        Problem(
            entry.origin.file,
            entry.origin.line(key),
            ".".join(map(str, (name, *key))),
            " / ".join(dict.fromkeys(_message(e) for e in found)),
            _remedy(key, found, model),
        )
        for key, found in by_key.items()
        if key not in inner
    ]


def _key(data: Any, error: ErrorDetails) -> Key:
    """The keys as they stand in the file: pydantic puts names of union branches and of validators between them."""
    key: list[str | int] = []
    for part in error["loc"]:
        if _stands_in(data, part):
            data = data[part]
            key.append(part)
    return (*key, error["loc"][-1]) if error["type"] == "missing" else tuple(key)


def _stands_in(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)


def _message(error: ErrorDetails) -> str:
    return {"extra_forbidden": "unknown key", "missing": "missing"}.get(
        error["type"], error["msg"].removeprefix("Value error, ")
    )


def _remedy(key: Key, found: Sequence[ErrorDetails], model: type[BaseModel]) -> str:
    kinds, first = {error["type"] for error in found}, found[0]
    if "missing" in kinds:
        return f"add `{key[-1]}: …`"
    if "extra_forbidden" in kinds:
        keys = [field.alias or name for name, field in model.model_fields.items()]
        near = get_close_matches(str(key[-1]), keys, n=1) if len(key) == 1 else []
        return f"did you mean `{near[0]}`?" if near else "remove it; docs/catalogue.md lists the keys"
    if len(kinds) > 1:
        return "write it in one of these forms"
    if "string_pattern_mismatch" in kinds:
        return PATTERNS[first["ctx"]["pattern"]]
    return "write a day as YYYY-MM-DD" if first["type"].startswith("date") else REMEDIES.get(first["type"], MEND)


def repeated(models: Mapping[str, Sequence[tuple[Any, Origin]]]) -> list[Problem]:
    """Ids that are given twice in one part of the catalogue."""
    problems = []
    for name, found in models.items():
        seen: set[str] = set()
        for model, origin in found:
            if model.id in seen:
                message = f"id is given twice in {name}"
                problems.append(Problem(origin.file, origin.line(("id",)), model.id, message, "rename one of them"))
            seen.add(model.id)
    return problems


def words(vocabulary: Sequence[Entry], names: Sequence[str], problems: list[Problem]) -> dict[str, list[Entry]]:
    """The words of vocabulary.yaml by the key under which they stand."""
    found: dict[str, list[Entry]] = {name: [] for name in names}
    for entry in vocabulary:
        file, keys = entry.origin.file, ", ".join(names)
        if not isinstance(entry.data, dict | None):
            problems.append(Problem(file, 1, "(file)", "must hold lists of words by key", f"the keys are {keys}"))
            continue
        for key, listed in Entry(entry.data or {}, entry.origin).inside():
            if key not in found:
                problems.append(
                    Problem(file, entry.origin.line((key,)), str(key), "unknown key", f"the keys are {keys}")
                )
            elif not isinstance(listed.data, list | tuple):
                message = "must be a list of words"
                problems.append(Problem(file, entry.origin.line((key,)), key, message, "begin each with `- id:`"))
            else:
                found[key] += [word for _, word in listed.inside()]
    return found
