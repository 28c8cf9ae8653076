"""The reference evaluator on what lies near a subject: written for clarity alone, it says what a decision must be, and
how much quicker than clarity the engine is."""

from __future__ import annotations

from typing import Any

import yaml

from bench.city import City
from bench.nearby import Nearby, world_of
from engine.question import Question
from rules.catalogue import SHIPPED, Catalogue
from tests.reference.check import reference_check

PARTS = ("documents", "lists", "leads", "groups")


class ReferenceBaseline:
    """The shipped catalogue, and a city by its subjects."""

    def __init__(self, city: City) -> None:
        self._near = Nearby(world_of(city))
        self._catalogue = shipped_data()
        rules = Catalogue.shipped().rules
        reaches = [r.reach for rule in rules for r in rule.reaches]
        self._steps = max(len(reach.steps) + (reach.named is not None) for reach in reaches)

    def decision(self, question: Question) -> dict[str, Any]:
        """The document, without the hashes of the implementation. The subject is asked for by its id."""
        return reference_check(self._near.world(question.subject, self._steps), self._catalogue, dict(question))


def shipped_data() -> dict[str, Any]:
    """The shipped catalogue as its files say it."""
    parts = {name: yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")) for name in PARTS}
    files = sorted(SHIPPED.glob("measures/*.yaml"))
    measures = [one for file in files for one in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return {**parts, "measures": measures}
