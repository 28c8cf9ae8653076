"""Opening files as bytes: plain or gzipped, or ``-`` for standard input."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import BinaryIO, Protocol, cast

from graph.errors import BadInput
from loaders.reading.watch import note
from loaders.rows import discreet

STANDARD_INPUT = "-"
CHUNK = 256 * 1024
MEBIBYTE = 1024 * 1024
UNWATCHED = 100 * MEBIBYTE  # what may be unpacked before its ratio is looked at
HIGHEST_RATIO = 500
LARGEST_UNPACKED = 1024 * MEBIBYTE  # of a file that has to be unpacked before it can be read


class UnreadableFile(BadInput):
    """A source file is missing, is not what its name says, or is cut short or a bomb."""

    code = "unreadable-file"
    title_zh = "文件无法读取"


def unreadable(path: str, reason: str, remedy: str = "") -> UnreadableFile:
    return UnreadableFile(f"{discreet(path)}: {reason}", remedy=remedy)


class Source(Protocol):
    """Bytes in a stream, with those that it begins with."""

    @property
    def head(self) -> bytes: ...

    def read(self, size: int = CHUNK, /) -> bytes:
        """Up to ``size`` bytes, none at the end. Raises `UnreadableFile`."""
        ...

    def grown(self) -> bool:
        """Whether something was appended since it was opened, which is not read."""
        ...


class _AsOpened:
    """A file up to the size that it had when it was opened: what is appended meanwhile belongs to the next load."""

    def __init__(self, path: str, file: BinaryIO) -> None:
        self._path, self._file = path, file
        status = os.fstat(file.fileno())
        self._size = status.st_size if stat.S_ISREG(status.st_mode) else None
        self.taken = 0

    def read(self, size: int = CHUNK, /) -> bytes:
        wanted = size if self._size is None else min(size, self._size - self.taken)
        found = self._file.read(wanted)
        self.taken += len(found)
        note(len(found))
        if self._size is not None and len(found) < wanted:
            raise unreadable(self._path, "it became shorter while it was read", "load it again when it is complete")
        return found

    def grown(self) -> bool:
        return self._size is not None and os.fstat(self._file.fileno()).st_size > self._size


class _StandardInput:
    def read(self, size: int = CHUNK, /) -> bytes:
        return cast(io.BufferedReader, sys.stdin.buffer).read1(size)

    def grown(self) -> bool:
        return False


class _Unpacked:
    """A gzipped file, as long as it does not unpack to far more than any table."""

    def __init__(self, path: str, packed: _AsOpened) -> None:
        self._path, self._packed = path, packed
        self._file = gzip.GzipFile(fileobj=cast(BinaryIO, packed), mode="rb")
        self._given = 0

    def read(self, size: int = CHUNK, /) -> bytes:
        found = self._file.read1(size)
        self._given += len(found)
        if self._given > UNWATCHED and self._given > HIGHEST_RATIO * self._packed.taken:
            raise unreadable(
                self._path,
                f"a gzip bomb: {self._given:,} bytes came out of {self._packed.taken:,}",
                "unpack it yourself if you trust it",
            )
        return found

    def grown(self) -> bool:
        return False  # what was packed is complete, or an error


class _WithHead:
    """A stream whose beginning was looked at."""

    def __init__(self, stream: _AsOpened | _StandardInput | _Unpacked) -> None:
        self._stream = stream
        self.head = self._next = stream.read(CHUNK)
        self.grown = stream.grown

    def read(self, size: int = CHUNK, /) -> bytes:
        if self._next:
            found, self._next = self._next[:size], self._next[size:]
            return found
        return self._stream.read(size)


def gzipped(path: str) -> bool:
    return path.lower().endswith(".gz")


def suffix_of(path: str) -> str:
    """What a file is by its name, before .gz."""
    return PurePath(path[:-3] if gzipped(path) else path).suffix.lower()


@contextmanager
def faults_said(path: str) -> Iterator[None]:
    """What goes wrong with a file becomes an `UnreadableFile`."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise unreadable(path, f"no sound gzip file: {error}", "fetch it again; it may be cut short") from None
    except OSError as error:
        raise unreadable(path, error.strerror or str(error), _remedy(error)) from None


def _remedy(error: OSError) -> str:
    match error:
        case IsADirectoryError():
            return "give the files in it, each by its path"
        case FileNotFoundError():
            return "give the path of a file that is there"
        case PermissionError():
            return "have its owner let you read it"
    return "give a file that can be read"


def checked(path: str) -> str:
    """A path that can name a file. Raises `UnreadableFile`."""
    if not path or "\0" in path:
        raise unreadable(path.replace("\0", "\\0"), "no file has this name", "give the path of a file that is there")
    return path


@contextmanager
def opened(path: str) -> Iterator[Source]:
    """The bytes of a file, unpacked. Raises `UnreadableFile`, also for what goes wrong while it is read."""
    with faults_said(path):
        if path == STANDARD_INPUT:
            yield _WithHead(_StandardInput())
            return
        with open(checked(path), "rb") as file:
            whole = _AsOpened(path, file)
            yield _WithHead(_Unpacked(path, whole) if gzipped(path) else whole)


def beginning(path: str, most: int = CHUNK) -> bytes:
    """The first bytes of a file, unpacked. Raises `UnreadableFile`."""
    with opened(path) as source:
        found = bytearray(source.read(min(most, CHUNK)))
        while len(found) < most and (chunk := source.read()):
            found += chunk
    return bytes(found[:most])


@contextmanager
def opened_whole(path: str) -> Iterator[BinaryIO]:
    """A file that is read here and there; a gzipped one is unpacked beside it first, up to 1 GiB, and removed."""
    if path == STANDARD_INPUT:
        raise unreadable(path, "Excel and Parquet files can't come from standard input", "give the path of a file")
    with faults_said(path):
        if not gzipped(path):
            with open(checked(path), "rb") as file:
                yield file
            return
        with opened(path) as packed, tempfile.NamedTemporaryFile() as unpacked:
            while chunk := packed.read():
                unpacked.write(chunk)
                if unpacked.tell() > LARGEST_UNPACKED:
                    raise unreadable(path, "it unpacks to more than 1 GiB", "unpack it yourself if you trust it")
            unpacked.seek(0)
            yield cast(BinaryIO, unpacked)
