"""What a measure says, in Chinese: because of what, whom it binds, for how long."""

from __future__ import annotations

from collections.abc import Iterable

from api.presentation.words import HOLDS, LEVELS, LINKS, SEVERITIES, outcome_words
from graph.terms import Period
from rules.catalogue import Catalogue
from rules.model import Document, GroupRule, LengthRange, Measure, ReachDefinition, Step, Term, Trigger

ANCHORS = {
    "decided_on": "作出决定",
    "acted_on": "行为发生",
    "final_on": "裁判生效",
    "sentence_ends_on": "刑罚执行完毕",
    "bankruptcy_ends_on": "破产清算完结",
    "publicity_to": "公示期满",
}


def precedence(document: Document) -> tuple[int, str]:
    """The order of documents: the highest level first."""
    return list(LEVELS).index(document.level), document.id


def highest_basis(measure: Measure, catalogue: Catalogue) -> Document:
    """The document whose level bounds the effect of a measure."""
    return min((catalogue.documents[basis.document] for basis in measure.basis), key=precedence)


def trigger_words(trigger: Trigger, catalogue: Catalogue) -> str:
    """The lists and events, and what their records must be like."""
    said = "、".join(catalogue.lists[one].zh for one in trigger.lists)
    if trigger.severity:
        said += f"，{SEVERITIES[trigger.severity]}以上"
    if trigger.where:
        said += "，附条件"
    if trigger.count_at_least:
        said += f"，{trigger.count_at_least} 次以上"
    if trigger.sum_at_least:
        said += f"，合计 {trigger.sum_at_least:,} 元以上"
    return said + (f"，{span(trigger.within)}内" if trigger.within else "")


def reach_words(reach: ReachDefinition, catalogue: Catalogue) -> str:
    """From the listed subject to the one that is bound."""
    return " → ".join(_step(step, catalogue) for step in reach.steps) or "本主体"


def effect_words(entry: Measure | GroupRule) -> str:
    """Such as ``从严审查 strict_review，可以``: a choice that the statute leaves to the office."""
    choice = "，可以" if isinstance(entry, Measure) and entry.discretionary else ""
    return f"{outcome_words(entry.effect)}{choice}"


def _step(step: Step, catalogue: Catalogue) -> str:
    if step.named:
        roles = {role.id: role.zh for role in catalogue.vocabulary.roles}
        named = "、".join(roles[one] for one in step.named)
        found = f"，认定：{'、'.join(step.finding)}" if step.finding else ""
        held = f"，{_types(step.held.link)}（{HOLDS[step.held.holds][0]}）" if step.held else ""
        return f"决定书载明的{named}{found}{held}"
    types = _types(step.link or ())
    share = f"，持股 {step.min_share:.0%} 以上" if step.min_share else ""
    whose = "其" + types if step.to == "holder" else f"任{types}的组织"
    return f"{whose}（{HOLDS[step.holds or 'now'][0]}{share}）"


def _types(links: Iterable[str]) -> str:
    return "、".join(LINKS[one] for one in links)


def term_words(term: Term | None) -> str:
    """From when, and for how long; without a term for as long as the record counts."""
    if term is None:
        return "记录有效期间"
    return f"自{ANCHORS[term.from_]}之日起 {_length(term)}"


def _length(term: Term) -> str:
    if isinstance(term.length, LengthRange):
        least = span(term.length.least) if term.length.least else "（未定）"
        return f"{least}至 {span(term.length.most)}"
    return span(term.length)


def span(length: str) -> str:
    """A length of time.

    >>> span("P1Y6M"), span("for_life")
    ('1 年 6 个月', '终身')
    """
    if length == "for_life":
        return "终身"
    period = Period.parse(length)
    parts = ((period.years, "年"), (period.months, "个月"), (period.days, "日"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
