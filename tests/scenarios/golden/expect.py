"""Comparing an answer with what a golden case expects, key by key; a key that is not known here is an error.

Every comparison is a `Verdict`; soft ones (by the innermost word of the case) are reported and do not fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.catalogue import Catalogue
from tests.scenarios.golden.commands import Answer
from tests.scenarios.golden.reading import (
    Document,
    Item,
    article,
    chain_facts,
    decisions_of,
    finding_item,
    ids_of,
    item_of,
    open_points,
    together,
    within,
)
from tests.scenarios.golden.story import Asked, Strength
from tests.scenarios.golden.world import World

DOCUMENTS = {
    "中办国办意见2025-03-21": "cpc-credit-opinion-2025",
    "守信典型企业目录办法": "road-water-directory",
    "浙江省某地方性法规": "extra-zhejiang",
}
"""Documents that the cases call by a short name of their own."""
EXPECTED_KEYS = {
    *("measures", "absent", "not_granted", "leads", "freshness", "identity", "candidates", "error"),
    *("outcome", "outcome_in", "outcome_not"),
}
MEASURE_KEYS = {
    *("document", "article", "also", "about", "effect", "kind", "basis_in", "strength", "soft", "doubt", "facts"),
    *("chains", "chain_count", "times", "until", "lifted_by", "not_lifted_by", "binds", "spares"),
}
BAD_INPUT, INCOMPLETE = 2, 3


@dataclass(frozen=True)
class Verdict:
    """One comparison."""

    what: str
    right: bool
    strength: Strength
    told: str = ""


@dataclass
class Comparison:
    """Compares the answers to one question. ``elsewhere``: what the other departments of the matter were told."""

    world: World
    asked: Asked
    answer: Answer
    elsewhere: Sequence[Answer]
    catalogue: Catalogue
    verdicts: list[Verdict] = field(default_factory=list)

    def run(self) -> list[Verdict]:
        expect = self.asked.expect
        _only(expect, EXPECTED_KEYS)
        self._amounts = {self.world.fact_ids[r["id"]]: r.get("amount", 0) for r in self.world.story.world["records"]}
        if error := expect.get("error"):
            self._say(f"error {error}", self.answer.status == BAD_INPUT and not self.answer.out, self.answer.err)
            return self.verdicts
        document = self.answer.document
        if not document:
            self._say("an answer", False, self.answer.err)
            return self.verdicts
        status = INCOMPLETE if document["outcome"] == "incomplete" else 0
        self._say("exit status", self.answer.status == status, str(self.answer.status))
        self._outcome(document)
        items = self._items(document)
        for one in expect.get("measures", ()):
            self._measure(one, items)
        everywhere = [i for a in (self.answer, *self.elsewhere) for i in self._items(a.document)]
        for one in expect.get("absent", ()):
            self._absent(one, everywhere)
        for one in expect.get("not_granted", ()):
            granted = [i for i in items if self._cites(i, one) and not isinstance(i.suspended_by, list)]
            self._say(f"not granted {one}", not granted, ids_of(granted))
        self._around(document)
        return self.verdicts

    def _say(self, what: str, right: bool, told: str = "", strength: Strength | None = None) -> None:
        self.verdicts.append(Verdict(what, right, strength or self.asked.strength, told))

    def _outcome(self, document: Document) -> None:
        expect, outcome = self.asked.expect, document["outcome"]
        for key, right in (
            ("outcome", lambda said: outcome == said),
            ("outcome_in", lambda said: outcome in said),
            ("outcome_not", lambda said: outcome not in said),
        ):
            if key in expect:
                self._say(f"{key} {expect[key]}", right(expect[key]), open_points(document))

    def _around(self, document: Document) -> None:
        """Leads, gaps of freshness, identity, candidates."""
        expect = self.asked.expect
        for lead in expect.get("leads", ()):
            _only(lead, {"about", "chain", "strength"})
            wanted = self._facts(lead["chain"])
            shown = [chain_facts(lead["chain"]) for d in decisions_of(document) for lead in d["leads"]]
            self._say(f"lead {lead['about']} {lead['chain']}", wanted in shown, str(shown), lead.get("strength"))
        for gap in expect.get("freshness", ()):
            one = self.world._lists[gap["list"]]
            found = [g for d in decisions_of(document) for g in d["gaps"] if g["about"].endswith(f"/{one}")]
            self._say(f"freshness {gap}", any(g["kind"] == gap["state"] for g in found), str(document.get("gaps")))
        if "identity" in expect:
            told = document["subject"]["identity"]
            self._say(f"identity {expect['identity']}", told == expect["identity"], told)
        if "candidates" in expect:
            offered = sorted(c["id"] for c in document["subject"]["candidates"])
            self._say("candidates", offered == sorted(self.world.subject_ids[c] for c in expect["candidates"]))

    def _measure(self, one: Mapping[str, Any], items: Sequence[Item]) -> None:
        """One measure must meet all that is said of it; of several, the one that comes closest is told."""
        _only(one, MEASURE_KEYS)
        strength = one.get("strength")
        soft = set(one.get("soft", ()))
        citing = [i for i in items if self._cites(i, one)]
        name = f"{one['document']} {one.get('article', '')} {one['about']}"
        if not citing:
            self._say(f"measure {name}", False, ids_of(items), strength)
            return
        if "times" in one:
            alike = [i for i in citing if i.effect == one["effect"]]
            self._say(f"{name}: times {one['times']}", len(alike) == one["times"], ids_of(alike), strength)
        judged = [list(self._keys(one, item)) for item in citing]
        best = max(
            judged, key=lambda found: (sum(r for k, r, _ in found if k not in soft), sum(r for _, r, _ in found))
        )
        for key, right, told in best:
            self._say(f"{name}: {key} {one[key]}", right, told, "soft" if key in soft else strength)

    def _keys(self, one: Mapping[str, Any], item: Item) -> Iterator[tuple[str, bool, str]]:
        comparisons: dict[str, Callable[[Any], bool]] = {
            "effect": lambda said: item.effect == said,
            "kind": lambda said: item.kind == said,
            "chains": lambda said: all(self._facts(chain) in item.chains for chain in said),
            "chain_count": lambda said: len(item.chains) == said,
            "until": lambda said: item.until == (None if said == "none" else str(said)),
            "lifted_by": lambda said: all(self._lifts(facts, item) for facts in said),
            "not_lifted_by": lambda said: not any(self._lifts(facts, item) for facts in said),
            "binds": lambda said: item.binds >= self._addresses(said),
            "spares": lambda said: not item.binds & self._addresses(said),
        }
        for key, right in comparisons.items():
            if key in one:
                yield key, right(one[key]), f"{item.id}: {_shown(item, key)}"

    def _absent(self, one: Mapping[str, Any], items: Sequence[Item]) -> None:
        _only(one, {"any", "document", "article", "effect", "kind"})
        meeting = [
            item
            for item in items
            if ("document" not in one or self._cites(item, one))
            and ("effect" not in one or item.effect in one["effect"])
            and ("kind" not in one or item.kind == one["kind"])
        ]
        self._say(f"absent {one}", not meeting, ids_of(meeting))

    def _cites(self, item: Item, one: Mapping[str, Any]) -> bool:
        """Whether the bases of the answer include the document and article, and every further document."""
        wanted = article(str(one.get("article") or ""))
        document = self._document(one["document"])
        return any(d == document and within(wanted, article(a)) for d, a in item.bases) and all(
            any(d == self._document(also) for d, _ in item.bases) for also in one.get("also", ())
        )

    def _document(self, name: str) -> str:
        documents = self.catalogue.documents
        named = [
            d.id for d in documents.values() if name in (d.number, d.title, d.title.removeprefix("中华人民共和国"))
        ]
        found = {*named, *([DOCUMENTS[name]] if name in DOCUMENTS and DOCUMENTS[name] in documents else [])}
        return found.pop() if len(found) == 1 else f"no document of the catalogue: {name}"

    def _facts(self, local: Iterable[str]) -> frozenset[str]:
        return frozenset(self.world.fact_ids[one] for one in local)

    def _addresses(self, local: Iterable[str]) -> frozenset[str]:
        return frozenset(self.world.subject_ids[one] for one in local)

    def _lifts(self, facts: Iterable[str], item: Item) -> bool:
        """Whether ending these facts breaks every clause: one of its links, or enough of its records."""
        ended = self._facts(facts)
        return bool(item.clauses) and all(self._breaks(ended, clause) for clause in item.clauses)

    def _breaks(self, ended: frozenset[str], clause: Mapping[str, Any]) -> bool:
        records = ended.intersection(clause["records"]["of"])
        enough = clause["records"]["at_least"] is not None and len(records) >= clause["records"]["at_least"]
        excess = clause["records"]["excess"]
        too_little = excess is not None and sum(self._amounts[r] for r in records) > excess
        return bool(ended.intersection(clause["links"])) or enough or too_little

    def _items(self, document: Document) -> list[Item]:
        found = [item_of(m, {d["subject"]["id"]}) for d in decisions_of(document) for m in d["measures"]]
        for finding in document.get("findings", ()):
            found.append(finding_item(finding, self._clauses(finding, found)))
        read: dict[str, Item] = {}
        for item in found:
            read[item.id] = together(read[item.id], item) if item.id in read else item
        return list(read.values())

    def _clauses(self, finding: Mapping[str, Any], items: Sequence[Item]) -> tuple[Mapping[str, Any], ...]:
        """A consortium falls with the measures it rests on, so what lifts them lifts the finding."""
        consortium = self.catalogue.groups[finding["rule"]].consortium
        because_of = consortium.because_of if consortium else ()
        return tuple(clause for item in items if item.id in because_of for clause in item.clauses)


def _shown(item: Item, key: str) -> str:
    """What an answer says where the expectation has this key."""
    telling = {"chain_count": "chains", "lifted_by": "clauses", "not_lifted_by": "clauses", "spares": "binds"}
    return f"{telling.get(key, key)} {getattr(item, telling.get(key, key))}"


def _closeness(keys: Iterable[tuple[str, bool, str]], soft: set[str]) -> tuple[int, int]:
    return sum(right for key, right, _ in keys if key not in soft), sum(right for _, right, _ in keys)


def _only(said: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(said) - known:
        raise ValueError(f"the comparison knows nothing of {sorted(unknown)}")
