"""What of a catalogue a question concerns, prepared once for all questions alike: the rules in scope, the plan of their
reaches, and where each rule is found again by what a store returned."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain

from graph.plan import Pattern, Plan, Reach
from rules.rule import Rule

SPANS, FOUND = 256, 256
"""So many spans of days with their regions, and sets of lists, are remembered: laws change on few days, and few lists
stand around a subject."""


def plan_for(rules: Iterable[Rule]) -> Plan:
    """The reaches that matter to the rules, each with the lists that matter at its end."""
    lists: dict[Reach, set[str]] = {}
    for rule in rules:
        for one in (rule, *([rule.suspension] if rule.suspension else [])):
            for reach in one.reaches:
                lists.setdefault(reach.reach, set()).update(one.trigger.lists)
    ordered = sorted(lists.items(), key=lambda item: item[0].key)
    return Plan(tuple(Pattern(reach, frozenset(found)) for reach, found in ordered))


class Scoped:
    """The rules in scope of a question, in the order of the catalogue."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._lists_needed = lru_cache(maxsize=SPANS)(self._lists_needed_after)
        self.concerned = lru_cache(maxsize=FOUND)(self._concerned)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    @cached_property
    def plan(self) -> Plan:
        return plan_for(self.rules)

    def _concerned(self, lists: frozenset[str], reaches: tuple[Reach, ...]) -> list[Rule]:
        """The rules that one of these lists or event kinds triggers, and those with one of these reaches; of all others
        nothing can be said. ``lists``: on which somebody stands, or of which something is missing."""
        places = {
            *chain.from_iterable(self._by_list.get(one, ()) for one in lists),
            *chain.from_iterable(self._by_reach.get(one, ()) for one in reaches),
        }
        return [self.rules[place] for place in sorted(places)]

    def lists_needed(self, day: date, region: str) -> frozenset[str]:
        """Lists that measures in force need, those that would suspend an incentive included."""
        return self._lists_needed(bisect(self._turns, day), region)

    def _lists_needed_after(self, turns: int, region: str) -> frozenset[str]:
        """The same for all days after so many turns of the rules."""
        day = self._turns[turns - 1] if turns else date.min
        needed: set[str] = set()
        for rule in self.rules:
            if rule.role == "measure" and rule.may_hold_on(day, region):
                needed |= rule.trigger.lists
                needed |= rule.suspension.trigger.lists if rule.suspension else set()
        return frozenset(needed)

    @cached_property
    def _turns(self) -> list[date]:
        return sorted(set().union(*(rule.turns for rule in self.rules)))

    @cached_property
    def _by_list(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, rule in enumerate(self.rules):
            for one in rule.trigger.lists:
                found.setdefault(one, []).append(place)
        return found

    @cached_property
    def _by_reach(self) -> dict[Reach, list[int]]:
        found: dict[Reach, list[int]] = {}
        for place, rule in enumerate(self.rules):
            for one in rule.reaches:
                found.setdefault(one.reach, []).append(place)
        return found
