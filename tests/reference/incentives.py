"""What suspends an incentive."""

from __future__ import annotations

from typing import Any

from tests.reference.gaps import missing_source
from tests.reference.measures import Asked
from tests.reference.records import lists_of
from tests.reference.triggers import causes
from tests.reference.truth import any_of


def suspended_by(measure: dict[str, Any], asked: Asked) -> list[str] | str | None:
    """The records of the subject's own that suspend it; ``unknown`` where the data cannot tell."""
    trigger = measure.get("suspended_when")
    if not trigger:
        return None
    day = asked.question["as_of"]
    own = [
        cause
        for cause in causes(trigger, asked.facts, day, asked.question, repair_ends=True, has_term=False)
        if cause.listed == asked.subject
    ]
    records = {record["id"] for cause in own if cause.judgement.value for record in cause.records}
    if records:
        return sorted(records)
    missing = [gap for list_id in lists_of(trigger) for gap in missing_source(list_id, asked.facts, asked.question)]
    return "unknown" if missing or any_of([cause.judgement for cause in own]).value is None else None
