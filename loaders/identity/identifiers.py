"""Identifiers as evidence: what two subjects hold in common, and what only one of them can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.errors import BadIdentifier
from graph.identifiers import organisation_code
from graph.model import Subject

CITIZEN_ID = "citizen_id"
DECISIVE = (CITIZEN_ID, "uscc", "organisation_code", "lei")
"""Schemes that give a subject one value for life: two values are two subjects. A registration number or a passport is
renewed, so that two of them only speak against."""


def held(subject: Subject) -> Mapping[str, str]:
    """The identifiers of a subject by scheme: the citizen ID by its digest, and the organisation code that stands in a
    credit code (GB 32100, positions 9 to 17)."""
    found = dict(subject.identifiers)
    if subject.citizen_id:
        found[CITIZEN_ID] = subject.citizen_id.digest
    if "uscc" in found and (inner := _inner_code(found["uscc"])):
        found.setdefault("organisation_code", inner)
    return found


def shared(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[str]:
    """The schemes in which both hold the same value."""
    return (scheme for scheme in sorted(left.keys() & right.keys()) if left[scheme] == right[scheme])


def differing(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[str]:
    """The schemes in which both hold a value, each another. Registration numbers of 13 and of 15 digits are those of
    before and after 2007, and tell nothing of each other."""
    for scheme in sorted(left.keys() & right.keys()):
        if left[scheme] != right[scheme] and not _recoded(scheme, left[scheme], right[scheme]):
            yield scheme


def decisive(left: Mapping[str, str], right: Mapping[str, str]) -> str | None:
    """A scheme whose values show that these are two subjects."""
    return next((scheme for scheme in DECISIVE if scheme in differing(left, right)), None)


def _recoded(scheme: str, left: str, right: str) -> bool:
    return scheme == "registration_number" and len(left) != len(right)


def _inner_code(code: str) -> str | None:
    try:
        return organisation_code(code[8:17])
    except BadIdentifier:
        return None
