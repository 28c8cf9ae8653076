"""Measures, leads and group rules, each with the story that is planted for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from rules.model import Basis, Interval
from tests.cities import laws
from tests.cities.dice import Dice
from tests.cities.draft import Draft
from tests.cities.laws import Plain
from tests.cities.stories import Story, event_for, plant_links, plant_records, story
from tests.reference.paths import key
from tests.reference.records import lists_of


def catalogue(draft: Draft, bound: str) -> Plain:
    dice, today = draft.dice, draft.today
    found: Plain = {"documents": laws.documents(dice, today), "vocabulary": laws.vocabulary(), "lists": laws.lists()}
    kinds = list(laws.TRIGGER_KINDS) if dice.chance(0.75) else dice.some(laws.TRIGGER_KINDS, 1, 3)
    measures = [sanction(draft, bound, kind, number, found) for number, kind in enumerate(kinds, start=1)]
    if dice.chance(0.5):
        measures.append(incentive(draft, bound, len(measures) + 1, found))
    found["measures"] = measures
    found["leads"] = [lead(draft, bound, number) for number in range(dice.one([0, 1, 1, 2]))]
    found["groups"] = []
    return found


def sanction(draft: Draft, bound: str, kind: str, number: int, found: Plain) -> Plain:
    dice = draft.dice
    measure: Plain = {"id": f"m{number}-{kind}", "title": f"措施 {number}", "trigger": laws.trigger(dice, kind)}
    measure |= laws.effect_and_bases(dice, draft.today, number, found["documents"])
    measure["term"] = laws.term(dice)
    _time(draft, measure, found["documents"])
    _bind(draft, bound, measure, number, found["documents"])
    return measure


def incentive(draft: Draft, bound: str, number: int, found: Plain) -> Plain:
    dice = draft.dice
    measure: Plain = {"id": f"m{number}-incentive", "title": f"激励 {number}", "kind": "incentive"}
    measure["effect"] = dice.one(laws.INCENTIVES)
    measure["trigger"] = {"list": ["red"]} if dice.chance(0.8) else {"list": ["red"], "severity": "minor"}
    measure["basis"] = [{"document": dice.one(["law", "notice"]), "article": f"第{number}条"}]
    measure["term"] = laws.term(dice) if dice.chance(0.5) else None
    _time(draft, measure, found["documents"])
    if dice.chance(0.85):
        measure["suspended_when"] = laws.trigger(dice, dice.one(laws.TRIGGER_KINDS))
        told: Plain = {"trigger": measure["suspended_when"]}
        event = event_for(draft, None, measure["suspended_when"].get("within"))
        plant_records(draft, Story(event, [], [bound]), told, lists_of(measure["suspended_when"]))
    _bind(draft, bound, measure, number, found["documents"])
    return measure


def _time(draft: Draft, measure: Plain, documents: list[Plain]) -> None:
    """When the measure is in force, and for which events."""
    dice = draft.dice
    measure["in_force"] = laws.in_force(dice, draft.today)
    if dice.chance(0.12):
        measure["applies_to"] = "earlier_records"
    if dice.chance(0.12):
        measure["survives"] = True
        end = dice.near(draft.today) if dice.chance(0.5) else dice.before(draft.today, 500)
        measure["in_force"] = {"from": laws.LONG_AGO, "to": end}
    if not _meets(measure["in_force"], measure["basis"], documents):
        measure["in_force"] = {"from": laws.LONG_AGO}


def _meets(in_force: Plain, bases: list[Plain], documents: list[Plain]) -> bool:
    """Whether one of the bases is in force while the entry is."""
    of_documents = {document["id"]: document["in_force"] for document in documents}
    entry = Interval.model_validate(in_force)
    intervals = [
        Basis.model_validate(b).in_force or Interval.model_validate(of_documents[b["document"]]) for b in bases
    ]
    return any(entry.from_ < (one.to or date.max) and one.from_ < (entry.to or date.max) for one in intervals)


def _bind(draft: Draft, bound: str, measure: Plain, number: int, documents: list[Plain]) -> None:
    """Scope, small print, and the reaches with their stories."""
    dice = draft.dice
    regions = measure.pop("regions", None) or dice.one([[], [], [], [laws.PROVINCE], [laws.REGION, laws.ELSEWHERE]])
    measure["scope"] = _scope(draft, bound, regions)
    if dice.chance(0.15):
        measure |= {"repair": "stays", "repair_reason": "the statute has a term of its own"}
    if measure["kind"] == "sanction" and measure["effect"] not in ("deny", "restrict", "revoke_honour"):
        measure |= dice.one([{}, {}, {"discretionary": True}, {"text": "recalled"}])
        if measure["effect"] == "remind" and dice.chance(0.5):
            measure["carried_out_by"] = "market"
    event = event_for(draft, measure.get("term"), measure["trigger"].get("within"))
    stories = [story(draft, bound, event) for _ in range(dice.one([1, 2, 2]))]
    by_key = {key(one.steps): one for one in stories}
    measure["reaches"] = [_reach(dice, measure, one, number, documents) for one in by_key.values()]
    for one in by_key.values():
        plant_links(draft, one)
        plant_records(draft, one, measure, lists_of(measure["trigger"]))


def _scope(draft: Draft, bound: str, regions: list[str]) -> Plain:
    dice = draft.dice
    scope: Plain = {"matters": ["tender"] if dice.chance(0.9) else ["licence"], "regions": regions}
    if dice.chance(0.3):
        scope["departments"] = [dice.one(["purchaser", "purchaser", "purchaser", "market-regulation"])]
    if dice.chance(0.2):
        kind = str(draft.subjects[bound].kind)
        scope["subject_kinds"] = sorted({kind, dice.one(laws.ORGANISATIONS)}) if dice.chance(0.8) else ["enterprise"]
    return scope


def _reach(dice: Dice, measure: Plain, told: Story, number: int, documents: list[Plain]) -> Any:
    if not told.steps or dice.chance(0.8):
        return told.steps
    bases: list[Plain] = [{"document": dice.one(laws.STRONG), "article": f"第{number + 200}条"}]
    if dice.chance(0.4):
        bases[0]["in_force"] = dice.one(
            [{"from": date(2010, 1, 1)}, {"from": laws.LONG_AGO, "to": dice.near(told.event)}]
        )
    if not _meets(measure["in_force"], bases, documents):
        return told.steps
    return {"steps": told.steps, "basis": bases}


def lead(draft: Draft, bound: str, number: int) -> Plain:
    dice = draft.dice
    told = story(draft, bound, draft.today - timedelta(days=dice.randint(1, 900)), most=3)
    found: Plain = {"id": f"lead{number + 1}", "text": f"线索 {number + 1}", "list": dice.some(laws.LISTS, 1, 2)}
    found["reaches"] = [told.steps]
    if dice.chance(0.3):
        found["severity"] = "serious"
    if dice.chance(0.3):
        found["matters"] = [dice.one(laws.MATTERS)]
    plant_links(draft, told)
    if dice.chance(0.6):
        plant_records(draft, told, {"trigger": {}}, found["list"])
    return found


def group_rules(draft: Draft, measures: list[Plain]) -> list[Plain]:
    dice = draft.dice
    shapes: list[Plain] = [
        {"same_holder": {"link": dice.one(["legal_representative", ["legal_representative", "director"]])}},
        {"direct_link": {"link": ["shareholder", "manages"]} | ({"min_share": 0.5} if dice.chance(0.7) else {})},
        {"consortium": {"because_of": [m["id"] for m in dice.some(measures, 1, 3)]}},
    ]
    return [
        {
            "id": f"g{number}",
            "title": f"同一合同 {number}",
            "effect": dice.one(["deny", "restrict", "strict_review"]),
            **shape,
            "scope": {"matters": ["tender"], "departments": dice.one([[], [], ["purchaser"]])},
            "basis": [{"document": dice.one(laws.STRONG), "article": f"第{number + 300}条"}],
            "in_force": {"from": laws.LONG_AGO},
        }
        for number, shape in enumerate(shapes, start=1)
        if dice.chance(0.85)
    ]
