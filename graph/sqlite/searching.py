"""Finding subjects: by identifier, and organisations by what their names and identifiers begin with or contain.

Each character is a token of its own (its code point in hex) and a text is a phrase of them: that finds Chinese names
of one character and more, which trigrams do not, and no tokenizer has a say in what counts as a letter.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.identifiers import plain
from graph.model import Kind, Subject
from graph.sqlite.reading import Snapshot

_BY_IDENTIFIER = """SELECT subject.k FROM identifier JOIN subject ON subject.v = identifier.v
  WHERE identifier.scheme = ? AND identifier.value = ? AND subject.tf <= ? AND subject.tt > ?"""
_BY_DIGEST = "SELECT k FROM subject WHERE digest = ? AND tf <= ? AND tt > ?"

_BEGINNINGS = """
  SELECT v, norm <> :text FROM subject WHERE norm >= :text AND norm < :beyond AND kind <> :person
  UNION ALL SELECT v, norm <> :text FROM identifier WHERE norm >= :text AND norm < :beyond"""
_ANYWHERE = "SELECT rowid, 2 FROM subject_text WHERE subject_text MATCH :phrase"
_MATCHES = """
WITH hit (v, class) AS ({hits})
SELECT subject.k, min(hit.class) AS class FROM hit CROSS JOIN subject ON subject.v = hit.v
  JOIN fact ON fact.k = subject.k
WHERE subject.tf <= :known AND subject.tt > :known AND subject.kind <> :person
  AND subject.k {merged} (SELECT member FROM cluster WHERE tf <= :known AND tt > :known)
GROUP BY subject.k ORDER BY class, fact.id LIMIT :limit"""
_ALL_HITS = f"{_BEGINNINGS} UNION ALL {_ANYWHERE}"
_UNMERGED = [_MATCHES.format(hits=hits, merged="NOT IN") for hits in (_BEGINNINGS, _ALL_HITS)]
_MERGED = _MATCHES.format(hits=_ALL_HITS, merged="IN")


def normal(text: str) -> str:
    """How names and identifiers are compared in a search: half-width, without spaces, case folded."""
    return plain(text).casefold()


def tokens(text: str) -> str:
    return " ".join(f"{ord(character):x}" for character in normal(text))


def several(texts: Iterable[str]) -> str:
    """Tokens of several texts, with a token between them that no phrase holds."""
    return " z ".join(map(tokens, texts))


def find(snapshot: Snapshot, scheme: str, value: str) -> list[Subject]:
    if scheme == "citizen_id":
        rows = snapshot.connection.execute(_BY_DIGEST, (value, snapshot.known, snapshot.known))
    else:
        rows = snapshot.connection.execute(_BY_IDENTIFIER, (scheme, value, snapshot.known, snapshot.known))
    subjects = snapshot.subjects(snapshot.clusters.resolved({key for (key,) in rows}))
    return sorted(subjects.values(), key=lambda subject: subject.id)


def search(snapshot: Snapshot, text: str, limit: int) -> list[Subject]:
    wanted = normal(text)
    if not wanted or limit <= 0:
        return []
    terms = {
        "text": wanted,
        "beyond": wanted + chr(0x10FFFF),
        "phrase": f'"{tokens(text)}"',
        "known": snapshot.known,
        "person": Kind.NATURAL_PERSON,
    }
    classes: dict[int, int] = {}
    for matches in _UNMERGED:  # most texts are beginnings, and then the rest need not be ranked
        if len(classes) < limit:
            classes = dict(snapshot.connection.execute(matches, {**terms, "limit": limit}))
    merged: dict[int, int] = {}
    if snapshot.clusters.exist:
        merged = dict(snapshot.connection.execute(_MERGED, {**terms, "limit": -1}))
    roots = snapshot.clusters.roots(merged)
    for key, rank in merged.items():
        classes[roots[key]] = min(rank, classes.get(roots[key], rank))
    subjects = snapshot.subjects(classes)
    ranked = sorted((classes[root], subject.id, subject) for root, subject in subjects.items())
    return [subject for _, _, subject in ranked[:limit]]
