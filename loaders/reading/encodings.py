"""Text of bytes, and what to do about those that are none.

A line is decoded by itself, so that bytes which are no text spoil only their row. A JSON file is decoded as a stream;
there they become marks, private characters that `unmarked` finds in the row that holds them.
"""

from __future__ import annotations

import codecs
import re

from loaders.reading.sources import Source, UnreadableFile, unreadable
from loaders.rows import Fault, FaultKind

ENCODINGS = ("utf-8", "gbk", "gb18030")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, "\ufeff".encode("gb18030"))
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_FORMATS = {
    b"\x1f\x8b": ("a gzip file", "end its name in .gz"),
    b"PK\x03\x04": ("a zip archive, as Excel files are", "end its name in .xlsx if it is Excel, or unpack it"),
    b"PAR1\x15": ("a Parquet file", "end its name in .parquet"),
    b"\xd0\xcf\x11\xe0": ("an Excel file of the old format, or one with a password", "save it as .xlsx without one"),
    b"%PDF-": ("a PDF file", "ask for the table itself"),
}

_BYTE_MARKS, _HALF_MARKS = 0x10F800, 0x10F000  # U+10F800 and on: a byte; U+10F000 and on: half a character
_MARK = re.compile("[\U0010f000-\U0010f8ff]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_HALVES = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9a-fA-F]{0,4}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?\Z")
REMEDY = "correct them, or say the encoding of the file in the mapping; they are kept as \\xNN"


def without_mark(content: bytes) -> bytes:
    """The beginning of a file without its byte order mark."""
    for mark in _BYTE_ORDER_MARKS:
        content = content.removeprefix(mark)
    return content


def encoding_of(path: str, source: Source, encoding: str) -> str:
    """The encoding of a file: the one given, unless the file begins with the mark of UTF-8, as a table does that was
    mended in Excel. Raises `UnreadableFile` for what is no text, or says itself that it is in UTF-16."""
    for magic, (name, remedy) in _OTHER_FORMATS.items():
        if source.head.startswith(magic):
            raise unreadable(path, f"it is {name}", remedy)
    if source.head.startswith(_UTF_16):
        raise unreadable(path, "it is in UTF-16", "save it as UTF-8")
    return "utf-8" if source.head.startswith(codecs.BOM_UTF8) else encoding


def fitting(sample: bytes) -> str | None:
    """The first encoding in which the bytes are text; the last character may be cut."""
    for encoding in ENCODINGS:
        try:
            codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def wrong_encoding(path: str, head: bytes, encoding: str) -> UnreadableFile:
    """What to say of a file whose header, or first row, is no text in the encoding."""
    other = fitting(head)
    remedy = f"say encoding: {other} in the mapping" if other and other != encoding else "save it as UTF-8"
    return unreadable(path, f"it is no text in {encoding}", remedy)


def spelt(content: bytes, encoding: str, *, cut: bool = False) -> str:
    """The text of bytes, what is none of it as ``\\xNN``. If it was ``cut``, half a character at its end is left out.

    >>> spelt("名".encode() + b"\\xff", "utf-8")
    '名\\\\xff'
    """
    return codecs.getincrementaldecoder(encoding)("backslashreplace").decode(content, not cut)


def encoding_fault(error: UnicodeDecodeError, encoding: str) -> Fault:
    """The fault of a line that is no text."""
    bad = spelt(error.object[error.start : error.end], "ascii")
    return Fault("", bad, f"bytes that are no text in {encoding}", REMEDY, FaultKind.ENCODING)


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_BYTE_MARKS + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("xinheng.marked", _marked)


class MarkedUtf8:
    """A stream as UTF-8, in which marks stand for bytes that are no text, for NUL and, as JSON can write them, for
    halves of characters. ``any`` tells whether there was one; ``silent`` counts bytes until a reader resets it."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._source, self._encoding = source, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._begun = ""
        self._first = True
        self.any = False
        self.silent = 0

    def read(self, size: int = -1, /) -> bytes:
        while size:
            chunk = self._source.read(size)
            self.silent += len(chunk)
            text = self._begun + self._decoded(chunk)
            begun = _ESCAPE_BEGUN.search(text, max(0, len(text) - 12)) if chunk else None
            self._begun = text[begun.start() :] if begun else ""
            text = self._marked(text[: begun.start()] if begun else text)
            if text or not chunk:
                return text.encode()
        return b""

    def _decoded(self, chunk: bytes) -> str:
        state = self._decoder.getstate()
        try:
            return self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError:
            self.any = True
            self._decoder = codecs.getincrementaldecoder(self._encoding)("xinheng.marked")
            self._decoder.setstate(state)
            return self._decoder.decode(chunk, not chunk)

    def _marked(self, text: str) -> str:
        if self._first and text:
            text, self._first = text.removeprefix("\ufeff"), False
        if "\0" in text:
            text, self.any = text.replace("\0", chr(_BYTE_MARKS)), True
        return _ESCAPE.sub(self._half, text) if _HALVES.search(text) else text

    def _half(self, escape: re.Match[str]) -> str:
        if escape[1] is None:
            return escape[0]
        self.any = True
        return chr(_HALF_MARKS + int(escape[1], 16) - 0xD800)


def unmarked(text: str) -> tuple[str, Fault | None]:
    """The text with its marks spelt out as ``\\xNN`` or ``\\uNNNN``, and the fault that they are."""
    found = _MARK.findall(text)
    if not found:
        return text, None
    bad = " ".join(dict.fromkeys(map(_spelt_mark, found)))[:40]
    if set(found) == {chr(_BYTE_MARKS)}:
        fault = Fault("", "", "a NUL byte", "remove it", FaultKind.SHAPE)
    else:
        fault = Fault("", bad, "bytes or halves of characters that are no text", REMEDY, FaultKind.ENCODING)
    return _MARK.sub(lambda mark: _spelt_mark(mark[0]), text), fault


def _spelt_mark(mark: str) -> str:
    number = ord(mark)
    return f"\\x{number - _BYTE_MARKS:02x}" if number >= _BYTE_MARKS else f"\\u{number - _HALF_MARKS + 0xD800:04x}"
