"""docs/coverage.md: what the shipped catalogue says of each statutory rule that reaches beyond the listed.

The rules are those of ``coverage.yaml``, in their order; titles, effects and reaches come from the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import TypeAdapter

from api.measure_page import table
from api.presentation.measures import effect_words, reach_words
from rules.catalogue import Catalogue
from rules.conditions import Strict
from rules.model import GroupRule, Id, Measure

INTRODUCTION = """\
# What reaches others 及于他人的规则

A measure binds the listed subject itself; that it binds anybody else needs a statute for that very step \
(没有法律依据，不及于他人). These are the statutory rules that do so, with the entries of the shipped catalogue that \
say them, and what of a rule no entry says. Which facts make an entry fire: its pair of scenarios \
(`xinheng catalogue test`). The measures that bind nobody but the listed: [measures.md](measures.md).
"""
OTHERS = """\
## Beside these 其他

Relations that a document of the catalogue states and that are no rule above; persons named in a decision without any \
relation are in [measures.md](measures.md).
"""
WHEN = {
    "at_event": "relation at the event 事发时",
    "now": "relation today 现任",
    "after_event": "relation begun after the event 事后",
    "as_named": "as the decision names them 决定书载明",
    "while_listed": "while the record lasts 记录有效期间",
    "none": "never 无",
}
HEADS = ("entry", "effect", "binds")
GROUP = "同一合同的各申请人 the applicants of one contract"


class Rule(Strict):
    """A row of ``coverage.yaml``, which says what its keys mean."""

    row: int
    zh: str
    en: str
    basis: str
    when: Literal["at_event", "now", "after_event", "as_named", "while_listed", "none"]
    entries: tuple[Id, ...]
    not_expressed: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """The rules, in order."""
    text = files("api").joinpath("coverage.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Rule, ...]).validate_python(yaml.safe_load(text))


def page(catalogue: Catalogue) -> str:
    """The page. Raises `KeyError` when a rule names an entry that the catalogue does not hold."""
    by_rule = (line for rule in rules() for line in _rule(rule, catalogue))
    others = table(HEADS, (_row(measure, catalogue) for measure in beside(catalogue)))
    return "\n".join([INTRODUCTION, *by_rule, OTHERS, *others])


def beside(catalogue: Catalogue) -> Iterator[Measure]:
    """Measures of no rule above that take a relation from their own document."""
    of_rules = {entry for rule in rules() for entry in rule.entries}
    for measure in catalogue.measures.values():
        if measure.id not in of_rules and any(step.link for reach in measure.reaches for step in reach.steps):
            yield measure


def _rule(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    yield f"## {rule.row}. {rule.zh}"
    yield ""
    yield f"{rule.en}. Basis: {rule.basis}. Holds: {WHEN[rule.when]}."
    yield ""
    if rule.entries:
        yield from table(HEADS, (_row(_entry(one, catalogue), catalogue) for one in rule.entries))
    if rule.not_expressed:
        yield f"Not expressed: {rule.not_expressed.strip()}"
        yield ""


def _entry(entry: str, catalogue: Catalogue) -> Measure | GroupRule:
    return catalogue.measures[entry] if entry in catalogue.measures else catalogue.groups[entry]


def _row(entry: Measure | GroupRule, catalogue: Catalogue) -> Sequence[str]:
    reaches = () if isinstance(entry, GroupRule) else entry.reaches
    binds = "<br>".join(reach_words(reach, catalogue) for reach in reaches) or GROUP
    return f"{entry.title}<br>`{entry.id}`", effect_words(entry), binds
