"""The situation of one subject: the evidence for the question, indexed, with the paths of each reach walked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.question import Asked
from graph.evidence import Evidence
from graph.model import Record
from graph.paths import BlindPath, Path, Surroundings
from graph.plan import Reach
from rules.rule import RuleTrigger


@dataclass(frozen=True)
class Situation:
    """What is known around ``root`` for a question."""

    question: Asked
    root: str
    evidence: Evidence
    around: Surroundings
    _walks: dict[str, tuple[list[Path], list[BlindPath]]] = field(default_factory=dict)
    _records: dict[tuple[str, frozenset[str]], list[Record]] = field(default_factory=dict)

    def walk(self, reach: Reach) -> tuple[list[Path], list[BlindPath]]:
        if reach.key not in self._walks:
            self._walks[reach.key] = self.around.walk(reach, self.root)
        return self._walks[reach.key]

    def paths(self, reach: Reach) -> list[Path]:
        return self.walk(reach)[0]

    def records(self, subject: str, trigger: RuleTrigger) -> list[Record]:
        """The subject's records in the trigger's lists, in the order of their ids."""
        key = (subject, trigger.lists)
        if key not in self._records:
            self._records[key] = [r for r in self.around.records_of(subject) if r.list in trigger.lists]
        return self._records[key]


def situation_of(question: Asked, root: str, evidence: Evidence) -> Situation:
    return Situation(question, root, evidence, Surroundings(evidence, question.as_of))


Situations = Mapping[str, Situation]
