"""The catalogue 措施清单 as models: what stands in `rules/catalogue/*.yaml` (design, section 6).

Every model is frozen and refuses unknown keys. What concerns one entry alone is validated here; what needs the other
files (references, levels, overlaps, longest terms) is the lint's.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from graph.errors import BadDate
from graph.model import ANCHORS, Kind, LinkType, Severity
from graph.terms import Period
from rules.conditions import Condition, Strict

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._\-]*$", max_length=120)]
Region = Annotated[str, Field(pattern=r"^\d{6}$")]
Level = Literal[
    "law",
    "administrative_regulation",
    "cpc_sc_document",
    "local_regulation",
    "judicial_interpretation",
    "departmental_rule",
    "normative_document",
    "memorandum",
]
Sanction = Literal["deny", "restrict", "revoke_honour", "strict_review", "heighten_supervision", "publicise", "remind"]
Incentive = Literal["fast_track", "priority", "reduce_inspection", "support"]
SANCTIONS: tuple[Sanction, ...] = (
    "deny",
    "restrict",
    "revoke_honour",
    "strict_review",
    "heighten_supervision",
    "publicise",
    "remind",
)
"""Effects of sanctions, strongest first."""
INCENTIVES: tuple[Incentive, ...] = ("fast_track", "priority", "reduce_inspection", "support")
GREATEST_EFFECT: dict[Level, Sanction] = {
    "law": "deny",
    "administrative_regulation": "deny",
    "cpc_sc_document": "deny",
    "local_regulation": "deny",
    "judicial_interpretation": "restrict",
    "departmental_rule": "strict_review",
    "normative_document": "strict_review",
    "memorandum": "strict_review",
}
"""Greatest effect that a document of a level carries (国办发〔2020〕49号; design, section 5)."""
Anchor = Literal["decided_on", "acted_on", "final_on", "sentence_ends_on", "bankruptcy_ends_on", "publicity_to"]
assert set(Anchor.__args__) == set(ANCHORS)  # type: ignore[attr-defined]  # noqa: S101


def _duration(text: str) -> str:
    try:
        return str(Period.parse(text))
    except BadDate as error:
        raise ValueError(str(error)) from error


Duration = Annotated[str, AfterValidator(_duration)]
"""ISO 8601 duration of years, months and days."""


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Interval(Strict):
    """``[from, to)``; ``to`` is the first day on which it is no longer in force."""

    from_: date = Field(alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.to is not None and self.to <= self.from_:
            raise ValueError(f"`to` {self.to} must be later than `from` {self.from_}")
        return self

    def holds(self, day: date) -> bool:
        return self.from_ <= day and (self.to is None or day < self.to)


class Document(Strict):
    """A legal document. ``longest_term``: the longest term any measure may take from it."""

    id: Id
    title: str
    number: str | None = None
    level: Level
    territory: Region | None = None
    in_force: Interval
    longest_term: Duration | Literal["for_life"] | None = None
    verified: Literal["seen", "recalled"]

    @model_validator(mode="after")
    def _territory_belongs_to_local_documents(self) -> Self:
        if (self.level == "local_regulation") != (self.territory is not None):
            raise ValueError("`territory` is required for a local_regulation, and only there")
        return self


class Word(Strict):
    """A word of the vocabulary. ``aliases``: other names under which users know it."""

    id: Id
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


class ListDefinition(Strict):
    """A list 名单 or an event kind (``kind: event``)."""

    id: Id
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    kind: Literal["sanction", "incentive", "watch", "event"]
    certified_by: str | None = None
    default_term: Duration | None = None
    subject_kinds: tuple[Kind, ...] = tuple(Kind)


class Basis(Strict):
    """A provision. ``in_force`` defaults to its document's."""

    document: Id
    article: str
    in_force: Interval | None = None


LinkTypes = Annotated[tuple[LinkType, ...], BeforeValidator(_several), Field(min_length=1)]


class Held(Strict):
    """The office that a named person also held at the event."""

    link: LinkTypes
    holds: Literal["at_event"] = "at_event"


class Step(Strict):
    """A step of a reach: by ``named``, or by ``link``."""

    named: Annotated[tuple[str, ...] | None, BeforeValidator(_several)] = None
    finding: Annotated[tuple[str, ...] | None, BeforeValidator(_several)] = None
    held: Held | None = None
    link: Annotated[LinkTypes | None, BeforeValidator(_several)] = None
    to: Literal["holder", "organisation"] | None = None
    holds: Literal["now", "at_event", "after_event"] | None = None
    min_share: float | None = Field(default=None, gt=0, le=1)

    @model_validator(mode="after")
    def _named_or_link(self) -> Self:
        if (self.named is None) == (self.link is None):
            raise ValueError("a step is either `named: role` or `link: type`")
        if self.link is not None and (self.to is None or self.holds is None):
            raise ValueError("a link step says `to: holder|organisation` and `holds: now|at_event|after_event`")
        if self.link is not None and (self.finding or self.held):
            raise ValueError("`finding` and `held` narrow a `named` step only")
        if self.named is not None and (self.to or self.holds or self.min_share):
            raise ValueError("`to`, `holds` and `min_share` belong to a `link` step")
        return self


