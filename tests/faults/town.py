"""A town of one firm that is bound by measures, and ways to ask about it.

The firm's own listing and that of its legal representative both count: an answer that lost a record or a link has fewer
measures than are true.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from api.demo.codes import citizen_id, credit_code
from tests.real import City, Line, holds_all, test_record

REGION = "360400"
TODAY = date(2026, 10, 31)
BUILT = "2026-10-31T00:00:00Z"
"""The instant of recording, at which every question is asked: what is loaded later changes no answer."""
FIRM = credit_code(1)
HEAD = citizen_id(1)
LISTINGS = ("judgment-defaulter", "tax-major-violation", "wage-arrears")
PROCUREMENT = ("政府采购", "采购人")
"""A matter in which the firm's own listings count."""
SUPERVISION = ("日常监管", "市场监督管理部门")
"""A matter in which the listing of its head counts too."""
OTHERS = 400
"""Firms beside it, so that the store has pages that others than this firm stand on."""


def lines() -> list[Line]:
    """The town: the firm, its head, their listings, and many firms of which nothing is known."""
    head = {"citizen_id": HEAD}
    link = {"fact": "link", "type": "legal_representative", "holder": head, "valid_from": "2020-01-01"}
    bound = {
        "decided_on": "2026-03-10",
        "effective_from": "2026-03-10",
        "effective_to": "2029-03-10",
        "amount": 900_000,
    }
    return [
        *holds_all(TODAY.isoformat()),
        {"fact": "subject", "kind": "natural_person", "name": "程立群", **head},
        *(
            {"fact": "subject", "kind": "enterprise", "name": f"九江测试{n}号公司", "uscc": credit_code(n)}
            for n in range(1, OTHERS)
        ),
        {**link, "organisation": {"uscc": FIRM}},
        *(test_record(f"{listing}-of-the-firm", {"uscc": FIRM}, listing, **bound) for listing in LISTINGS),
        test_record("of-the-head", head, "judgment-defaulter", **bound),
    ]


def build(city: City) -> City:
    city.say(lines(), at=BUILT)
    return city


def more(city: City, numbers: range, name: str = "more.jsonl") -> Path:
    """A file of firms that are not in the town."""
    path = city.home / name
    firm = {"fact": "subject", "kind": "enterprise"}
    lines = ({**firm, "name": f"九江新{n}号公司", "uscc": credit_code(10_000 + n)} for n in numbers)
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def day(number: int) -> str:
    """One of a thousand days on which the firm is bound; each makes a decision of its own."""
    return (date(2026, 3, 11) + timedelta(days=number % 1000)).isoformat()


def question(as_of: str = TODAY.isoformat(), asked: tuple[str, str] = PROCUREMENT) -> dict[str, Any]:
    matter, department = asked
    return {"subject": FIRM, "matter": matter, "department": department, "as_of": as_of, "known_at": BUILT}


def words(as_of: str = TODAY.isoformat(), asked: tuple[str, str] = PROCUREMENT) -> list[str]:
    """The same question for the command line."""
    matter, department = asked
    where = ["--matter", matter, "--department", department]
    return ["check", FIRM, *where, "--as-of", as_of, "--known-at", BUILT, "--json"]
