"""A group decision in a terminal: the findings of the group, then each applicant."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text
from rich.tree import Tree

from api.presentation.chains import chain_lines
from api.presentation.decision import asked_words, basis_words, show_gaps, show_leads, show_measures
from api.presentation.words import outcome_style, outcome_words
from engine.document import Finding, GroupDecision
from rules.catalogue import Catalogue


def show_group(decision: GroupDecision, catalogue: Catalogue, console: Console) -> None:
    """Write the whole group decision."""
    names = {one.subject.id: one.subject.name or one.subject.id for one in decision.decisions}
    style = outcome_style(decision.outcome)
    body = Text()
    body.append(outcome_words(decision.outcome), style=f"bold {style}")
    body.append(f"\n{decision.question.contract or '同一合同项下'}：{'、'.join(names.values())}", style="bold")
    body.append(f"\n{asked_words(decision.question, catalogue)}")
    console.print(Panel(body, title="联合核查 group check", title_align="left", border_style=style))
    for finding in decision.findings:
        console.print(_finding(finding, names))
    for one in decision.decisions:
        console.print(
            Rule(Text(f"{one.subject.name or one.question.subject}  {outcome_words(one.outcome)}"), style="dim")
        )
        show_measures(one.measures, console)
        show_leads(one.leads, console)
    show_gaps(decision.gaps, decision.not_consulted, catalogue, console)
    console.print(Text(f"decision {decision.decision_id}", style="dim"))


def _finding(finding: Finding, names: dict[str, str]) -> Tree:
    style = outcome_style(finding.effect)
    tree = Tree(Text.assemble((outcome_words(finding.effect), f"bold {style}"), f"  {finding.title}"))
    tree.add(Text(f"及于 binds      {'、'.join(names.get(one, one) for one in finding.binds)}"))
    for basis in finding.basis:
        tree.add(Text(f"依据 basis      {basis_words(basis)}"))
    for chain in finding.chains:
        branch = tree.add(Text(f"链条 chain      {chain.reach}"))
        for line in chain_lines(chain):
            branch.add(Text(line))
    tree.add(Text(finding.rule, style="dim"))
    return tree
