"""Two subjects compared: the evidence that they are one, weighed in bits, and the score that it comes to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loaders.identity import weights
from loaders.identity.identifiers import DECISIVE, decisive, differing, shared
from loaders.identity.names import Level, level
from loaders.identity.profile import SINGLE_OFFICES, Profile

Count = Callable[[int], int]
"""How many hold an organisation, by its key."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that speaks for (bits > 0) or against two subjects being one."""

    says: str
    bits: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The score in [0, 1] and what it rests on, the prior and the name first."""

    score: float
    evidence: tuple[Evidence, ...]


NOTHING = Compared(0.0, ())


def compare(left: Profile, right: Profile, *, bearers: int, holders: Count) -> Compared:
    """How likely the two are one. ``bearers``: how many subjects bear this name, as it sounds, in the store.

    0 where nothing but the name speaks for it, where a person stands beside an organisation, where the two hold
    different values of an identifier that a subject has once, and where the names are different ones and no identifier
    is shared.
    """
    if left.person is not right.person or decisive(left.identifiers, right.identifiers):
        return NOTHING
    how = level(left.spelling, right.spelling, person=left.person)
    identifiers = list(_identifiers(left, right))
    if how == "different" and not any(one.bits > 0 for one in identifiers):
        return NOTHING
    beside = _beside_persons(left, right, how, holders) if left.person else _beside_organisations(left, right)
    found = [*identifiers, *beside]
    if not any(one.bits > 0 for one in found):
        return NOTHING
    whole = (_prior(left), _name(left, how, bearers), *found)
    return Compared(weights.posterior(sum(one.bits for one in whole)), whole)


def _prior(of: Profile) -> Evidence:
    return Evidence("two at random", -(weights.PERSONS if of.person else weights.ORGANISATIONS))


def _name(of: Profile, how: Level, bearers: int) -> Evidence:
    total = weights.PERSONS if of.person else weights.ORGANISATIONS
    least = weights.NAMESAKES_OF_PERSON if of.person else weights.NAMESAKES_OF_ORGANISATION
    same = total - math.log2(max(bearers, least))
    if how == "same":
        return Evidence("same name" + (f", which {bearers} bear here" if bearers > least else ""), same)
    if how == "sound":
        return Evidence("name sounds the same", same + weights.SOUNDS_ALIKE)
    if how == "edited":
        edited = weights.EDITED_PERSON if of.person else weights.EDITED_ORGANISATION
        return Evidence("name with a character more, less or swapped", edited)
    return Evidence("another name", weights.DIFFERENT)


def _identifiers(left: Profile, right: Profile) -> Iterator[Evidence]:
    same = list(shared(left.identifiers, right.identifiers))
    if same:
        most = max(weights.DECISIVE if scheme in DECISIVE else weights.IDENTIFIER for scheme in same)
        yield Evidence(f"same {', '.join(same)}", most)
    for scheme in differing(left.identifiers, right.identifiers):
        yield Evidence(f"another {scheme}", weights.OTHER_IDENTIFIER)


def _beside_persons(left: Profile, right: Profile, how: Level, holders: Count) -> Iterator[Evidence]:
    if left.birth_year and right.birth_year:
        same = left.birth_year == right.birth_year
        yield Evidence(
            f"{'same' if same else 'another'} birth year",
            weights.SAME_BIRTH_YEAR if same else weights.OTHER_BIRTH_YEAR,
        )
    if left.gender and right.gender and left.gender != right.gender:
        yield Evidence("another gender", weights.OTHER_GENDER)
    if left.region and right.region and left.region[:4] == right.region[:4]:
        yield Evidence("same prefecture", weights.SAME_PREFECTURE_PERSON)
    common = sorted(left.organisations.keys() & right.organisations.keys())
    yield from _common(left, right, common, how, holders) if common else _around(left, right)


def _common(left: Profile, right: Profile, organisations: list[int], how: Level, holders: Count) -> Iterator[Evidence]:
    least = min(max(holders(key), 1) for key in organisations)
    first = max(weights.SHARED_ORGANISATION - math.log2(least), weights.LEAST_SHARED)
    further = weights.FURTHER_SHARED * min(len(organisations) - 1, 2)
    many = len(organisations)
    yield Evidence(f"shares {many} organisation{'s' if many > 1 else ''}", first + further)
    pairs = [(left.organisations[key], right.organisations[key]) for key in organisations]
    if any(one.offices & other.offices & SINGLE_OFFICES for one, other in pairs):
        yield Evidence("same office, which one person has", weights.SAME_OFFICE)
    if how != "same" and any(one.sources & other.sources for one, other in pairs):
        yield Evidence("one source names both there", weights.BOTH_NAMED_THERE)


def _around(left: Profile, right: Profile) -> Iterator[Evidence]:
    if left.near & right.organisations.keys() or right.near & left.organisations.keys():
        yield Evidence("their organisations are linked", weights.NEAR)
    if beside := (left.people & right.people) - {left.spelling, right.spelling}:
        many = len(beside)
        yield Evidence(
            f"{many} other name{'s stand' if many > 1 else ' stands'} beside both",
            sum(weights.COMPANIONS[:many]),
        )


def _beside_organisations(left: Profile, right: Profile) -> Iterator[Evidence]:
    if left.established_on and right.established_on:
        same = left.established_on == right.established_on
        yield Evidence(
            f"established on {'the same' if same else 'another'} day", weights.SAME_DAY if same else weights.OTHER_DAY
        )
    if left.region and right.region:
        yield _region(left.region, right.region)
    if people := left.people & right.people:
        many = len(people)
        bits = weights.SHARED_PEOPLE + (weights.FURTHER_PEOPLE if many > 1 else 0)
        yield Evidence(f"{many} holder{'s' if many > 1 else ''} of the same name", bits)
    if left.kind != right.kind:
        yield Evidence("another kind", weights.OTHER_KIND)


def _region(left: str, right: str) -> Evidence:
    if left == right and not left.endswith("00"):
        return Evidence("same county", weights.SAME_COUNTY)
    if left[:4] == right[:4]:
        return Evidence("same prefecture", weights.SAME_PREFECTURE)
    return Evidence("another prefecture", weights.OTHER_PREFECTURE)
