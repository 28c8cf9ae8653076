"""A city in the making: its facts as of the last version, under readable names and lawful ids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from stdnum.cn import uscc

from graph.model import Kind, Link, LinkType, Naming, Record, SealedId, Subject
from tests.cities.dice import Dice
from tests.cities.laws import ELSEWHERE, ORGANISATIONS, REGION

COMMON = ("enterprise", "enterprise", "enterprise", *ORGANISATIONS)


@dataclass
class Draft:
    """``today`` is the day about which everything turns."""

    dice: Dice
    today: date
    subjects: dict[str, Subject] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    namings: dict[str, Naming] = field(default_factory=dict)

    def organisation(self) -> str:
        number = len(self.subjects) + 1
        subject = Subject(
            f"uscc:{_code(number)}",
            Kind(self.dice.one(COMMON)),
            f"企业{number}",
            {"uscc": _code(number)},
            region=self.dice.one([REGION, ELSEWHERE]),
        )
        if self.dice.chance(0.1):
            lei = f"LEI{number}"
            shared = "R0" if self.dice.chance(0.3) else f"R{number}"
            subject = replace(subject, id=f"lei:{lei}", identifiers={"lei": lei, "registration_number": shared})
        return self.add(subject)

    def person(self, stranger: float = 0.12) -> str:
        number = len(self.subjects) + 1
        name = f"人{number}"
        if self.dice.chance(stranger):
            return self.add(Subject(f"named:{name}", Kind.NATURAL_PERSON, name))
        return self.add(replace(identified(Subject("", Kind.NATURAL_PERSON, name)), id=f"person:{_digest(name)}"))

    def add(self, subject: Subject) -> str:
        self.subjects[subject.id] = subject
        return subject.id

    def is_person(self, subject: str) -> bool:
        return self.subjects[subject].kind is Kind.NATURAL_PERSON

    def some_subject(self, *, person: bool, but: set[str], again: float = 0.5) -> str:
        """A subject that is already there, or a new one."""
        there = [s for s in self.subjects if self.is_person(s) == person and s not in but]
        if there and self.dice.chance(again):
            return self.dice.one(there)
        return self.person() if person else self.organisation()

    def link(self, type_: str, holder: str, organisation: str, **more: Any) -> str:
        id_ = f"k{len(self.links) + 1}"
        more |= {"position": self.dice.one([None, None, "董事长"]), "source": self.dice.one([None, "register"])}
        self.links[id_] = Link(id_, LinkType(type_), holder, organisation, **more)
        return id_

    def record(self, subject: str, list_: str, **more: Any) -> str:
        id_ = f"r{len(self.records) + 1}"
        more |= {"test": self.dice.chance(0.1), "source": self.dice.one([None, "court"])}
        self.records[id_] = Record(id_, subject, list_, **more)
        return id_

    def naming(self, record: str, person: str, role: str, finding: str | None) -> str:
        id_ = f"n{len(self.namings) + 1}"
        self.namings[id_] = Naming(id_, record, person, role, finding, document=self.dice.one([None, "决定书"]))
        return id_


def identified(person: Subject) -> Subject:
    """The person with a citizen ID, sealed."""
    return replace(person, citizen_id=SealedId(_digest(person.name), "3604**********001X"))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _code(number: int) -> str:
    body = f"91360400MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))
