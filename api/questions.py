"""Questions as people and machines ask them, resolved into what the engine is asked (design, section 5).

This is the edge at which defaults are filled in: today in Asia/Shanghai, the store's last committed instant, the
office's own territory. Words of the vocabulary may be given by id, Chinese or English name, or alias.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from api.deployment import Deployment
from engine.errors import BadQuestion, UnknownWord
from engine.question import GroupQuestion, Question
from graph.errors import BadIdentifier
from graph.identifiers import holds_citizen_id, parse_identifier, person_id, plain
from loaders.fields import day
from rules.catalogue import Catalogue
from rules.model import Word

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The known_at of an empty store, where nothing is known at any instant."""
LONGEST = 400
_SCHEME = re.compile(r"[A-Za-z0-9_.-]+")
_IDENTIFIER = re.compile(r"[\x21-\x7e]+")


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:", value):
        found = datetime.fromisoformat(value)
    else:
        raise ValueError("known_at is an instant with a time zone, for example 2026-01-31T08:00:00Z")
    if found.tzinfo is None:
        raise ValueError("known_at needs a time zone, for example 2026-01-31T08:00:00Z or …+08:00")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("known_at lies outside the calendar") from None


def _printable(value: str) -> str:
    if any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in value):
        raise ValueError("control characters are not allowed")
    return value


Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_printable)]
Day = Annotated[date, BeforeValidator(day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]


class _Asked(BaseModel):
    """What a check and a group check have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    matter: Text = Field(description="事项: id, name or alias of the vocabulary", examples=["procurement", "政府采购"])
    department: Text = Field(description="部门: id, name or alias of the vocabulary", examples=["purchaser", "采购人"])
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = Field(
        default=None, description="Territory of the office that asks (GB/T 2260); XINHENG_REGION by default"
    )
    industry: Text | None = Field(default=None, description="The industry concerned, for 本行业")
    object: Text | None = Field(default=None, description="The organisation or licence concerned")
    as_of: Day | None = Field(default=None, description="Valid time; today in Asia/Shanghai by default")
    known_at: Instant | None = Field(
        default=None, description="Transaction time; by default the last committed instant of the store"
    )
    who: Text | None = Field(default=None, description="Who asks, for the ledger")
    purpose: Annotated[str, Field(max_length=LONGEST), AfterValidator(_printable)] = Field(
        default="", description="Why, for the ledger"
    )


_EXAMPLE = {"matter": "政府采购", "department": "采购人", "region": "360400", "purpose": "2026-17"}
SUBJECT = "A credit code, a citizen ID, `scheme:value`, a subject id, or a name"


class CheckRequest(_Asked):
    """A check of one subject."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"subject": "91360400MA35G0G00E", **_EXAMPLE}]})

    subject: Text = Field(description=SUBJECT, examples=["91360400MA35G0G00E", "九江柏川商贸有限公司"])


class GroupCheckRequest(_Asked):
    """A check of the applicants of one contract; ``consortia`` lists those who bid as one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"applicants": ["91360400MA35G0G00E", "91350100M000100Y43"], **_EXAMPLE}]}
    )

    applicants: list[Text] = Field(min_length=2, max_length=200, description=SUBJECT)
    consortia: list[list[Text]] = Field(default=[], max_length=100)
    contract: Annotated[str, Field(max_length=LONGEST), AfterValidator(_printable)] = ""


def question_of(request: CheckRequest, deployment: Deployment, catalogue: Catalogue) -> Question:
    """The question that a request means, in the words of a catalogue. Raises `BadInput`."""
    return Question(subject=subject_address(request.subject, deployment), **_common(request, deployment, catalogue))


def group_question_of(request: GroupCheckRequest, deployment: Deployment, catalogue: Catalogue) -> GroupQuestion:
    """The group question that a request means, in the words of a catalogue. Raises `BadInput`."""
    no_citizen_id(contract=request.contract)
    return GroupQuestion(
        applicants=tuple(subject_address(text, deployment) for text in request.applicants),
        consortia=tuple(tuple(subject_address(text, deployment) for text in one) for one in request.consortia),
        contract=request.contract,
        **_common(request, deployment, catalogue),
    )


def _common(request: _Asked, deployment: Deployment, catalogue: Catalogue) -> dict[str, object]:
    region = request.region or deployment.settings.region
    if region is None:
        raise BadQuestion("no region is given", remedy="give --region (six digits), or set XINHENG_REGION")
    no_citizen_id(who=request.who, purpose=request.purpose, object=request.object, industry=request.industry)
    return {
        "matter": word_id("matter", request.matter, catalogue.matters),
        "department": word_id("department", request.department, catalogue.departments),
        "region": region,
        "industry": request.industry,
        "object": request.object,
        "as_of": request.as_of or datetime.now(SHANGHAI).date(),
        "known_at": request.known_at or deployment.store.last_instant() or BEGINNING,
    }


def no_citizen_id(**texts: str | None) -> None:
    """Raises `BadIdentifier` for a text that holds one, and names the text."""
    for name, text in texts.items():
        if holds_citizen_id(text or ""):
            raise BadIdentifier(f"{name} holds a citizen ID, which may stand as the subject only")


def subject_address(text: str, deployment: Deployment) -> str:
    """How the engine addresses what was typed; a citizen ID becomes its keyed digest. Raises `BadIdentifier`."""
    typed = plain(text)
    scheme, colon, value = typed.partition(":")
    if colon and scheme.lower() == "name":
        return _name(re.split("[:：]", text, maxsplit=1)[1])
    if not _IDENTIFIER.fullmatch(typed):
        return _name(text)
    if colon and scheme.lower() in ("person", "named"):
        return f"{scheme.lower()}:{value}"
    identifier = parse_identifier(typed)
    if not _SCHEME.fullmatch(identifier.scheme):
        raise BadIdentifier(
            "the scheme has other characters than letters, digits, - and _", remedy="write scheme:value"
        )
    if identifier.scheme == "citizen_id":
        return person_id(deployment.vault.seal(identifier.value))
    if identifier.scheme != "uscc":
        no_citizen_id(**{identifier.scheme: identifier.value})
    return f"{identifier.scheme}:{identifier.value}"


def identifier_address(text: str, deployment: Deployment) -> str:
    """How an identifier is addressed; a name is none. Raises `BadIdentifier`."""
    address = subject_address(text, deployment)
    if address.startswith("name:"):
        raise BadIdentifier(
            "this is a name, and no identifier", remedy="search for it: xinheng search, or GET /v1/subjects?name=…"
        )
    return address


def _name(text: str) -> str:
    name = text.strip()
    if not name:
        raise BadIdentifier("the name is empty")
    if holds_citizen_id(name):
        raise BadIdentifier("a name holds a citizen ID", remedy="give the name or the ID, not both")
    return f"name:{name}"


def word_id(what: str, text: str, words: Mapping[str, Word]) -> str:
    """The id of a matter or department given by id, name or alias. Raises `UnknownWord` with what is close."""
    if text in words:
        return text
    asked = plain(text).casefold()
    found = sorted({word.id for word in words.values() if asked in _spellings(word)})
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownWord(f"{what} {text} may mean {', '.join(found)}", remedy="give the id")
    spelled = {spelling: word for word in words.values() for spelling in _spellings(word)}
    close = difflib.get_close_matches(asked, spelled, n=3, cutoff=0.4)
    hint = ", ".join(dict.fromkeys(f"{spelled[one].id} ({spelled[one].zh})" for one in close))
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    listing = f"`xinheng catalogue show {what}s` lists them all"
    raise UnknownWord(f"unknown {what} {shown}", remedy=f"did you mean {hint}? {listing}" if hint else listing)


def _spellings(word: Word) -> list[str]:
    return [plain(spelling).casefold() for spelling in (word.id, word.zh, word.en, *word.aliases)]
