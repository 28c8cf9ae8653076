"""A server is waited for so long, and no longer, whatever it says or does not say."""

from __future__ import annotations

import threading

import pytest

from graph.deadline import deadline, left
from graph.neo4j.patience import Silent, patiently


def test_what_is_said_in_time_is_heard() -> None:
    assert patiently(60, lambda: "answer") == "answer"


def test_who_says_nothing_is_not_waited_for() -> None:
    never = threading.Event()
    with pytest.raises(Silent):
        patiently(0.01, never.wait)
    never.set()


@pytest.mark.parametrize("error", [TimeoutError("of the call itself"), KeyError("x"), KeyboardInterrupt()])
def test_an_error_is_that_of_the_call(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        patiently(60, fail)
    assert raised.value is error


def test_the_deadline_of_who_asks_is_known_to_the_call() -> None:
    with deadline(50):
        assert patiently(60, left) <= 50
