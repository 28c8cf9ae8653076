"""Reading the catalogue's YAML files so that every value knows its file and line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rules.errors import CatalogueError, Problem

Key = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """YAML without the surprises: keys are words, none is given twice, and a date that no calendar has is an error with
    its line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"key `{key.value}` is given twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_day(self, node: yaml.ScalarNode) -> object:
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError as error:
            problem = f"`{node.value}` is no day of the calendar"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_day)
# YAML 1.1 reads `on`, `off`, `yes` and `no` as truth values; here, as in YAML 1.2, only `true` and `false` are
_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != _BOOL]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Origin:
    """Where an entry stands: its file, and the line of each of its keys."""

    file: str = "(data)"
    lines: Mapping[Key, int] = field(default_factory=dict)

    def line(self, key: Key) -> int:
        """The line of the key, or of the nearest one around it; 0 when nothing is known."""
        for length in range(len(key), -1, -1):
            if (found := self.lines.get(key[:length])) is not None:
                return found
        return 0


@dataclass(frozen=True)
class Entry:
    data: Any
    origin: Origin

    def inside(self) -> Iterator[tuple[str | int, Entry]]:
        """What stands under each key of a mapping, or at each place of a list, of which there may be thousands."""
        lines: defaultdict[str | int, dict[Key, int]] = defaultdict(dict)
        for key, line in self.origin.lines.items():
            if key:
                lines[key[0]][key[1:]] = line
        for first, data in self.data.items() if isinstance(self.data, dict) else enumerate(self.data):
            yield first, Entry(data, Origin(self.origin.file, lines[first]))


def _lines(node: yaml.Node, prefix: Key = ()) -> Iterator[tuple[Key, int]]:
    yield prefix, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*prefix, key.value))
            yield (*prefix, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*prefix, index))


def read(path: Path) -> Entry:
    """One YAML file. Raises `CatalogueError` when it is not YAML, or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
        return Entry(data, Origin(str(path), {} if node is None else dict(_lines(node))))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _unreadable(path, line, f"not YAML: {error.problem}", "mend the line") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _unreadable(
            path, 0, f"not UTF-8 YAML: {str(error).splitlines()[0]}", "save the file as UTF-8 text"
        ) from error
    except RecursionError as error:
        raise _unreadable(path, 0, "an alias (`*`) holds itself", "write the entry out") from error


def _unreadable(path: Path, line: int, message: str, remedy: str) -> CatalogueError:
    return CatalogueError([Problem(str(path), line, "(file)", message, remedy)])


def entries(path: Path) -> list[Entry]:
    """The entries of a file that is a list of them."""
    whole = read(path)
    if whole.data is None:
        return []
    if not isinstance(whole.data, list):
        raise CatalogueError([Problem(str(path), 1, "(file)", "must be a list of entries", "begin each with `- id:`")])
    return [entry for _, entry in whole.inside()]
