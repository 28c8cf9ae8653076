"""Responses in a terminal: a table of all of them, and what nobody responded to yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.presentation.words import ANSWERS, REASONS
from engine.responses import Response, ResponseHistory


def show_response(response: Response, console: Console) -> None:
    """One response, in a line or two."""
    corrected = f", corrects {response.corrects}" if response.corrects else ""
    console.print(Text(f"反馈 response {response.number}{corrected}: {response.measure} ({response.subject})"))
    console.print(Text(_what(response)))


def show_responses(history: ResponseHistory, console: Console) -> None:
    """The whole history of a decision."""
    columns = (Column(name, overflow="fold") for name in ("", "措施 measure", "反馈 response", "何人 who", "何时 when"))
    table = Table(*columns, title=f"反馈 responses: {len(history.responses)}", title_justify="left", show_lines=True)
    corrected_by = {one.corrects: one.number for one in history.responses}
    for one in history.responses:
        later = corrected_by.get(one.number)
        what = _what(one) + (f"\n已更正 corrected by {later}" if later else "")
        about = f"{one.measure}\n{one.subject}"
        who = f"{one.who}\n{one.department}"
        table.add_row(str(one.number), about, what, who, f"{one.at:%Y-%m-%d %H:%M}Z", style="dim" if later else "")
    console.print(table)
    for bound in history.unanswered:
        console.print(Text(f"未反馈 no response  {bound.measure} ({bound.subject})", style="yellow"))


def show_counts(responses: Iterable[Response], console: Console) -> None:
    """How often each measure was applied, and not applied for which reason."""
    counts = Counter((one.measure, one.answer, one.reason.code if one.reason else "") for one in responses)
    columns = ("措施 measure", "反馈 response", "理由 reason", Column("count", justify="right"))
    table = Table(*columns, title=f"反馈 responses: {counts.total():,}", title_justify="left")
    for (measure, answer, code), count in sorted(counts.items()):
        table.add_row(measure, _answer(answer), f"{REASONS[code]} {code}" if code else "", f"{count:,}")
    console.print(table)


def _answer(answer: str) -> str:
    return f"{ANSWERS[answer]} {answer}"


def _what(response: Response) -> str:
    said = [_answer(response.answer)]
    if response.reason:
        said.append(f"{REASONS[response.reason.code]} {response.reason.code}: {response.reason.text}")
    if response.document:
        said.append(f"{response.document}, {response.decided_on}")
    return "\n".join(said)
