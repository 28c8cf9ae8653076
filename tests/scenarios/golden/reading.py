"""What a decision document says, in the form in which golden expectations are compared with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Document = Mapping[str, Any]
DIGITS = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True)
class Item:
    """A measure of a decision, or the findings of one rule of a group."""

    id: str
    kind: str
    effect: str
    bases: tuple[tuple[str, str], ...]
    chains: tuple[frozenset[str], ...]
    until: str | None
    clauses: tuple[Mapping[str, Any], ...]
    suspended_by: Any
    binds: frozenset[str]


def article(text: str) -> tuple[int, ...] | str:
    """``第178条第1款第5项`` and ``第一百七十八条第一款第五项`` alike as (178, 1, 5); other texts as they are.

    >>> article("第一百七十八条第一款第五项"), article("第22条"), article("12"), article("限制高消费部分")
    ((178, 1, 5), (22,), (12,), '限制高消费部分')
    """
    parts = re.findall(r"第([零一二三四五六七八九十百千\d]+)[条款项]", text)
    if not parts and text.isdigit():
        return (int(text),)
    return tuple(_number(part) for part in parts) or text


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        else:
            total, digit = total + (digit or 1) * UNITS[character], 0
    return total + digit


def within(wanted: tuple[int, ...] | str, cited: tuple[int, ...] | str) -> bool:
    """Whether the article cited is the one wanted, or a paragraph or item of it."""
    if isinstance(wanted, str) or isinstance(cited, str):
        return wanted in ("", cited)
    return cited[: len(wanted)] == wanted


def item_of(measure: Mapping[str, Any], binds: Iterable[str]) -> Item:
    return Item(
        id=measure["id"],
        kind=measure["kind"],
        effect=measure["effect"],
        bases=_bases(measure["basis"], measure["chains"]),
        chains=tuple(chain_facts(chain) for chain in measure["chains"]),
        until=measure["until"],
        clauses=tuple(measure["lifted_by"]),
        suspended_by=measure["suspended_by"],
        binds=frozenset(binds),
    )


def finding_item(finding: Mapping[str, Any], clauses: tuple[Mapping[str, Any], ...]) -> Item:
    return Item(
        id=finding["rule"],
        kind="sanction",
        effect=finding["effect"],
        bases=_bases(finding["basis"], finding["chains"]),
        chains=tuple(chain_facts(chain) for chain in finding["chains"]),
        until=None,
        clauses=clauses,
        suspended_by=None,
        binds=frozenset(finding["binds"]),
    )


def together(left: Item, right: Item) -> Item:
    """Findings of one rule, and one measure of several applicants, are read together."""
    return replace(
        left,
        chains=tuple(dict.fromkeys((*left.chains, *right.chains))),
        clauses=(*left.clauses, *right.clauses),
        binds=left.binds | right.binds,
    )


def _bases(own: Iterable[Mapping[str, Any]], chains: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    every = [*own, *(b for chain in chains for b in chain["basis"])]
    return tuple((b["document"], b["article"]) for b in every)


def chain_facts(chain: Mapping[str, Any]) -> frozenset[str]:
    """The links and records that a chain holds, the office held at the event among them."""
    held = [chain["held"]["id"]] if chain["held"] else []
    return frozenset([*(link["id"] for link in chain["links"]), *(r["id"] for r in chain["records"]), *held])


def decisions_of(document: Document) -> list[Document]:
    if not document:
        return []
    return list(document["decisions"]) if "decisions" in document else [document]


def open_points(document: Document) -> str:
    gaps = [f"{g['kind']} {g['about']}" for d in decisions_of(document) for g in d["gaps"]]
    measures = [m["id"] for d in decisions_of(document) for m in d["measures"]]
    return f"{document['outcome']}, gaps {gaps}, measures {measures}"


def ids_of(items: Iterable[Item]) -> str:
    return ", ".join(f"{item.id} ({item.effect})" for item in items) or "none"
