"""A million checks in one process: `python -m bench.endurance`, or `make bench-endurance`.

Each is another question (an organisation, a day) under 5,000 measures, its document entered in a ledger, a hundred to
a transaction. What is told: how far the memory grew after the first ten thousand, whether documents drawn from the
ledger are what the reference evaluator says, how large the ledger is, and that it holds. The same goes to
`build/bench-endurance.json`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from bench.baselines.reference import ReferenceBaseline
from bench.catalogues import DEPARTMENT, MATTER, catalogue_of, data_of
from bench.child import megabytes, own_megabytes, xinheng
from bench.city import REGION, City
from bench.worlds import city_of
from engine.canonical import canonical
from engine.check import check
from engine.ledger import Ledger
from engine.operational import open_database, writing
from engine.question import Question
from graph.sqlite import SqliteStore

ROOT = Path(__file__).parents[1]
FIRST_ASKED, DAYS = date(2012, 1, 1), 6_500
TOGETHER = 100
"""Entries in a transaction of the ledger."""
TOLD = 20
"""How often the memory is told."""
CONSOLE = Console(width=120)


def main() -> None:
    options = _options()
    (ROOT / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-endurance-", dir=ROOT / "build") as directory:
        found = _endured(Path(directory), options)
    options.out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    CONSOLE.print_json(data=found)
    if found["disagreements"]:
        raise SystemExit("the reference says otherwise")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=1_000_000)
    parser.add_argument("--warm", type=int, default=10_000, help="after so many checks the memory is looked at first")
    parser.add_argument("--measures", type=int, default=5_000)
    parser.add_argument("--subjects", type=int, default=10_000, help="so large a city")
    parser.add_argument("--sample", type=int, default=10_000, help="so many documents are held to the reference")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench-endurance.json")
    return parser.parse_args()


def _endured(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    city = city_of(options.subjects)
    settings = {"XINHENG_DATA": str(home / "data"), "XINHENG_STORE": str(home / "store")}
    with SqliteStore(home / "store") as store:
        city.write_to(store)
        database = open_database(f"sqlite:///{home}/data/operational.sqlite")
        asked = _checked(city, store, Ledger(database), database, options)
        sampled = list(_sampled(database, options))
        disagreements = _disagreements(city, sampled, options.measures)
    return {
        "asked": {name: getattr(options, name) for name in ("checks", "warm", "measures", "subjects")},
        **asked,
        "sampled": len(sampled),
        "sampled_with_measures": sum(bool(document["measures"]) for document in sampled),
        "disagreements": disagreements,
        "ledger": _verified(home, settings),
    }


# --- the checks -------------------------------------------------------------------------------------------------------
def _checked(
    city: City, store: SqliteStore, ledger: Ledger, database: sa.Engine, options: argparse.Namespace
) -> dict[str, Any]:
    catalogue = catalogue_of(options.measures)
    known_at = store.last_instant()
    assert known_at
    asked = questions(city, known_at)
    outcomes: dict[str, int] = {}
    memory: dict[int, float] = {}
    start = time.monotonic()
    for done in range(TOGETHER, options.checks + 1, TOGETHER):
        with writing(database) as connection:
            for _ in range(TOGETHER):
                decision = check(next(asked), store=store, catalogue=catalogue)
                outcomes[decision.outcome] = outcomes.get(decision.outcome, 0) + 1
                ledger.append(
                    connection,
                    decision.decision_id,
                    canonical(decision),
                    who="bench",
                    purpose="bench",
                    department="",
                    at=None,
                )
        if done == options.warm or done % (options.checks // TOLD) == 0:
            gc.collect()
            memory[done] = own_megabytes(os.getpid())
            CONSOLE.print(f"{done:>9,} checks  {time.monotonic() - start:>7,.0f} s  {memory[done]:.1f} MB")
    later = [held for done, held in memory.items() if done > options.warm]
    return {
        "seconds": time.monotonic() - start,
        "outcomes": outcomes,
        "memory_mb": memory,
        "growth_mb": max(later) - memory[options.warm],
    }


def questions(city: City, known_at: datetime) -> Iterator[Question]:
    """Without end: any organisation, any day of eighteen years."""
    dice = Random(f"{city.seed}/endurance")
    subjects = city.asked(city.subjects)
    while True:
        yield Question(
            subject=dice.choice(subjects),
            matter=MATTER,
            department=DEPARTMENT,
            region=REGION,
            as_of=FIRST_ASKED + timedelta(days=dice.randrange(DAYS)),
            known_at=known_at,
        )


# --- what the reference says ------------------------------------------------------------------------------------------
def _sampled(database: sa.Engine, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Documents drawn evenly from the ledger."""
    ledger = Ledger(database)
    drawn = set(Random(options.checks).sample(range(1, options.checks + 1), options.sample))
    for id_ in [entry.decision_id for entry in ledger.entries() if entry.seq in drawn]:
        yield json.loads(ledger.document(id_))


class Judge:
    """The reference evaluator in a process of its own."""

    reference: ReferenceBaseline

    @classmethod
    def prepare(cls, city: City, measures: int) -> None:
        cls.reference = ReferenceBaseline(city, data_of(measures))

    @classmethod
    def differs(cls, document: dict[str, Any]) -> list[str]:
        """Where the document says something else."""
        return cls.reference.differs(document)


def _disagreements(city: City, documents: list[dict[str, Any]], measures: int) -> list[str]:
    processes = ProcessPoolExecutor(
        os.cpu_count(), mp_context=get_context("spawn"), initializer=Judge.prepare, initargs=(city, measures)
    )
    with processes:
        found = processes.map(Judge.differs, documents, chunksize=10)
        return [f"{d['decision_id']} {where}" for d, some in zip(documents, found, strict=True) for where in some]


# --- the ledger -------------------------------------------------------------------------------------------------------
def _verified(home: Path, settings: Mapping[str, str]) -> dict[str, Any]:
    """Its size, and what `xinheng ledger verify` takes."""
    ran = xinheng("ledger", "verify", "--json", settings=settings)
    size = megabytes(home / "data")
    return {"mb": size, "head": ran.document["head"], "verify_seconds": ran.seconds, "verify_mb": ran.own_mb}


if __name__ == "__main__":
    main()
