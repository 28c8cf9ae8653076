"""The command line, run in this process: what an officer types, and what comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from tests.scenarios.golden.story import Asked, Story
from tests.scenarios.golden.world import World, organisation_number

START, END = "T00:00:00+08:00", "T23:59:59+08:00"
"""Of a day in the store's time: facts of a day become known as it begins, questions know what it brought."""


@dataclass(frozen=True)
class Answer:
    """Exit status, standard output, and the document where there is one."""

    status: int
    out: bytes
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.out)) if self.out.strip() else {}


@dataclass
class CommandLine:
    """``xinheng`` with these settings."""

    patch: pytest.MonkeyPatch
    settings: Mapping[str, str]
    folder: Path

    def run(self, arguments: Sequence[str], typed: str = "") -> Answer:
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with self.patch.context() as patched:
            for name, value in self.settings.items():
                patched.setenv(name, value)
            patched.setattr("sys.stdin", io.StringIO(typed))
            patched.setattr("sys.stdout", out)
            patched.setattr("sys.stderr", err)
            status = main(arguments)
            out.flush()
        return Answer(status, out.buffer.getvalue(), err.getvalue())

    def load(self, world: World) -> None:
        """Load the world, day after day."""
        for day, lines in sorted(world.days.items()):
            file = self.folder / f"{day}.jsonl"
            file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
            answer = self.run(["load", "city", str(file), "--recorded-at", f"{day}{START}", "--json"])
            said = answer.document
            assert answer.status == 0, answer.err
            assert (said["read"], said["quarantined"]) == (len(lines), 0), answer.err

    def ask(self, world: World, asked: Asked, department: str | None = None) -> Answer:
        """The answer to a question of the story, before another department where one is given."""
        ask = asked.ask
        when = ["--as-of", _day(ask["as_of"])]
        if known := ask.get("known_at"):
            when += ["--known-at", f"{_day(known)}{END}"]
        if "group" in ask:
            return self._ask_group(world, ask, when, department)
        options = ["--matter", ask["matter"], "--department", department or ask["department"]]
        options += ["--region", world.story.region(ask)]
        typed = _addressed(world, ask)
        return self.run(["check", "-", *options, *when, "--json"], typed=f"{typed}\n")

    def _ask_group(self, world: World, ask: Mapping[str, Any], when: list[str], department: str | None) -> Answer:
        group = {
            "applicants": [world.typed[one] for one in ask["group"]],
            "consortia": [[world.typed[one] for one in members] for members in ask.get("consortia", ())],
            "contract": ask["contract"],
            "matter": ask["matter"],
            "department": department or ask["department"],
            "region": world.story.region(ask),
        }
        file = self.folder / "group.json"
        file.write_text(json.dumps(group, ensure_ascii=False), encoding="utf-8")
        return self.run(["check-group", str(file), *when, "--json"])


def _day(day: date) -> str:
    return day.isoformat()


def _addressed(world: World, ask: Mapping[str, Any]) -> str:
    if subject := ask.get("subject"):
        return world.typed[subject]
    if name := ask.get("by_name"):
        return str(name)
    return _identifier(world.story, ask["by_identifier"])


def _identifier(story: Story, described: str) -> str:
    """The identifier that the story describes in words."""
    unheld = organisation_number(story.id, "nobody", "enterprise", "360400")
    if described == "a valid credit code that the store does not hold":
        return unheld
    if described == "a credit code with a wrong check character":
        return unheld[:-1] + ("0" if unheld[-1] != "0" else "1")
    raise ValueError(f"{story.id}: the mapping knows no way to make {described}")
