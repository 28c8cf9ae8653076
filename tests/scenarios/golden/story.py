"""The golden cases as they stand in the shared folder: stories, each a world and its questions.

`XINHENG_SHARED` names the folder; by default it lies beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

SHARED = Path(os.environ.get("XINHENG_SHARED") or Path(__file__).parents[4] / "shared")
CASES = SHARED / "cases" / "golden.yaml"
STORIES, QUESTIONS = 39, 149
"""As many as cases/README.md says there are."""
DEFAULT_REGION = "360400"
Strength = Literal["hard", "soft"]


@dataclass(frozen=True)
class Asked:
    """A question of a story."""

    id: str
    ask: Mapping[str, Any]
    expect: Mapping[str, Any]
    strength: Strength
    doubt: str
    why: str


@dataclass(frozen=True)
class Story:
    id: str
    title: str
    world: Mapping[str, Any]
    questions: tuple[Asked, ...]

    def region(self, ask: Mapping[str, Any]) -> str:
        """By the convention: the question's, else that of the story's first organisation, else 360400."""
        organisations = [s for s in self.world["subjects"] if s["kind"] != "natural_person"]
        return str(ask.get("region") or (organisations[0]["region"] if organisations else DEFAULT_REGION))


def stories(path: Path = CASES) -> list[Story]:
    """Every story; none where the shared folder is not there."""
    if not path.is_file():
        return []
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    return [
        Story(str(case["id"]), str(case["title"]), case["world"], tuple(_questions(case, case.get("strength", "hard"))))
        for case in cases
    ]


def _questions(case: Mapping[str, Any], strength: Strength) -> Iterator[Asked]:
    for q in case["questions"]:
        if unknown := set(q) - {"id", "ask", "expect", "why", "strength", "doubt"}:
            raise ValueError(f"{case['id']}.{q['id']}: unknown keys {unknown}")
        doubt = str(q.get("doubt") or case.get("doubt") or "")
        yield Asked(str(q["id"]), q["ask"], q["expect"], q.get("strength", strength), doubt, str(q.get("why", "")))
