"""The compiled catalogue in durable_rules, and the only place that talks to it.

One ruleset for each list, in chunks of at most `MOST_RULES` branches; one state; a lock for each ruleset; every fact is
asserted, drained and retracted before the next. Measured: a million checks over 5,000 measures without growth or a
wrong result (docs/decisions/0002).
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, groupby
from threading import Lock
from typing import Any, NamedTuple

import durable_rules_engine as dre

from graph.errors import XinhengError
from rules.compile import Branch, Texts, branches
from rules.errors import CatalogueError, Problem
from rules.rule import Rule

MOST_RULES = 60
"""More than 64 branches that match one fact: error 303."""
MOST_NAMES = 240
"""More than 252 fields of one fact, its id included: error 302."""
_FACT = "f"
_WARM = json.dumps({"id": "s", "__s": 1})
_NO_MATCH = (0, 1)  # matched; nothing matched: both normal
_numbers = count(1)
Fired = set[tuple[str, int]]
"""Ids of rules, each with the index of its reach."""


class RulesEngineFault(XinhengError):
    """durable_rules did what it must not do; no answer may rest on it."""

    code = "rules-engine-fault"
    title_zh = "规则引擎故障"


class Field(NamedTuple):
    """A field of a fact: what is computed (``kind``) of what."""

    name: str
    kind: str
    of: str


@dataclass(eq=False)
class Ruleset:
    """Branches over facts of one list, as one native ruleset. ``fields`` are what its rules look at, ``terms`` has one
    rule for each different term: nothing else of a record needs to be computed."""

    branches: list[Branch]
    fields: tuple[Field, ...] = ()
    terms: tuple[Rule, ...] = ()
    names: frozenset[str] = frozenset()
    handle: int = 0
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def open(self) -> None:
        self.names = frozenset(name for b in self.branches for name, _, _ in b.conditions)
        self.fields = tuple(Field(name, *name.partition("_")[::2]) for name in sorted(self.names))
        self.terms = tuple({b.rule.term: b.rule for b in self.branches if b.rule.term}.values())
        rules: dict[str, Any] = {f"r{i}": {"all": [{"m": _condition(b)}]} for i, b in enumerate(self.branches)}
        rules["__s"] = {"all": [{"m": {"__s": 1}}]}
        self.handle = dre.create_ruleset(f"xinheng{next(_numbers)}", json.dumps(rules))
        # delete_state before anything has fired crashes: fire the ruleset's own rule once
        self._fire(_WARM)

    def close(self) -> None:
        with self.lock:
            if not self.closed:
                self.closed = True
                dre.delete_state(self.handle, "0")  # before delete_ruleset: otherwise 716 KB stay for each
                dre.delete_ruleset(self.handle)

    def fire(self, fact: Mapping[str, int]) -> Fired:
        """The rules that hold of the fact."""
        known = {name: value for name, value in fact.items() if name in self.names}
        with self.lock:
            fired = self._fire(json.dumps({"id": _FACT, **known}))
        return {(b.rule.id, b.reach) for b in (self.branches[int(name[1:])] for name in fired)}

    def _fire(self, fact: str) -> list[str]:
        if self.closed:
            raise RulesEngineFault("the rulebook is closed")
        try:
            code, offset = dre.assert_fact(self.handle, fact)
        except dre.error as error:
            raise RulesEngineFault(str(error)) from error
        if code not in _NO_MATCH:
            raise RulesEngineFault(f"assert_fact answered {code}")
        try:
            return list(self._drain(offset)) if code == 0 else []
        finally:
            dre.retract_fact(self.handle, fact)

    def _drain(self, offset: int) -> Iterator[str]:
        result = dre.start_action_for_state(self.handle, offset)
        message = result[1] if result else None
        while message:
            yield from json.loads(message)
            message = dre.complete_and_start_action(self.handle, offset)


def _condition(branch: Branch) -> dict[str, Any]:
    return {"$and": [{name: number} if op == "$eq" else {op: {name: number}} for name, op, number in branch.conditions]}


class Rulebook:
    """Rules compiled and ready to fire. What is native is freed when it is closed, or when nobody holds it any more."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.texts = Texts()
        by_key: dict[str, list[Branch]] = {}
        for rule in chain.from_iterable((r, r.suspension) if r.suspension else (r,) for r in rules):
            for branch in branches(rule, self.texts):
                for key in _keys(rule):
                    by_key.setdefault(key, []).append(branch)
        _refuse_collisions(by_key)
        self._rulesets = {key: _chunks(found) for key, found in by_key.items()}
        self._holding = {key: _by_rule(found) for key, found in self._rulesets.items()}
        self._freed = weakref.finalize(self, _free, list(chain.from_iterable(self._rulesets.values())))
        self._freed.atexit = False  # the process takes all of it along, and somebody may still be answered

    def rulesets(self, list_id: str) -> Sequence[Ruleset]:
        """Those of the rules on single records of this list."""
        return self._rulesets.get(list_id, ())

    def holding(self, list_id: str, rule_id: str) -> Sequence[Ruleset]:
        """Those of them, most often one, that hold this rule: no other needs to be fired for its sake."""
        return self._holding[list_id][rule_id]

    def counting(self, rule_id: str) -> Sequence[Ruleset]:
        """The same for a rule that counts or sums records; a fact tells of all of them together."""
        return self._holding[_COUNTED][rule_id]

    def close(self) -> None:
        """Free the native rulesets. The rulebook can't be used afterwards."""
        self._freed()


