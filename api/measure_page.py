"""docs/measures.md: every measure of the shipped catalogue, by document, and how many of each sort there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from api.presentation.measures import effect_words, highest_basis, precedence, reach_words, term_words, trigger_words
from api.presentation.words import LEVELS
from rules.catalogue import Catalogue
from rules.model import SANCTIONS, Basis, Measure, ReachDefinition

INTRODUCTION = """\
# The measures 措施清单

What the shipped catalogue holds, generated from it: `xinheng catalogue show measures ID` gives a measure whole. Each
fires in one scenario and not in another that differs in one fact (`xinheng catalogue test`). What a reach, a trigger
and a term mean: [catalogue.md](catalogue.md).
"""
HEADS = ("measure", "effect", "because of", "binds", "how long", "article")


def page(catalogue: Catalogue) -> str:
    """The page of a catalogue."""
    return "\n".join([INTRODUCTION, *_figures(catalogue), *_documents(catalogue)])


def _documents(catalogue: Catalogue) -> Iterator[str]:
    of: dict[str, list[Measure]] = {}
    for measure in catalogue.measures.values():
        of.setdefault(highest_basis(measure, catalogue).id, []).append(measure)
    for document in sorted((catalogue.documents[one] for one in of), key=precedence):
        number = f" {document.number}" if document.number else ""
        read = "" if document.verified == "seen" else "; recalled, not read: at most strict_review"
        until = f" to {document.in_force.to}" if document.in_force.to else ""
        yield f"## 《{document.title}》{number}"
        yield ""
        said = of[document.id]
        standing = f"{LEVELS[document.level]}, in force from {document.in_force.from_}{until}{read}"
        yield f"`{document.id}`, {standing}; {len(said)} measure{'s' if len(said) > 1 else ''}."
        yield ""
        yield from table(HEADS, (_row(measure, catalogue) for measure in said))


def _row(measure: Measure, catalogue: Catalogue) -> Sequence[str]:
    articles = "; ".join(_article(basis, catalogue) for basis in measure.basis)
    title = f"{measure.title}<br>`{measure.id}`"
    binds = "<br>".join(reach_words(reach, catalogue) for reach in measure.reaches)
    trigger, term = trigger_words(measure.trigger, catalogue), term_words(measure.term)
    return title, effect_words(measure), trigger, binds, term, articles


def _article(basis: Basis, catalogue: Catalogue) -> str:
    return f"《{catalogue.documents[basis.document].title}》{basis.article}"


def _figures(catalogue: Catalogue) -> Iterator[str]:
    measures = catalogue.measures.values()
    yield f"{len(measures)} measures, {len(catalogue.documents)} documents, {len(catalogue.lists)} lists and events,"
    yield f"{len(catalogue.leads)} leads, {len(catalogue.groups)} rules over the applicants of one contract."
    yield ""
    by_level = Counter((str(highest_basis(one, catalogue).level), _column(one)) for one in measures)
    columns = [*SANCTIONS, "incentive"]
    rows = []
    for level, words in LEVELS.items():
        counts = [by_level[level, column] for column in columns]
        if any(counts):
            rows.append((words, *(str(count or "") for count in counts), str(sum(counts))))
    yield from table(("level of the highest basis", *columns, "all"), rows)
    reaches = Counter(_shape(reach) for one in measures for reach in one.reaches)
    yield from table(("reach", "measures"), [(shape, str(n)) for shape, n in sorted(reaches.items())])


def _column(measure: Measure) -> str:
    return measure.effect if measure.kind == "sanction" else "incentive"


def _shape(reach: ReachDefinition) -> str:
    return " → ".join("named person" if step.named else f"link, {step.holds}" for step in reach.steps) or "self"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown, and an empty one."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'-|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
