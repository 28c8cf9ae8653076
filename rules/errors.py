"""Errors of the rules room.

XinhengError (graph.errors)
├── RulesEngineFault        (rules.rulebook) durable_rules did what it must not do
└── BadInput
    └── CatalogueError      one or many `Problem`s, each with file, line, key and remedy
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.errors import BadInput


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with an entry of the catalogue, where it stands, and how to mend it."""

    file: str
    line: int
    key: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" + (f" — {self.remedy}" if self.remedy else "")


class CatalogueError(BadInput):
    code = "catalogue"
    title_zh = "措施清单有误"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "the catalogue does not load:\n" + "\n".join(map(str, self.problems)),
            remedy="mend the entries named above; `xinheng catalogue lint` checks them again",
        )
