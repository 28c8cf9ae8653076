"""What may be asked of the catalogue, and its answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from api.entries import (
    DocumentEntry,
    DocumentLine,
    DocumentPage,
    MeasureEntry,
    MeasureLine,
    MeasurePage,
    Provision,
    ReachView,
    ScopeView,
    WordView,
)
from api.paging import PageQuery, Start
from api.presentation.measures import highest_basis, reach_words, term_words, trigger_words
from api.presentation.words import LEVELS, OUTCOMES
from api.questions import Text, word_id
from engine.errors import UnknownWord
from rules.catalogue import Catalogue
from rules.model import Basis, Document, Id, Incentive, Level, Measure, ReachDefinition, Sanction, Word
from rules.rule import scope_of

PARTS = ("matters", "departments", "documents", "lists", "measures", "leads", "groups")
M = TypeVar("M", bound=BaseModel)


class UnknownEntry(UnknownWord):
    """The catalogue has no such entry."""

    code = "unknown-entry"
    status = 404
    title_zh = "措施清单中没有这一条"


class MeasuresQuery(PageQuery):
    """Which measures: all of what is said must hold."""

    document: Annotated[Id | None, Field(description="Measures that cite this document", examples=["company-law"])] = (
        None
    )
    level: Annotated[Level | None, Field(description="The level of their highest basis", examples=["law"])] = None
    effect: Annotated[Sanction | Incentive | None, Field(description="Their effect", examples=["deny"])] = None
    matter: Annotated[
        Text | None, Field(description="事项: id, name or alias of the vocabulary", examples=["政府采购"])
    ] = None
    department: Annotated[
        Text | None,
        Field(
            description="部门: id, name or alias. Measures without departments are for whoever decides the matter",
            examples=["采购人"],
        ),
    ] = None


class DocumentsQuery(PageQuery):
    """Which documents."""

    level: Annotated[Level | None, Field(description="Their level", examples=["law"])] = None


def entry(catalogue: Catalogue, part: str, name: str) -> BaseModel:
    """An entry by the part of the catalogue and its id. Raises `UnknownEntry`."""
    held: Mapping[str, BaseModel] = getattr(catalogue, part)
    if name not in held:
        raise UnknownEntry(
            f"{part} hold no {name}",
            remedy=f"`xinheng catalogue show {part}` lists them, over HTTP GET /v1/measures and GET /v1/documents do",
        )
    return held[name]


def measures(asked: MeasuresQuery, catalogue: Catalogue) -> MeasurePage:
    """Raises `UnknownWord`, `BadCursor`."""
    start = Start.of("measures", _resolved(asked, catalogue))
    found = [one for one in catalogue.measures.values() if _fits(one, start.asked, catalogue)]
    shown, cursor = start.page([(one.id, one) for one in found])
    lines = tuple(MeasureLine(**_measure_line(one, catalogue)) for one in shown)
    return MeasurePage(catalogue=catalogue.digest, total=len(found), measures=lines, cursor=cursor)


def measure(name: str, catalogue: Catalogue) -> MeasureEntry:
    """Raises `UnknownEntry`."""
    entry(catalogue, "measures", name)
    found = catalogue.measures[name]
    said = ("trigger", "term", "repair", "repair_reason", "suspended_when", "carried_out_by", "survives", "applies_to")
    return MeasureEntry(
        **_measure_line(found, catalogue),
        **{name: getattr(found, name) for name in (*said, "text")},
        catalogue=catalogue.digest,
        because_of_zh=trigger_words(found.trigger, catalogue),
        reaches=tuple(_reach(one, catalogue) for one in found.reaches),
        scope=_scope(found, catalogue),
        how_long_zh=term_words(found.term),
        basis=tuple(_provisions(found.basis, catalogue)),
    )


def documents(asked: DocumentsQuery, catalogue: Catalogue) -> DocumentPage:
    """Raises `BadCursor`."""
    start = Start.of("documents", asked)
    found = [one for one in catalogue.documents.values() if start.asked.level in (None, one.level)]
    shown, cursor = start.page([(one.id, one) for one in found])
    lines = tuple(DocumentLine(**_document_line(one)) for one in shown)
    return DocumentPage(catalogue=catalogue.digest, total=len(found), documents=lines, cursor=cursor)


def document(name: str, catalogue: Catalogue) -> DocumentEntry:
    """Raises `UnknownEntry`."""
    entry(catalogue, "documents", name)
    citing = sorted(one.id for one in catalogue.measures.values() if name in _cited(one))
    return DocumentEntry(
        **_document_line(catalogue.documents[name]), catalogue=catalogue.digest, measures=tuple(citing)
    )


def _resolved(asked: MeasuresQuery, catalogue: Catalogue) -> MeasuresQuery:
    """Words by their ids."""
    if asked.document is not None and asked.document not in catalogue.documents:
        raise UnknownWord(f"unknown document {asked.document}", remedy="GET /v1/documents lists them all")
    said = {}
    if asked.matter is not None:
        said["matter"] = word_id("matter", asked.matter, catalogue.matters)
    if asked.department is not None:
        said["department"] = word_id("department", asked.department, catalogue.departments)
    return asked.model_copy(update=said)


def _fits(measure: Measure, asked: MeasuresQuery, catalogue: Catalogue) -> bool:
    return (
        (asked.document is None or asked.document in _cited(measure))
        and asked.level in (None, highest_basis(measure, catalogue).level)
        and asked.effect in (None, measure.effect)
        and (asked.matter is None or asked.matter in measure.scope.matters)
        and (asked.department is None or scope_of(measure.scope).decided_by(asked.department))
    )


def _cited(measure: Measure) -> list[str]:
    """The documents that a measure cites, its own bases first."""
    reaches = (basis for reach in measure.reaches for basis in reach.basis)
    return list(dict.fromkeys(basis.document for basis in (*measure.basis, *reaches)))


def _measure_line(measure: Measure, catalogue: Catalogue) -> dict[str, object]:
    return {
        **{name: getattr(measure, name) for name in ("id", "title", "kind", "effect", "discretionary")},
        "effect_zh": OUTCOMES[measure.effect][0],
        "level": highest_basis(measure, catalogue).level,
        "documents": tuple(_cited(measure)),
        "in_force_from": measure.in_force.from_,
        "in_force_until": measure.in_force.to,
    }


def _document_line(document: Document) -> dict[str, object]:
    named = ("id", "title", "number", "level", "territory", "longest_term", "verified")
    return {
        **{name: getattr(document, name) for name in named},
        "level_zh": LEVELS[document.level],
        "in_force_from": document.in_force.from_,
        "in_force_until": document.in_force.to,
    }


def _reach(reach: ReachDefinition, catalogue: Catalogue) -> ReachView:
    provisions = tuple(_provisions(reach.basis, catalogue))
    return ReachView(steps=reach.steps, text_zh=reach_words(reach, catalogue), basis=provisions)


def _scope(measure: Measure, catalogue: Catalogue) -> ScopeView:
    return ScopeView(
        matters=_words(measure.scope.matters, catalogue.matters),
        departments=_words(measure.scope.departments, catalogue.departments),
        regions=measure.scope.regions,
        subject_kinds=measure.scope.subject_kinds,
    )


def _words(ids: Iterable[str], held: Mapping[str, Word]) -> tuple[WordView, ...]:
    return tuple(WordView(id=one, zh=held[one].zh, en=held[one].en) for one in ids)


def _provisions(bases: Iterable[Basis], catalogue: Catalogue) -> Iterator[Provision]:
    for basis in bases:
        cited = catalogue.documents[basis.document]
        days = basis.in_force or cited.in_force
        yield Provision(
            document=cited.id,
            title=cited.title,
            number=cited.number,
            level=cited.level,
            article=basis.article,
            in_force_from=days.from_,
            in_force_until=days.to,
        )
