"""Which of two statements about one fact stands, when two sources, or two deliveries of one, say it differently.

The register of a subject's kind and a department that merely names the subject in a row of its own both bring a
subject. They are no conflict: the better of the two stands, whichever came first, and the history keeps the other.
Identifiers are joined: a stock code that only the other statement has stays on the subject.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph.model import Fact, Link, Record, Subject

MENTIONED = "mentioned"
"""The field of a subject that its source names without keeping the register of it."""
JOINED = "identifiers_from"
"""The field of a subject that tells, as JSON, which identifiers other statements gave it: scheme to source and whether
that one merely mentions the subject."""
STATED_AT = "stated_at"
"""The field of a fact that says, as text that sorts, when its source stated it: of two statements of one source the
later stands."""
Claim = tuple[bool, str, str]
"""Whether a statement merely mentions the subject, its source, the identifier: the least one stands."""


def standing(offered: Fact, held: Fact) -> Fact | None:
    """What stands where a source offers other content than is held: the held fact itself, another one, or nothing if
    that is for a person to decide."""
    if isinstance(offered, Record | Link) and type(offered) is type(held):
        later = _is_later(offered, held)
        return None if later is None else offered if later else held
    if not (isinstance(offered, Subject) and isinstance(held, Subject)):
        return None
    own = _own(held)
    if offered == own:
        return _joined(own, offered, held)
    if _rank(offered) == _rank(own) and (later := _is_later(offered, own)) is not None:
        return corrected(offered, held) if later else held
    prevailing = prevails(offered, own)
    if prevailing is None:
        return None
    return _joined(offered if prevailing else own, offered, held)


def corrected(offered: Fact, held: Fact) -> Fact:
    """What stands when a source corrects what is held: what it offers, and the identifiers that others gave."""
    if not (isinstance(offered, Subject) and isinstance(held, Subject)):
        return offered
    return held if offered == _own(held) else _joined(offered, offered, held, corrects=True)


def prevails(offered: Subject, held: Subject) -> bool | None:
    """Whether the offered statement takes the place of the held one; nothing if that is for a person to decide.

    A register prevails over a mention; of two registers, or two mentions, the source with the lesser id does, and of
    two mentions of one source the lesser name: an order that does not depend on which was loaded first. Two registers
    of one source that differ are a conflict.
    """
    ours, theirs = _rank(offered), _rank(held)
    if ours == theirs and not offered.fields.get(MENTIONED):
        return None
    return (*ours, _content(offered)) < (*theirs, _content(held))


def _is_later(offered: Subject | Record | Link, held: Fact) -> bool | None:
    """Whether one source stated it later than what is held; nothing if it says not when, or the same of both. What was
    held before statements had their time counts as earlier."""
    if not isinstance(held, Subject | Record | Link) or offered.source != held.source:
        return None
    ours, theirs = (str(fact.fields.get(STATED_AT, "")) for fact in (offered, held))
    return None if ours == theirs else ours > theirs


def _rank(subject: Subject) -> tuple[bool, str]:
    return bool(subject.fields.get(MENTIONED)), subject.source or ""


def _content(subject: Subject) -> tuple[str, ...]:
    said = (f"{name}={value}" for name, value in sorted(subject.fields.items()))
    return subject.name, str(subject.kind), subject.region or "", str(subject.established_on or ""), *said


# --- identifiers ------------------------------------------------------------------------------------------------------


def _joined(stands: Subject, offered: Subject, held: Subject, *, corrects: bool = False) -> Subject:
    """The statement that stands, with the identifiers of both. Of two under one scheme the better statement's stays,
    scheme by scheme: that does not depend on the order in which they came."""
    claims = _claims(held) if not corrects else {s: c for s, c in _claims(held).items() if s in _given(held)}
    for scheme, claim in _claims(offered).items():
        claims[scheme] = claim if corrects else min(claim, claims.get(scheme, claim))
    given = {scheme: claim[:2] for scheme, claim in sorted(claims.items()) if claim[:2] != _rank(stands)}
    fields = {name: value for name, value in stands.fields.items() if name != JOINED}
    if given:
        fields[JOINED] = json.dumps(given, ensure_ascii=False)
    identifiers = {scheme: value for scheme, (_, _, value) in claims.items()}
    joined = replace(stands, identifiers=identifiers, fields=fields)
    return held if joined == held else joined


def _own(subject: Subject) -> Subject:
    """The statement without what others gave it."""
    if JOINED not in subject.fields:
        return subject
    given = _given(subject)
    identifiers = {scheme: value for scheme, value in subject.identifiers.items() if scheme not in given}
    fields = {name: value for name, value in subject.fields.items() if name != JOINED}
    return replace(subject, identifiers=identifiers, fields=fields)


def _claims(subject: Subject) -> dict[str, Claim]:
    given, rank = _given(subject), _rank(subject)
    return {scheme: (*given.get(scheme, rank), value) for scheme, value in subject.identifiers.items()}


def _given(subject: Subject) -> Mapping[str, tuple[bool, str]]:
    text: Any = subject.fields.get(JOINED)
    said = json.loads(text) if isinstance(text, str) else {}
    return {scheme: (bool(mentioned), str(source)) for scheme, (mentioned, source) in said.items()}
