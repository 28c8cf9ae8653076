"""Asserting the evidence to the rules engine: which rules fire, along which path, because of which record.

A fact is flat and made of integers only (rules/compile.py says why): what needs a calendar, a path or a count is
computed here and arrives as a field. Only the fields that some rule of the ruleset looks at are computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from engine import timing
from engine.conditions import field_of
from engine.judge import Group, Proof, total
from engine.situation import Situation
from graph.model import SEVERITIES, Record
from graph.paths import Path
from rules.compile import GREATEST, NUMBER, TEXT, TRUTH, Texts, term_field
from rules.rule import Rule
from rules.rulebook import Field, Fired, Rulebook, Ruleset

Key = tuple[str, int, int, str]
"""As of `engine.judge.Proof.key`."""


class Firing:
    """One firing of a rulebook over a situation, on the question's day."""

    def __init__(self, rulebook: Rulebook, situation: Situation) -> None:
        self._rulebook = rulebook
        self._situation = situation
        self._day = situation.question.as_of
        self._known: dict[tuple[int, str, Ruleset], Fired] = {}

    def fired(self, proofs: Collection[Proof]) -> set[Key]:
        """Of the paths and records that the proofs speak of, those for which the rules engine fires their rule."""
        return {proof.key for proof in proofs if (proof.rule.id, proof.reach) in self._fire(proof)}

    def _fire(self, proof: Proof) -> Fired:
        fired: Fired = set()
        if proof.group:
            for ruleset in self._rulebook.counting(proof.rule.id):
                fired |= ruleset.fire(dict(self._group(ruleset, proof.rule, proof.path, proof.group)))
            return fired
        record = proof.records[0]
        for ruleset in self._rulebook.holding(record.list, proof.rule.id):
            key = (id(proof.path), record.id, ruleset)
            if key not in self._known:
                self._known[key] = ruleset.fire(dict(self._record(ruleset, proof.path, record)))
            fired |= self._known[key]
        return fired

    def _record(self, ruleset: Ruleset, path: Path, record: Record) -> Iterator[tuple[str, int]]:
        day, asked = self._day, ruleset.names
        yield from self._common(ruleset.fields, path, record)
        if "counts" in asked:
            yield "counts", _certain(timing.record_counts(record, day, stays=False).value)
        if "counts_stays" in asked:
            yield "counts_stays", _certain(timing.record_counts(record, day, stays=True).value)
        if "published" in asked:
            yield "published", int(timing.published(record, day))
        if "severity" in asked and record.severity:
            yield "severity", SEVERITIES.index(record.severity) + 1
        yield from self._terms(ruleset.terms, record)
        for name, kind, of_record in ruleset.fields:
            if kind in _FIELD_KINDS and (value := self._field(kind, of_record, record)) is not None:
                yield name, value

    def _group(self, ruleset: Ruleset, rule: Rule, path: Path, group: Group) -> Iterator[tuple[str, int]]:
        texts = self._rulebook.texts
        yield "rule", texts.number(rule.id)
        yield "number", len(group.certain)
        yield "sum", _clamped(total(group.certain))
        certain = group.latest if group.truth.value else None
        named = path.naming is None or any(r.id == path.naming.record for r in group.certain)
        if certain and named:
            yield from self._common(ruleset.fields, path, certain)
            yield from self._terms([rule], certain)

    def _common(self, fields: Collection[Field], path: Path, record: Record) -> Iterator[tuple[str, int]]:
        yield "reach", self._rulebook.texts.number(path.reach.key)
        yield "t", self._day.toordinal()
        for name, kind, anchor in fields:
            if kind not in ("e", "since", "holds"):
                continue
            event: date | None = getattr(record, anchor)
            if kind == "holds":
                yield name, _certain(timing.path_holds(path, event, self._day).value)
            elif event is not None:
                yield name, event.toordinal() if kind == "e" else (self._day - event).days

    def _terms(self, rules: Collection[Rule], record: Record) -> Iterator[tuple[str, int]]:
        for rule in rules:
            if rule.term and (left := timing.days_left(rule.term, record, self._day)) is not None:
                yield term_field(rule.term), left

    def _field(self, kind: str, name: str, record: Record) -> int | None:
        if kind == "fq":
            return self._equals_question(name, record)
        value = field_of(record, name)
        return None if value is None else _coded(kind, value, self._rulebook.texts)

    def _equals_question(self, name: str, record: Record) -> int | None:
        of_record, _, of_question = name.rpartition("_")
        value, asked = field_of(record, of_record), getattr(self._situation.question, of_question)
        return None if value is None or asked is None else int(type(value) is type(asked) and value == asked)


_FIELD_KINDS = frozenset({"fs", "fi", "fb", "ds", "di", "db", "ft", "fq"})


def _coded(kind: str, value: str | int | bool, texts: Texts) -> int | None:
    """``f…``: the value if it is of the kind; ``d…``: the same, or -GREATEST for another kind; ``ft``: which kind."""
    if isinstance(value, bool):
        own, number, tag = "b", int(value), TRUTH
    elif isinstance(value, int):
        own, number, tag = "i", _clamped(value), NUMBER
    else:
        own, number, tag = "s", texts.number(value), TEXT
    if kind == "ft":
        return tag
    if kind[1] == own:
        return number
    return -GREATEST if kind[0] == "d" else None


def _clamped(value: int) -> int:
    return max(-GREATEST, min(GREATEST, value))


def _certain(value: bool | None) -> int:
    return int(value is True)
