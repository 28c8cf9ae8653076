"""The reference evaluator on what lies near a subject: written for clarity alone, it says what a decision must be, and
how much quicker than clarity the engine is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import yaml

from bench.city import City
from bench.nearby import Nearby, world_of
from rules.catalogue import SHIPPED
from tests.equality.comparison import differences, without_hashes
from tests.reference.check import reference_check
from tests.reference.measures import reaches_of

PARTS = ("documents", "lists", "leads", "groups")
Document = Mapping[str, Any]


class ReferenceBaseline:
    """A catalogue, given as its files say it, and a city by its subjects."""

    def __init__(self, city: City, catalogue: dict[str, Any]) -> None:
        self._near = Nearby(world_of(city))
        self._catalogue = catalogue
        rules = [*catalogue["measures"], *catalogue["leads"]]
        self._steps = max(len(steps) for rule in rules for steps, _ in reaches_of(rule))

    def decision(self, asked: Document) -> Document:
        """The document, without the hashes of the implementation. ``asked``: the question of a document, its subject by
        id."""
        known_at, as_of = datetime.fromisoformat(asked["known_at"]), date.fromisoformat(asked["as_of"])
        near = self._near.world(asked["subject"], self._steps)
        return reference_check(near, self._catalogue, {**asked, "as_of": as_of, "known_at": known_at})

    def differs(self, document: Document) -> list[str]:
        """Where a document says something else, one line each."""
        return list(differences(without_hashes(document), self.decision(document["question"])))


def shipped_data() -> dict[str, Any]:
    """The shipped catalogue as its files say it."""
    parts = {name: yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")) for name in PARTS}
    files = sorted(SHIPPED.glob("measures/*.yaml"))
    measures = [one for file in files for one in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return {**parts, "measures": measures}
