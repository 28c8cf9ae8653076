"""Responses in a terminal: a table of all of them, and what nobody responded to yet."""

from __future__ import annotations

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
    for one in history.responses:
        style = "" if one.number in history.standing else "dim strike"
        about = f"{one.measure}\n{one.subject}"
        who = f"{one.who}\n{one.department}"
        table.add_row(str(one.number), about, _what(one), who, f"{one.at:%Y-%m-%d %H:%M}Z", style=style)
    console.print(table)
    for bound in history.unanswered:
        console.print(Text(f"未反馈 no response  {bound.measure} ({bound.subject})", style="yellow"))


def _what(response: Response) -> str:
    said = [f"{ANSWERS[response.answer]} {response.answer}"]
    if response.reason:
        said.append(f"{REASONS[response.reason.code]} {response.reason.code}: {response.reason.text}")
    if response.document:
        said.append(f"{response.document}, {response.decided_on}")
    return "\n".join(said)
