"""Lines of bytes, however long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from loaders.reading.encodings import without_mark
from loaders.reading.sources import CHUNK, MEBIBYTE, Source, unreadable
from loaders.rows import Fault, FaultKind

LONGEST = MEBIBYTE
BEGINNING = 64 * 1024  # what is kept of a longer one


class Line(NamedTuple):
    """``content`` has its line break; of a line longer than `LONGEST` it is the beginning. ``offset`` is where it
    stands in the (unpacked) file, in bytes like ``length``."""

    number: int
    content: bytes
    length: int
    offset: int

    @property
    def too_long(self) -> bool:
        return self.length > LONGEST

    def fault(self) -> Fault:
        """Why a line that is too long can't be read."""
        reason = f"a line of {self.length:,} bytes, at byte {self.offset:,} of the file; its beginning is kept"
        return Fault("", "", reason, f"a line has at most {LONGEST:,} bytes", FaultKind.TOO_LONG)


def byte_lines(path: str, source: Source) -> Iterator[Line]:
    """The lines of a file, which end with CR, LF or CRLF: none of these bytes is part of a character in UTF-8, GBK or
    GB 18030. Raises `UnreadableFile`, also for a last line that is being written."""
    number = offset = 0
    rest = b""
    for chunk in _chunks(source):
        pieces = (rest + chunk).splitlines(keepends=True)
        rest = pieces.pop() if chunk and not pieces[-1].endswith(b"\n") else b""
        for piece in pieces:
            number += 1
            if not chunk and source.grown() and not piece.endswith((b"\r", b"\n")):
                raise unreadable(path, f"line {number} is being written", "load the file again when it is complete")
            yield _line(number, piece, len(piece), offset)
            offset += len(piece)
        if len(rest) > LONGEST:
            number += 1
            length, beyond = _passed(source, rest)
            yield _line(number, rest, length, offset)
            offset, rest = offset + length, beyond


def _chunks(source: Source) -> Iterator[bytes]:
    """The last one is empty."""
    while chunk := source.read(CHUNK):
        yield chunk
    yield b""


def _line(number: int, content: bytes, length: int, offset: int) -> Line:
    if number == 1:
        content = without_mark(content)
    return Line(number, content if length <= LONGEST else content[:BEGINNING], length, offset)


def _passed(source: Source, begun: bytes) -> tuple[int, bytes]:
    """The length of a line of which only the beginning was read, and what was read beyond it."""
    length, last = len(begun), begun
    while not last.endswith(b"\r"):
        chunk = source.read(CHUNK)
        last = next(iter(chunk.splitlines(keepends=True)), b"")
        length += len(last)
        if len(last) < len(chunk) or last.endswith(b"\n") or not chunk:
            return length, chunk[len(last) :]
    chunk = source.read(CHUNK)
    return length + chunk.startswith(b"\n"), chunk.removeprefix(b"\n")
