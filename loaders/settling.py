"""What stands of the statements of a batch, where the store or the row itself says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph.model import Fact, Link, Load, Merge, Naming, Record, Source, Subject
from loaders.codes import Code
from loaders.rows import Fault, FaultKind
from loaders.standing import corrected, standing
from loaders.translation import Statement

_ORDER: Mapping[type, int] = {Source: 1, Subject: 1, Record: 2, Link: 2, Merge: 2, Load: 2, Naming: 3}


class Settling:
    """Which of two contents stands, for the statements of one batch; see `graph.store.Settle`."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self.warnings: dict[int, Fault] = {}

    def __call__(self, place: int, held: Fact) -> Fact | None:
        statement = self._statements[place]
        fact = statement.fact
        if fact is None or isinstance(fact, Code):
            return None
        if statement.corrects:
            return corrected(fact, held)
        stands = standing(fact, held)
        self.warnings.pop(place, None)
        if isinstance(fact, Subject) and isinstance(stands, Subject) and stands.name != fact.name:
            self.warnings[place] = Fault("name", "", "the store knows the subject under another name")
        return stands


def order(statement: Statement) -> int:
    """Facts come after those that they may refer to."""
    return _ORDER.get(type(statement.fact), 0)


def of_one_row(statements: Sequence[Statement]) -> tuple[list[Statement], list[Fault]]:
    """The statements of a row, each fact once and after those that it may refer to: what the row mentions and describes
    as well is one subject."""
    settling = Settling(statements)
    found: dict[str | int, Statement] = {}
    faults = []
    for place, statement in enumerate(statements):
        fact = statement.fact
        key = place if fact is None or isinstance(fact, Code) else fact.id
        earlier = found.setdefault(key, statement)
        if fact is None or isinstance(fact, Code) or earlier.fact is None or isinstance(earlier.fact, Code):
            continue
        if fact != earlier.fact:
            stands = settling(place, earlier.fact)
            if stands is None:
                faults.append(conflict(fact, "the row itself states"))
            else:
                found[key] = replace(statement, fact=stands)
    return sorted(found.values(), key=order), faults


def conflict(fact: Fact, held_by: str = "the store holds") -> Fault:
    """That a fact is held with other content."""
    return Fault(
        "",
        fact.id,
        f"{held_by} this {_name(fact)} with other content",
        'where the row corrects it, add "correction": true; where it is another one, give each its own "key"',
        FaultKind.CONFLICT,
    )


def _name(fact: Fact) -> str:
    return "naming" if isinstance(fact, Naming) else type(fact).__name__.lower()
