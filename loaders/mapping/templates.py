"""The templates of a mapping: where in a row the value of a field stands, and what it goes through on its way.

A value is a constant, a mapping of templates (nulls left out), or one of:

    {column: 企业名称}                                     the cell of that name
    {path: permitChanges[0].version}                       a path (JMESPath) into a row of nested JSON
    {item: true}                                           the item under way, in a line with `each` (or a path below)
    {choose: [{column: C, starts_with: ["92"], then: X}, …], otherwise: Y}   the first condition that holds decides
    {first: [template, …]}                                 the first of them that is there
    {together: [template, …], with: "|"}                   joined text; null if one of them is missing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from typing_extensions import TypeAliasType

from loaders.mapping.values import Form, Spaces, Unit


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _expression(text: str | None) -> str | None:
    if text is not None:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"{text!r} is no regular expression: {error}") from None
        if re.search(r"\([^?][^()]*[+*][^()]*\)[+*]", text):
            raise ValueError(f"{text!r} repeats a repetition: on some texts it would take for ever")
    return text


class Place(Part):
    """Where in a row: a ``column``, a ``path`` (JMESPath), or the ``item`` of a line with `each` (a path below it)."""

    column: str | None = Field(default=None, description="A column of the table, a key of the JSON object.")
    path: str | None = Field(default=None, description="A path (JMESPath) into nested JSON.")
    item: bool = Field(default=False, description="The item under way; with `path` what stands below it.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.column is None and self.path is None and not self.item:
            raise ValueError("say where the value stands: `column`, `path` or `item: true`")
        if self.column is not None and self.path is not None:
            raise ValueError("a value stands in a `column` or at a `path`, not both")
        return self

    @field_validator("path")
    @classmethod
    def _is_path(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                jmespath.compile(value)
        except JMESPathError as error:
            reason = str(error).partition("\n")[0].rstrip(":")
            raise ValueError(f"{value!r} is no path (JMESPath): {reason}") from None
        return value

    @property
    def name(self) -> str:
        """How a steward knows the place."""
        return self.column or self.path or "item"


class Cell(Place):
    """The value at a place, through the conversions named, in the order in which they stand here.

    ``optional`` overrides whether a row is loaded without the field when its value is bad.
    """

    distinct: bool = Field(default=False, description="Of a list: its one distinct value; several are bad.")
    join: str | None = Field(default=None, description="Of a list: its distinct values, joined by this.")
    spaces: Spaces = Field(default="keep", description="Blanks: `keep` (ends trimmed), `single`, `none`.")
    replace: dict[str, str] = Field(default={}, description="Characters to put in place of others.")
    extract: str | None = Field(default=None, description="A regular expression; its first group, null if no match.")
    characters: tuple[int, int] | None = Field(default=None, description="From the first to the last, counted from 1.")
    pad: int | None = Field(default=None, ge=1, description="Zeros on the left up to this width.")
    pad_right: int | None = Field(default=None, ge=1, description="Zeros on the right up to this width.")
    values: dict[str, str | int | bool | None] = Field(default={}, description="The value for each text.")
    date: tuple[str, ...] = Field(default=(), description="Forms of a day, as strptime; the first that fits.")
    inclusive: bool = Field(default=False, description="The date is a last day; the day after is meant.")
    unit: Unit | None = Field(default=None, description="A number of `yuan`, `万元` or `percent`.")
    money: Literal["fen", "currency"] | None = Field(default=None, description="Of an amount in free text.")
    within: tuple[int | None, int | None] | None = Field(default=None, description="Bounds of a whole number.")
    form: Form | None = Field(default=None, alias="as", description="`integer`, `text` or `boolean`.")
    lookup: str | None = Field(default=None, description="A lookup of the mapping: what it holds for this key.")
    optional: bool | None = Field(
        default=None, description="Whether a line is loaded without the value when it is bad; else the field decides."
    )

    _extract = field_validator("extract")(_expression)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.inclusive and not self.date:
            raise ValueError("`inclusive` goes with `date`: say in which form the date stands, as ['%Y-%m-%d']")
        first, last = self.characters or (1, 1)
        if not 1 <= first <= last:
            raise ValueError("`characters` are counted from 1, the first before the last: [1, 6]")
        least, most = self.within or (None, None)
        if least is not None and most is not None and least > most:
            raise ValueError("`within` names the lower bound first: [0, 120]")
        if self.extract is not None and re.compile(self.extract).groups < 1:
            raise ValueError("`extract` takes the first group of its expression: put what you want in parentheses")
        return self


class Condition(Place):
    """Holds when the value at a place is as said; several words about it are alternatives. A missing value is none of
    them, but for ``missing: true``. ``not: true`` turns it round."""

    equals: tuple[str, ...] = Field(default=(), alias="is", description="It is one of these texts.")
    starts_with: tuple[str, ...] = Field(default=(), description="It begins with one of these.")
    ends_with: tuple[str, ...] = Field(default=(), description="It ends with one of these.")
    contains: tuple[str, ...] = Field(default=(), description="One of these stands in it.")
    matches: str | None = Field(default=None, description="A regular expression, anywhere in the value.")
    same_as: Template | None = Field(default=None, description="It is what this template gives.")
    missing: bool = Field(default=False, description="There is none.")
    negated: bool = Field(default=False, alias="not", description="The contrary.")

    _matches = field_validator("matches")(_expression)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = (self.equals, self.starts_with, self.ends_with, self.contains, self.matches, self.same_as, self.missing)
        if not any(said):
            raise ValueError("a condition says what the value is: `is`, `starts_with`, `contains`, `matches`, …")
        return self


class Case(Condition):
    then: Template = Field(description="The value if the condition holds.")


class Choice(Part):
    """The first case that applies decides."""

    choose: tuple[Case, ...] = Field(min_length=1, description="Conditions, each with a template `then`.")
    otherwise: Template = Field(default=None, description="The value if no case applies.")


class First(Part):
    """The first of several templates that has a value."""

    first: tuple[Template, ...] = Field(min_length=1, description="Templates in order of preference.")


class Together(Part):
    """The texts of several templates, joined; null if one of them is missing."""

    together: tuple[Template, ...] = Field(min_length=2, description="The parts.")
    separator: str = Field(default="", alias="with", description="What stands between them.")


class Each(Place):
    """One line for each item: of a list, or of a text split at any of the characters of ``split``; none when the value
    is missing."""

    split: str = Field(default="", description="The characters at any of which a text is split.")


def _shape(value: object) -> str:
    if not isinstance(value, dict):
        return "constant" if not isinstance(value, BaseModel) else type(value).__name__.lower()
    for key, shape in SHAPES.items():
        if key in value:
            return shape
    return "nested"


SHAPES = {"choose": "choice", "first": "first", "together": "together"} | dict.fromkeys(
    ("column", "path", "item"), "cell"
)

Template = TypeAliasType(
    "Template",
    Annotated[
        Annotated[Cell, Tag("cell")]
        | Annotated[Choice, Tag("choice")]
        | Annotated[First, Tag("first")]
        | Annotated[Together, Tag("together")]
        | Annotated["dict[str, Template]", Tag("nested")]
        | Annotated[str | int | bool | None, Tag("constant")],
        Discriminator(_shape),
    ],
)
for model in (Condition, Case, Choice, First, Together):
    model.model_rebuild()


def places(template: Any) -> Iterator[Place]:
    """Every place that a template (or a condition, or several of them) names."""
    match template:
        case Condition():
            yield template
            yield from places(template.same_as)
            yield from places(getattr(template, "then", None))
        case Place():
            yield template
        case Choice():
            yield from places(template.choose)
            yield from places(template.otherwise)
        case First():
            yield from places(template.first)
        case Together():
            yield from places(template.together)
        case dict():
            yield from places(tuple(template.values()))
        case tuple() | list():
            for one in template:
                yield from places(one)
