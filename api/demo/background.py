"""The background population: the same on every machine, drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from api.demo.codes import citizen_id, credit_code

SEED = 20_261_031
ORGANISATIONS, PERSONS, RECORDS = 3_000, 3_600, 1_200
FIRST_NUMBER = 100_000
"""Numbers below are the stories'."""
FIRST_DAY, LAST_DAY = date(2012, 1, 1), date(2026, 9, 30)
PLACES = ("浔阳", "柴桑", "濂溪", "庐山", "瑞昌", "共青", "德安", "永修", "武宁", "修水", "都昌", "湖口", "彭泽")
FANCY = (
    "长江",
    "匡庐",
    "鄱湖",
    "琵琶",
    "烟水",
    "锦绣",
    "白鹿",
    "甘棠",
    "望湖",
    "云居",
    "石钟",
    "龙宫",
    "星湖",
    "浪井",
    "南山",
    "八里",
    "赛城",
    "芳兰",
)
TRADES = (
    "商贸",
    "建设",
    "食品",
    "物流",
    "科技",
    "环保",
    "医药",
    "机械",
    "纺织",
    "茶业",
    "水产",
    "旅游",
    "设计",
    "劳务",
    "市政",
    "园林",
    "电子",
    "包装",
)
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "明伟芳静磊洋勇艳杰娟涛超霞平刚桂英文辉建国志强秀兰春梅玉华"
LISTS = (
    ("judgment-defaulter", "court", 10),
    ("tax-major-violation", "tax", 3),
    ("wage-arrears", "credit-platform", 3),
    ("abnormal-operation", "market", 12),
    ("food-serious", "market", 2),
    ("work-safety-serious", "credit-platform", 2),
    ("tax-a", "tax", 14),
    ("penalty-fine", "penalties", 24),
    ("penalty-warning", "penalties", 10),
    ("procurement-serious", "credit-platform", 1),
    ("bidding-serious", "credit-platform", 1),
)
SEVERITIES = ("minor", "general", "general", "serious")
OFFICES = ("director", "supervisor", "senior_manager", "actual_controller", "employee")


@dataclass(frozen=True, slots=True)
class _Organisation:
    code: str
    kind: str
    since: date


def background() -> Iterator[dict[str, Any]]:
    """The lines of the background population, in an order in which they can be loaded."""
    dice = Random(SEED)  # noqa: S311  (reproducible, not secret)
    people = [citizen_id(FIRST_NUMBER + serial) for serial in range(PERSONS)]
    for own in people:
        name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
        yield {"fact": "subject", "kind": "natural_person", "citizen_id": own, "name": name, "source": "registry"}
    organisations: list[_Organisation] = []
    for number in range(ORGANISATIONS):
        yield from _organisation(dice, number, organisations)
    for one in organisations:
        yield from _links(dice, one, organisations, people)
    for number in range(RECORDS):
        yield _record(dice, number, organisations)


def _organisation(dice: Random, number: int, organisations: list[_Organisation]) -> Iterator[dict[str, Any]]:
    kind = dice.choices(("enterprise", "individual_business", "social_organisation"), (80, 17, 3))[0]
    since = _day(dice, FIRST_DAY, LAST_DAY)
    name = f"九江{dice.choice(PLACES)}{dice.choice(FANCY)}{dice.choice(TRADES)}"
    name += {"enterprise": dice.choice(FORMS), "individual_business": "经营部"}.get(kind, "协会")
    code = credit_code(FIRST_NUMBER + number, kind)
    organisations.append(_Organisation(code, kind, since))
    said = {"fact": "subject", "kind": kind, "uscc": code, "name": name, "region": "360400", "source": "registry"}
    yield said | {"established_on": since.isoformat()}


def _links(
    dice: Random, one: _Organisation, organisations: list[_Organisation], people: list[str]
) -> Iterator[dict[str, Any]]:
    head = "operator" if one.kind == "individual_business" else "legal_representative"
    handover = _day(dice, one.since, LAST_DAY) if dice.random() < 0.3 else None
    yield _link(head, _person(dice, people), one, one.since, handover)
    if handover:
        yield _link(head, _person(dice, people), one, handover, None)
    for _ in range(dice.choices((0, 1, 2), (55, 35, 10))[0]):
        yield _link(dice.choice(OFFICES), _person(dice, people), one, one.since, None)
    if one.kind == "enterprise" and dice.random() < 0.35:
        parent = dice.choice(organisations)
        if parent.kind == "enterprise" and parent.code < one.code:
            share = dice.choice((0.05, 0.2, 0.49, 0.51, 1.0))
            yield _link("shareholder", {"uscc": parent.code}, one, one.since, None) | {"share": share}


def _person(dice: Random, people: list[str]) -> dict[str, str]:
    """A few hold many offices: the square favours the first."""
    return {"citizen_id": people[int(len(people) * dice.random() ** 2)]}


def _link(
    type_: str, holder: dict[str, str], organisation: _Organisation, start: date, end: date | None
) -> dict[str, Any]:
    said = {"fact": "link", "type": type_, "holder": holder, "organisation": {"uscc": organisation.code}}
    end_said = {"valid_to": end.isoformat()} if end and end > start else {}
    return {**said, "valid_from": start.isoformat(), **end_said, "source": "registry"}


def _record(dice: Random, number: int, organisations: list[_Organisation]) -> dict[str, Any]:
    name, source, _ = dice.choices(LISTS, [weight for *_, weight in LISTS])[0]
    decided = _day(dice, date(2021, 1, 1), LAST_DAY)
    said: dict[str, Any] = {
        "fact": "record",
        "key": f"background-{number}",
        "subject": {"uscc": dice.choice(organisations).code},
        "list": name,
        "number": f"赣九{decided.year}示例{number:05}号",
        "severity": dice.choice(SEVERITIES),
        "decided_on": decided.isoformat(),
        "effective_from": decided.isoformat(),
        "source": source,
    }
    if not name.startswith("penalty") and dice.random() < 0.7:
        said["effective_to"] = (decided + timedelta(days=dice.choice((365, 730, 1095)))).isoformat()
    if name in ("penalty-fine", "judgment-defaulter"):
        said["amount"] = dice.choice((5_000, 30_000, 120_000, 800_000, 2_600_000))
    if dice.random() < 0.1:
        said["repaired_on"] = (decided + timedelta(days=400)).isoformat()
    return said


def _day(dice: Random, first: date, last: date) -> date:
    return first + timedelta(days=dice.randrange((last - first).days + 1))
