"""How long a server is waited for.

The server ends a statement at the end of its time, and a server that stopped, was unplugged or is paused ends nothing.
The driver then waits for as long as that server's settings told it once (two minutes, if nobody changed them), and
takes no limit of ours. So the waiting is done by a thread of its own, which is left to itself when the patience ends:
it ends when the server or the driver's own limit lets it go, and no later than the driver is closed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


class Silent(Exception):
    """The server said nothing for as long as it was waited for. Whether it did what it was asked is not known."""


def patiently(seconds: float, call: Callable[[], T]) -> T:
    """What ``call`` returns or raises. Raises `Silent` when it takes longer than this."""
    outcome: Future[T] = Future()
    context = copy_context()

    def answer() -> None:
        try:
            outcome.set_result(context.run(call))
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=answer, name="neo4j-call", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.done():
            raise
        raise Silent from None
