"""The documents of an investigation: what the command line and HTTP pass on. Every key is always there; lists are
sorted as their docstrings say, so that the same question has the same bytes."""

from __future__ import annotations

from datetime import date
from typing import Literal

from engine.document import SubjectView, View
from engine.investigation.question import ControlQuestion, ExpandQuestion, PathsQuestion, SubjectQuestion
from engine.question import Instant
from graph.model import FieldValue, Kind, LinkType, Severity
from graph.network.control import Control, Ground
from graph.network.holdings import Why as WhyAbove
from graph.network.links import Side
from graph.network.paths import Why as WhyPaths


class Node(View):
    """A subject where it stands in the network. One that is not ``identified`` is known by name only, and may be the
    same as another."""

    id: str
    name: str
    kind: Kind
    identified: bool


class LinkLine(View):
    """A link, from holder to organisation (ids)."""

    id: str
    type: LinkType
    holder: str
    organisation: str
    share: float | None
    position: str | None
    valid_from: date | None
    valid_to: date | None
    source: str | None


class Count(View):
    side: Side
    type: LinkType
    links: int


class Neighbour(View):
    """A link of the subject: on which side it stands, and who stands at the other end."""

    side: Side
    other: Node
    link: LinkLine


class Expansion(View):
    """``counts`` are exact, whatever the page shows; ``links`` stand by side and type, greatest share first, then by
    id. ``cursor`` leads to the next page."""

    investigation_id: str
    question: ExpandQuestion
    subject: SubjectView
    complete: bool
    total: int
    counts: tuple[Count, ...]
    links: tuple[Neighbour, ...]
    cursor: str | None


class PathView(View):
    """Subjects from one end to the other; ``steps[n]`` are all links between the n-th and the next."""

    subjects: tuple[Node, ...]
    steps: tuple[tuple[LinkLine, ...], ...]


class PathsDocument(View):
    """``count`` shortest paths there are, of ``length`` links (null: none was seen), by the ids of their subjects.
    ``none_within``: it is proven that no path has so many links or fewer."""

    investigation_id: str
    question: PathsQuestion
    start: SubjectView
    goal: SubjectView
    complete: bool
    why: tuple[WhyPaths | Literal["unresolved"], ...]
    length: int | None
    count: int
    none_within: int
    paths: tuple[PathView, ...]


class ChainStep(View):
    """An organisation that decides as the holder says: ``by`` those that have ``votes`` (a part of all) in it
    together, or, ``declared``, because a source calls one of them its actual controller."""

    organisation: str
    by: tuple[str, ...]
    votes: float
    declared: bool


class HolderView(View):
    """Somebody above the subject. Shares are parts of one. ``effective_share`` goes through every chain and circle
    (null where a circle can't be solved); with ``at_least``, a share on the way is not known, and it may be more.
    ``votes``: what the holder and all that it controls have in the subject. ``control``: by a majority of votes
    through ``chain``, or as declared. ``ultimate``: nobody is known above it."""

    subject: Node
    direct_share: float | None
    effective_share: float | None
    at_least: bool
    votes: float
    control: Control | None
    chain: tuple[ChainStep, ...]
    ultimate: bool


class Owner(View):
    """A natural person with 25 % and more of the shares or votes, or in control (受益所有人信息管理办法 第六条)."""

    subject: Node
    grounds: tuple[Ground, ...]


class InCharge(View):
    subject: Node
    link: LinkLine


class HoldingView(View):
    """What a holder has of an organisation; null: not known."""

    holder: str
    organisation: str
    share: float | None
    links: tuple[str, ...]


class ControlGap(View):
    """What the data do not tell, about these subjects or links. ``share`` belongs to some kinds: the part of the
    organisation whose holder is not on record, or what its holders' shares add up to."""

    kind: Literal[
        "circle_too_large",
        "closed_circle",
        "missing_share",
        "no_holders",
        "not_read",
        "shares_exceed_whole",
        "shares_incomplete",
        "sources_differ",
    ]
    about: tuple[str, ...]
    share: float | None


class ControlDocument(View):
    """``holders`` by effective share, greatest first, then by id; ``complete``: all that is on record above the
    subject was read. ``own_share``: what the subject holds of itself, through circles too."""

    investigation_id: str
    question: ControlQuestion
    subject: SubjectView
    complete: bool
    why: tuple[WhyAbove | Literal["unresolved"], ...]
    own_share: float
    beneficial_owners: tuple[Owner, ...]
    in_charge: tuple[InCharge, ...]
    holders: tuple[HolderView, ...]
    holdings: tuple[HoldingView, ...]
    gaps: tuple[ControlGap, ...]


class NameLine(View):
    """A name under which the store held ``subject`` (an id: the subject's own, or of one that was judged to be it)."""

    subject: str
    name: str
    recorded_at: Instant
    superseded_at: Instant | None


class RecordLine(View):
    """A record, whether or not any measure needs it. ``counts`` on ``as_of``, publicity apart; null: a date is missing.
    ``amount`` in yuan."""

    id: str
    list: str
    severity: Severity | None
    number: str | None
    department: str | None
    decided_on: date | None
    effective_from: date | None
    effective_to: date | None
    term_ends_on: date | None
    publicity_to: date | None
    repaired_on: date | None
    amount: int | float | None
    annulled: bool
    disputed: bool
    test: bool
    counts: bool | None
    source: str | None


class ListLine(View):
    """How many records of a list there are, how many of them count on ``as_of``, and of how many that is unknown."""

    list: str
    records: int
    counting: int
    unknown: int
    last_decided_on: date | None


class SourceLine(View):
    """Up to which day a declared source is complete, and whether that is enough for ``as_of``."""

    source: str
    holds: tuple[str, ...]
    through: date | None
    state: Literal["current", "overdue", "never_loaded"]


class SubjectDocument(View):
    """What is held of a subject. ``names`` by subject and time of recording; ``lists`` are exact; ``records`` are the
    latest decided of ``total``, at most 200; ``fields``: what else its source says."""

    investigation_id: str
    question: SubjectQuestion
    subject: SubjectView
    complete: bool
    region: str | None
    established_on: date | None
    source: str | None
    fields: dict[str, FieldValue]
    names: tuple[NameLine, ...]
    lists: tuple[ListLine, ...]
    total: int
    records: tuple[RecordLine, ...]
    sources: tuple[SourceLine, ...]


Investigation = Expansion | PathsDocument | ControlDocument | SubjectDocument
