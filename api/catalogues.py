"""The catalogue that answers are given by, read anew when its files change.

Whoever holds a catalogue keeps it: an answer ends by the one it began with. A change is taken over once the files have
rested, so that who copies several of them is not caught half-way; a catalogue that does not load, or does not compile,
is refused with an alarm in the log, and the one before goes on.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import Lock

from graph.errors import XinhengError
from rules.catalogue import Catalogue

LOG = logging.getLogger("xinheng.catalogue")
LOOK_SECONDS = 1.0
"""Between two looks at the files."""
REST_SECONDS = 1.0
"""So long the files must have stood as they are."""
Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(directories: Sequence[Path]) -> Stamp:
    """What tells that a file was changed, came or went. The time of change can't be set, as that of writing can."""
    files = sorted(file for directory in directories for file in directory.glob("**/*.yaml"))
    places = [*directories, *files]
    return tuple((str(place), (stat := place.stat()).st_ctime_ns, stat.st_size) for place in places)


def catalogue_of(directories: Sequence[Path]) -> Catalogue:
    """The catalogue in these directories, read once in a process for as long as its files stay as they are."""
    return _read(tuple(directories), stamp_of(directories))


@lru_cache(maxsize=4)
def _read(directories: tuple[Path, ...], stamp: Stamp) -> Catalogue:  # noqa: ARG001
    return Catalogue.load(*directories)


class CurrentCatalogue:
    """Follows the files in these directories. Threads may share it. Raises `CatalogueError` if they hold none to begin
    with."""

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = tuple(directories)
        self._taken = self._seen = stamp_of(directories)
        self._looked = time.monotonic()
        self._catalogue = Catalogue.load(*directories)
        self._looking = Lock()
        # One thread reads: no answer waits, and what reading takes of memory is taken from one arena again and again.
        self._reading = ThreadPoolExecutor(1, "catalogue")

    def now(self) -> Catalogue:
        """The catalogue for an answer that begins now."""
        if time.monotonic() >= self._looked + LOOK_SECONDS and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looked = time.monotonic()
                self._looking.release()
        return self._catalogue

    def close(self) -> None:
        """Let go of the thread that reads."""
        self._reading.shutdown()

    def _look(self) -> None:
        try:
            stamp = stamp_of(self._directories)
        except OSError:
            return  # a file went while it was looked at: the next look will see what became of it
        rested = stamp == self._seen or _latest(stamp) + REST_SECONDS <= time.time()
        self._seen = stamp
        if stamp != self._taken and rested:
            self._taken = stamp
            self._reading.submit(self._read_anew)

    def _read_anew(self) -> None:
        before = self._catalogue
        try:
            new = Catalogue.load(*self._directories)
            _ = new.rulebook  # compiled before anybody is answered by it
        except (XinhengError, OSError) as error:
            LOG.critical("the catalogue is refused, answers go on by %s: %s", before.digest, error)
            return
        except Exception:
            LOG.critical("the catalogue can't be read, answers go on by %s", before.digest, exc_info=True)
            raise
        if new.digest != before.digest:
            self._catalogue = new
            LOG.info("answers are given by catalogue %s, no longer by %s", new.digest, before.digest)
        del before
        gc.collect()  # who holds the one before no more lets go of its native rulesets


def _latest(stamp: Stamp) -> float:
    return max(changed for _, changed, _ in stamp) / 1e9
