"""What the store holds of one subject: its names, its records by list, and how fresh the sources are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.check import validate_clocks
from engine.gaps import lateness, seen_until
from engine.investigation.document import ListLine, NameLine, RecordLine, SourceLine, SubjectDocument
from engine.investigation.question import MOST_RECORDS, SubjectQuestion
from engine.investigation.views import identified, seen
from engine.timing import record_counts
from engine.views import yuan
from graph.evidence import Evidence, reached
from graph.model import FieldValue, Record, Subject
from graph.plan import Plan
from graph.store import GraphStore

GREATEST = 2**53 - 1


def describe(question: SubjectQuestion, *, store: GraphStore) -> SubjectDocument:
    """Raises `BadInput` for a question that can't be asked."""
    validate_clocks(question, store)
    view = seen(question.subject, question, store)
    held = store.subject(view.id, known_at=question.known_at) if view.identity == "verified" else None
    evidence = store.evidence([held.id] if held else [], Plan(), as_of=question.as_of, known_at=question.known_at)
    records = [_record(one, question) for one in store.records(held.id, known_at=question.known_at)] if held else []
    return identified(
        SubjectDocument(
            investigation_id="",
            question=question,
            subject=view,
            complete=held is not None,
            region=held.region if held else None,
            established_on=held.established_on if held else None,
            source=held.source if held else None,
            fields=_fields(held.fields) if held else {},
            names=tuple(_names(held, evidence, question, store)) if held else (),
            lists=tuple(_lists(records)),
            total=len(records),
            records=tuple(sorted(records, key=_newest_first)[:MOST_RECORDS]),
            sources=tuple(_sources(question, evidence)),
        )
    )


def _fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Canonical JSON (RFC 8785) has no integers that a double does not hold: such stand as text."""
    return {
        name: str(value) if isinstance(value, int) and abs(value) > GREATEST else value
        for name, value in sorted(fields.items())
    }


def _names(subject: Subject, evidence: Evidence, question: SubjectQuestion, store: GraphStore) -> Iterator[NameLine]:
    """The names of all that were judged to be this one, each for as long as it was on record."""
    for one in sorted({subject.id, *(alias for alias, known in evidence.aliases.items() if known == subject.id)}):
        last: NameLine | None = None
        for version in store.history(one):
            if version.recorded_at > question.known_at or not isinstance(version.fact, Subject):
                continue
            ended = version.superseded_at
            until = ended if ended and ended <= question.known_at else None
            if last and last.name == version.fact.name and last.superseded_at == version.recorded_at:
                last = last.model_copy(update={"superseded_at": until})
                continue
            if last:
                yield last
            last = NameLine(subject=one, name=version.fact.name, recorded_at=version.recorded_at, superseded_at=until)
        if last:
            yield last


def _record(record: Record, question: SubjectQuestion) -> RecordLine:
    return RecordLine(
        id=record.id,
        list=record.list,
        severity=record.severity,
        number=record.number,
        department=record.department,
        decided_on=record.decided_on,
        effective_from=record.effective_from,
        effective_to=record.effective_to,
        term_ends_on=record.term_ends_on,
        publicity_to=record.publicity_to,
        repaired_on=record.repaired_on,
        amount=None if record.amount is None else yuan(record.amount),
        annulled=record.annulled,
        disputed=record.disputed,
        test=record.test,
        counts=record_counts(record, question.as_of, stays=False).value,
        source=record.source,
    )


def _newest_first(record: RecordLine) -> tuple[int, str]:
    return -(record.decided_on.toordinal() if record.decided_on else 0), record.id


def _lists(records: Iterable[RecordLine]) -> Iterator[ListLine]:
    of: defaultdict[str, list[RecordLine]] = defaultdict(list)
    for record in records:
        of[record.list].append(record)
    for name, held in sorted(of.items()):
        counting = sum(record.counts is True for record in held)
        unknown = sum(record.counts is None for record in held)
        days = [record.decided_on for record in held if record.decided_on]
        yield ListLine(
            list=name, records=len(held), counting=counting, unknown=unknown, last_decided_on=max(days, default=None)
        )


def _sources(question: SubjectQuestion, evidence: Evidence) -> Sequence[SourceLine]:
    through = reached(evidence.loads)
    day = seen_until(question)
    return [
        SourceLine(
            source=one.id,
            holds=one.holds,
            through=through.get(one.id),
            state=lateness(one, through.get(one.id), day) or "current",
        )
        for one in sorted(evidence.sources, key=lambda source: source.id)
    ]
