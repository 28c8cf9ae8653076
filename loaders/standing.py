"""Which of two statements about one subject stands, when two sources describe it.

The register of a subject's kind and a department that merely names the subject in a row of its own both bring a
subject. They are no conflict: the better of the two stands, whichever came first, and the history keeps the other.
"""

from __future__ import annotations

from graph.model import Subject

MENTIONED = "mentioned"
"""The field of a subject that its source names without keeping the register of it."""


def prevails(offered: Subject, held: Subject) -> bool | None:
    """Whether the offered statement takes the place of the held one; nothing if that is for a person to decide.

    A register prevails over a mention; of two registers, or two mentions, the source with the lesser id does, and of
    two mentions of one source the lesser name: an order that does not depend on which was loaded first. Two registers
    of one source that differ are a conflict.
    """
    ours, theirs = _rank(offered), _rank(held)
    if ours[:2] == theirs[:2] and not offered.fields.get(MENTIONED):
        return None
    return (*ours, _content(offered)) < (*theirs, _content(held))


def _rank(subject: Subject) -> tuple[bool, str]:
    return bool(subject.fields.get(MENTIONED)), subject.source or ""


def _content(subject: Subject) -> tuple[str, ...]:
    said = (f"{name}={value}" for name, value in sorted(subject.fields.items()))
    return subject.name, str(subject.kind), subject.region or "", str(subject.established_on or ""), *said
