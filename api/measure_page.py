"""docs/measures.md: every measure of the shipped catalogue, by document, and how many of each sort there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from api.presentation.words import HOLDS, LEVELS, LINKS, SEVERITIES, outcome_words
from rules.catalogue import Catalogue
from rules.model import (
    SANCTIONS,
    Basis,
    Document,
    GroupRule,
    LengthRange,
    Measure,
    ReachDefinition,
    Step,
    Term,
    Trigger,
)

INTRODUCTION = """\
# The measures 措施清单

What the shipped catalogue holds, generated from it: `xinheng catalogue show measures ID` gives a measure whole. Each
fires in one scenario and not in another that differs in one fact (`xinheng catalogue test`). What a reach, a trigger
and a term mean: [catalogue.md](catalogue.md).
"""
HEADS = ("measure", "effect", "because of", "binds", "how long", "article")
ANCHORS = {
    "decided_on": "作出决定",
    "acted_on": "行为发生",
    "final_on": "裁判生效",
    "sentence_ends_on": "刑罚执行完毕",
    "bankruptcy_ends_on": "破产清算完结",
    "publicity_to": "公示期满",
}


def page(catalogue: Catalogue) -> str:
    """The page of a catalogue."""
    return "\n".join([INTRODUCTION, *_figures(catalogue), *_documents(catalogue)])


def _documents(catalogue: Catalogue) -> Iterator[str]:
    of: dict[str, list[Measure]] = {}
    for measure in catalogue.measures.values():
        of.setdefault(_strongest(measure, catalogue).id, []).append(measure)
    for document in sorted((catalogue.documents[one] for one in of), key=_standing):
        number = f" {document.number}" if document.number else ""
        read = "" if document.verified == "seen" else "; recalled, not read: at most strict_review"
        until = f" to {document.in_force.to}" if document.in_force.to else ""
        yield f"## 《{document.title}》{number}"
        yield ""
        said = of[document.id]
        standing = f"{LEVELS[document.level]}, in force from {document.in_force.from_}{until}{read}"
        yield f"`{document.id}`, {standing}; {len(said)} measure{'s' if len(said) > 1 else ''}."
        yield ""
        yield from table(HEADS, (_row(measure, catalogue) for measure in said))


def _strongest(measure: Measure, catalogue: Catalogue) -> Document:
    return min((catalogue.documents[basis.document] for basis in measure.basis), key=_standing)


def _standing(document: Document) -> tuple[int, str]:
    return list(LEVELS).index(document.level), document.id


def _row(measure: Measure, catalogue: Catalogue) -> Sequence[str]:
    articles = "; ".join(_article(basis, catalogue) for basis in measure.basis)
    title = f"{measure.title}<br>`{measure.id}`"
    binds = "<br>".join(reach_words(reach) for reach in measure.reaches)
    return title, effect_words(measure), _trigger(measure.trigger, catalogue), binds, _term(measure), articles


def effect_words(entry: Measure | GroupRule) -> str:
    """Such as ``从严审查 strict_review，可以``: a choice that the statute leaves to the office."""
    choice = "，可以" if isinstance(entry, Measure) and entry.discretionary else ""
    return f"{outcome_words(entry.effect)}{choice}"


def _article(basis: Basis, catalogue: Catalogue) -> str:
    return f"《{catalogue.documents[basis.document].title}》{basis.article}"


def _trigger(trigger: Trigger, catalogue: Catalogue) -> str:
    said = "、".join(catalogue.lists[one].zh for one in trigger.lists)
    if trigger.severity:
        said += f"，{SEVERITIES[trigger.severity]}以上"
    if trigger.where:
        said += "，附条件"
    if trigger.count_at_least:
        said += f"，{trigger.count_at_least} 次以上"
    if trigger.sum_at_least:
        said += f"，合计 {trigger.sum_at_least:,} 元以上"
    return said + (f"，{trigger.within} 内" if trigger.within else "")


def reach_words(reach: ReachDefinition) -> str:
    """The steps of a reach, in Chinese."""
    return " → ".join(_step(step) for step in reach.steps) or "本主体 self"


def _step(step: Step) -> str:
    if step.named:
        found = f"，认定：{'、'.join(step.finding)}" if step.finding else ""
        held = f"，{_types(step.held.link)}（{HOLDS[step.held.holds]}）" if step.held else ""
        return f"决定书载明的人员 {', '.join(step.named)}{found}{held}"
    types = _types(step.link or ())
    share = f"，持股 {step.min_share:.0%} 以上" if step.min_share else ""
    whose = "其" + types if step.to == "holder" else f"任{types}的组织"
    return f"{whose}（{HOLDS[step.holds or 'now']}{share}）"


def _types(links: Sequence[str]) -> str:
    return "、".join(LINKS[one] for one in links)


def _term(measure: Measure) -> str:
    if measure.term is None:
        return "记录有效期间"
    return f"自{ANCHORS[measure.term.from_]}之日起 {_length(measure.term)}"


def _length(term: Term) -> str:
    if isinstance(term.length, LengthRange):
        return f"{term.length.least or '（未定）'} – {term.length.most}"
    return term.length


def _figures(catalogue: Catalogue) -> Iterator[str]:
    measures = catalogue.measures.values()
    yield f"{len(measures)} measures, {len(catalogue.documents)} documents, {len(catalogue.lists)} lists and events,"
    yield f"{len(catalogue.leads)} leads, {len(catalogue.groups)} rules over the applicants of one contract."
    yield ""
    by_level = Counter((str(_strongest(one, catalogue).level), _column(one)) for one in measures)
    columns = [*SANCTIONS, "incentive"]
    rows = []
    for level, words in LEVELS.items():
        counts = [by_level[level, column] for column in columns]
        if any(counts):
            rows.append((words, *(str(count or "") for count in counts), str(sum(counts))))
    yield from table(("level of the highest basis", *columns, "all"), rows)
    reaches = Counter(_shape(reach) for one in measures for reach in one.reaches)
    yield from table(("reach", "measures"), [(shape, str(n)) for shape, n in sorted(reaches.items())])


def _column(measure: Measure) -> str:
    return measure.effect if measure.kind == "sanction" else "incentive"


def _shape(reach: ReachDefinition) -> str:
    return " → ".join("named person" if step.named else f"link, {step.holds}" for step in reach.steps) or "self"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown, and an empty one."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'-|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
