"""What would lift a measure, and what would if it were wrong (design, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from engine.document import Clause, ToEnd
from engine.judge import Proof, total
from engine.views import yuan


def lifted_by(proofs: Sequence[Proof]) -> tuple[Clause, ...]:
    """One clause for each chain, absorbed ones removed. Clauses with different records never absorb each other, so the
    work is linear in the chains: within the same records, a set of links falls to each of its subsets."""
    by_records: dict[tuple[str, ...], tuple[ToEnd, set[frozenset[str]]]] = {}
    for proof in proofs:
        ids = tuple(sorted(r.id for r in proof.records))
        _, link_sets = by_records.setdefault(ids, (_to_end(proof, ids), set()))
        link_sets.add(frozenset(link.id for step, link in proof.path.steps if step.holds != "at_event"))
    clauses = [
        Clause(links=tuple(sorted(links)), records=records)
        for records, link_sets in by_records.values()
        for links in link_sets
        if not _absorbed(links, link_sets)
    ]
    return tuple(sorted(clauses, key=lambda c: (c.records.of, c.links)))


def _absorbed(links: frozenset[str], others: set[frozenset[str]]) -> bool:
    return any(frozenset(fewer) in others for size in range(len(links)) for fewer in combinations(sorted(links), size))


def _to_end(proof: Proof, ids: tuple[str, ...]) -> ToEnd:
    trigger = proof.rule.trigger
    if not proof.group:
        return ToEnd(at_least=1, excess=None, of=ids)
    number = None if trigger.count_at_least is None else len(ids) - trigger.count_at_least + 1
    excess = None if trigger.sum_at_least is None else yuan(total(proof.records) - trigger.sum_at_least)
    return ToEnd(at_least=number, excess=excess, of=ids)


def if_wrong(proofs: Iterable[Proof]) -> tuple[str, ...]:
    """Links that counted at the event and namings: they can't be ended, only corrected."""
    found: set[str] = set()
    for proof in proofs:
        found.update(link.id for step, link in proof.path.steps if step.holds == "at_event")
        found.update(fact.id for fact in (proof.path.held, proof.path.naming) if fact)
    return tuple(sorted(found))
