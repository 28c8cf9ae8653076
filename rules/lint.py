"""What a valid catalogue must satisfy beyond the form of each entry (design, sections 5 and 6).

Each check yields `Problem`s with file, line, key and remedy. Nothing is loaded while one is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from graph.terms import Period
from rules.bounds import bound_problems
from rules.compile import Texts, branches, refusals
from rules.contents import Contents
from rules.errors import Problem
from rules.files import Key
from rules.model import GroupRule, Lead, LengthRange, Measure, ReachDefinition, Scope, Term, Trigger
from rules.rule import measure_rule, reach_of
from rules.rulebook import collisions, told_apart

Found = Iterator[tuple[Key, str, str]]
LONGEST = 10**6


def lint(catalogue: Contents) -> list[Problem]:
    """Every problem of the catalogue as a whole, in the order of its files."""
    problems = [*_each(catalogue, "measures", _measure), *_each(catalogue, "leads", _lead)]
    problems += _each(catalogue, "groups", _group)
    if not problems:
        problems = [*_each(catalogue, "measures", bound_problems), *_each(catalogue, "groups", bound_problems)]
        problems += [*_each(catalogue, "measures", _terms), *_each(catalogue, "measures", refusals)]
        problems += _overlaps(catalogue)
    return problems or _collisions(catalogue)


def _each(catalogue: Contents, part: str, check: Any) -> list[Problem]:
    found = []
    for entry in getattr(catalogue, part).values():
        origin = catalogue.origin(part, entry.id)
        for key, message, remedy in check(entry, catalogue):
            where = ".".join(map(str, (entry.id, *key)))
            found.append(Problem(origin.file, origin.line(key), where, message, remedy))
    return found


def _unknown(what: str, ids: Iterable[str], known: Iterable[str], key: Key) -> Found:
    held = set(known)
    for one in ids:
        if one not in held:
            yield key, f"unknown {what} `{one}`", f"declare it, or mend the id; known: {_near(one, held)}"


def _near(one: str, known: set[str]) -> str:
    return ", ".join(get_close_matches(one, known, n=3, cutoff=0.5)) or f"{len(known)} others"


def _measure(measure: Measure, catalogue: Contents) -> Found:
    yield from _trigger(measure.trigger, catalogue, ("trigger",))
    if measure.suspended_when:
        yield from _trigger(measure.suspended_when, catalogue, ("suspended_when",))
    yield from _scope(measure.scope, catalogue)
    yield from _unknown("document", [b.document for b in measure.basis], catalogue.documents, ("basis",))
    for index, reach in enumerate(measure.reaches):
        yield from _unknown("document", [b.document for b in reach.basis], catalogue.documents, ("reaches", index))
    yield from _reaches(measure.reaches, catalogue, most=2)


def _lead(lead: Lead, catalogue: Contents) -> Found:
    yield from _unknown("list", lead.list_, catalogue.lists, ("list",))
    yield from _unknown("matter", lead.matters, catalogue.matters, ("matters",))
    yield from _reaches(lead.reaches, catalogue, most=3)


def _group(rule: GroupRule, catalogue: Contents) -> Found:
    yield from _scope(rule.scope, catalogue)
    yield from _unknown("document", [b.document for b in rule.basis], catalogue.documents, ("basis",))
    if rule.consortium:
        yield from _unknown("measure", rule.consortium.because_of, catalogue.measures, ("consortium", "because_of"))


def _trigger(trigger: Trigger, catalogue: Contents, key: Key) -> Found:
    for name, ids, event in (("list", trigger.list_, False), ("event", trigger.event, True)):
        yield from _unknown(name, ids, catalogue.lists, (*key, name))
        for one in ids:
            if one in catalogue.lists and (catalogue.lists[one].kind == "event") != event:
                other = "event" if name == "list" else "list"
                yield (
                    (*key, name),
                    f"`{one}` is declared as {'a list' if event else 'an event'}",
                    f"write `{other}: {one}`",
                )


def _scope(scope: Scope, catalogue: Contents) -> Found:
    yield from _unknown("matter", scope.matters, catalogue.matters, ("scope", "matters"))
    yield from _unknown("department", scope.departments, catalogue.departments, ("scope", "departments"))


def _reaches(reaches: Sequence[ReachDefinition], catalogue: Contents, most: int) -> Found:
    roles = {w.id for w in catalogue.vocabulary.roles}
    for index, reach in enumerate(reaches):
        key: Key = ("reaches", index)
        if any(step.named for step in reach.steps[1:]):
            yield key, "`named` may only be the first step: it leads from a record to a person", "begin a reach with it"
        if (links := sum(step.link is not None for step in reach.steps)) > most:
            yield key, f"{links} link steps, at most {most} are allowed", "no statute goes further; split or drop it"
        yield from _unknown("role", [r for s in reach.steps for r in s.named or ()], roles, key)
    if len({reach_of(r.steps).key for r in reaches}) < len(reaches):
        yield ("reaches",), "the same reach stands twice", "remove one of them"


def _days(length: str) -> int:
    if length == "for_life":
        return LONGEST
    period = Period.parse(length)
    return period.months_in_all * 31 + period.days


def _most(term: Term) -> str:
    return term.length.most if isinstance(term.length, LengthRange) else term.length


def _terms(measure: Measure, catalogue: Contents) -> Found:
    term = measure.term
    if term is None:
        return
    if (
        isinstance(term.length, LengthRange)
        and term.length.least
        and _days(term.length.least) > _days(term.length.most)
    ):
        yield ("term", "length"), "`least` is longer than `most`", "swap them"
    for basis in measure.basis:
        longest = catalogue.documents[basis.document].longest_term
        if longest and _days(_most(term)) > _days(longest):
            yield (
                ("term", "length"),
                f"{_most(term)} is longer than `{basis.document}` allows ({longest})",
                "shorten the term, or correct `longest_term` of the document",
            )


def _collisions(catalogue: Contents) -> list[Problem]:
    """Fields that the rules engine would take for one (rules/rulebook.py)."""
    using: dict[str, Measure] = {}
    for measure in catalogue.measures.values():
        rule = measure_rule(measure, catalogue)
        for branch in (b for r in (rule, rule.suspension) if r for b in branches(r, Texts())):
            for name, _, _ in branch.conditions:
                using.setdefault(name, measure)
    problems = []
    for name, other in collisions(using):
        measure = using[name]
        origin = catalogue.origin("measures", measure.id)
        where, text = f"{measure.id}.trigger.where", told_apart(name, other)
        problems.append(Problem(origin.file, origin.line(("trigger", "where")), where, text, "rename one of them"))
    return problems


def _overlaps(catalogue: Contents) -> list[Problem]:
    """Two measures that would say the same thing of the same subject on the same day."""
    alike: dict[str, list[Measure]] = {}
    for measure in catalogue.measures.values():
        shape = measure.model_dump_json(include={"kind", "effect", "trigger", "term", "repair"})
        alike.setdefault(shape, []).append(measure)
    problems = []
    for group in alike.values():
        for left, right in combinations(group, 2):
            if _same_ground(left, right):
                origin = catalogue.origin("measures", right.id)
                text = f"says the same as `{left.id}` for the same reach, matter and article"
                problems.append(
                    Problem(origin.file, origin.line(("id",)), right.id, text, "join them, or part their scopes")
                )
    return problems


def _same_ground(left: Measure, right: Measure) -> bool:
    return (
        _meet([reach_of(r.steps).key for r in left.reaches], [reach_of(r.steps).key for r in right.reaches])
        and _meet(left.scope.matters, right.scope.matters)
        and _meet_or_any(left.scope.departments, right.scope.departments)
        and _meet_or_any(left.scope.regions, right.scope.regions)
        and _meet_or_any(left.scope.subject_kinds, right.scope.subject_kinds)
        and _meet([(b.document, b.article) for b in left.basis], [(b.document, b.article) for b in right.basis])
        and left.in_force.from_ < (right.in_force.to or left.in_force.from_.max)
        and right.in_force.from_ < (left.in_force.to or right.in_force.from_.max)
    )


def _meet(left: Iterable[object], right: Iterable[object]) -> bool:
    return not set(left).isdisjoint(right)


def _meet_or_any(left: Sequence[object], right: Sequence[object]) -> bool:
    return not left or not right or _meet(left, right)
