"""Mapping files: those shipped by name, and one's own by path; each fault with its file, line and key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from graph.errors import BadInput
from loaders.mapping.model import TO_BE_NAMED, MappingFile
from loaders.reading import UnreadableFile

CITY = "city"
SHAPES = frozenset({"cell", "choice", "first", "together", "nested", "constant"})


class BadMapping(BadInput):
    """A mapping is unknown or wrong, or does not fit the file."""

    code = "bad-mapping"
    title_zh = "映射有误"


def mapping_names() -> list[str]:
    """The names of the mappings shipped with Xinheng, beside ``city``."""
    return sorted(
        Path(entry.name).stem
        for entry in files("loaders").joinpath("mappings").iterdir()
        if entry.name.endswith(".yaml")
    )


def read_mapping(name: str) -> MappingFile:
    """A shipped mapping by name, or one of your own by the path of its file. Raises `BadMapping`."""
    if name.endswith((".yaml", ".yml")):
        return parsed(name, _text(name))
    if name not in mapping_names():
        known = ", ".join([CITY, *mapping_names()])
        raise BadMapping(f"there is no mapping {name}", remedy=f"one of {known}, or the path of a .yaml file")
    return parsed(name, files("loaders").joinpath("mappings").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no text in UTF-8"
        raise UnreadableFile(f"{path}: {reason}", remedy="give the path of a mapping in YAML") from None


def parsed(name: str, text: str) -> MappingFile:
    """The mapping that a text says. Raises `BadMapping`, naming line and key of each fault; what a draft leaves
    `to-be-named` is one."""
    node, said = _composed(name, text)
    unnamed = [f"{name}:{line}: {key}: still {TO_BE_NAMED}" for line, key in _unnamed(node, [])]
    mapping, faults = _validated(name, node, said)
    if unnamed:
        remedy = f"put in place of each {TO_BE_NAMED} what the comment beside it asks; docs/mappings.md lists the keys"
        raise BadMapping("; ".join(dict.fromkeys([*unnamed, *faults])), remedy=remedy)
    if mapping is None:
        raise BadMapping("; ".join(dict.fromkeys(faults)), remedy="docs/mappings.md lists the keys")
    return mapping


def draft_checked(name: str, text: str) -> None:
    """Whether a draft is a mapping but for what it leaves `to-be-named`. Raises `BadMapping`."""
    _, faults = _validated(name, *_composed(name, text))
    if faults:
        raise BadMapping("; ".join(dict.fromkeys(faults)), remedy="docs/mappings.md lists the keys")


def _composed(name: str, text: str) -> tuple[yaml.Node | None, dict[str, Any]]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise BadMapping(f"{name}: {error}", remedy="write it as YAML") from None
    if not isinstance(said, dict):
        raise BadMapping(f"{name}: no mapping", remedy="docs/mappings.md shows one")
    return node, said


def _validated(name: str, node: yaml.Node | None, said: dict[str, Any]) -> tuple[MappingFile | None, list[str]]:
    """The mapping, or what is wrong with it apart from what is to be named."""
    try:
        return MappingFile.model_validate(said), []
    except ValidationError as error:
        causes = _first_causes(error.errors(include_url=False))
        return None, [_fault(name, node, said, one) for one in causes if one["input"] != TO_BE_NAMED]


def _unnamed(node: yaml.Node | None, keys: list[str]) -> Iterator[tuple[int, str]]:
    """The lines and keys where something is to be named."""
    if isinstance(node, yaml.ScalarNode) and node.value == TO_BE_NAMED:
        yield node.start_mark.line + 1, ".".join(keys)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _unnamed(key, keys)
            yield from _unnamed(value, [*keys, str(key.value)])
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _unnamed(value, [*keys, str(place)])


def _first_causes(errors: Sequence[Any]) -> list[Any]:
    """Without the lists that are too short only because something in them is wrong."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short" or not any(_below(place, error["loc"]) for place in places)
    ]


def _below(place: tuple[Any, ...], outer: tuple[Any, ...]) -> bool:
    return len(place) > len(outer) and place[: len(outer)] == outer


def _fault(name: str, node: yaml.Node | None, said: dict[str, Any], fault: Any) -> str:
    path = list(fault["loc"])
    if "tables" not in said and path[:2] == ["tables", 0]:
        path = path[2:]
    if "constant" in path:
        path = path[: path.index("constant")]
    keys, found = _followed(node, path)
    context = fault.get("ctx", {})
    if found and (exact := _stated(found, str(context.get("key")), context.get("value"))):
        found = exact
    line = found.start_mark.line + 1 if found else 1
    return f"{name}:{line}: {'.'.join(map(str, keys)) or 'the mapping'}: {_message(fault)}"


_MESSAGES = {
    "missing": "it is missing",
    "extra_forbidden": "unknown key",
    "too_short": "it needs at least {min_length}",
    "tuple_type": "write it as a list, as [{input}]",
}


def _message(fault: Any) -> str:
    if "constant" in fault["loc"]:
        return "no value: write a text, a whole number, true, false or null, or where it stands, as {column: …}"
    if known := _MESSAGES.get(fault["type"]):
        return known.format(**fault.get("ctx", {}), input=fault["input"])
    return str(fault["msg"]).removeprefix("Value error, ")


def _followed(node: yaml.Node | None, path: Sequence[int | str]) -> tuple[list[int | str], yaml.Node | None]:
    """The keys of a path without the names of shapes between them, and the deepest node that it leads to."""
    keys: list[int | str] = []
    deepest = node
    for part in path:
        child = _child(node, part) if node else None
        if child is None and part in SHAPES:
            continue
        keys.append(part)
        node, deepest = child, child or deepest
    return keys, deepest


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]  # type: ignore[no-any-return]
    return None


def _stated(node: yaml.Node, key: str, value: str | None) -> yaml.Node | None:
    """The first place below a node where this key stands, with this value."""
    if isinstance(node, yaml.MappingNode):
        for name, child in node.value:
            if name.value == key and value in (None, child.value):
                return child  # type: ignore[no-any-return]
    children = [pair[1] for pair in node.value] if isinstance(node, yaml.MappingNode) else node.value
    if isinstance(children, str):
        return None
    return next((found for child in children if (found := _stated(child, key, value))), None)
