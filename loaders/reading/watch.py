"""How far the reading of files has come, in bytes as they lie on the disk: what a progress bar needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Watch:
    """``total`` is None where it is not known, as of standard input."""

    total: int | None
    taken: int = 0

    @property
    def done(self) -> int:
        """Bytes read; a file that is looked at twice counts no more than it holds."""
        return self.taken if self.total is None else min(self.taken, self.total)


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(files: Sequence[str]) -> Iterator[Watch]:
    """Watch the reading of these files."""
    sizes = [os.path.getsize(file) for file in files if os.path.isfile(file)]
    watch = Watch(sum(sizes) if len(sizes) == len(files) else None)
    token = _WATCH.set(watch)
    try:
        yield watch
    finally:
        _WATCH.reset(token)


def note(size: int) -> None:
    """So many bytes were read."""
    if watch := _WATCH.get():
        watch.taken += size
