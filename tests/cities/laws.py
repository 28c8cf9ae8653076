"""A small lawful catalogue: documents of every level, lists, and measures with every kind of trigger and term."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.cities.dice import DURATIONS, Dice, span

Plain = dict[str, Any]
LONG_AGO = date(1990, 1, 1)
MATTERS, DEPARTMENTS = ("tender", "licence"), ("purchaser", "market-regulation")
ROLES, FINDINGS = ("directly_responsible", "principal"), ("responsible", "dismissed")
LISTS, EVENTS, RED_LISTS = ("dishonest", "arrears", "tax", "persons-only"), ("revoked", "fined", "sentenced"), ("red",)
ORGANISATIONS = (
    "enterprise",
    "public_institution",
    "social_organisation",
    "individual_business",
    "unincorporated_organisation",
    "government_organ",
)
KINDS_OF_LIST = {"tax": ORGANISATIONS, "fined": ORGANISATIONS, "persons-only": ("natural_person",)}
REGION, PROVINCE, ELSEWHERE = "330100", "330000", "360400"
STRONG = ("law", "regulation", "opinion")
DOCUMENTS: dict[str, tuple[str, list[str]]] = {
    "law": ("law", ["deny"]),
    "regulation": ("administrative_regulation", ["deny"]),
    "opinion": ("cpc_sc_document", ["deny"]),
    "provincial": ("local_regulation", ["deny"]),
    "interpretation": ("judicial_interpretation", ["restrict", "revoke_honour"]),
    "rule": ("departmental_rule", ["strict_review", "heighten_supervision"]),
    "notice": ("normative_document", ["strict_review", "publicise"]),
    "memorandum": ("memorandum", ["strict_review", "remind"]),
}
WEAK = ("rule", "notice", "memorandum")
ALL_EFFECTS = ("deny", "restrict", "revoke_honour", "strict_review", "heighten_supervision", "publicise", "remind")
INCENTIVES = ("fast_track", "priority", "reduce_inspection", "support")
TRIGGER_KINDS = ("list", "event", "several", "severity", "conditions", "counted", "summed")


def vocabulary() -> Plain:
    def words(ids: tuple[str, ...]) -> list[Plain]:
        return [{"id": id_, "zh": id_, "en": id_} for id_ in ids]

    return {"matters": words(MATTERS), "departments": words(DEPARTMENTS), "roles": words(ROLES)}


def lists() -> list[Plain]:
    kinds = {
        **dict.fromkeys(LISTS, "sanction"),
        **dict.fromkeys(EVENTS, "event"),
        **dict.fromkeys(RED_LISTS, "incentive"),
    }
    return [
        {"id": id_, "zh": f"名单 {id_}", "en": id_, "kind": kind}
        | ({"subject_kinds": list(KINDS_OF_LIST[id_])} if id_ in KINDS_OF_LIST else {})
        for id_, kind in kinds.items()
    ]


def documents(dice: Dice, today: date) -> list[Plain]:
    """Some of them end or begin about today."""
    found = []
    for id_, (level, _) in DOCUMENTS.items():
        in_force: Plain = {"from": LONG_AGO}
        if dice.chance(0.12):
            in_force["to"] = dice.near(today) if dice.chance(0.5) else dice.after(today, 2000)
        elif dice.chance(0.1):
            in_force["from"] = dice.near(today) if dice.chance(0.3) else dice.before(today, 2000)
        entry: Plain = {"id": id_, "title": f"《{id_}》", "number": f"{id_} 1 号", "level": level, "in_force": in_force}
        entry |= {"verified": "seen", "territory": PROVINCE if level == "local_regulation" else None}
        found.append(entry)
    return found


def effect_and_bases(dice: Dice, today: date, number: int, docs: list[Plain]) -> Plain:
    """An effect that every one of the bases carries."""
    id_ = dice.one([*STRONG, *STRONG, *STRONG, *DOCUMENTS])
    effect = dice.one(DOCUMENTS[id_][1]) if dice.chance(0.6) else weaker(dice, DOCUMENTS[id_][1][0])
    bases = [_basis(id_, number)]
    if dice.chance(0.35):
        other = dice.one(STRONG if id_ not in WEAK else (*STRONG, *WEAK))
        bases.append(_basis(other, number + 100))
        _divide(dice, today, bases)
    elif dice.chance(0.1) and _starts(bases[0], docs) < today:
        bases[0]["in_force"] = {"from": max(LONG_AGO, _starts(bases[0], docs)), "to": dice.after(today, 1500)}
    entry: Plain = {"kind": "sanction", "effect": effect, "basis": bases}
    if id_ == "provincial":
        entry["regions"] = [dice.one([REGION, PROVINCE])]
    return entry


def weaker(dice: Dice, bound: str) -> str:
    return dice.one(ALL_EFFECTS[ALL_EFFECTS.index(bound) :])


def _basis(document: str, number: int) -> Plain:
    return {"document": document, "article": f"第{number}条"}


def _starts(basis: Plain, docs: list[Plain]) -> date:
    start: date = next(d for d in docs if d["id"] == basis["document"])["in_force"]["from"]
    return start


def _divide(dice: Dice, today: date, bases: list[Plain]) -> None:
    """Sometimes one basis takes over from the other, about today or some years ago."""
    if dice.chance(0.5):
        turn = dice.near(dice.one([today, dice.before(today, 1500), dice.after(today, 700)]))
        bases[0]["in_force"] = {"from": LONG_AGO, "to": turn}
        bases[1]["in_force"] = {"from": turn if dice.chance(0.8) else turn + timedelta(days=30)}


def in_force(dice: Dice, today: date) -> Plain:
    if dice.chance(0.75):
        return {"from": dice.one([LONG_AGO, date(2000, 2, 29), dice.before(today, 4000)])}
    if dice.chance(0.5):
        return {"from": dice.turning(today)}
    return {"from": LONG_AGO, "to": dice.near(today) if dice.chance(0.4) else dice.after(today, 2500)}


def trigger(dice: Dice, kind: str) -> Plain:
    """A trigger of one of `TRIGGER_KINDS`."""
    found: Plain = {"event": [dice.one(EVENTS)]} if kind == "event" or dice.chance(0.4) else {"list": [dice.one(LISTS)]}
    if kind == "list":
        found = {"list": dice.one(LISTS)}
    if kind == "several":
        found = {"list": dice.some(LISTS, 1, 2), "event": dice.some(EVENTS, 1, 2)}
    if kind == "severity" or dice.chance(0.08):
        found["severity"] = dice.one(["minor", "general", "general", "serious"])
    if kind == "conditions" or dice.chance(0.06):
        found["where"] = condition(dice, 2)
    if kind in ("counted", "summed"):
        found |= _together(dice, kind)
    if dice.chance(0.2):
        found["on"] = dice.one(["acted_on", "final_on", "acted_on", "sentence_ends_on", "publicity_to"])
    return found


def _together(dice: Dice, kind: str) -> Plain:
    found: Plain = {}
    if kind == "counted" or dice.chance(0.2):
        found["count_at_least"] = dice.one([2, 2, 2, 3])
    if kind == "summed" or dice.chance(0.1):
        found["sum_at_least"] = dice.one([100, 150, 200])
    if dice.chance(0.6):
        found["within"] = dice.one(["P1Y", "P2Y", "P3Y", "P5Y", "P18M", "P90D", "P1M"])
    return found


def condition(dice: Dice, depth: int) -> Plain:
    if depth and dice.chance(0.4):
        shape = dice.one(["all", "any", "not"])
        if shape == "not":
            return {"not": condition(dice, depth - 1)}
        return {shape: [condition(dice, depth - 1) for _ in range(2)]}
    return dice.one(
        [
            {"field": "violation", "is": "A"},
            {"field": "violation", "is_not": "B"},
            {"field": "violation", "in": ["A", "C"]},
            {"field": "violation", "not_in": ["B", "1"]},
            {"field": "amount", "at_least": 50},
            {"field": "amount", "below": 100},
            {"field": "amount", "above": 99},
            {"field": "degree", "at_most": 3},
            {"field": "degree", "at_least": 1},
            {"field": "degree", "is": 1},
            {"field": "degree", "in": [1, "A", True]},
            {"field": "wilful", "is": True},
            {"field": "wilful", "is_not": 1},
            {"field": "industry", "is": {"question": "industry"}},
            {"field": "industry", "is_not": {"question": "industry"}},
            {"field": "licence", "is": {"question": "object"}},
            {"field": "department", "is": {"question": "department"}},
            {"field": "region", "is": {"question": "region"}},
            {"field": "severity", "is": "serious"},
            {"field": "list", "not_in": ["tax", "fined"]},
            {"field": "number", "is": "1 号"},
        ]
    )


def term(dice: Dice) -> Plain | None:
    if dice.chance(0.35):
        return None
    anchor = dice.one(["decided_on"] * 5 + ["final_on", "sentence_ends_on", "bankruptcy_ends_on", "publicity_to"])
    found: Plain = {"length": dice.one([*DURATIONS, "P5Y", "P5Y", "for_life"]), "from": anchor}
    if dice.chance(0.3):
        least = dice.one(["P1M", "P6M", "P1Y", "P3Y"])
        found["length"] = {"least": least, "most": dice.one(["P3Y", "P5Y", "P10Y", "for_life"])}
        if dice.chance(0.2):
            del found["length"]["least"]
    return found


def length_of(found: Plain | None) -> str:
    """A length about which the records of a measure are told."""
    length = (found or {}).get("length") or "P3Y"
    if isinstance(length, dict):
        length = length.get("least") or length["most"]
    return "P5Y" if length == "for_life" else str(length)


def long_before(day: date, length: str) -> date:
    return day - span(length)
