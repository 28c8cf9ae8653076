"""The stories of the tour, from `stories.yaml`: who there is, what happened, what is asked and what must come out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from api.demo.codes import citizen_id, credit_code
from graph.model import Kind

LAST = date(2026, 10, 31)
"""The day up to which the city is known."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Part):
    """``of``: a person known only by name, of that organisation."""

    person: str
    of: str | None = None


class Organisation(_Part):
    organisation: str
    kind: Kind = Kind.ENTERPRISE
    region: str = "360400"


class Later(_Part):
    """What a later version of a record or merge says otherwise, recorded on that day."""

    key: str
    recorded: date
    says: dict[str, Any]


class Ask(_Part):
    """A check, and what must come out: the outcome, and texts that its document holds."""

    say: str
    subject: str = ""
    group: tuple[str, ...] = ()
    consortia: tuple[tuple[str, ...], ...] = ()
    matter: str
    department: str
    region: str = "360400"
    as_of: date
    known_at: date | None = None
    shows: str
    holds: tuple[str, ...] = ()


class Story(_Part):
    """``since``: the day on which what is told was recorded, where an entry has no ``recorded`` of its own."""

    zh: str
    en: str
    since: date = LAST
    subjects: dict[str, Person | Organisation] = {}
    links: tuple[dict[str, Any], ...] = ()
    records: tuple[dict[str, Any], ...] = ()
    named: tuple[dict[str, Any], ...] = ()
    merges: tuple[dict[str, Any], ...] = ()
    later: tuple[Later, ...] = ()
    asks: tuple[Ask, ...] = Field(min_length=1)


@cache
def stories() -> tuple[Story, ...]:
    text = files("api.demo").joinpath("stories.yaml").read_text(encoding="utf-8")
    return tuple(Story.model_validate(story) for story in yaml.safe_load(text))


@cache
def cast(story: int) -> dict[str, dict[str, Any]]:
    """How each of a story's people and organisations is addressed."""
    found: dict[str, dict[str, Any]] = {}
    told = stories()[story]
    for number, (name, who) in enumerate(told.subjects.items()):
        serial = 100 * (story + 1) + number
        if isinstance(who, Organisation):
            found[name] = {"uscc": credit_code(serial, who.kind, who.region)}
        elif who.of is None:
            found[name] = {"citizen_id": citizen_id(serial)}
    for name, who in told.subjects.items():
        if isinstance(who, Person) and who.of:
            found[name] = {"name": who.person, "of": found[who.of]}
    return found


def lines(story: int) -> Iterator[tuple[date, dict[str, Any]]]:
    """The city's lines of a story, each with the day on which it was recorded."""
    told = stories()[story]
    known = cast(story)
    for name, who in told.subjects.items():
        yield told.since, _subject(who, known[name])
    for link in told.links:
        yield _dated(told, {"fact": "link", "source": "registry", **_addressed(link, known)})
    versions = {f"{story}-{record['key']}": record for record in told.records}
    for key, record in versions.items():
        yield _dated(told, {"fact": "record", **_addressed(record, known), "key": key})
    for naming in told.named:
        yield _dated(told, {"fact": "named", **_addressed(naming, known), **_naming(naming, story, told)})
    merges = {merge["key"]: merge for merge in told.merges}
    for merge in told.merges:
        yield _dated(told, {"fact": "merge", **_addressed(merge, known), "key": f"{story}-{merge['key']}"})
    for later in told.later:
        earlier = versions.get(f"{story}-{later.key}") or merges[later.key]
        fact = "merge" if later.key in merges else "record"
        said = {**earlier, **later.says, "recorded": later.recorded, "key": f"{story}-{later.key}"}
        if fact == "record":
            versions[f"{story}-{later.key}"] = {**earlier, **later.says}
        yield _dated(told, {"fact": fact, **_addressed(said, known), "correction": True})


def _subject(who: Person | Organisation, address: dict[str, Any]) -> dict[str, Any]:
    if isinstance(who, Organisation):
        said = {"kind": who.kind.value, "name": who.organisation, "region": who.region, **address}
    else:
        said = {"kind": "natural_person", "name": who.person, **({"of": address["of"]} if who.of else address)}
    return {"fact": "subject", "source": "registry", **said}


def _naming(naming: dict[str, Any], story: int, told: Story) -> dict[str, Any]:
    record = next(record for record in told.records if record["key"] == naming["record"])
    return {"record": {"key": f"{story}-{naming['record']}"}, "source": record["source"]}


def _addressed(said: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    places = ("holder", "organisation", "subject", "person", "left", "right")
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return plain | {name: known[said[name]] for name in places if name in said}


def _dated(told: Story, said: dict[str, Any]) -> tuple[date, dict[str, Any]]:
    recorded = said.pop("recorded", None)
    return (date.fromisoformat(recorded) if recorded else told.since), said
