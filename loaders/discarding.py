"""Judgements on rows in quarantine: that one needs no more work, as it was mended where it came from; or that it does.

An entry that is discarded stays, with its row, and is left out of what is listed, exported and tried again. Every
judgement is kept, with who, when and why, also when a later one takes it back. The same row loaded again stays
discarded: it is counted as quarantined, and nobody has to judge it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from graph.errors import BadInput
from loaders.mended import NAME_OF_ENTRY
from loaders.quarantine import METADATA, QUARANTINE, ROWS, name_of, named
from loaders.rows import discreet

JUDGEMENTS = sa.Table(
    "quarantine_judgement",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("by_user", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)
DISCARDED, RESTORED = "discarded", "restored"
LONGEST = 400


@dataclass(frozen=True, slots=True)
class QuarantineJudgement:
    """What somebody said of an entry (by its name), when (UTC), and why."""

    entry: str
    verdict: str
    by: str
    reason: str
    at: str


def discard(database: sa.Engine, entries: Sequence[str], *, by: str, reason: str) -> int:
    """Judge that these entries (by name) need no more work; how many were not discarded before. Raises `BadInput` if
    one is not there, and judges none then."""
    return _judge(database, entries, DISCARDED, by, reason)


def restore(database: sa.Engine, entries: Sequence[str], *, by: str, reason: str) -> int:
    """Take back that these entries were discarded; how many were. Raises `BadInput` if one is not there."""
    return _judge(database, entries, RESTORED, by, reason)


def judgements(database: sa.Engine) -> dict[str, list[QuarantineJudgement]]:
    """The judgements on the entries that are there, by their names, oldest first."""
    on_entry = JUDGEMENTS.c.digest == QUARANTINE.c.digest
    query = sa.select(QUARANTINE.c.id.label("number"), JUDGEMENTS).join(JUDGEMENTS, on_entry).order_by(JUDGEMENTS.c.id)
    found: dict[str, list[QuarantineJudgement]] = {}
    with database.connect() as connection:
        for row in connection.execute(query):
            entry = name_of(row.number, row.digest)
            one = QuarantineJudgement(entry, row.verdict, row.by_user, row.reason, row.at)
            found.setdefault(entry, []).append(one)
    return found


def _judge(database: sa.Engine, entries: Sequence[str], verdict: str, by: str, reason: str) -> int:
    said = {"by_user": _text("--user", by), "reason": _text("--reason", reason), "verdict": verdict}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    wanted = list(dict.fromkeys(map(_name, entries)))
    judged = 0
    with database.execution_options(writes=True).begin() as connection:
        for start in range(0, len(wanted), ROWS):
            for digest, judgement in _found(connection, wanted[start : start + ROWS]):
                if (judgement is not None) is (verdict == DISCARDED):
                    continue
                written = connection.execute(JUDGEMENTS.insert().values(**said, digest=digest, at=at))
                [number] = written.inserted_primary_key or (None,)
                holds = number if verdict == DISCARDED else None
                connection.execute(QUARANTINE.update().where(QUARANTINE.c.digest == digest).values(judgement=holds))
                judged += 1
    return judged


def _found(connection: sa.Connection, entries: Sequence[str]) -> list[tuple[str, int | None]]:
    query = sa.select(QUARANTINE.c.id, QUARANTINE.c.digest, QUARANTINE.c.judgement).where(named(entries))
    found = {name_of(row.id, row.digest): (row.digest, row.judgement) for row in connection.execute(query)}
    if missing := [entry for entry in entries if entry not in found]:
        raise BadInput(
            f"the quarantine holds no entry {', '.join(missing[:3])}",
            remedy="`xinheng quarantine list` shows their names; an entry whose row was loaded is gone",
        )
    return [found[entry] for entry in entries]


def _name(said: str) -> str:
    if not NAME_OF_ENTRY.fullmatch(said.strip()):
        raise BadInput(
            f"{discreet(said)} is no name of an entry",
            remedy="write it as `xinheng quarantine list` shows it, as 7-0a1b2c3d",
        )
    return said.strip()


def _text(option: str, said: str) -> str:
    text = said.strip()
    if not text or len(text) > LONGEST:
        raise BadInput(f"{option}: say it in 1 to {LONGEST} characters")
    if discreet(text) != text:
        raise BadInput(
            f"{option} holds what may be the number of a person", remedy="leave it out: judgements are shown"
        )
    return text
