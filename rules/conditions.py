"""Conditions on a record's fields and on the question, as a rule author writes them and as models.

    where: {field: violation, is: 串通投标}
    where: {all: [{field: amount, at_least: 2000000}, {not: {field: industry, is: {question: industry}}}]}

Truth is three-valued (docs/decisions/0001): a field that is missing makes a comparison unknown.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictInt, Tag, model_validator

Scalar = bool | int | str
Operator = Literal["is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below"]
OPERATORS: tuple[Operator, ...] = ("is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below")
QUESTION_FIELDS = ("industry", "object", "region", "matter", "department")


class Strict(BaseModel):
    """A part of the catalogue: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=False)


class FromQuestion(Strict):
    """A value that the question brings."""

    question: Literal["industry", "object", "region", "matter", "department"]


class Comparison(Strict):
    """One field compared in one way. Text knows equality only; numbers (amounts in yuan) know an order."""

    field: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    is_: Scalar | FromQuestion | None = Field(default=None, alias="is")
    is_not: Scalar | FromQuestion | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in", min_length=1)
    not_in: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    at_least: StrictInt | None = None
    at_most: StrictInt | None = None
    above: StrictInt | None = None
    below: StrictInt | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        given = [op for op in OPERATORS if self._value(op) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(OPERATORS)}; found {', '.join(given) or 'none'}")
        return self

    def _value(self, op: str) -> Scalar | FromQuestion | tuple[Scalar, ...] | None:
        value: Scalar | FromQuestion | tuple[Scalar, ...] | None = getattr(self, {"is": "is_", "in": "in_"}.get(op, op))
        return value

    @cached_property
    def operator(self) -> Operator:
        return next(op for op in OPERATORS if self._value(op) is not None)

    @cached_property
    def value(self) -> Scalar | FromQuestion | tuple[Scalar, ...]:
        value = self._value(self.operator)
        assert value is not None  # noqa: S101  (the validator made sure)
        return value


class All(Strict):
    all: tuple[Condition, ...] = Field(min_length=1)


class Any(Strict):
    any: tuple[Condition, ...] = Field(min_length=1)


class Not(Strict):
    not_: Condition = Field(alias="not")


def _tag(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else {type(value).__name__.lower()}
    return next((k for k in ("all", "any", "not") if k in keys), "comparison")


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[Any, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Comparison, Tag("comparison")],
    Discriminator(_tag),
]
All.model_rebuild()
Any.model_rebuild()
Not.model_rebuild()
