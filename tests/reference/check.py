"""The reference evaluator: the whole decision document of a check, without the hashes of the implementation."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from tests.reference import gaps, incentives, leads, views
from tests.reference.known import Known, World, as_known
from tests.reference.measures import Asked, Verdict, if_wrong, in_scope, lifted_by, until, verdict
from tests.reference.truth import Gap

Entry = dict[str, Any]


def reference_check(world: World, catalogue: Entry, question: Entry) -> Entry:
    """``question`` holds every field of a question, ``as_of`` as a date and ``known_at`` as an aware instant."""
    facts = as_known(world, question["known_at"])
    subject = addressed(facts, question["subject"])
    if isinstance(subject, list):
        return _not_verified(facts, subject, question)
    return _decide(Asked(subject, question, catalogue, facts))


def question_view(question: Entry) -> Entry:
    instant = question["known_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {**question, "as_of": views.day(question["as_of"]), "known_at": instant}


def addressed(facts: Known, address: str) -> str | list[str]:
    """The one subject that the address means, or the candidates: a name is never an identity."""
    scheme, _, value = address.partition(":")
    if scheme == "name":
        return _named(facts, value)
    held = sorted({facts.aliases[s["id"]] for s in facts.versions if s["identifiers"].get(scheme) == value})
    if not held and address in facts.aliases:
        held = [facts.aliases[address]]
    return held[0] if len(held) == 1 else held


def _named(facts: Known, text: str) -> list[str]:
    """Organisations whose name or identifier is, begins with or contains the text, in this order, then by id."""
    found: dict[str, int] = {}
    for subject in facts.versions:
        texts = [subject["name"], *subject["identifiers"].values()]
        ranks = [0 if t == text else 1 if t.startswith(text) else 2 for t in texts if text in t]
        id_ = facts.aliases[subject["id"]]
        if ranks and subject["kind"] != "natural_person":
            found[id_] = min(*ranks, found.get(id_, 2))
    return sorted(found, key=lambda id_: (found[id_], id_))[:20]


def _decide(asked: Asked) -> Entry:
    scoped = [m for m in asked.catalogue["measures"] if in_scope(m["scope"], asked.kind, asked.question)]
    verdicts = {m["id"]: verdict(m, asked, asked.question["as_of"]) for m in scoped}
    returned = sorted((m for m in scoped if verdicts[m["id"]].judgement.value), key=lambda m: str(m["id"]))
    outcome = gaps.strongest(m["effect"] for m in returned if m["kind"] == "sanction")
    in_force = [m for m in scoped if gaps.in_force(m, asked)]
    found = gaps.gap_views(_gaps([m for m in scoped if m not in returned], in_force, verdicts, asked))
    sanctions = {m["id"]: m["effect"] for m in scoped if m["kind"] == "sanction"}
    complete = gaps.complete(found, sanctions, outcome)
    measures = [_measure_view(m, verdicts[m["id"]], asked) for m in returned]
    return {
        "complete": complete,
        "question": question_view(asked.question),
        "subject": views.subject_view(asked.facts.subjects[asked.subject]),
        "outcome": "incomplete" if outcome == "none" and not complete else outcome,
        "measures": measures,
        "leads": leads.lead_views(asked, measures),
        "gaps": found,
        "not_consulted": gaps.not_consulted(in_force, asked.facts),
    }


def _gaps(
    not_returned: list[Entry], in_force: list[Entry], verdicts: dict[str, Verdict], asked: Asked
) -> dict[Gap, set[str]]:
    found: dict[Gap, set[str]] = {}
    nothing = gaps.nothing_consulted(in_force, asked.facts)
    for measure in not_returned:
        unknown = set(verdicts[measure["id"]].judgement.gaps)
        if measure in in_force:
            unknown |= {*nothing, *gaps.source_gaps(measure, asked), *gaps.stranger_gaps(measure, asked)}
        for gap in unknown:
            found.setdefault(gap, set()).add(measure["id"])
    return found


def _measure_view(measure: Entry, found: Verdict, asked: Asked) -> Entry:
    chains = [views.chain_view(chain, asked, measure) for chain in found.chains]
    return {
        "id": measure["id"],
        "kind": measure["kind"],
        "title": measure["title"],
        "effect": measure["effect"],
        "discretionary": measure.get("discretionary", False),
        "basis": views.bases_in_force(measure["basis"], asked, measure, found.chains),
        "chains": sorted(chains, key=views.chain_order),
        "until": views.day(until(measure, asked)),
        "lifted_by": lifted_by(found.chains),
        "if_wrong": if_wrong(found.chains),
        "suspended_by": incentives.suspended_by(measure, asked),
    }


def _not_verified(facts: Known, candidates: list[str], question: Entry) -> Entry:
    """Nothing is asserted; an identifier that nobody holds is no clean subject."""
    address: str = question["subject"]
    offered = [{**views.party(facts.subjects[c]), "region": facts.subjects[c]["region"]} for c in candidates]
    return {
        "complete": False,
        "question": question_view(question),
        "subject": {
            "id": address,
            "kind": None,
            "name": None,
            "identifiers": [],
            "identity": "ambiguous" if candidates or address.startswith("name:") else "unknown",
            "candidates": offered,
        },
        "outcome": "incomplete",
        "measures": [],
        "leads": [],
        "gaps": [],
        "not_consulted": [],
    }
