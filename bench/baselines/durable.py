"""Bare durable_rules: the same rulesets and the same facts, asserted, drained and retracted, and nothing else.

Frozen: see the package. What a catalogue compiles to and what a check asserts is recorded once, beforehand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import durable_rules_engine as dre

from rules import rulebook

_numbers = count(1)
_WARM = json.dumps({"id": "s", "__s": 1})


class Recorder:
    """Stands before the C module, and notes what passes."""

    def __init__(self) -> None:
        self.rulesets: dict[int, str] = {}
        self.facts: list[tuple[int, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(dre, name)

    def create_ruleset(self, name: str, rules: str) -> int:
        handle: int = dre.create_ruleset(name, rules)
        self.rulesets[handle] = rules
        return handle

    def assert_fact(self, handle: int, fact: str) -> Any:
        self.facts.append((handle, fact))
        return dre.assert_fact(handle, fact)


@contextmanager
def recorded() -> Iterator[Recorder]:
    """While it lasts, rulebooks are made and fired before the eyes of a recorder."""
    recorder = Recorder()
    rulebook.dre = recorder  # type: ignore[attr-defined]
    try:
        yield recorder
    finally:
        rulebook.dre = dre  # type: ignore[attr-defined]


class DurableBaseline:
    """The rulesets of a recorder, made anew."""

    def __init__(self, recorder: Recorder) -> None:
        self._handles = {known: _opened(rules) for known, rules in recorder.rulesets.items()}

    def fire(self, facts: list[tuple[int, str]]) -> int:
        """How many branches fire on these facts."""
        return sum(_fire(self._handles[known], fact) for known, fact in facts)


def facts_of(recorder: Recorder, work: Callable[[], object]) -> list[tuple[int, str]]:
    """What is asserted while the work is done."""
    recorder.facts.clear()
    work()
    return list(recorder.facts)


def _opened(rules: str) -> int:
    handle: int = dre.create_ruleset(f"bench{next(_numbers)}", rules)
    _fire(handle, _WARM)
    return handle


def _fire(handle: int, fact: str) -> int:
    code, offset = dre.assert_fact(handle, fact)
    fired = 0
    if code == 0:
        result = dre.start_action_for_state(handle, offset)
        message = result[1] if result else None
        while message:
            fired += len(json.loads(message))
            message = dre.complete_and_start_action(handle, offset)
    dre.retract_fact(handle, fact)
    return fired
