"""What the columns of a table hold, by their headers and, for all that can be proved, by their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.errors import BadIdentifier
from graph.identifiers import VERIFIERS
from loaders.guess.words import DATES, meaning_of
from loaders.mapping.values import Bad, as_text, dated, number_of

MISSING = ("N/A", "-", "--", "—", "无", "/", "null", "NULL", "None", "nan")
FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")
FORMS_OF_DAY_FIRST = ("%d.%m.%Y", "%d.%m.%y")  # with a point the day stands first; with a slash nothing says so
PROVED = ("uscc", "registration_number", "organisation_code", "lei", "citizen_id")
ENOUGH = 0.5  # of the values, where the header says it as well
BY_ITSELF = 0.9  # where it does not
_OLD_NUMBER = re.compile(r"\d{13}|\d{15}", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column; ``share`` of its values are what ``meaning`` says, where values can prove it."""

    name: str
    values: Sequence[str] = field(repr=False)
    meaning: str | None = None
    share: float = 1.0

    def forms(self) -> list[str]:
        """The forms of its dates, those that are needed, the commonest first."""
        left, forms = list(self.values), []
        for form in sorted((*FORMS, *FORMS_OF_DAY_FIRST), key=lambda form: -_share(self.values, dated([form], False))):
            rest = [value for value in left if not _stands(dated([form], False), value)]
            if len(rest) < len(left):
                forms.append(form)
            left = rest
        return forms

    @property
    def plain_numbers(self) -> bool:
        return bool(self.values) and _share(self.values, number_of) >= BY_ITSELF

    @property
    def old_numbers(self) -> bool:
        """Whether registration numbers stand among the credit codes."""
        return any(_OLD_NUMBER.fullmatch(value) for value in self.values)

    @property
    def several(self) -> bool:
        return any("、" in value for value in self.values)


def columns_of(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    return [_column(name, list(_texts(name, rows))) for name in names]


def missing_of(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts among the values that mean that there is none."""
    found = (row.get(name) for row in rows for name in names)
    there = {value.strip() for value in found if isinstance(value, str)}
    return ["", *(text for text in MISSING if text in there)]


def is_value(text: str) -> bool:
    """Whether a text is a number of somebody, a long number or a day, and so no name of a column."""
    return (
        any(_stands(VERIFIERS[scheme], text) for scheme in ("uscc", "citizen_id"))
        or bool(re.fullmatch(r"\d{6,}", text))
        or _stands(dated(FORMS, False), text)
    )


def _texts(name: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (row.get(name) for row in rows)
    texts = (as_text(value).strip() for value in found if isinstance(value, str | int | float))
    return [text for text in texts if text and text not in MISSING]


def _column(name: str, values: Sequence[str]) -> Column:
    said = meaning_of(name)
    if said is None:
        proved = next((one for one in ("uscc", "citizen_id") if _share(values, VERIFIERS[one]) >= BY_ITSELF), None)
        return Column(name, values, proved)
    if said in PROVED:
        share = _share(values, _credit_code_or_older if said == "uscc" else VERIFIERS[said])
        return Column(name, values, said, share)
    if said in DATES:
        return Column(name, values, said, _share(values, dated((*FORMS, *FORMS_OF_DAY_FIRST), False)))
    return Column(name, values, said)


def _credit_code_or_older(text: str) -> str:
    return text if _OLD_NUMBER.fullmatch(text) else VERIFIERS["uscc"](text)


def _share(values: Sequence[str], convert: Callable[[str], Any]) -> float:
    return sum(_stands(convert, value) for value in values) / len(values) if values else 0.0


def _stands(convert: Callable[[str], Any], value: str) -> bool:
    try:
        convert(value)
    except (Bad, BadIdentifier):
        return False
    return True
