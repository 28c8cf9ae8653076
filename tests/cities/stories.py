"""Stories: for a measure, a reach and facts that fulfil it, or nearly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.cities.dice import Dice, span
from tests.cities.draft import Draft
from tests.cities.laws import ELSEWHERE, FINDINGS, REGION, ROLES, length_of

Plain = dict[str, Any]
OF_PERSONS = ("legal_representative", "director", "shareholder", "actual_controller")
OF_ORGANISATIONS = ("shareholder", "manages", "branch_of")
STATES = ("active", "repaired", "annulled", "masked", "disputed", "ended", "not begun", "published-out")
ONE_DAY = timedelta(days=1)


@dataclass
class Story:
    """A reach and its nodes, the listed subject first and the bound one last; ``event`` is about when it happened."""

    event: date
    steps: list[Plain] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)

    @property
    def listed(self) -> str:
        return self.nodes[0]


def story(draft: Draft, bound: str, event: date, most: int = 2) -> Story:
    """A reach that may end at ``bound``, and the subjects on one path of it."""
    found = Story(event, [], [bound])
    shape = draft.dice.random()
    if shape < 0.06:
        return found
    for _ in range(1 if shape < 0.6 else 2 if most == 2 or shape < 0.75 else 3):
        _step_back(draft, found)
    if draft.dice.chance(0.5) and draft.is_person(found.nodes[0]):
        if draft.dice.chance(0.4) and draft.is_person(bound):
            found.steps.clear()
            found.nodes[:] = [bound]
        _name(draft, found)
    return found


def _step_back(draft: Draft, found: Story) -> None:
    """One more link before the first node: an organisation is held, or holds another."""
    dice, here = draft.dice, found.nodes[0]
    person = draft.is_person(here)
    to_holder = person or dice.chance(0.3)
    there_person = not to_holder and dice.chance(0.7)
    there = draft.some_subject(person=there_person, but=set(found.nodes))
    types = OF_PERSONS if (person or there_person) else OF_ORGANISATIONS
    step: Plain = {"link": dice.one(types), "to": "holder" if to_holder else "organisation"}
    step["holds"] = dice.one(["now", "at_event", "after_event"])
    if dice.chance(0.15):
        step["link"] = dice.some(types, 2, 3)
    if "shareholder" in step["link"] and dice.chance(0.5):
        step["min_share"] = dice.one([0.25, 0.5])
    found.steps.insert(0, step)
    found.nodes.insert(0, there)


def _name(draft: Draft, found: Story) -> None:
    dice = draft.dice
    step: Plain = {"named": dice.one([ROLES[0], list(ROLES)])}
    if dice.chance(0.3):
        step["finding"] = dice.one([FINDINGS[0], list(FINDINGS)])
    listed = draft.some_subject(person=False, but=set(found.nodes))
    if dice.chance(0.3):
        step["held"] = {"link": dice.one(["legal_representative", ["director", "legal_representative"]])}
    found.steps.insert(0, step)
    found.nodes.insert(0, listed)


def plant_links(draft: Draft, found: Story) -> None:
    """The links along the nodes, mostly as the steps ask for them; sometimes a second one beside."""
    nodes, steps = found.nodes, found.steps
    if steps and steps[0].get("named"):
        if held := steps[0].get("held"):
            when = {"holds": "at_event", "link": held["link"]}
            _plant(draft, when, nodes[1], nodes[0], found.event)
        nodes, steps = nodes[1:], steps[1:]
    for step, here, there in zip(steps, nodes, nodes[1:], strict=False):
        holder, organisation = (here, there) if step["to"] == "organisation" else (there, here)
        for _ in range(2 if draft.dice.chance(0.15) else 1):
            _plant(draft, step, holder, organisation, found.event)


def _plant(draft: Draft, step: Plain, holder: str, organisation: str, event: date) -> None:
    dice = draft.dice
    type_ = step["link"] if isinstance(step["link"], str) else dice.one(step["link"])
    start, end = {"now": _now, "at_event": _at_event, "after_event": _after_event}[step["holds"]](draft, event)
    if dice.chance(0.08):
        start = None
    if start and end and end <= start:
        end = None
    share = dice.one([0.1, 0.25, 0.5, 0.8, 1.0, None]) if type_ == "shareholder" else None
    if step.get("min_share") and dice.chance(0.5):
        share = step["min_share"]
    draft.link(type_, holder, organisation, valid_from=start, valid_to=end, share=share)


Interval = tuple[date | None, date | None]


def _now(draft: Draft, _: date) -> Interval:
    dice, today = draft.dice, draft.today
    if dice.chance(0.12):
        return dice.one([(dice.before(today, 3000), dice.near(today)), (dice.after(today), None)])
    start = dice.one([None, dice.before(today, 3000), today])
    return start, dice.one([None, None, dice.after(today), today + ONE_DAY])


def _at_event(draft: Draft, event: date) -> Interval:
    dice = draft.dice
    if dice.chance(0.15):
        return dice.one(
            [(dice.before(event), event), (dice.after(event), None), (dice.before(event), dice.before(event, 5))]
        )
    start = dice.one([dice.before(event), event, None if dice.chance(0.4) else dice.before(event)])
    return start, dice.one([None, dice.after(event), event + ONE_DAY, draft.today, dice.after(draft.today)])


def _after_event(draft: Draft, event: date) -> Interval:
    dice, today = draft.dice, draft.today
    if dice.chance(0.15):
        return dice.one([(event, None), (dice.before(event), None), (event + ONE_DAY, dice.near(today))])
    start = dice.one([event + ONE_DAY, dice.after(event, max(1, (today - event).days)), today, dice.after(today, 30)])
    return start, dice.one([None, None, dice.after(today)])


def plant_records(draft: Draft, found: Story, measure: Plain, lists: list[str]) -> None:
    """Records of the listed subject in most states, and namings of the person where the reach begins with one."""
    dice, trigger = draft.dice, measure["trigger"]
    number = dice.randint(3, 5) if trigger.get("count_at_least") or trigger.get("sum_at_least") else dice.randint(3, 4)
    first = steps[0] if (steps := found.steps) else {}
    for index in range(number):
        event = found.event if index == 0 else dice.near(dice.before(found.event, 200))
        if dice.chance(0.07):
            event = draft.today
        id_ = draft.record(found.listed, dice.one(lists), **_record(draft, event, measure))
        if first.get("named") and dice.chance(0.65):
            role = dice.one([ROLES[0], ROLES[0], dice.one(ROLES), "witness"])
            finding = dice.one([FINDINGS[0], FINDINGS[0], None, dice.one(FINDINGS), "none"])
            draft.naming(id_, found.nodes[1], role, finding)


def _record(draft: Draft, event: date, measure: Plain) -> Plain:
    dice = draft.dice
    found: Plain = {
        "severity": dice.one(["serious", "serious", "general", "minor", None if dice.chance(0.5) else "serious"]),
        "number": dice.one(["1 号", "2 号", None]),
        "department": dice.one(["purchaser", "court", None]),
        "region": dice.one([REGION, ELSEWHERE, None]),
        "amount": dice.one([5000, 9999, 10000, 10050, 15000, None if dice.chance(0.5) else 10000]),
        "fields": _fields(dice),
        "decided_on": event,
        "acted_on": dice.before(event, 400),
        "final_on": dice.after(event, 60),
        "sentence_ends_on": dice.after(event, 400),
        "bankruptcy_ends_on": dice.after(event, 200),
    }
    found[measure["trigger"].get("on", "decided_on")] = event
    anchor = (measure.get("term") or {}).get("from")
    if anchor and dice.chance(0.3):
        found[anchor] = event_for(draft, measure["term"], None)
    for name in ("decided_on", "acted_on", "final_on", "sentence_ends_on", "bankruptcy_ends_on"):
        if dice.chance(0.04):
            found[name] = None
    if dice.chance(0.3):
        found["term_ends_on"] = dice.one([dice.near(draft.today), dice.after(draft.today), dice.after(event, 400)])
    if dice.chance(0.25):
        found["effective_from"] = dice.near(event)
    _later_end(draft, found)
    STATE[dice.one([*STATES, "active", "active"])](draft, found)
    for start, end in (("effective_from", "effective_to"), ("publicity_from", "publicity_to")):
        if found.get(start) and found.get(end) and found[end] <= found[start]:
            del found[start]
    return found


def _fields(dice: Dice) -> Plain:
    choices: Plain = {
        "violation": ["A", "A", "B", "C"],
        "degree": [1, 2, 5, "1", True],
        "wilful": [True, True, False, 1],
        "industry": ["food", "building"],
        "licence": ["L1", "L2"],
    }
    return {name: dice.one(values) for name, values in choices.items() if dice.chance(0.85)}


def _later_end(draft: Draft, found: Plain) -> None:
    """Ends that lie ahead, for `until`."""
    dice, today = draft.dice, draft.today
    if dice.chance(0.15):
        found["effective_to"] = dice.one([today + ONE_DAY, dice.after(today)])
    if dice.chance(0.2):
        found["publicity_to"] = dice.one([today + ONE_DAY, dice.after(today)])
    if dice.chance(0.1):
        found["repaired_on"] = dice.one([today + ONE_DAY, dice.after(today)])
    if dice.chance(0.1):
        found["masked_from"] = dice.one([today + ONE_DAY, dice.after(today, 400)])
        found["masked_to"] = dice.one([None, dice.after(found["masked_from"], 400)])


def _repaired(draft: Draft, found: Plain) -> None:
    found["repaired_on"] = draft.dice.one([draft.today, draft.dice.before(draft.today, 200)])


def _annulled(draft: Draft, found: Plain) -> None:
    found["annulled"] = True


def _masked(draft: Draft, found: Plain) -> None:
    found["masked_from"] = draft.dice.one([draft.today, draft.dice.before(draft.today, 200)])
    found["masked_to"] = draft.dice.one([None, draft.today + ONE_DAY, draft.dice.after(draft.today)])


def _disputed(draft: Draft, found: Plain) -> None:
    found["disputed"] = True


def _ended(draft: Draft, found: Plain) -> None:
    found["effective_to"] = draft.dice.one([draft.today, draft.dice.before(draft.today, 100)])


def _not_begun(draft: Draft, found: Plain) -> None:
    found["effective_from"] = draft.dice.one([draft.today + ONE_DAY, draft.dice.after(draft.today, 300)])
    if found.get("effective_to"):
        found["effective_to"] = None


def _published_out(draft: Draft, found: Plain) -> None:
    found["publicity_to"] = draft.dice.one([draft.today, draft.dice.before(draft.today, 100)])


STATE: dict[str, Callable[[Draft, Plain], None]] = {
    "active": lambda draft, found: None,
    "repaired": _repaired,
    "annulled": _annulled,
    "masked": _masked,
    "disputed": _disputed,
    "ended": _ended,
    "not begun": _not_begun,
    "published-out": _published_out,
}


def event_for(draft: Draft, term: Plain | None, within: str | None) -> date:
    """An event about whose term, or window, today is decided; mostly inside it."""
    dice, today, length = draft.dice, draft.today, within or length_of(term)
    edge = today - span(length)
    if dice.chance(0.3):
        return dice.near(edge - dice.one([0, 0, 1]) * ONE_DAY)
    if dice.chance(0.1):
        return dice.one([today, today + ONE_DAY, today - ONE_DAY])
    return dice.after(edge, max(1, (today - edge).days - 1))
