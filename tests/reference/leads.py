"""Leads: linked facts worth showing that no statute turns into a measure."""

from __future__ import annotations

from typing import Any

from tests.reference import paths, views
from tests.reference.measures import Asked, Chain, reaches_of
from tests.reference.triggers import causes
from tests.reference.truth import all_of

Entry = dict[str, Any]


def lead_views(asked: Asked, measures: list[Entry]) -> list[Entry]:
    """Leads that are true, except where a measure that is returned says the same of the same facts."""
    told = [_facts(chain) for measure in measures for chain in measure["chains"]]
    shown = [
        {"id": lead["id"], "text": lead["text"], "chain": view}
        for lead in asked.catalogue.get("leads") or []
        if _in_scope(lead, asked)
        for view in (views.chain_view(chain, asked, lead) for chain in _chains(lead, asked))
        if _facts(view) not in told
    ]
    return sorted(shown, key=lambda lead: (lead["id"], views.chain_order(lead["chain"])))


def _in_scope(lead: Entry, asked: Asked) -> bool:
    matters, kinds = lead.get("matters"), lead.get("subject_kinds")
    return (not matters or asked.question["matter"] in matters) and (not kinds or asked.kind in kinds)


def _facts(chain: Entry) -> tuple[set[str], set[str]]:
    return {link["id"] for link in chain["links"]}, {record["id"] for record in chain["records"]}


def _chains(lead: Entry, asked: Asked) -> list[Chain]:
    day = asked.question["as_of"]
    trigger = {"list": lead["list"], "severity": lead.get("severity")}
    return [
        Chain(steps, basis, cause, path)
        for cause in causes(trigger, asked.facts, day, asked.question, repair_ends=True, has_term=False)
        for steps, basis in reaches_of(lead)
        for path in paths.paths(steps, cause, asked.subject, asked.facts)
        if all_of([cause.judgement, paths.judge(path, steps, cause, day)]).value
    ]