class ReachDefinition(Strict):
    """A reach and, where they differ from the measure's, its bases. Written as the list of steps alone when they
    don't: `[]` is self."""

    steps: tuple[Step, ...] = ()
    basis: tuple[Basis, ...] = ()


def _reach(value: object) -> object:
    return {"steps": value} if isinstance(value, list) else value


ReachEntry = Annotated[ReachDefinition, BeforeValidator(_reach)]


class Trigger(Strict):
    """Lists or event kinds (both are ids of `lists.yaml`) and what their records must be like.

    ``on`` names the event date. ``count_at_least``, ``sum_at_least`` (yuan) judge the records together, within the
    window ``(t - within, t]`` on the event date.
    """

    list_: Annotated[tuple[Id, ...], BeforeValidator(_several)] = Field(default=(), alias="list")
    event: Annotated[tuple[Id, ...], BeforeValidator(_several)] = ()
    severity: Severity | None = None
    where: Condition | None = None
    on: Anchor = "decided_on"
    count_at_least: int | None = Field(default=None, ge=2)
    sum_at_least: int | None = Field(default=None, ge=1)
    within: Duration | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.lists:
            raise ValueError("a trigger names a `list` or an `event`")
        if self.within and not self.counted:
            raise ValueError("`within` needs `count_at_least` or `sum_at_least`")
        return self

    @property
    def lists(self) -> tuple[str, ...]:
        return (*self.list_, *self.event)

    @property
    def counted(self) -> bool:
        return self.count_at_least is not None or self.sum_at_least is not None


class LengthRange(Strict):
    """Where the law gives a range, the record's `term_ends_on` decides. Without ``least`` (一定期限) nothing is certain
    until the decision's own end is known."""

    least: Duration | None = None
    most: Duration | Literal["for_life"]


class Term(Strict):
    length: Literal["for_life"] | Duration | LengthRange
    from_: Anchor = Field(default="decided_on", alias="from")


class Scope(Strict):
    matters: tuple[Id, ...] = Field(min_length=1)
    departments: tuple[Id, ...] = ()
    regions: tuple[Region, ...] = ()
    subject_kinds: tuple[Kind, ...] = ()


class Measure(Strict):
    """A measure 措施 (design, section 6)."""

    id: Id
    title: str
    kind: Literal["sanction", "incentive"]
    effect: Sanction | Incentive
    trigger: Trigger
    reaches: tuple[ReachEntry, ...] = (ReachDefinition(),)
    scope: Scope
    term: Term | None = None
    repair: Literal["ends", "stays"] = "ends"
    repair_reason: str | None = None
    basis: tuple[Basis, ...] = Field(min_length=1)
    in_force: Interval
    applies_to: Literal["earlier_records"] | None = None
    survives: bool = False
    discretionary: bool = False
    carried_out_by: Literal["authority", "market"] = "authority"
    text: Literal["seen", "recalled"] = "seen"
    suspended_when: Trigger | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.kind == "sanction") != (self.effect in SANCTIONS):
            raise ValueError(f"effect `{self.effect}` does not belong to a {self.kind}")
        if self.repair == "stays" and not self.repair_reason:
            raise ValueError("`repair: stays` needs a `repair_reason`")
        if self.suspended_when and self.kind == "sanction":
            raise ValueError("`suspended_when` belongs to an incentive")
        if not self.reaches:
            raise ValueError("a measure has at least one reach; `[]` is self")
        return self


class Lead(Strict):
    """A linked fact worth showing that no statute turns into a measure; up to three links."""

    id: Id
    text: str
    list_: Annotated[tuple[Id, ...], BeforeValidator(_several)] = Field(alias="list", min_length=1)
    severity: Severity | None = None
    reaches: tuple[ReachEntry, ...] = Field(min_length=1)
    matters: tuple[Id, ...] = ()
    subject_kinds: tuple[Kind, ...] = ()


class SameHolder(Strict):
    link: LinkTypes


class DirectLink(Strict):
    link: LinkTypes
    min_share: float | None = Field(default=None, gt=0, le=1)


class BecauseOf(Strict):
    because_of: tuple[Id, ...] = Field(min_length=1)


class GroupRule(Strict):
    """A rule over the applicants of one contract: exactly one of ``same_holder``, ``direct_link``, ``consortium``."""

    id: Id
    title: str
    effect: Sanction
    same_holder: SameHolder | None = None
    direct_link: DirectLink | None = None
    consortium: BecauseOf | None = None
    scope: Scope
    basis: tuple[Basis, ...] = Field(min_length=1)
    in_force: Interval
    text: Literal["seen", "recalled"] = "seen"

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if sum(x is not None for x in (self.same_holder, self.direct_link, self.consortium)) != 1:
            raise ValueError("give exactly one of `same_holder`, `direct_link`, `consortium`")
        return self


class Vocabulary(Strict):
    matters: tuple[Word, ...]
    departments: tuple[Word, ...]
    roles: tuple[Word, ...]
