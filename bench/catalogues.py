"""Catalogues of any number of measures for one city.

The first fifty measures concern the matter that is asked about and the lists that a city is full of; every larger
catalogue holds them and adds others: half concern the same matter and lists on which nobody stands, half concern other
matters and the same lists. So a larger catalogue returns the same measures, and has to find that out.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from bench.city import COMMON_LISTS
from rules.catalogue import Catalogue

MATTER, DEPARTMENT = "bench-matter", "bench-department"
FEWEST = 50
EMPTY_LISTS = tuple(f"bench-list-{n:03}" for n in range(192))
OTHER_MATTERS = tuple(f"bench-matter-{n:02}" for n in range(50))
DOCUMENT = "bench-law"
NOW = {"to": "organisation", "holds": "now"}
REACHES: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"link": ["legal_representative", "actual_controller"], **NOW}],
    [{"link": "legal_representative", "to": "holder", "holds": "now"}, {"link": "legal_representative", **NOW}],
    [{"link": "shareholder", "min_share": 0.5, **NOW}],
    [{"link": "shareholder", "min_share": 0.5, **NOW}, {"link": "shareholder", "min_share": 0.5, **NOW}],
    [{"link": "director", "to": "holder", "holds": "at_event"}],
)
SEVERITIES = ("minor", "general", "serious")
EFFECTS = ("deny", "restrict", "strict_review", "publicise")


def catalogue_of(measures: int) -> Catalogue:
    """At least `FEWEST` measures."""
    return Catalogue.from_data(data_of(measures))


def data_of(measures: int) -> dict[str, Any]:
    """The same catalogue as its files would say it."""
    lists = [*COMMON_LISTS, *EMPTY_LISTS]
    return {
        "documents": [
            {
                "id": DOCUMENT,
                "title": "示例法",
                "level": "law",
                "in_force": {"from": date(2000, 1, 1)},
                "longest_term": "for_life",
                "verified": "seen",
            }
        ],
        "vocabulary": {
            "matters": [_word(one) for one in (MATTER, *OTHER_MATTERS)],
            "departments": [_word(DEPARTMENT)],
            "roles": [_word("directly_responsible")],
        },
        "lists": [{**_word(one), "kind": "sanction"} for one in lists],
        "measures": [_measure(n) for n in range(measures)],
        "leads": [],
        "groups": [],
    }


def _word(id_: str) -> dict[str, str]:
    return {"id": id_, "zh": id_, "en": id_}


def _measure(number: int) -> dict[str, Any]:
    added = number - FEWEST
    same_matter = added < 0 or added % 2 == 0
    common = added < 0 or not same_matter
    lists = tuple(COMMON_LISTS) if common else EMPTY_LISTS
    measure = {
        "id": f"bench.{number:05}",
        "title": f"示例措施{number}",
        "kind": "sanction",
        "effect": EFFECTS[number % len(EFFECTS)],
        "trigger": {"list": lists[number // 2 % len(lists)], "severity": SEVERITIES[number // 3 % len(SEVERITIES)]},
        "reaches": [REACHES[number % len(REACHES)]],
        "scope": {"matters": [MATTER if same_matter else OTHER_MATTERS[added // 2 % len(OTHER_MATTERS)]]},
        "basis": [{"document": DOCUMENT, "article": f"第{number}条"}],
        "in_force": {"from": date(2001 + number % 20, 1, 1)},
    }
    return measure | ({"term": {"length": f"P{1 + number % 5}Y"}} if number % 4 else {})
