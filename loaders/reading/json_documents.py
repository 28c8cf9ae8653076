"""JSON files of any size, read in a stream: the elements of an array, or the values of an object, are rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import ijson

from loaders.reading.encodings import MarkedUtf8, encoding_of, fitting, unmarked, wrong_encoding
from loaders.reading.lines import BEGINNING, LONGEST
from loaders.reading.rows import THE_KEY, THE_PLACE, Dialect, RawRow, Table, keys_of
from loaders.reading.sources import MEBIBYTE, Source, opened, unreadable
from loaders.rows import Fault, FaultKind, shown

Events = Iterator[tuple[str, Any]]
LONGEST_TOKEN = 16 * MEBIBYTE  # the parser holds one whole
DEEPEST = 100
SHOWN_KEYS = 12
MOST_DIGITS = 4_300
_DIGITS = re.compile(rb"[0-9][0-9]{%d}" % MOST_DIGITS)


@contextmanager
def json_document(path: str, dialect: Dialect) -> Iterator[Table]:
    """The rows at the places of the dialect. Raises `UnreadableFile`, also if no such place is in the file."""
    with opened(path) as source:
        encoding = encoding_of(path, source, dialect.encoding)
        yield Table(None, _rows(path, source, dialect.rows, encoding) if source.head else iter(()))


def _rows(path: str, source: Source, places: tuple[str, ...], encoding: str) -> Iterator[RawRow]:
    text = MarkedUtf8(source, encoding)
    walk = _Walk(_events(path, text), text, places)
    for number, row in enumerate(walk.rows(), start=1):
        if (
            number == 1
            and row.fault
            and row.fault.kind is FaultKind.ENCODING
            and fitting(source.head) not in (None, encoding)
        ):
            raise wrong_encoding(path, source.head, encoding)
        yield row
    if not walk.found:
        keys = f"it is an object of {', '.join(map(shown, walk.top))}" if walk.top else "it is no object"
        raise unreadable(path, f"it has no rows at {' or '.join(places)}: {keys}", "say in `rows` where they are")


def _events(path: str, text: MarkedUtf8) -> Events:
    """What the parser finds. It quotes the file in its errors; only what is wrong is said of them."""
    count = 0
    try:
        for event in ijson.basic_parse(_Watched(path, text), buf_size=64 * 1024):
            text.silent = 0
            count += event[0] == "end_map"
            yield event
    except ijson.JSONError as error:
        said = str(error).removeprefix("b'").partition("\n")[0].partition("\\n")[0]
        remedy = "if it holds one object a line, end its name in .jsonl" if "trailing" in said else "fetch it again"
        raise unreadable(path, f"no sound JSON after {count:,} objects: {said}", remedy) from None


class _Watched:
    """What is too long for the parser does not reach it: Python has no integer of that many digits, and ijson goes on
    as if it had one."""

    def __init__(self, path: str, text: MarkedUtf8) -> None:
        self._path, self._text = path, text
        self._digits = b""  # at the end of what was read

    def read(self, size: int = -1, /) -> bytes:
        if self._text.silent > LONGEST_TOKEN:
            raise unreadable(self._path, f"a single text or gap of more than {LONGEST_TOKEN:,} bytes", "shorten it")
        read = self._text.read(size)
        if _DIGITS.search(self._digits + read):
            raise unreadable(self._path, f"a number of more than {MOST_DIGITS:,} digits", "correct it")
        before = read.rstrip(b"0123456789")
        self._digits = read[len(before) :] if before else self._digits + read
        return read


class _Walk:
    """A way through a file that stops at its rows."""

    def __init__(self, events: Events, text: MarkedUtf8, places: tuple[str, ...]) -> None:
        self._events, self._text = events, text
        self._wanted: dict[tuple[str | None, ...], str] = {_begun(place): place for place in places}
        self.found = False
        self.top: list[str] = []

    def rows(self) -> Iterator[RawRow]:
        keys: list[str | None] = []  # of the arrays and objects around; None in an array
        places: list[str | None] = []  # where these are rows, their place
        number = 0
        for event, value in self._events:
            if event == "map_key":
                keys[-1] = unmarked(value)[0] if self._text.any else value
                self._note(keys)
            elif event in ("end_map", "end_array"):
                keys.pop()
                places.pop()
            elif places and (place := places[-1]):
                number += 1
                yield self._row(number, place, keys[-1], event, value)
            elif event in ("start_map", "start_array"):
                place = self._wanted.get((event, *keys))
                self.found = self.found or place is not None
                places.append(place)
                keys.append(None)

    def _note(self, keys: list[str | None]) -> None:
        if len(keys) == 1 and len(self.top) < SHOWN_KEYS and keys[0]:
            self.top.append(keys[0])

    def _row(self, number: int, place: str, key: str | None, event: str, value: Any) -> RawRow:
        element = _Element(self._text)
        while not element.take(event, value):
            event, value = next(self._events)
        added = {THE_PLACE: place} if key is None else {THE_KEY: key, THE_PLACE: place}
        if not isinstance(element.value, dict):
            fault = Fault("", shown(element.value), "no JSON object", "a row is an object", FaultKind.SHAPE)
            return RawRow(number, _canonical(element.value), {}, element.fault or fault)
        if taken := [name for name in added if name in element.value]:
            element.fail(Fault(taken[0], "", "this key is Xinheng's own", "call it otherwise", FaultKind.SHAPE))
        cells = {**element.value, **added}
        text = _canonical(cells)
        if element.fault:
            cut = text[:BEGINNING] if element.fault.kind is FaultKind.TOO_LONG else text
            return RawRow(number, cut, {}, element.fault)
        return RawRow(number, text, cells)


def _begun(place: str) -> tuple[str | None, ...]:
    """The event with which a place of rows begins, and the keys around it."""
    return ("start_array" if place.endswith("[]") else "start_map", *keys_of(place))


class _Element:
    """A value being put together. What follows once it is too long is passed over."""

    def __init__(self, text: MarkedUtf8) -> None:
        self._text = text
        self.value: Any = None
        self.fault: Fault | None = None
        self._around: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str] = []
        self._size = 0
        self._passed = 0  # arrays and objects that are left out, around what comes

    def fail(self, fault: Fault) -> None:
        self.fault = self.fault or fault

    def take(self, event: str, value: Any) -> bool:
        """Whether it is complete."""
        if event == "map_key":
            if not self._passed:
                self._keys[-1] = self._key(value)
        elif event in ("end_map", "end_array"):
            if self._passed:
                self._passed -= 1
            else:
                self._around.pop()
                self._keys.pop()
        elif event in ("start_map", "start_array"):
            self._begin({} if event == "start_map" else [])
        elif not self._passed:
            self._put(self._scalar(value))
        return not self._around and not self._passed

    def _begin(self, value: dict[str, Any] | list[Any]) -> None:
        if len(self._around) == DEEPEST:
            self.fail(Fault("", "", f"nested deeper than {DEEPEST}", "flatten it", FaultKind.SHAPE))
        if self._passed or len(self._around) == DEEPEST or self._size > LONGEST:
            self._passed += 1
            return
        self._put(value)
        self._around.append(value)
        self._keys.append("")

    def _put(self, value: Any) -> None:
        self._weigh(1)
        if not self._around:
            self.value = value
        elif self._size > LONGEST:
            return
        elif isinstance(around := self._around[-1], dict):
            around[self._keys[-1]] = value
        else:
            around.append(value)

    def _key(self, value: str) -> str:
        key = self._scalar(value)
        if isinstance(around := self._around[-1], dict) and key in around:
            self.fail(Fault(shown(key), "", "a key stands twice", "leave one of them", FaultKind.SHAPE))
        return str(key)

    def _scalar(self, value: Any) -> Any:
        match value:
            case str():
                self._weigh(len(value))
                if self._text.any:
                    value, fault = unmarked(value)
                    self.fault = self.fault or fault
            case Decimal():
                if math.isinf(number := float(value)):
                    self.fail(Fault("", "", "a number beyond all bounds", "correct it", FaultKind.NUMBER))
                    return str(value)
                return number
            case int() if value.bit_length() > 64:
                self._weigh(value.bit_length() // 8)
        return value

    def _weigh(self, characters: int) -> None:
        self._size += characters
        if self._size > LONGEST:
            longest = f"a row of more than {LONGEST:,} characters; its beginning is kept"
            self.fail(Fault("", "", longest, "shorten it", FaultKind.TOO_LONG))


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
