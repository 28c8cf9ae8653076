"""Mapping files: those shipped by name, and one's own by path; each fault with its file, line and key."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from graph.errors import BadInput
from loaders.mapping.model import MappingFile
from loaders.reading import UnreadableFile

CITY = "city"


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
    """The mapping that a text says. Raises `BadMapping`, naming line and key of each fault."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise BadMapping(f"{name}: {error}", remedy="write it as YAML") from None
    if not isinstance(said, dict):
        raise BadMapping(f"{name}: no mapping", remedy="docs/mappings.md shows one")
    try:
        return MappingFile.model_validate(said)
    except ValidationError as error:
        faults = [_fault(name, node, said, fault) for fault in error.errors(include_url=False)]
        raise BadMapping("; ".join(dict.fromkeys(faults)), remedy="docs/mappings.md lists the keys") from None


def _fault(name: str, node: yaml.Node | None, said: dict[str, Any], fault: Any) -> str:
    path = [part for part in fault["loc"] if not _is_tag(part)]
    if "tables" not in said and path[:2] == ["tables", 0]:
        path = path[2:]
    key = ".".join(map(str, path)) or "the mapping"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name}:{_line(node, path)}: {key}: {message}"


def _is_tag(part: int | str) -> bool:
    return part in ("cell", "choice", "first", "together", "nested", "constant")


def _line(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """The line of the deepest node that the path leads to."""
    line = 1
    for part in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        node = _child(node, part)
    return node.start_mark.line + 1 if node is not None else line


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]  # type: ignore[no-any-return]
    return None
