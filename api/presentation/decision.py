"""A decision in a terminal: the verdict, each measure with basis, chains, end and remedy; leads below the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text
from rich.tree import Tree

from api.presentation.chains import chain_lines, named_facts
from api.presentation.words import GAPS, IDENTITIES, LEVELS, outcome_style, outcome_words
from engine.document import BasisView, Chain, Clause, Decision, Gap, GroupDecision, LeadView, MeasureView
from engine.question import Asked
from rules.catalogue import Catalogue

SHOWN_CHAINS = 5
SHOWN_GAPS = 12


def show_decision(decision: Decision, catalogue: Catalogue, console: Console) -> None:
    """Write the whole decision, long lists with their exact count."""
    console.print(_verdict(decision, catalogue))
    for candidate in decision.subject.candidates:
        console.print(Text(f"  可能是 candidate  {candidate.name}  {candidate.id}  {candidate.kind}"))
    show_measures(decision.measures, console)
    show_leads(decision.leads, console)
    show_gaps(decision.gaps, decision.not_consulted, catalogue, console)
    console.print(Text(f"decision {decision.decision_id}", style="dim"))


def _verdict(decision: Decision, catalogue: Catalogue) -> Panel:
    style = outcome_style(decision.outcome)
    subject = decision.subject
    body = Text()
    body.append(outcome_words(decision.outcome), style=f"bold {style}")
    if not decision.complete and decision.outcome != "incomplete":
        body.append("   证据不全，结论可能更重 incomplete: a gap could raise it", style="yellow")
    body.append(f"\n{subject.name or decision.question.subject}", style="bold")
    body.append(f"  {subject.kind or ''}  {_identifiers(decision)}  {IDENTITIES[subject.identity]} {subject.identity}")
    body.append(f"\n{asked_words(decision.question, catalogue)}")
    return Panel(body, title="信用核查 check", title_align="left", border_style=style)


def asked_words(question: Asked, catalogue: Catalogue) -> str:
    matter, department = catalogue.matters.get(question.matter), catalogue.departments.get(question.department)
    known = question.known_at.isoformat(timespec="microseconds")
    parts = [
        f"{matter.zh} {matter.id}" if matter else question.matter,
        f"{department.zh} {department.id}" if department else question.department,
        question.region,
        f"as of {question.as_of}",
        f"known at {known}",
    ]
    return " · ".join(parts)


def _identifiers(decision: Decision) -> str:
    return " ".join(f"{one.scheme} {one.value}" for one in decision.subject.identifiers)


def show_measures(measures: Sequence[MeasureView], console: Console) -> None:
    for number, measure in enumerate(measures, start=1):
        console.print(_measure(number, measure))


def _measure(number: int, measure: MeasureView) -> Tree:
    style = outcome_style(measure.effect)
    tree = Tree(Text.assemble(f"{number}. ", (outcome_words(measure.effect), f"bold {style}"), f"  {measure.title}"))
    for basis in measure.basis:
        tree.add(Text(f"依据 basis      {basis_words(basis)}"))
    for chain in measure.chains[:SHOWN_CHAINS]:
        branch = tree.add(Text(f"链条 chain      {chain.reach}"))
        for line in chain_lines(chain):
            branch.add(Text(line))
        for basis in chain.basis:
            branch.add(Text(f"依据 basis  {basis_words(basis)}"))
    if len(measure.chains) > SHOWN_CHAINS:
        tree.add(Text(f"… {len(measure.chains)} chains in all", style="dim"))
    tree.add(Text(f"截止 until      {measure.until or '无固定日期 no date'}"))
    for line in _ends(measure):
        tree.add(Text(line))
    if measure.discretionary:
        tree.add(Text("可以 discretionary: the law leaves the choice to the office that asks"))
    if measure.suspended_by:
        tree.add(Text(_suspension(measure), style="yellow"))
    tree.add(Text(measure.id, style="dim"))
    return tree


def basis_words(basis: BasisView) -> str:
    number = f"（{basis.number}）" if basis.number else ""
    return f"《{basis.title}》{number}{basis.article}  [{LEVELS.get(basis.level, basis.level)}]"


def _ends(measure: MeasureView) -> Iterator[str]:
    facts = named_facts(measure.chains)
    for clause in measure.lifted_by:
        yield f"解除 lifted by  {clause_words(clause, facts)}"
    if measure.if_wrong:
        yield f"若有误 if wrong  {'; '.join(facts.get(one, one) for one in measure.if_wrong)}"
    ends = [record.repair_from for chain in measure.chains for record in chain.records if record.repair_from]
    if ends:
        yield f"修复 repair     may be asked for from {min(ends)}"


def clause_words(clause: Clause, facts: dict[str, str]) -> str:
    """What would have to end, in the words of the chain."""
    names = [facts.get(one, one) for one in clause.records.of]
    ways = [f"the end of {facts.get(link, link)}" for link in clause.links]
    if len(names) == 1:
        ways.append(f"the end of {names[0]}")
    elif clause.records.at_least is not None:
        ways.append(f"the end of {clause.records.at_least} of {len(names)} records")
    if clause.records.excess is not None:
        ways.append(f"the end of records of more than {clause.records.excess:,} yuan together")
    return "; or ".join(ways)


def show_leads(leads: Sequence[LeadView], console: Console) -> None:
    if not leads:
        return
    console.print(Rule("关联线索 leads: no statute makes them measures, the outcome does not move", style="dim"))
    for lead in leads[:SHOWN_CHAINS]:
        tree = Tree(Text(lead.text))
        _add(tree, lead.chain)
        console.print(tree)
    if len(leads) > SHOWN_CHAINS:
        console.print(Text(f"… {len(leads)} leads in all", style="dim"))


def _add(tree: Tree, chain: Chain) -> None:
    for line in chain_lines(chain):
        tree.add(Text(line))


def show_gaps(gaps: Sequence[Gap], not_consulted: Sequence[str], catalogue: Catalogue, console: Console) -> None:
    for gap in gaps[:SHOWN_GAPS]:
        could = ", ".join(gap.could_add)
        console.print(
            f"[yellow]缺口 gap[/]  {GAPS.get(gap.kind, '')} {gap.kind}: {escape(gap.about)}  [dim]→ {escape(could)}[/]"
        )
    if len(gaps) > SHOWN_GAPS:
        console.print(Text(f"… {len(gaps)} gaps in all", style="dim"))
    if not_consulted:
        names = [f"{catalogue.lists[one].zh}" if one in catalogue.lists else one for one in not_consulted]
        console.print(Text(f"未查询 not consulted  {'、'.join(names)}", style="dim"))


def show_brief(decision: Decision | GroupDecision, console: Console) -> None:
    """The decision in a few lines: each measure with its basis, first chain and end; leads and gaps by their number."""
    measures = decision.measures if isinstance(decision, Decision) else ()
    findings = decision.findings if isinstance(decision, GroupDecision) else ()
    for finding in findings:
        console.print(Text(f"    {finding.effect}  {finding.title}"), soft_wrap=True)
        for chain in finding.chains:
            _brief_chain(chain, console)
    for measure in measures:
        suspended = f"  {_suspension(measure)}" if measure.suspended_by else ""
        console.print(Text(f"    {measure.effect}  {measure.title}{suspended}"), soft_wrap=True)
        console.print(Text(f"      {basis_words(measure.basis[0])}", style="dim"), soft_wrap=True)
        for chain in measure.chains[:2]:
            _brief_chain(chain, console)
        console.print(Text(f"      until {measure.until or 'no date'}", style="dim"))
    for lead in decision.leads if isinstance(decision, Decision) else ():
        console.print(Text(f"    线索 lead  {lead.text}", style="dim"))
        _brief_chain(lead.chain, console)
    for gap in decision.gaps[:2]:
        console.print(Text(f"    缺口 gap  {GAPS.get(gap.kind, '')} {gap.kind}", style="yellow"))


def _brief_chain(chain: Chain, console: Console) -> None:
    for number, line in enumerate(chain_lines(chain)):
        console.print(Text(f"      {'◆' if number == 0 else '└'} {line}", style="dim"), soft_wrap=True)


def _suspension(measure: MeasureView) -> str:
    """An incentive is withheld by records, or nobody can tell because a source is missing."""
    if isinstance(measure.suspended_by, tuple):
        return f"暂停 suspended by {', '.join(measure.suspended_by)}"
    return "是否暂停不明 nobody can tell whether it is suspended"
