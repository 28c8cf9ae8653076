"""Tutorials as they are read: every command of a page is run, in order, in one shell, and must print what it says.

In a block ```` ```console ```` a line that begins with ``$ `` is a command, those with ``> `` go on with it, and what
follows until the next is its output: of a line, `…` stands for anything; alone on a line, for any lines. A block
```` ```yaml FILE ```` (of any language, with a name behind it) is written to that file. Other blocks are only shown.

Runners for such pages were looked at: prysk and scrut want files of their own format, byexample drives a terminal and
takes what comes within a time, sybil finds blocks and leaves the running to its user. markdown-it finds them as well.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from threading import Timer

from markdown_it import MarkdownIt

ANY = "…"
PATIENCE = 300
"""Seconds that one command may take; what hangs is ended."""


@dataclass(frozen=True)
class File:
    """A file that the reader is asked to write."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """What the reader types, in this line of the page, and what is printed then."""

    line: int
    typed: str
    printed: tuple[str, ...]


def steps(page: str) -> Iterator[File | Command]:
    """What a page asks its reader to do."""
    for token in MarkdownIt().parse(page):
        language, _, name = token.info.partition(" ")
        if token.type == "fence" and language == "console":
            assert token.map
            yield from _commands(token.content, token.map[0] + 2)
        elif token.type == "fence" and name:
            yield File(name.strip(), token.content)


def _commands(text: str, first: int) -> Iterator[Command]:
    typed: list[str] = []
    printed: list[str] = []
    begun = first
    for number, line in enumerate(text.splitlines(), first):
        if line.startswith("$ "):
            if typed:
                yield Command(begun, "\n".join(typed), tuple(printed))
            typed, printed, begun = [line[2:]], [], number
        elif line.startswith("> ") and typed and not printed:
            typed.append(line[2:])
        else:
            printed.append(line)
    yield Command(begun, "\n".join(typed), tuple(printed))


class Shell:
    """A bash whose variables and background jobs last from one command to the next."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, command: str) -> tuple[str, ...]:
        """The lines it printed, standard error among them."""
        assert self._process.stdin
        mark = secrets.token_hex(8)
        self._process.stdin.write(f"{{ {command}\n}} </dev/null; status=$?; echo {mark}; (exit $status)\n")
        self._process.stdin.flush()
        patience = Timer(PATIENCE, self.end)
        patience.start()
        try:
            return tuple(self._until(mark).rstrip("\n").splitlines())
        finally:
            patience.cancel()

    def _until(self, mark: str) -> str:
        assert self._process.stdout
        printed = ""
        for line in self._process.stdout:
            printed += line
            if line.endswith(f"{mark}\n"):
                return printed.removesuffix(f"{mark}\n")
        raise AssertionError(f"the shell ended:\n{printed}")

    def end(self) -> None:
        """Ends the shell and all that it has started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)


@contextmanager
def shell(home: Path, environment: Mapping[str, str]) -> Iterator[Shell]:
    """A shell in an empty folder, with these variables and no others."""
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=home,
        env=dict(environment),
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        opened = Shell(process)
        try:
            yield opened
        finally:
            opened.end()


def says(told: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether this was printed, as the page tells it."""
    patterns = (r"(?:.*\n)*?" if line == ANY else _line(line) for line in told)
    return bool(re.fullmatch("".join(patterns), "".join(f"{line.rstrip()}\n" for line in printed)))


def _line(told: str) -> str:
    return ".*".join(re.escape(part) for part in told.rstrip().split(ANY)) + r"\n"


def followed(path: Path, page: str, shell: Shell, home: Path) -> list[str]:
    """Does all that the page asks for. Where something else was printed than it says: the line, and the difference."""
    wrong = []
    for step in steps(page):
        if isinstance(step, File):
            (home / step.name).parent.mkdir(parents=True, exist_ok=True)
            (home / step.name).write_text(step.text, encoding="utf-8")
            continue
        printed = shell.run(step.typed)
        if not says(step.printed, printed):
            difference = unified_diff(step.printed, printed, "the page", "the command", lineterm="")
            wrong.append("\n".join([f"{path.name}:{step.line}: $ {step.typed}", *difference]))
    return wrong
