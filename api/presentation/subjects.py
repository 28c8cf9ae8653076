"""Subjects in a terminal: those that a search finds, and what is held of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.presentation.network import show_id, show_who
from api.presentation.words import SEVERITIES
from api.subjects import SubjectPage
from engine.document import IdentifierView
from engine.investigation.document import ListLine, NameLine, RecordLine, SourceLine, SubjectDocument
from rules.model import ListDefinition

COUNTS: Mapping[bool | None, str] = {True: "计入 counts", False: "不计入 does not", None: "缺少日期 not known"}
STATES = {"current": "及时 current", "overdue": "逾期 overdue", "never_loaded": "从未归集 never loaded"}
SHOWN = 40


def show_subjects(page: SubjectPage, console: Console) -> None:
    """A page of organisations."""
    table = Table("名称 name", "类型 kind", "区划 region", "标识 identifiers", title_justify="left")
    table.add_column("id", overflow="fold", no_wrap=True)  # to be copied: other columns give way
    for one in page.subjects:
        table.add_row(Text(one.name), one.kind, one.region or "—", Text(_identifiers(one.identifiers)), Text(one.id))
    if page.subjects:
        console.print(table)
    else:
        console.print(Text("没有找到单位 no organisation was found", style="bold"))
    if page.cursor:
        console.print(Text(f"下一页 next page  --cursor {page.cursor}", style="dim"), soft_wrap=True)
    if not page.complete:
        console.print(Text("还有未列出的单位 more than are shown of one text: give more of the name", style="yellow"))


def show_subject(found: SubjectDocument, lists: Mapping[str, ListDefinition], console: Console) -> None:
    """Who it is, then records by list and one by one, then how fresh the sources are."""
    asked = found.question
    if show_who(found.subject, console):
        for name, value in _known(found):
            console.print(Text(f"{name}  {value}"), soft_wrap=True)
        known = asked.known_at.isoformat(timespec="microseconds")
        console.print(Text(f"as of {asked.as_of} · known at {known}", style="dim"), soft_wrap=True)
        titles = {
            one.list: f"{lists[one.list].zh} {one.list}" if one.list in lists else one.list for one in found.lists
        }
        if len(found.names) > 1:
            console.print(_names(found.names))
        if found.lists:
            console.print(_lists(found.lists, titles))
            console.print(_records(found.records[:SHOWN], found.total, titles))
        else:
            console.print(Text("没有记录 no record", style="bold"))
        if found.sources:
            console.print(_sources(found.sources))
        else:
            console.print(
                Text("没有登记数据源 no source is known: that there is no record says nothing", style="yellow")
            )
    show_id(found.investigation_id, console)


def _known(found: SubjectDocument) -> Iterator[tuple[str, str]]:
    yield "标识 identifiers", _identifiers(found.subject.identifiers) or "—"
    yield "类型 kind", found.subject.kind or "—"
    yield "区划 region", found.region or "—"
    yield "成立 established", str(found.established_on or "—")
    yield "来源 source", found.source or "—"
    for name, value in found.fields.items():
        yield name, str(value)


def _names(names: Sequence[NameLine]) -> Table:
    table = Table("名称 name", "自 recorded", "至 superseded", "id", title="名称 names", title_justify="left")
    for one in names:
        until = f"{one.superseded_at:%Y-%m-%d}" if one.superseded_at else ""
        table.add_row(Text(one.name), f"{one.recorded_at:%Y-%m-%d}", until, Text(one.subject))
    return table


def _lists(lines: Sequence[ListLine], titles: Mapping[str, str]) -> Table:
    columns = ("名单 list", "记录 records", "计入 counting", "不明 not known", "最近决定 last decided")
    table = Table(*columns, title="名单 lists", title_justify="left")
    for one in lines:
        counts = (f"{one.records:,}", f"{one.counting:,}", f"{one.unknown:,}")
        table.add_row(Text(titles[one.list]), *counts, str(one.last_decided_on or "—"))
    return table


def _records(records: Sequence[RecordLine], total: int, titles: Mapping[str, str]) -> Table:
    shown = f", {len(records):,} shown" if len(records) < total else ""
    table = Table("决定 decided", "记录 record", "有效 in force", title_justify="left", show_lines=True)
    table.title = f"记录 records: {total:,}{shown}"
    for name in ("状态 state", "id"):
        table.add_column(name, overflow="fold", no_wrap=True)
    for one in records:
        force = f"自 {one.effective_from or '…'}\n至 {one.effective_to or one.term_ends_on or '…'}"
        what = "\n".join(filter(None, (titles[one.list], one.number, one.department)))
        row = (str(one.decided_on or "—"), what, force, _state(one), one.id)
        table.add_row(*map(Text, row), style="" if one.counts else "dim")
    return table


def _state(record: RecordLine) -> str:
    said = [COUNTS[record.counts]]
    if record.severity:
        said.append(f"{SEVERITIES[record.severity]} {record.severity}")
    if record.amount is not None:
        said.append(f"{record.amount:,} 元")
    if record.repaired_on:
        said.append(f"已修复 repaired {record.repaired_on}")
    words = {"已撤销 annulled": record.annulled, "有争议 disputed": record.disputed, "测试 test": record.test}
    return "\n".join([*said, *(word for word, holds in words.items() if holds)])


def _sources(sources: Sequence[SourceLine]) -> Table:
    table = Table("来源 source", "截至 complete through", "状态 state", title="来源 sources", title_justify="left")
    for one in sources:
        table.add_row(Text(one.source), str(one.through or "—"), STATES[one.state])
    return table


def _identifiers(identifiers: Sequence[IdentifierView]) -> str:
    return ", ".join(f"{one.scheme}:{one.value}" for one in identifiers)
