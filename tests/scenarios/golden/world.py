"""A story's world as city lines, in the order in which they became known.

By the conventions of the cases: a fact without `recorded_at` was known on its first day; every list and event source
is declared, loaded and fresh at every known_at, unless the world says otherwise under `lists`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric, uscc

from graph.identifiers import fact_id, named_person_id, organisation_id, person_id
from graph.vault import Vault
from rules.catalogue import Catalogue
from tests.scenarios.golden.story import Story

SOURCE, REGISTRY = "credit-platform", "registry"
CADENCE = "P7D"
BEGINNING = date(1990, 1, 1)
"""Before every fact of the cases: when sources and subjects became known, and overdue sources were last loaded."""
TYPES_OF_CODE = {
    "enterprise": "91",
    "individual_business": "92",
    "unincorporated_organisation": "91",
    "public_institution": "12",
    "social_organisation": "51",
    "government_organ": "11",
}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
WORLD_KEYS = {"subjects", "links", "records", "named", "merges", "lists", "catalogue_extra"}
SUBJECT_KEYS = {"id", "kind", "name", "region", "established_on", "identifier"}
LINK_KEYS = {"id", "from", "to", "type", "valid_from", "valid_to", "share", "position", "recorded_at"}
STATE_KEYS = {"status", "status_from", "note"}
RECORD_DATES = (
    "decided_on",
    "acted_on",
    "final_on",
    "sentence_ends_on",
    "bankruptcy_ends_on",
    "term_ends_on",
    "effective_from",
    "effective_to",
    "publicity_from",
    "publicity_to",
)
RECORD_KEYS = {
    *("id", "subject", "list", "event", "severity", "amount", "fields", "number", "disputed", "region"),
    *("recorded_at", "history", *RECORD_DATES, *STATE_KEYS),
}
Line = dict[str, Any]


def organisation_number(story: str, local: str, kind: str, region: str) -> str:
    """A valid credit code made from the ids of the story: the same every time, and nobody's."""
    seed = int.from_bytes(hashlib.sha256(f"{story}/{local}".encode()).digest()[:8], "big")
    body = "".join(ALPHABET[seed // len(ALPHABET) ** i % len(ALPHABET)] for i in range(8))
    check = 11 - sum((ord(c) - 55 if c.isalpha() else int(c)) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11
    code = f"{TYPES_OF_CODE[kind]}{region}{body}{'X' if check == 10 else check % 11}"
    return code + str(uscc.calc_check_digit(code))


def citizen_number(story: str, local: str) -> str:
    """A valid citizen ID made from the ids of the story: fake."""
    seed = int.from_bytes(hashlib.sha256(f"{story}/{local}".encode()).digest()[:8], "big")
    born = date.fromordinal(date(1950, 1, 1).toordinal() + seed % 18_000)
    for serial in range(seed // 18_000 % 900, 1000):
        number = f"360402{born:%Y%m%d}{serial:03}"
        number += str(ric.calc_check_digit(f"{number}0"))
        if not uscc.is_valid(number):  # what is both could be asked for as neither
            return number
    raise AssertionError(f"no number for {local}")


@dataclass
class World:
    """The lines of a story by the day of their recording, and how its subjects and facts are addressed."""

    story: Story
    catalogue: Catalogue
    vault: Vault
    days: dict[date, list[Line]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    """What an officer types for a subject: a credit code, or a citizen ID (never as an argument)."""
    subject_ids: dict[str, str] = field(default_factory=dict)
    fact_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.story.world
        _only(world, WORLD_KEYS, self.story.id)
        self._subjects = {s["id"]: s for s in world["subjects"]}
        self._lists = _words(self.catalogue)
        self._apart = {self._lists[one["list"]]: one["state"] for one in world.get("lists", ())}
        for subject in sorted(world["subjects"], key=lambda s: s.get("identifier") == "none"):
            self._subject(subject)
        self._sources()
        for link in world["links"]:
            self._link(link)
        for record in world["records"]:
            self._record(record)
        for named in world.get("named", ()):
            self._named(named)
        for merge in world.get("merges", ()):
            self._merge(merge)
        self._loads()

    def _known(self) -> Iterator[date]:
        for q in self.story.questions:
            if known := q.ask.get("known_at"):
                yield known

    def _on(self, day: date, line: Line) -> None:
        self.days.setdefault(day, []).append(line)

    def _subject(self, subject: Mapping[str, Any]) -> None:
        _only(subject, SUBJECT_KEYS, subject["id"])
        line: Line = {"fact": "subject", "kind": subject["kind"], "name": subject["name"]}
        if subject["kind"] != "natural_person":
            code = organisation_number(self.story.id, subject["id"], subject["kind"], subject["region"])
            line |= {"uscc": code, "region": subject["region"]}
            self.typed[subject["id"]], self.subject_ids[subject["id"]] = code, organisation_id("uscc", code)
        elif subject.get("identifier") == "none":
            of = next(link["to"] for link in self.story.world["links"] if link["from"] == subject["id"])
            line["of"] = {"uscc": self.typed[of]}
            self.subject_ids[subject["id"]] = named_person_id(self.subject_ids[of], subject["name"])
            self.typed[subject["id"]] = self.subject_ids[subject["id"]]
        else:
            number = citizen_number(self.story.id, subject["id"])
            line["citizen_id"] = number
            self.typed[subject["id"]] = number
            self.subject_ids[subject["id"]] = person_id(self.vault.seal(number))
        if day := subject.get("established_on"):
            line["established_on"] = day.isoformat()
        self._on(BEGINNING, line)

    def address(self, local: str) -> Line:
        subject = self._subjects[local]
        if subject["kind"] != "natural_person":
            return {"uscc": self.typed[local]}
        if subject.get("identifier") == "none":
            return {"id": self.subject_ids[local]}
        return {"citizen_id": self.typed[local]}

    def _sources(self) -> None:
        """One source for everything, and one apart for each list that is missing or late."""
        together = sorted(set(self.catalogue.lists) - set(self._apart))
        apart = [(f"of-{one}", one, [one]) for one in self._apart]
        for name, dataset, holds in ((REGISTRY, "登记", []), (SOURCE, "公共信用信息", together), *apart):
            line = {"fact": "source", "id": name, "department": "认定部门", "dataset": dataset, "holds": holds}
            self._on(BEGINNING, line | {"cadence": CADENCE})
        for one, state in self._apart.items():
            if state not in ("never_loaded", "overdue"):
                raise ValueError(f"{self.story.id}: unknown state {state}")
            if state == "overdue":
                self._on(BEGINNING, {"fact": "load", "source": f"of-{one}", "through": BEGINNING.isoformat()})

    def _link(self, link: Mapping[str, Any]) -> None:
        _only(link, LINK_KEYS, link["id"])
        dated = {k: link[k].isoformat() for k in ("valid_from", "valid_to") if isinstance(link.get(k), date)}
        day = BEGINNING if link["valid_from"] == "unknown" else link.get("recorded_at", link["valid_from"])
        line = {"fact": "link", "key": link["id"], "source": REGISTRY, "type": link["type"], **dated}
        line |= {"holder": self.address(link["from"]), "organisation": self.address(link["to"])}
        line |= {k: link[k] for k in ("share", "position") if k in link}
        self.fact_ids[link["id"]] = fact_id("link", REGISTRY, link["id"])
        self._on(day, line)

    def _source_of(self, one: str) -> str:
        return f"of-{one}" if one in self._apart else SOURCE

    def _record(self, record: Mapping[str, Any]) -> None:
        _only(record, RECORD_KEYS, record["id"])
        one = self._lists[record.get("list") or record["event"]]
        if (self.catalogue.lists[one].kind == "event") != ("event" in record):
            raise ValueError(f"{self.story.id}.{record['id']}: {one} is no {'event' if 'event' in record else 'list'}")
        source = self._source_of(one)
        self.fact_ids[record["id"]] = fact_id("record", source, record["id"])
        versions = [record, *record.get("history", ())]
        for index, version in enumerate(versions):
            said = {k: v for later in versions[: index + 1] for k, v in later.items()}
            line = {"fact": "record", "key": record["id"], "source": source, "list": one, "correction": index > 0}
            line |= {"subject": self.address(record["subject"]), **_states(versions[: index + 1])}
            line |= {k: said[k].isoformat() for k in RECORD_DATES if k in said}
            line |= {k: said[k] for k in ("severity", "amount", "fields", "number", "disputed", "region") if k in said}
            self._on(version["recorded_at"] if index else self._known_from(record), line)

    @staticmethod
    def _known_from(record: Mapping[str, Any]) -> date:
        day: date = record.get("recorded_at") or record.get("decided_on") or record["effective_from"]
        return day

    def _named(self, named: Mapping[str, Any]) -> None:
        _only(named, {"person", "record", "role", "finding", "document"}, str(named))
        record = next(r for r in self.story.world["records"] if r["id"] == named["record"])
        source = self._source_of(self._lists[record.get("list") or record["event"]])
        line = {"fact": "named", "source": source, "record": {"key": named["record"]}, "role": named["role"]}
        line |= {"person": self.address(named["person"])}
        line |= {k: named[k] for k in ("finding", "document") if k in named}
        self._on(self._known_from(record), line)

    def _merge(self, merge: Mapping[str, Any]) -> None:
        _only(merge, {"subjects", "by", "reason", "made_at", "undone_at", "undone_reason"}, str(merge))
        left, right = (self.address(local) for local in merge["subjects"])
        line = {"fact": "merge", "left": left, "right": right, "by": merge["by"], "reason": merge["reason"]}
        self._on(merge["made_at"], line)
        if undone := merge.get("undone_at"):
            why = {"undone": True, "undone_by": merge["by"], "undone_reason": merge["undone_reason"]}
            self._on(undone, line | why)

    def _loads(self) -> None:
        """Everything is loaded through each day on which something became known or was asked of, and once more on
        the day after all of them, so that no question lies after the last recorded instant."""
        days = {*self.days, *self._known()}
        if not self.story.world["records"]:
            days |= {q.ask["as_of"] for q in self.story.questions}
        for day in sorted({*days, max(days) + timedelta(days=1)}):
            for source in (REGISTRY, SOURCE):
                self._on(day, {"fact": "load", "source": source, "through": day.isoformat()})


def _states(versions: Sequence[Mapping[str, Any]]) -> Line:
    """The states of a record after its versions so far (repaired, masked, masked no longer, annulled)."""
    line: Line = {}
    for version in versions:
        _only(version, RECORD_KEYS, "history")
        status = version.get("status")
        if status == "active" and "masked_from" in line:
            line["masked_to"] = version["status_from"].isoformat()
        elif status in ("repaired", "masked"):
            line["repaired_on" if status == "repaired" else "masked_from"] = version["status_from"].isoformat()
        elif status == "annulled":
            line["annulled"] = True
        elif status not in ("active", None):
            raise ValueError(f"unknown status {status}")
    return line


def _words(catalogue: Catalogue) -> dict[str, str]:
    return {word: one.id for one in catalogue.lists.values() for word in (one.zh, *one.aliases)}


def _only(said: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := set(said) - known:
        raise ValueError(f"{where}: the mapping knows nothing of {sorted(unknown)}")
