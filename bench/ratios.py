"""How close Xinheng is to its parts: `python -m bench.ratios`, or `make bench`.

Machines differ, and a shared one drifts; so every figure is a ratio of two things done in turns, in one process and
run, on identical data. The yardsticks are `bench/baselines`, the goals stand in `bench/thresholds.toml`. The table goes
to the terminal, the same to `build/bench.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.baselines.cypher import statement
from bench.baselines.durable import DurableBaseline, facts_of, recorded
from bench.baselines.plans import stages_of
from bench.baselines.reference import ReferenceBaseline, shipped_data
from bench.catalogues import DEPARTMENT, FEWEST, MATTER, catalogue_of
from bench.city import AS_OF
from bench.timing import Times, interleaved, quantile
from bench.worlds import HUBS, Asking, World, require_the_same, world
from engine.canonical import canonical
from engine.ledger import Ledger
from engine.operational import open_database
from graph.evidence import Evidence
from rules.catalogue import Catalogue

ROOT = Path(__file__).parents[1]
THRESHOLDS = Path(__file__).with_name("thresholds.toml")
DAY = AS_OF.year * 10_000 + AS_OF.month * 100 + AS_OF.day
SMALL, LARGE, MOST_MEASURES = 10_000, 1_000_000, 5_000
APPENDED = 30
EXPLAINED, REPEATED = 20, 3
"""Subjects and rounds of the reference evaluator, which takes its time."""
PROCUREMENT = ("procurement", "purchaser")
THROUGH_A_HUB = (catalogue_of(FEWEST), MATTER, DEPARTMENT)


@dataclass(frozen=True)
class Ratio:
    """``over`` and ``under`` in milliseconds at the median. ``goal``: the greatest ratio that we want, if there is one;
    ``missed``: why it is not reached, as the thresholds say."""

    name: str
    what: str
    over: float
    under: float
    over_p95: float
    ratio: float
    goal: float | None
    missed: str | None

    def exceeds(self, times: float) -> bool:
        """Whether a goal that we say we meet is missed by more than this factor."""
        return self.goal is not None and self.missed is None and self.ratio > self.goal * times


@dataclass(frozen=True)
class Effort:
    subjects: int
    rounds: int


def main() -> None:
    options = _options()
    home = ROOT / "build" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    goals = tomllib.loads(THRESHOLDS.read_text(encoding="utf-8"))
    effort = Effort(options.subjects, options.rounds)
    with ExitStack() as stack:
        small = stack.enter_context(world(SMALL, home))
        found = list(_of_the_check(small, effort, goals))
        found += _of_many_measures(small, effort, goals)
        found += _of_a_hub(small, effort, goals)
        if "neo4j" in options.store:
            found += _of_neo4j(small, home, effort, goals)
        if options.full:
            found += _of_a_large_city(small, stack.enter_context(world(LARGE, home)), effort, goals)
    about = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    result = {"about": about, "effort": asdict(effort), "ratios": {one.name: asdict(one) for one in found}}
    options.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show(found)
    if options.check and (worse := [one.name for one in found if one.exceeds(options.check)]):
        raise SystemExit(f"more than {options.check:g} times the goal: {', '.join(worse)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="a city of a million subjects as well")
    parser.add_argument("--store", choices=["sqlite", "neo4j"], nargs="+", default=["sqlite", "neo4j"])
    parser.add_argument("--subjects", type=int, default=300, help="so many subjects are asked about")
    parser.add_argument("--rounds", type=int, default=9, help="so many times each")
    parser.add_argument("--check", type=float, help="fail if a goal that is met is exceeded by this factor")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    return parser.parse_args()


# --- what is measured against what ------------------------------------------------------------------------------------


def _of_the_check(small: World, effort: Effort, goals: Mapping[str, Any]) -> Iterator[Ratio]:
    """The parts of a check under the shipped catalogue, beside plain SQL and bare durable_rules."""
    with recorded() as recorder:
        catalogue = Catalogue.shipped()
        asking = small.asking(catalogue, *PROCUREMENT)
        subjects = small.subjects(effort.subjects, asking)
        plans = {subject: asking.plan(subject) for subject in subjects}
        evidence = {subject: asking.evidence(subject, plans[subject]) for subject in subjects}
        facts = {s: facts_of(recorder, lambda s=s: asking.decide(s, evidence[s])) for s in subjects}  # type: ignore[misc]
    stages = {subject: stages_of(plans[subject]) for subject in subjects}
    bare = DurableBaseline(recorder)
    documents = {subject: asking.check(subject) for subject in subjects}
    with TemporaryDirectory() as directory:
        ledger = Ledger(open_database(f"sqlite:///{directory}/operational.sqlite"))
        tasks: dict[str, Callable[[str], object]] = {
            "sql": lambda s: small.baseline.evidence(s, stages[s], DAY),
            "read": lambda s: asking.evidence(s, plans[s]),
            "rest": lambda s: canonical(asking.decide(s, evidence[s])),
            "whole": lambda s: canonical(asking.check(s)),
            "durable": lambda s: bare.fire(facts[s]),
        }
        appends = {
            "whole": tasks["whole"],
            "append": lambda s: ledger.enter(documents[s].decision_id, canonical(documents[s]), who="b", purpose="b"),
        }
        times = interleaved(tasks, subjects, effort.rounds)
        appended = interleaved(appends, subjects[:APPENDED], effort.rounds)  # each waits for the disk
    yield _ratio("sqlite.rest", "evaluation + explanation + document / plain SQL", times, "rest", "sql", goals)
    yield _ratio("sqlite.read", "the store's own read / plain SQL", times, "read", "sql", goals)
    yield _ratio("sqlite.check", "a whole check, without the ledger / plain SQL", times, "whole", "sql", goals)
    yield _ratio("ledger.append", "the ledger's append / a whole check", appended, "append", "whole", goals)
    measured = [n for n, subject in enumerate(subjects) if documents[subject].measures]
    some = {name: [seconds[n] for n in measured] for name, seconds in times.items()}
    yield _ratio(
        "sqlite.rest.measures", "the same, where measures are returned / plain SQL", some, "rest", "sql", goals
    )
    yield _ratio("sqlite.read.measures", "the read, where measures are returned", some, "read", "sql", goals)
    yield _of_the_reference(small, subjects[:EXPLAINED], asking, evidence, goals)
    yield _ratio("durable", "evaluation … document, there / bare durable_rules", some, "rest", "durable", goals)


def _of_the_reference(
    small: World, subjects: Sequence[str], asking: Asking, evidence: Mapping[str, Evidence], goals: Mapping[str, Any]
) -> Ratio:
    reference = ReferenceBaseline(small.city, shipped_data())
    documents = {subject: asking.check(subject).model_dump(mode="json") for subject in subjects}
    for subject, document in documents.items():
        if differing := reference.differs(document):
            raise SystemExit(f"the reference says otherwise of {subject}: {differing[:3]}")
    tasks: dict[str, Callable[[str], object]] = {
        "reference": lambda s: reference.decision(documents[s]["question"]),
        "rest": lambda s: canonical(asking.decide(s, evidence[s])),
    }
    times = interleaved(tasks, subjects, REPEATED)
    return _ratio("reference", "the reference evaluator / evaluation … document", times, "reference", "rest", goals)


def _of_many_measures(small: World, effort: Effort, goals: Mapping[str, Any]) -> Iterator[Ratio]:
    few, many = (small.asking(catalogue_of(n), MATTER, DEPARTMENT) for n in (FEWEST, MOST_MEASURES))
    subjects = [s for s in small.subjects(effort.subjects, few) if few.check(s).measures]
    for subject in subjects:
        if [m.id for m in few.check(subject).measures] != [m.id for m in many.check(subject).measures]:
            raise SystemExit(f"the larger catalogue returns other measures for {subject}")
    tasks = {"few": few.check, "many": many.check}
    times = interleaved(tasks, subjects, effort.rounds)
    yield _ratio("measures.5000", "a check under 5,000 measures / under 50", times, "many", "few", goals)


def _of_a_hub(small: World, effort: Effort, goals: Mapping[str, Any]) -> Iterator[Ratio]:
    """The person who represents 5,000 companies; and one of these, reached through him from each that is listed."""
    shipped, through = small.asking(Catalogue.shipped(), *PROCUREMENT), small.asking(*THROUGH_A_HUB)
    for name, what, asking, subject in (
        ("hub.5000", "one step through 5,000 links, 3 listed / an ordinary check", shipped, HUBS[0].id),
        ("hub.5000.two", "two steps, the second through 5,000 links", through, small.company_of_the_hub),
    ):
        ordinary = interleaved({"check": asking.check}, small.subjects(effort.subjects, asking), effort.rounds)
        hub = interleaved({"check": asking.check}, [subject] * 5, effort.rounds)
        yield _ratio(name, what, {"hub": hub["check"], "ordinary": ordinary["check"]}, "hub", "ordinary", goals)


def _of_neo4j(small: World, home: Path, effort: Effort, goals: Mapping[str, Any]) -> Iterator[Ratio]:
    """The read of the production store beside plain Cypher on the same database, with a driver each."""
    catalogue = Catalogue.shipped()
    subjects = small.subjects(effort.subjects, small.asking(catalogue, *PROCUREMENT))
    with small.in_neo4j(home / "neo4j") as (store, baseline):
        asking = Asking(store, catalogue, *PROCUREMENT, small.known_at)
        plans = {subject: asking.plan(subject) for subject in subjects}
        texts = {plan: statement(stages_of(plan)) for plan in set(plans.values())}
        for subject in subjects:
            fetched = baseline.evidence(subject, texts[plans[subject]], DAY)
            require_the_same(
                asking.evidence(subject, plans[subject]),
                {kind: {f["id"] for f in some} for kind, some in fetched.items()},
            )
        tasks: dict[str, Callable[[str], object]] = {
            "cypher": lambda s: baseline.evidence(s, texts[plans[s]], DAY),
            "read": lambda s: asking.evidence(s, plans[s]),
            "check": lambda s: canonical(asking.check(s)),
        }
        times = interleaved(tasks, subjects, effort.rounds)
        hub = interleaved({"hub": asking.check}, [HUBS[0].id] * 5, effort.rounds)
    yield _ratio("neo4j.read", "the store's own read / plain Cypher", times, "read", "cypher", goals)
    yield _ratio("neo4j.check", "a whole check, without the ledger / plain Cypher", times, "check", "cypher", goals)
    through = {"hub": hub["hub"], "check": times["check"]}
    yield _ratio("neo4j.hub.5000", "one step through 5,000 links / an ordinary check", through, "hub", "check", goals)


def _of_a_large_city(small: World, large: World, effort: Effort, goals: Mapping[str, Any]) -> Iterator[Ratio]:
    asked: dict[str, tuple[Asking, list[str]]] = {}
    for name, one in (("small", small), ("large", large)):
        asking = one.asking(Catalogue.shipped(), *PROCUREMENT)
        asked[name] = asking, one.subjects(effort.subjects, asking)
    places = [str(n) for n in range(effort.subjects)]
    tasks = {
        name: lambda place, asking=asking, subjects=subjects: asking.check(subjects[int(place)])
        for name, (asking, subjects) in asked.items()
    }
    times = interleaved(tasks, places, effort.rounds)
    yield _ratio("city.1000000", "a check among 1,000,000 subjects / among 10,000", times, "large", "small", goals)


def _ratio(name: str, what: str, times: Times, over: str, under: str, goals: Mapping[str, Any]) -> Ratio:
    goal = goals.get(name, {})
    above, below = median(times[over]), median(times[under])
    return Ratio(
        name,
        what,
        above * 1e3,
        below * 1e3,
        quantile(times[over], 0.95) * 1e3,
        above / below,
        goal.get("at_most"),
        goal.get("missed"),
    )


def _show(found: Sequence[Ratio]) -> None:
    table = Table("name", "what", "ms", "p95", "of ms", "ratio", "goal", title="bench")
    for one in found:
        goal = "" if one.goal is None else f"≤ {one.goal:g}" + (" missed" if one.ratio > one.goal else "")
        figures = (f"{value:.3f}" for value in (one.over, one.over_p95, one.under))
        table.add_row(one.name, one.what, *figures, f"{one.ratio:.2f}", goal)
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
