"""When whoever asked stops waiting. It is set once, where a request comes in; stores end their statements by it, and
long work looks at it now and then. Nothing is cut short: who runs out of time gets an error, and no answer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from graph.errors import OutOfTime

_END: ContextVar[float] = ContextVar("end", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """What is done inside must end in so many seconds, or sooner where a deadline around it says so."""
    token = _END.set(min(_END.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def left() -> float:
    """The seconds until then; infinitely many without a deadline. Raises `OutOfTime` where none are left."""
    end = _END.get()
    if end == math.inf:
        return end
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise OutOfTime("the time that the request has is over", remedy="ask for less at once, or try again later")
    return seconds
