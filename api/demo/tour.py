"""The tour: each check of the stories asked for real, with the command to type and the verdict."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from api.answers import Answer, answer_check, answer_group
from api.askers import Asker
from api.demo.stories import Ask, Story, cast, stories
from api.deployment import Deployment
from api.presentation.decision import show_brief
from api.presentation.words import outcome_style, outcome_words
from api.questions import CheckRequest, GroupCheckRequest
from engine.document import Decision
from graph.identifiers import named_person_id, person_id

WHO = "demo"


@dataclass(frozen=True, slots=True)
class Stop:
    """One check of the tour, answered."""

    story: Story
    ask: Ask
    command: str
    answer: Answer

    @property
    def as_told(self) -> bool:
        """Whether the answer is what the story says."""
        document = self.answer.document.decode()
        return self.answer.decision.outcome == self.ask.shows and all(text in document for text in self.ask.holds)


def stops(deployment: Deployment, directory: Path) -> Iterator[Stop]:
    """Every check of every story, asked of this city."""
    for number, story in enumerate(stories()):
        for ask in story.asks:
            addresses = {name: _address(where, deployment) for name, where in cast(number).items()}
            yield _stop(story, ask, addresses, deployment, directory)


def _stop(story: Story, ask: Ask, addresses: dict[str, str], deployment: Deployment, directory: Path) -> Stop:
    said: dict[str, Any] = {
        "matter": ask.matter,
        "department": ask.department,
        "region": ask.region,
        "as_of": ask.as_of,
        "known_at": datetime.combine(ask.known_at, time(), UTC) if ask.known_at else None,
        "purpose": story.zh,
    }
    if not ask.group:
        subject = addresses.get(ask.subject, ask.subject)
        answer = answer_check(CheckRequest(subject=subject, **said), deployment, Asker(WHO))
        return Stop(story, ask, _command(subject, ask), answer)
    applicants = [addresses[name] for name in ask.group]
    consortia = [[addresses[name] for name in one] for one in ask.consortia]
    request = GroupCheckRequest(applicants=applicants, consortia=consortia, contract=story.zh, **said)
    answer = answer_group(request, deployment, Asker(WHO))
    file = directory / f"group-{answer.decision.decision_id[7:15]}.json"
    file.write_text(request.model_dump_json(indent=2, exclude_none=True), encoding="utf-8")
    return Stop(story, ask, f"xinheng check-group {shlex.quote(str(file))}", answer)


def _address(where: dict[str, Any], deployment: Deployment) -> str:
    if "uscc" in where:
        return f"uscc:{where['uscc']}"
    if "citizen_id" in where:
        return person_id(deployment.vault.seal(where["citizen_id"]))
    return named_person_id(_address(where["of"], deployment), where["name"])


def _command(subject: str, ask: Ask) -> str:
    parts = ["xinheng", "check", subject.removeprefix("uscc:"), "-m", ask.matter, "-d", ask.department]
    parts += [] if ask.region == "360400" else ["-r", ask.region]
    parts += ["--as-of", ask.as_of.isoformat()]
    parts += ["--known-at", f"{ask.known_at}T00:00:00Z"] if ask.known_at else []
    return " ".join(shlex.quote(part) for part in parts)


def show(stop: Stop, console: Console, *, first: bool) -> None:
    """Write one stop: the story where it begins, what is asked, the command, the verdict."""
    if first:
        console.print()
        console.print(Rule(Text(stop.story.zh, style="bold"), align="left"))
        console.print(Text(stop.story.en))
    outcome = stop.answer.decision.outcome
    console.print()
    console.print(Text(f"  {stop.ask.say}"))
    console.print(Text(f"  $ {stop.command}", style="dim"), soft_wrap=True)
    verdict = Text.assemble("  ", (f"● {outcome_words(outcome)}", f"bold {outcome_style(outcome)}"))
    if isinstance(stop.answer.decision, Decision):
        verdict.append(f"   {stop.answer.decision.subject.name or stop.ask.subject}")
    console.print(verdict)
    show_brief(stop.answer.decision, console)
    if not stop.as_told:
        console.print(Text(f"  ! the story says {stop.ask.shows}", style="bold red"))
