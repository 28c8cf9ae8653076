"""An invented population for the scorecard: subjects that are one and written otherwise, and look-alikes that are two.

Each case is a pair with its surroundings, drawn from a seed; all cases of all kinds stand in one store, so that they
can be mistaken for each other as well. Nobody in it is real.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from opencc import OpenCC
from pypinyin import lazy_pinyin
from stdnum.cn import uscc

from graph.identifiers import fact_id, named_person_id
from graph.model import Fact, Kind, Link, LinkType, Subject

SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余"
GIVEN = (
    "伟玮炜军君均钧丽莉力立利华骅桦明铭鸣茗建健剑芳方平萍杰洁国强红宏虹鸿洪静敬婧勇永咏涛韬超敏珉磊蕾雷"
    "鹏朋志智治文雯纹玉宇羽雨海龙隆荣容蓉春纯晓小筱辉晖慧惠卉兰岚庆清青卿峰锋丰枫霞侠凯恺晨辰琛诚成承程"
)
MARKS = "柏川鑫源恒泰瑞丰昌盛德信永嘉宏达锦绣天宇金桥兴隆顺和利通万博康华英豪远航创景卓越"
TRADES = ("商贸", "科技", "建筑", "物流", "食品", "医药", "机械", "环保")
CITIES = {"360402": "九江", "360103": "南昌", "360302": "萍乡", "360502": "新余"}
FORM = "有限公司"


@dataclass(frozen=True, slots=True)
class Case:
    """Two subjects of one kind of noise or likeness; ``one``: they are the same."""

    kind: str
    one: bool
    left: Subject
    right: Subject
    around: tuple[Fact, ...] = ()

    @property
    def facts(self) -> Iterator[Fact]:
        """Subjects first, so that links find them."""
        subjects = [one for one in self.around if isinstance(one, Subject)]
        yield from (*subjects, self.left, self.right)
        yield from (one for one in self.around if not isinstance(one, Subject))


@dataclass
class Draw:
    """What a case is drawn from; every name is drawn once, as it sounds, unless a case gives it again on purpose."""

    dice: random.Random
    number: int = 0
    taken: set[str] = field(default_factory=set)

    def next(self) -> int:
        self.number += 1
        return self.number

    def fresh(self, make: Callable[[], str]) -> str:
        while (sounds := "".join(lazy_pinyin(name := make()))) in self.taken:
            pass
        self.taken.add(sounds)
        return name

    def person_name(self) -> str:
        return self.fresh(lambda: self.dice.choice(SURNAMES) + "".join(self.dice.sample(sorted(_alike()), 2)))

    def company_name(self, city: str = "九江") -> str:
        return self.fresh(lambda: city + "".join(self.dice.sample(MARKS, 3)) + self.dice.choice(TRADES) + FORM)

    def code(self) -> str:
        body = f"91360402MA{self.next():07d}"
        return body + uscc.calc_check_digit(body)

    def day(self) -> date:
        return date(1995, 1, 1) + timedelta(days=self.dice.randrange(9_000))

    def year(self) -> int:
        return self.dice.randrange(1950, 2000)

    def company(self, name: str | None = None, **more: Any) -> Subject:
        code = self.code()
        return Subject(f"uscc:{code}", Kind.ENTERPRISE, name or self.company_name(), {"uscc": code}, **more)

    def elsewhere(self, kind: Kind, name: str, **more: Any) -> Subject:
        """A subject of a source with numbers of its own."""
        number = str(self.next())
        return Subject(f"elsewhere:{number}", kind, name, {"elsewhere": number}, **more)

    def person(self, name: str, born: int | None, **more: Any) -> Subject:
        return self.elsewhere(Kind.NATURAL_PERSON, name, fields=_born(born), **more)

    def named(self, name: str, of: Subject, born: int | None, **more: Any) -> Subject:
        found = named_person_id(of.id, name)
        return Subject(found, Kind.NATURAL_PERSON, name, fields=_born(born), **more)

    def link(self, holder: Subject, type: LinkType, of: Subject, source: str) -> Link:
        return Link(fact_id("link", source, type, holder.id, of.id), type, holder.id, of.id, source=source)

    def colleagues(self, of: Subject) -> Iterator[Fact]:
        for _ in range(self.dice.randrange(1, 4)):
            colleague = self.named(self.person_name(), of, None)
            yield colleague
            yield self.link(colleague, LinkType.SUPERVISOR, of, "registry")


def _born(year: int | None) -> dict[str, int]:
    return {"birth_year": year} if year else {}


@cache
def _alike() -> Mapping[str, str]:
    """The characters of given names that sound like each, and are others."""
    by_sound: defaultdict[str, str] = defaultdict(str)
    for character in dict.fromkeys(GIVEN):
        by_sound[lazy_pinyin(character)[0]] += character
    return {one: same.replace(one, "") for same in by_sound.values() for one in same if len(same) > 1}


# --- how one name is written otherwise --------------------------------------------------------------------------------
Noise = Callable[[str, random.Random], str]


def exact(name: str, _: random.Random) -> str:
    return name


def traditional(name: str, _: random.Random) -> str:
    return str(OpenCC("s2t").convert(name))


def spaced(name: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(name))
    return f"{name[:place]}{dice.choice([' ', '　', '·'])}{name[place:]}"


def homophone(name: str, dice: random.Random) -> str:
    places = [place for place in range(1, len(name)) if _alike().get(name[place])]
    place = dice.choice(places)
    return name[:place] + dice.choice(_alike()[name[place]]) + name[place + 1 :]


def romanised(name: str, dice: random.Random) -> str:
    first, *rest = lazy_pinyin(name)
    words = [first.upper(), "".join(rest).capitalize()]
    return " ".join(words if dice.random() < 0.5 else reversed(words))


def missing(name: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(name) if len(name) < 6 else len(name) - len(FORM))
    return name[:place] + name[place + 1 :]


def swapped(name: str, dice: random.Random) -> str:
    place = 1 if len(name) < 6 else dice.randrange(2, 5)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def another(name: str, dice: random.Random) -> str:
    """A character that sounds otherwise, the last but the legal form."""
    pool, place = (GIVEN, len(name) - 1) if len(name) < 6 else (MARKS, 4)
    other = dice.choice([c for c in pool if c not in name and lazy_pinyin(c) != lazy_pinyin(name[place])])
    return name[:place] + other + name[place + 1 :]


def other_form(name: str, _: random.Random) -> str:
    return name.replace(FORM, "有限责任公司")


# --- persons ----------------------------------------------------------------------------------------------------------
def colleague(noise: Noise, *, one: bool = True, born: str = "same", source: str = "court", firms: int = 1) -> Any:
    """Two persons at one firm, or several: the register names the left one, another source the right one."""

    def make(draw: Draw, kind: str) -> Case:
        name, year = draw.person_name(), draw.year()
        companies = [draw.company() for _ in range(firms)]
        left = draw.named(name, companies[0], year)
        years = {"same": year, "another": year + 1 + draw.dice.randrange(25), "missing": None}
        right = draw.person(noise(name, draw.dice), years[born])
        links = [draw.link(left, LinkType.LEGAL_REPRESENTATIVE, each, "registry") for each in companies]
        links += [draw.link(right, LinkType.DIRECTOR, each, source) for each in companies]
        return Case(kind, one, left, right, (*companies, *draw.colleagues(companies[0]), *links))

    return make


def apart(*, one: bool, same_year: bool, prefecture: str | None = None, linked: bool = False) -> Any:
    """Two of one name at two firms."""

    def make(draw: Draw, kind: str) -> Case:
        name, year = draw.person_name(), draw.year()
        firms = [draw.company(), draw.company()]
        born = (year, year if same_year else year + 1 + draw.dice.randrange(25))
        regions = ("360402", prefecture) if prefecture else (None, None)
        left, right = (
            replace(draw.named(name, firm, y), region=region)
            for firm, y, region in zip(firms, born, regions, strict=True)
        )
        links = [
            draw.link(person, LinkType.DIRECTOR, firm, "registry")
            for person, firm in zip((left, right), firms, strict=True)
        ]
        if linked:
            links.append(draw.link(firms[0], LinkType.SHAREHOLDER, firms[1], "registry"))
        around = [fact for firm in firms for fact in draw.colleagues(firm)]
        return Case(kind, one, left, right, (*firms, *around, *links))

    return make


# --- organisations ----------------------------------------------------------------------------------------------------
def company(
    noise: Noise, *, one: bool = True, same_head: bool = True, same_day: bool | None = None, county: str = "360402"
) -> Any:
    """A registered company, and one that another source knows; ``same_day`` None: it does not say when it began."""

    def make(draw: Draw, kind: str) -> Case:
        day, head = draw.day(), draw.person_name()
        left = draw.company(region="360402", established_on=day)
        other_day = day if same_day else day + timedelta(days=1 + draw.dice.randrange(3_000))
        right = draw.elsewhere(
            Kind.ENTERPRISE,
            noise(left.name, draw.dice),
            region=county,
            established_on=None if same_day is None else other_day,
        )
        heads = [draw.named(head if same_head or of is left else draw.person_name(), of, None) for of in (left, right)]
        links = [
            draw.link(person, LinkType.LEGAL_REPRESENTATIVE, of, source)
            for person, of, source in zip(heads, (left, right), ("registry", "court"), strict=True)
        ]
        return Case(kind, one, left, right, (*heads, *links))

    return make


def renamed(draw: Draw, kind: str) -> Case:
    number = {"customs_number": str(draw.next())}
    left, right = draw.company(), draw.elsewhere(Kind.ENTERPRISE, draw.company_name())
    left, right = (replace(each, identifiers={**each.identifiers, **number}) for each in (left, right))
    return Case(kind, True, left, right)


def moved(name: str, dice: random.Random) -> str:
    return dice.choice([city for city in CITIES.values() if city != "九江"]) + name[2:]


def branch(name: str, dice: random.Random) -> str:
    return f"{name}{dice.choice(list(CITIES.values()))}分公司"


def branches(draw: Draw, kind: str) -> Case:
    """Two branches of one company, under one head."""
    parent, head, day = draw.company(), draw.person_name(), draw.day()
    left = draw.company(f"{parent.name}第一分公司", region="360402", established_on=day)
    right = draw.elsewhere(Kind.ENTERPRISE, f"{parent.name}第二分公司", region="360402", established_on=day)
    heads = [draw.named(head, of, None) for of in (left, right)]
    links = [draw.link(p, LinkType.PRINCIPAL, of, "registry") for p, of in zip(heads, (left, right), strict=True)]
    links += [draw.link(of, LinkType.BRANCH_OF, parent, "registry") for of in (left, right)]
    return Case(kind, False, left, right, (parent, *heads, *links))


KINDS: Mapping[str, Callable[[Draw, str], Case]] = {
    "person: as written": colleague(exact),
    "person: birth year missing": colleague(exact, born="missing"),
    "person: traditional characters": colleague(traditional),
    "person: spacing": colleague(spaced),
    "person: homophone": colleague(homophone),
    "person: homophone, birth year missing": colleague(homophone, born="missing"),
    "person: in Latin letters": colleague(romanised),
    "person: typo, a character missing": colleague(missing),
    "person: typo, two characters swapped": colleague(swapped),
    "person: typo, another character": colleague(another),
    "person: at a linked company": apart(one=True, same_year=True, linked=True),
    "person: birth year and prefecture only": apart(one=True, same_year=True, prefecture="360403"),
    "organisation: as written": company(exact),
    "organisation: traditional characters": company(traditional),
    "organisation: spacing": company(spaced),
    "organisation: legal form otherwise": company(other_form),
    "organisation: same county, another head": company(exact, same_head=False),
    "organisation: typo, a character missing": company(missing, same_day=True),
    "organisation: typo, two characters swapped": company(swapped, same_day=True),
    "organisation: typo, another character": company(another, same_day=True),
    "organisation: renamed, a number shared": renamed,
    "namesakes": apart(one=False, same_year=False),
    "namesakes of one birth year": apart(one=False, same_year=True),
    "namesakes of one prefecture": apart(one=False, same_year=False, prefecture="360403"),
    "siblings with a common employer": colleague(another, one=False, born="another"),
    "siblings with three common companies": colleague(another, one=False, born="missing", firms=3),
    "twins with a common employer": colleague(another, one=False),
    "father and son with a common employer": colleague(missing, one=False, born="another"),
    "homophones side by side in one source": colleague(homophone, one=False, born="missing", source="registry"),
    "branches of one company": branches,
    "a company and its branch": company(branch, one=False, same_day=False),
    "companies with another character": company(another, one=False, same_day=False),
    "companies with another character, of one day": company(another, one=False, same_day=True),
    "companies with another city in the name": company(moved, one=False, same_day=True),
    "companies of one name in two prefectures": company(exact, one=False, same_head=False, county="360103"),
}


def population(seed: int, each: int) -> list[Case]:
    """So many cases of each kind."""
    draw = Draw(random.Random(seed))  # noqa: S311 -- reproducible on purpose
    return [make(draw, kind) for kind, make in KINDS.items() for _ in range(each)]
