"""Subjects, judgements and candidates of identity in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.presentation.words import LINKS
from engine.views import identified
from graph.model import Link, Subject
from loaders.identity.candidates import Proposals
from loaders.identity.history import Event

WHAT = {"merged": "认定为同一 merged", "undone": "撤销认定 undone", "retracted": "撤回 retracted"}


def identifier_words(subject: Subject) -> str:
    """Identifiers by scheme, a citizen ID masked."""
    return ", ".join(f"{one.scheme}:{one.value}" for one in identified(subject)) or "无标识 known by name only"


def link_words(link: Link, other: str) -> str:
    """``法定代表人 九江柏川商贸有限公司``: a link, and the name at its other end."""
    return f"{LINKS[link.type]} {other}"


def subjects_table(subjects: Sequence[Subject], links: Sequence[Sequence[str]], title: str) -> Table:
    """Subjects side by side with some of their links, as a judge wants to see them."""
    table = Table("", *[str(number) for number, _ in enumerate(subjects, 1)], title=title, show_lines=True)
    said = [
        ("id", [one.id for one in subjects]),
        ("name", [one.name for one in subjects]),
        ("kind", [str(one.kind) for one in subjects]),
        ("identifiers", [identifier_words(one) for one in subjects]),
        ("region", [one.region or "—" for one in subjects]),
        ("established", [str(one.established_on or "—") for one in subjects]),
        ("source", [one.source or "—" for one in subjects]),
        ("links", ["\n".join(some) or "—" for some in links]),
    ]
    others = sorted({name for one in subjects for name in one.fields})
    said += [(name, [str(one.fields.get(name, "—")) for one in subjects]) for name in others]
    for name, values in said:
        table.add_row(Text(name), *map(Text, values))
    return table


def history_table(events: Sequence[Event], title: str) -> Table:
    """Judgements, oldest first; those that nothing has followed are marked."""
    table = Table(title=title, show_lines=True)
    for column in ("at", "what", "of whom", "by", "reason", "stands"):
        table.add_column(column, overflow="fold", no_wrap=column in ("at", "of whom"))  # they are copied
    for event in events:
        at = f"{event.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        ends = f"{event.left}\n{event.right}"
        said = (at, WHAT[event.what], ends, event.by or "—", event.reason or "—", "✓" if event.stands else "")
        table.add_row(*map(Text, said))
    return table


def show_candidates(proposals: Proposals, console: Console) -> None:
    """Each pair with its score, and what speaks for it and against it."""
    for number, one in enumerate(proposals.candidates, 1):
        title = Text.assemble((f"{number}. {one.score:.3f}  ", "bold"), one.names[0], "  ≟  ", one.names[1])
        console.print(title)
        console.print(Text(f"   {one.left}\n   {one.right}", style="dim"))
        console.print(Text("   " + "; ".join(f"{said.says} {said.bits:+.1f}" for said in one.evidence)))
    shown = len(proposals.candidates)
    more = f", {shown} shown" if shown < proposals.found else ""
    console.print(Text(f"{proposals.found:,} candidates{more}: proposed, none applied (xinheng identity merge A B)"))
    for kind, count in proposals.hubs.items():
        console.print(Text(f"left out as hubs: {count:,} × {kind}"))
