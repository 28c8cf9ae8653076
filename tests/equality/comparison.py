"""The online document held against the reference's, and a small city when they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.check import check
from engine.document import Decision, GroupDecision
from engine.group import check_group
from engine.question import GroupQuestion, Question
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from rules.catalogue import Catalogue
from tests.cities.city import City, Plain
from tests.reference.check import reference_check
from tests.reference.group import reference_check_group

HASHES = ("decision_id", "catalogue", "evidence_digest")


@contextmanager
def loaded(data: Plain) -> Iterator[Catalogue]:
    """The catalogue for a while: its compiled rules hold memory that Python does not see."""
    catalogue = Catalogue.from_data(data)
    try:
        yield catalogue
    finally:
        catalogue.rulebook.close()


def decided(question: Plain, store: GraphStore, catalogue: Catalogue) -> Decision | GroupDecision:
    if "applicants" in question:
        return check_group(GroupQuestion.model_validate(question), store=store, catalogue=catalogue)
    return check(Question.model_validate(question), store=store, catalogue=catalogue)


def online(question: Plain, store: GraphStore, catalogue: Catalogue) -> Plain:
    """The engine's document, without the hashes."""
    document: Plain = without_hashes(decided(question, store, catalogue).model_dump(mode="json"))
    return document


def reference(question: Plain, city: City) -> Plain:
    asked = reference_check_group if "applicants" in question else reference_check
    return asked(city.world, city.catalogue, question)


def without_hashes(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: without_hashes(value) for key, value in document.items() if key not in HASHES}
    return [without_hashes(one) for one in document] if isinstance(document, list) else document


def differences(left: Any, right: Any, where: str = "") -> Iterator[str]:
    """Where two documents differ, one line each: what the engine says ≠ what the reference says."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            yield from differences(left.get(key), right.get(key), f"{where}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and _named(left) and _named(right):
        yield from differences(_by_name(left), _by_name(right), where)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{where}[{index}]")
    elif left != right:
        yield f"{where}: {left!r} ≠ {right!r}"


def _named(entries: list[Any]) -> bool:
    return all(isinstance(entry, dict) and ("id" in entry or "about" in entry) for entry in entries)


def _by_name(entries: list[Any]) -> dict[str, Any]:
    named = {f"[{e.get('id') or e['kind'] + ' ' + e['about']}]": e for e in entries}
    return named | {"order": tuple(named), "number": len(entries)}


def disagreement(city: City, question: Plain) -> list[str]:
    """Differences for one question, in a store of its own; an exception of the engine is one."""
    with loaded(city.catalogue) as catalogue, TemporaryDirectory() as directory, SqliteStore(Path(directory)) as store:
        city.write_to(store)
        return against(city, question, store, catalogue)


def against(city: City, question: Plain, store: GraphStore, catalogue: Catalogue) -> list[str]:
    expected = reference(question, city)
    try:
        found = online(question, store, catalogue)
    except Exception as error:  # noqa: BLE001  (whatever the engine raises is what differs)
        return [f"the engine raised {type(error).__name__}: {error}"]
    return list(differences(found, expected))


def shrunk(city: City, still: Callable[[City], bool]) -> City:
    """The city with facts, measures, leads and group rules removed one by one, as long as ``still`` holds."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(city):
            if _holds(still, candidate):
                city, smaller = candidate, True
                break
    return city


def _smaller(city: City) -> Iterator[City]:
    for part in ("measures", "leads", "groups"):
        for entry in city.catalogue[part]:
            yield city.without_entry(part, entry["id"])
    for id_ in city.ids():
        yield city.without({id_})


def _holds(still: Callable[[City], bool], city: City) -> bool:
    try:
        return still(city)
    except Exception:  # noqa: BLE001  (too small to be asked: keep the larger one)
        return False


def _raised(found: list[str]) -> str:
    return found[0].partition(":")[0] if found and found[0].startswith("the engine raised") else ""


def report(city: City, question: Plain, seed: int) -> str:
    """Seed, question, differences, and the smallest city that still shows one."""
    raises = _raised(disagreement(city, question))
    small = shrunk(city, lambda one: bool(found := disagreement(one, question)) and _raised(found) == raises)
    facts = [f"  {batch.at} {fact}" for batch in small.batches for fact in batch.facts]
    facts += [f"  {batch.at} withdrawn {id_}" for batch in small.batches for id_ in batch.withdrawn]
    entries = [f"  {part} {e}" for part in ("measures", "leads", "groups") for e in small.catalogue[part]]
    lines = [f"seed {seed}", f"question {question}", *disagreement(small, question)[:12], *entries, *facts]
    return "\n".join(lines)
