"""The catalogue's own tests: every scenario's world is loaded into a real store and asked about, as it is given and
with its one fact different."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from engine.check import check
from engine.document import MeasureView
from engine.group import check_group
from engine.question import GroupQuestion, Question
from graph.errors import XinhengError
from graph.model import Fact, Link, Load, Naming, Record, Source, Subject
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from rules.catalogue import Catalogue
from rules.errors import Problem
from rules.files import Entry, Key, entries
from rules.scenario import Ask, Given, Scenario, changed

SCHEME = "scenario"
SOURCE = Source("scenarios", department="", dataset="scenarios", holds=(), cadence="P1D")
BEGINNING = datetime(2100, 1, 1, tzinfo=UTC)
"""The worlds are recorded, and their source is complete, after every day that a scenario asks about."""


@dataclass(frozen=True)
class ScenarioReport:
    """How many scenarios ran, and what was wrong, each with file, line and key."""

    ran: int
    problems: tuple[Problem, ...]


def run_scenarios(catalogue: Catalogue, directories: Iterable[Path], *, only: str | None = None) -> ScenarioReport:
    """Run the scenarios in ``scenarios/*.yaml`` of these catalogue directories.

    Every measure, lead and group rule needs a scenario; one that has none is a problem, and so is nothing to run.
    ``only`` runs the scenarios of one entry.
    """
    files = sorted(file for directory in directories for file in directory.glob("scenarios/*.yaml"))
    found = [entry for file in files for entry in entries(file)]
    with TemporaryDirectory(prefix="xinheng-scenarios-") as place, SqliteStore(Path(place)) as store:
        stage = _Stage(store, catalogue)
        for entry in found:
            stage.play(entry, only)
    problems = stage.problems if only else [*stage.problems, *_without(catalogue, stage.played)]
    if not stage.ran:
        problems = [*problems, Problem("scenarios", 0, only or "(none)", "nothing was run", "write a scenario for it")]
    return ScenarioReport(stage.ran, tuple(sorted(set(problems))))


def _without(catalogue: Catalogue, played: set[str]) -> Iterator[Problem]:
    for part in ("measures", "leads", "groups"):
        for one in sorted(set(getattr(catalogue, part)) - played):
            origin = catalogue.origin(part, one)
            remedy = "write one in which it fires and, under `unless`, the one fact without which it does not"
            yield Problem(origin.file, origin.line(("id",)), one, "has no scenario", remedy)


class _Stage:
    """One store for all worlds: each has subjects of its own."""

    def __init__(self, store: GraphStore, catalogue: Catalogue) -> None:
        self._store, self._catalogue = store, catalogue
        self._worlds = 0
        self.ran = 0
        self.played: set[str] = set()
        self.problems: list[Problem] = []
        source = Source(SOURCE.id, SOURCE.department, SOURCE.dataset, tuple(sorted(catalogue.lists)), SOURCE.cadence)
        store.write([source, Load("load", SOURCE.id, BEGINNING.date())], recorded_at=BEGINNING)

    def play(self, entry: Entry, only: str | None) -> None:
        try:
            scenario = Scenario.model_validate(entry.data)
            if only and scenario.about != only:
                return
            other = Given.model_validate(changed(entry.data["given"], scenario.unless))
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                self._say(entry, fault["loc"], fault["msg"].removeprefix("Value error, "), "see docs/catalogue.md")
            return
        except ValueError as error:
            self._say(entry, ("unless",), str(error), "see docs/catalogue.md")
            return
        self.ran += 1
        self.played.add(scenario.about)
        self._try(entry, scenario, scenario.given, wanted=True)
        self._try(entry, scenario, other, wanted=False)

    def _try(self, entry: Entry, scenario: Scenario, given: Given, *, wanted: bool) -> None:
        key = "given" if wanted else "unless"
        if unknown := sorted({r.list_ for r in given.records.values()} - set(self._catalogue.lists)):
            self._say(entry, (key,), f"unknown list `{unknown[0]}`", "declare it in lists.yaml, or mend the id")
            return
        try:
            told = self._told(scenario, given)
        except XinhengError as error:
            self._say(entry, (key,), error.message, error.remedy)
            return
        about = f"`{scenario.about}` {'does not ' if wanted else 'still '}{'fire' if wanted else 'fires'}"
        if scenario.suspends:
            about = f"`{scenario.about}` is {'not ' if wanted else 'still '}suspended"
        if told.right != wanted:
            self._say(entry, (key,), f"{about}; told: {told.said}", "mend the scenario, or the entry")

    def _say(self, entry: Entry, key: Sequence[str | int], message: str, remedy: str) -> None:
        place: Key = tuple(key)
        title = entry.data.get("title", "?") if isinstance(entry.data, dict) else "?"
        where = ".".join(map(str, (title, *place)))
        self.problems.append(Problem(entry.origin.file, entry.origin.line(place), where, message, remedy))

    def _told(self, scenario: Scenario, given: Given) -> _Told:
        self._worlds += 1
        known_at = self._store.write(list(_facts(given, self._worlds)), recorded_at=None).recorded_at
        asked = _asked(scenario.ask, known_at)
        if scenario.ask.applicants:
            return self._group_told(scenario, asked)
        subject = _address(self._worlds, scenario.ask.subject or "")
        decision = check(Question(subject=subject, **asked), store=self._store, catalogue=self._catalogue)
        shown = {m.id: m for m in decision.measures}
        if scenario.suspends:
            return _Told(_suspended(shown.get(scenario.suspends)), f"{decision.outcome}, {sorted(shown)}")
        gaps = [f"{g.kind} {g.about}" for g in decision.gaps]
        leads = {lead.id for lead in decision.leads}
        said = f"{decision.outcome}, measures {sorted(shown)}, leads {sorted(leads)}, gaps {gaps}"
        return _Told(scenario.fires in {*shown, *leads}, said)

    def _group_told(self, scenario: Scenario, asked: Mapping[str, object]) -> _Told:
        applicants, consortia = scenario.ask.applicants, scenario.ask.consortia
        question = GroupQuestion.model_validate(
            {
                **asked,
                "applicants": [_address(self._worlds, one) for one in applicants],
                "consortia": [[_address(self._worlds, one) for one in members] for members in consortia],
            }
        )
        decision = check_group(question, store=self._store, catalogue=self._catalogue)
        rules = {finding.rule for finding in decision.findings}
        return _Told(scenario.fires in rules, f"{decision.outcome}, findings {sorted(rules)}")


@dataclass(frozen=True)
class _Told:
    right: bool
    said: str


def _suspended(measure: MeasureView | None) -> bool:
    return measure is not None and isinstance(measure.suspended_by, tuple)


def _asked(ask: Ask, known_at: datetime | None) -> dict[str, object]:
    said = ask.model_dump(include={"matter", "department", "region", "industry", "object", "as_of"})
    return said | {"known_at": known_at}


def _value(world: int, local: str) -> str:
    return f"{world}-{local}"


def _address(world: int, local: str) -> str:
    return f"{SCHEME}:{_value(world, local)}"


def _facts(given: Given, world: int) -> Iterator[Fact]:
    for local, subject in given.subjects.items():
        held = {SCHEME: _value(world, local)} if subject.identified else {}
        said = subject.model_dump(include={"kind", "region", "established_on"})
        yield Subject(_address(world, local), name=subject.name or local, identifiers=held, **said)
    for local, link in given.links.items():
        holder, organisation = _address(world, link.holder), _address(world, link.organisation)
        said = link.model_dump(include={"valid_from", "valid_to", "share"})
        yield Link(_value(world, local), link.type, holder, organisation, source=SOURCE.id, **said)
    for local, record in given.records.items():
        said = record.model_dump(exclude={"subject", "list_", "amount"})
        fen = None if record.amount is None else record.amount * 100
        subject_id = _address(world, record.subject)
        yield Record(_value(world, local), subject_id, record.list_, amount=fen, source=SOURCE.id, **said)
    for local, named in given.named.items():
        record_id, person = _value(world, named.record), _address(world, named.person)
        yield Naming(_value(world, local), record_id, person, named.role, named.finding, source=SOURCE.id)
