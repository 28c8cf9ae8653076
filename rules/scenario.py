"""Scenarios of the catalogue (`scenarios/*.yaml`): a world in which an entry fires, and the one fact without which it
does not.

    - title: 许可证被吊销时在任的法定代表人，五年内受限
      given:
        subjects: {company: enterprise, then: natural_person}
        links:
          l1: {type: legal_representative, holder: then, organisation: company, valid_from: 2020-01-01}
        records:
          r1: {subject: company, list: food-licence-revoked, decided_on: 2023-08-10}
      ask: {subject: then, matter: food-licence, department: market-regulation, as_of: 2025-06-01}
      fires: food-safety-law.135-1.responsible-persons
      unless: {links.l1.valid_to: 2023-05-31}

``unless`` names one fact, or one key of one fact, and its other value; ``null`` takes it away.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from graph.model import FieldValue, Kind, LinkType, Severity
from rules.conditions import Strict
from rules.model import Id, Region

Local = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
PARTS = ("subjects", "links", "records", "named")


class GivenSubject(Strict):
    """``identified: false``: a person known by name only."""

    kind: Kind
    name: str | None = None
    region: Region | None = None
    established_on: date | None = None
    identified: bool = True


class GivenLink(Strict):
    type: LinkType
    holder: Local
    organisation: Local
    valid_from: date | None = None
    valid_to: date | None = None
    share: float | None = None


class GivenRecord(Strict):
    """``amount`` in yuan."""

    subject: Local
    list_: Id = Field(alias="list")
    severity: Severity | None = None
    decided_on: date | None = None
    acted_on: date | None = None
    final_on: date | None = None
    sentence_ends_on: date | None = None
    bankruptcy_ends_on: date | None = None
    term_ends_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    publicity_to: date | None = None
    repaired_on: date | None = None
    masked_from: date | None = None
    masked_to: date | None = None
    annulled: bool = False
    amount: int | None = None
    department: str | None = None
    region: Region | None = None
    fields: dict[str, FieldValue] = Field(default_factory=dict)


class GivenNaming(Strict):
    record: Local
    person: Local
    role: Id
    finding: str | None = None


def _kind_alone(value: object) -> object:
    return {"kind": value} if isinstance(value, str) else value


class Given(Strict):
    """A world; ids are the scenario's own."""

    subjects: dict[Local, Annotated[GivenSubject, BeforeValidator(_kind_alone)]] = Field(min_length=1)
    links: dict[Local, GivenLink] = Field(default_factory=dict)
    records: dict[Local, GivenRecord] = Field(default_factory=dict)
    named: dict[Local, GivenNaming] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        mentioned = [end for link in self.links.values() for end in (link.holder, link.organisation)]
        mentioned += [*(r.subject for r in self.records.values()), *(n.person for n in self.named.values())]
        if missing := sorted({*mentioned} - set(self.subjects)):
            raise ValueError(f"no subject `{missing[0]}` is given")
        if missing := sorted({n.record for n in self.named.values()} - set(self.records)):
            raise ValueError(f"no record `{missing[0]}` is given")
        return self


class Ask(Strict):
    """A check of ``subject``, or of a group of ``applicants``."""

    subject: Local | None = None
    applicants: tuple[Local, ...] = ()
    consortia: tuple[tuple[Local, ...], ...] = ()
    matter: Id
    department: Id
    region: Region = "360400"
    industry: str | None = None
    object: str | None = None
    as_of: date

    @model_validator(mode="after")
    def _one_or_a_group(self) -> Self:
        if (self.subject is None) != bool(self.applicants):
            raise ValueError("ask about one `subject` or about `applicants`")
        return self


class Scenario(Strict):
    """Exactly one of ``fires`` (a measure, lead or group rule is returned) and ``suspends`` (an incentive is returned
    and suspended)."""

    title: str
    given: Given
    ask: Ask
    fires: Id | None = None
    suspends: Id | None = None
    unless: dict[str, Any] = Field(min_length=1, max_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.fires is None) == (self.suspends is None):
            raise ValueError("give exactly one of `fires` and `suspends`")
        asked = {*filter(None, [self.ask.subject]), *self.ask.applicants, *(m for c in self.ask.consortia for m in c)}
        if missing := sorted(asked - set(self.given.subjects)):
            raise ValueError(f"asks about `{missing[0]}`, who is not given")
        return self

    @property
    def about(self) -> str:
        return self.fires or self.suspends or ""


def changed(given: Mapping[str, Any], unless: Mapping[str, Any]) -> dict[str, Any]:
    """The world with its one fact different, as data of the file. Raises `ValueError` that says what to write."""
    [(path, value)] = unless.items()
    keys = path.split(".")
    if keys[0] not in PARTS or len(keys) < 2:
        raise ValueError(f"`{path}` names no fact: write for example records.r1.repaired_on or links.l1")
    world = copy.deepcopy(dict(given))
    place = world.setdefault(keys[0], {})
    for key in keys[1:-1]:
        if not isinstance(place, dict) or not isinstance(place.get(key), dict):
            if key != "fields":
                raise ValueError(f"`{path}`: nothing is given under `{key}`")
            place[key] = {}
        place = place[key]
    if value is None:
        place.pop(keys[-1], None)
    else:
        place[keys[-1]] = value
    if world == dict(given):
        raise ValueError(f"`{path}` changes nothing")
    return world
