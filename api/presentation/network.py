"""What investigators see in a terminal: links in a table, paths as chains, control as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from api.presentation.words import IDENTITIES, LINKS
from engine.document import SubjectView
from engine.investigation.document import (
    ControlDocument,
    Expansion,
    HolderView,
    LinkLine,
    Node,
    PathsDocument,
    PathView,
)

SIDES = {"held_by": "← 被持有 held by", "holds": "→ 持有 holds"}
WHY = {
    "unresolved": "主体不明确 the subject can't be told",
    "too_many_links": "关联过多 more links than are read at once",
    "too_many_subjects": "主体过多 more subjects than are read",
    "too_many_rounds": "链条过长 chains longer than are followed",
    "out_of_time": "超出时限 the time was over",
}
GAPS = {
    "missing_share": "缺少持股比例 a share is not known",
    "sources_differ": "来源不一致 sources differ; the greatest share is taken",
    "closed_circle": "封闭循环持股 a circle that leaves nothing to others",
    "circle_too_large": "循环过大 a circle too large to solve",
    "no_holders": "无股东记录 no holders on record",
    "not_read": "未读完 holders not all read",
    "shares_exceed_whole": "比例合计超过100% shares add up to more than everything",
    "shares_incomplete": "股东不全 a part belongs to nobody on record",
}
GROUNDS = {"share": "股权 shares", "votes": "表决权 votes", "control": "实际控制 control"}
CONTROL = {"majority": "控制 majority", "declared": "申报控制 declared"}
SHOWN = 40


def show_expansion(found: Expansion, console: Console) -> None:
    """Counts first, then the page."""
    if not show_who(found.subject, console):
        return
    counts = Table("", "", "count", title=f"{found.total:,} links", title_justify="left")
    for count in found.counts:
        counts.add_row(SIDES[count.side], _type(count.type), f"{count.links:,}")
    console.print(counts)
    if found.links:
        console.print(_page(found))
    if found.cursor:
        console.print(Text(f"下一页 next page  --cursor {found.cursor}", style="dim"), soft_wrap=True)
    show_id(found.investigation_id, console)


def _page(found: Expansion) -> Table:
    table = Table("", "", "", "share", "from", "to")
    table.add_column("id", overflow="fold", no_wrap=True)  # to be copied: other columns give way
    for one in found.links:
        line = one.link
        share = "" if line.share is None else f"{line.share:.2%}"
        dates = (str(line.valid_from or ""), str(line.valid_to or ""))
        table.add_row(SIDES[one.side], line.position or _type(line.type), _name(one.other), share, *dates, one.other.id)
    return table


def show_paths(found: PathsDocument, console: Console) -> None:
    """Every path as a chain."""
    if not all([show_who(found.start, console), show_who(found.goal, console)]):
        return
    if found.length is None and found.complete:
        most = found.question.max_links
        console.print(Text(f"没有不超过{most}步的路径 there is no path of up to {most} links", style="bold"))
    elif found.length is None:
        console.print(Text("没有发现路径 no path was found", style="bold"))
    else:
        console.print(Text(f"最短路径 {found.count:,} shortest paths of {found.length} links", style="bold"))
    for number, path in enumerate(found.paths, start=1):
        console.print(_path(number, path), soft_wrap=True)
    if found.count > len(found.paths):
        console.print(Text(f"… {found.count:,} paths in all", style="dim"))
    if not found.complete:
        proven = f"; no path of up to {found.none_within} links" if found.none_within else ""
        _incomplete(found.why, console, proven)
    show_id(found.investigation_id, console)


def _path(number: int, path: PathView) -> Tree:
    tree = Tree(Text(f"{number}. {_name(path.subjects[0])}"))
    for here, links in zip(path.subjects[1:], path.steps, strict=True):
        step = tree.add(Text(_name(here), style="bold"))
        for line in links:
            step.add(Text(_link(line, here), style="dim"))
    return tree


def _link(line: LinkLine, toward: Node) -> str:
    arrow = "→" if line.organisation == toward.id else "←"
    share = "" if line.share is None else f" {line.share:.2%}"
    since = f", since {line.valid_from}" if line.valid_from else ""
    until = f", to {line.valid_to}" if line.valid_to else ""
    return f"{arrow} {_type(line.type)}{share}{since}{until}"


def show_control(found: ControlDocument, console: Console) -> None:
    """Beneficial owners, those in charge, and everybody above the subject with shares and chains."""
    if not show_who(found.subject, console):
        return
    for owner in found.beneficial_owners:
        why = "、".join(GROUNDS[ground] for ground in owner.grounds)
        console.print(Text(f"受益所有人 beneficial owner  {_name(owner.subject)}  {why}", style="bold"), soft_wrap=True)
    if not found.beneficial_owners:
        console.print(Text("受益所有人 beneficial owners  none on record", style="bold"))
    for one in found.in_charge:
        console.print(Text(f"主要负责 in charge  {_name(one.subject)}  {_type(one.link.type)}"), soft_wrap=True)
    names = {found.subject.id: found.subject.name or found.subject.id}
    names |= {one.subject.id: one.subject.name for one in found.holders}
    console.print(_holders(found.holders[:SHOWN], found, names))
    if len(found.holders) > SHOWN:
        console.print(Text(f"… {len(found.holders):,} in all", style="dim"))
    for gap in found.gaps[:SHOWN]:
        about = "、".join(names.get(one, one) for one in gap.about[:3])
        share = "" if gap.share is None else f" {gap.share:.2%}"
        console.print(Text(f"缺口 gap  {GAPS[gap.kind]}{share}: {about}", style="yellow"), soft_wrap=True)
    if len(found.gaps) > SHOWN:
        console.print(Text(f"… {len(found.gaps)} gaps in all", style="dim"))
    if not found.complete:
        _incomplete(found.why, console)
    show_id(found.investigation_id, console)


def _holders(holders: Sequence[HolderView], found: ControlDocument, names: Mapping[str, str]) -> Tree:
    tree = Tree(
        Text(f"{found.subject.name}  自持 own {found.own_share:.2%}" if found.own_share else found.subject.name or "")
    )
    for one in holders:
        branch = tree.add(Text(f"{_name(one.subject)}  {_shares(one)}"))
        for step in one.chain:
            by = "、".join(names.get(holder, holder) for holder in step.by)
            how = "申报 declared" if step.declared else f"{step.votes:.2%}"
            branch.add(Text(f"{by} ─{how}→ {names.get(step.organisation, step.organisation)}", style="dim"))
    return tree


def _shares(one: HolderView) -> str:
    more = "≥ " if one.at_least else ""
    parts = ["比例不明 not known" if one.effective_share is None else f"{more}{one.effective_share:.2%}"]
    if one.direct_share is not None:
        parts.append(f"直接 direct {one.direct_share:.2%}")
    if one.control:
        parts.append(CONTROL[one.control])
    return "  ".join(parts)


def show_who(subject: SubjectView, console: Console) -> bool:
    """Says who it is about; whether that could be told."""
    said = f"{subject.name or subject.id}  {IDENTITIES[subject.identity]} {subject.identity}"
    console.print(Text(said, style="bold"), soft_wrap=True)
    for one in subject.candidates:
        console.print(Text(f"  可能是 candidate  {one.name}  {one.id}  {one.kind}"), soft_wrap=True)
    return subject.identity == "verified"


def _name(one: Node) -> str:
    return one.name if one.identified else f"{one.name} (仅知姓名 by name only)"


def _type(name: str) -> str:
    return LINKS.get(name, name)


def _incomplete(why: Iterable[str], console: Console, proven: str = "") -> None:
    said = "; ".join(WHY.get(one, one) for one in why)
    console.print(Text(f"不完整 not complete: {said}{proven}", style="yellow"), soft_wrap=True)


def show_id(investigation_id: str, console: Console) -> None:
    console.print(Text(investigation_id, style="dim"), soft_wrap=True)
