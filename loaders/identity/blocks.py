"""Blocks: subjects worth comparing, because they sound alike and something else joins them.

Comparing all with all is out of the question, and a name alone proves nothing; so a block is a name, as it sounds, with
one thing beside it. Only identifiers stand alone. A block of a hub (a nominee, a chain of shops) is left out and said.
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders.identity.names import sound
from loaders.identity.profile import Profile


def blocks(of: Profile) -> Iterator[str]:
    """The names of the blocks that a subject belongs to."""
    yield from (f"identifier {scheme}:{value}" for scheme, value in of.identifiers.items())
    yield from (_of_person if of.person else _of_organisation)(of)


def _of_person(of: Profile) -> Iterator[str]:
    if of.birth_year:
        yield f"name and birth year: {of.sound} {of.birth_year}"
    if of.region:
        yield f"name and prefecture: {of.sound} {of.region[:4]}"
    first = sound(of.spelling[:1], person=True)
    for organisation in of.organisations:
        yield f"organisation and surname: {organisation} {first}"
        yield f"name and linked organisation: {of.sound} {organisation}"
    yield from (f"name and linked organisation: {of.sound} {one}" for one in of.near)
    yield from (f"name beside a name: {of.sound} {other}" for other in of.people if other != of.spelling)


def _of_organisation(of: Profile) -> Iterator[str]:
    if of.region:
        yield f"name and prefecture of organisations: {of.sound} {of.region[:4]}"
    if of.established_on:
        yield f"day and beginning of name: {of.established_on} {sound(of.spelling[:2], person=False)}"
    beginning = sound(of.spelling[:3], person=False)
    yield from (f"holder and beginning of name: {one} {beginning}" for one in of.people)
