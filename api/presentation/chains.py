"""Chains in words: the record, who is named in it, and the links from the listed subject to the one in question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.presentation.words import HOLDS, LINKS, SEVERITIES
from engine.document import Chain, LinkView, NamingView, RecordView

SHOWN_RECORDS = 6


def chain_lines(chain: Chain) -> Iterator[str]:
    """One line for each record, naming and link."""
    for record in chain.records[:SHOWN_RECORDS]:
        yield record_words(record)
    if len(chain.records) > SHOWN_RECORDS:
        yield f"… {len(chain.records)} records in all"
    if chain.named:
        yield naming_words(chain.named)
    if chain.held:
        yield link_words(chain.held)
    for link in chain.links:
        yield link_words(link)


def record_words(record: RecordView) -> str:
    parts = [f"{record.title}：{record.subject.name}"]
    if record.severity:
        parts.append(SEVERITIES[record.severity])
    if record.decided_on:
        parts.append(f"decided {record.decided_on}")
    parts += [part for part in (record.department, record.number) if part]
    if record.amount is not None:
        parts.append(f"{record.amount:,} yuan")
    if record.effective_to:
        parts.append(f"to {record.effective_to}")
    if record.term_ends_on:
        parts.append(f"decided term to {record.term_ends_on}")
    if record.disputed:
        parts.append("异议标注 disputed")
    if record.test:
        parts.append("测试记录 TEST RECORD")
    return ", ".join(parts)


def naming_words(naming: NamingView) -> str:
    finding = f", {naming.finding}" if naming.finding else ""
    document = f", {naming.document}" if naming.document else ""
    return f"决定点名 named: {naming.person.name} as {naming.role}{finding}{document}"


def link_words(link: LinkView) -> str:
    share = f" {link.share:.2%}" if link.share is not None else ""
    since = f"since {link.valid_from}" if link.valid_from else "undated"
    until = f" to {link.valid_to}" if link.valid_to else ""
    name = LINKS.get(link.type, link.type)
    return f"{link.holder.name} ─{name}{share}→ {link.organisation.name}  {' '.join(HOLDS[link.holds])}, {since}{until}"


def named_facts(chains: Iterable[Chain]) -> dict[str, str]:
    """How the facts on these chains are called in a sentence, by id."""
    found: dict[str, str] = {}
    for chain in chains:
        for record in chain.records:
            found[record.id] = f"{record.title} ({record.subject.name}, {record.decided_on or 'undated'})"
        for link in (*chain.links, *([chain.held] if chain.held else [])):
            found[link.id] = f"{link.holder.name} ─{LINKS.get(link.type, link.type)}→ {link.organisation.name}"
        if chain.named:
            found[chain.named.id] = f"the naming of {chain.named.person.name}"
    return found