def _free(rulesets: Iterable[Ruleset]) -> None:
    for ruleset in rulesets:
        ruleset.close()


_COUNTED = "#counted"


def _by_rule(rulesets: Iterable[Ruleset]) -> dict[str, list[Ruleset]]:
    found: dict[str, list[Ruleset]] = {}
    for ruleset in rulesets:
        for rule_id in {branch.rule.id for branch in ruleset.branches}:
            found.setdefault(rule_id, []).append(ruleset)
    return found


def _keys(rule: Rule) -> Iterable[str]:
    return (_COUNTED,) if rule.trigger.counted else sorted(rule.trigger.lists)


def _chunks(found: list[Branch]) -> list[Ruleset]:
    """Rulesets of at most `MOST_RULES` branches over `MOST_NAMES` fields; the branches of one rule stay together where
    they fit, and rules of the same matters stand side by side, since a question is about one."""
    found = sorted(found, key=lambda branch: sorted(branch.rule.scope.matters))
    chunks: list[list[Branch]] = [[]]
    names: set[str] = set()
    for _, group in groupby(found, key=lambda branch: branch.rule.id):
        for piece in _pieces(list(group)):
            new = {name for b in piece for name, _, _ in b.conditions}
            if len(chunks[-1]) + len(piece) > MOST_RULES or len(names | new) > MOST_NAMES:
                chunks.append([])
                names = set()
            chunks[-1].extend(piece)
            names |= new
    rulesets = [Ruleset(chunk) for chunk in chunks if chunk]
    for ruleset in rulesets:
        ruleset.open()
    return rulesets


def _pieces(found: list[Branch]) -> Iterator[list[Branch]]:
    yield from (found[i : i + MOST_RULES] for i in range(0, len(found), MOST_RULES))


def _refuse_collisions(by_key: Mapping[str, list[Branch]]) -> None:
    names = {name for found in by_key.values() for b in found for name, _, _ in b.conditions}
    for name, other in collisions(names):
        raise CatalogueError([Problem("(catalogue)", 0, name, told_apart(name, other), "rename one of them")])


def collisions(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of field names that durable_rules would take for one: it compares a 32-bit FNV-1a hash only."""
    seen: dict[int, str] = {fnv1a(name): name for name in ("id", "sid", "__s")}
    for name in sorted(names):
        if (other := seen.setdefault(fnv1a(name), name)) != name:
            yield name, other


def told_apart(name: str, other: str) -> str:
    return f"the fields `{name}` and `{other}` can't be told apart by the rules engine"


def fnv1a(text: str) -> int:
    """FNV-1a, 32 bits, as durable_rules computes it over the UTF-8 bytes of a name."""
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value
