"""The time in which a rule binds, as it is compiled: in force, not before it began, surviving its end."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.model import Interval
from tests.rules.compiled import fired, opened, rule

BEGIN, END = date(2020, 1, 1).toordinal(), date(2022, 1, 1).toordinal()
days = st.sampled_from([BEGIN - 400, BEGIN - 1, BEGIN, BEGIN + 1, END - 1, END, END + 1, END + 400])


def binds(t: int, e: int, *, ends: bool, survives: bool, earlier: bool) -> bool:
    """The rule in plain words: the day asked about lies in the rule's time (the event's, where the rule survives its
    end), and the event is no earlier than the rule (unless it applies to earlier records)."""
    asked = e if survives else t
    in_force = asked >= BEGIN and not (ends and asked >= END)
    return in_force and (earlier or e >= BEGIN)


@given(days, days, st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_rule_fires_in_its_time(t: int, e: int, ends: bool, survives: bool, earlier: bool) -> None:
    to = date.fromordinal(END) if ends else None
    interval = Interval.model_validate({"from": date.fromordinal(BEGIN), "to": to})
    one = rule("m", in_force=interval, survives=survives, earlier_records=earlier)
    with opened(one) as book:
        expected = {"m"} if binds(t, e, ends=ends, survives=survives, earlier=earlier) else set()
        assert fired(book, t=t, e_decided_on=e) == expected


def test_an_event_of_tomorrow_does_not_fire() -> None:
    with opened(rule("m")) as book:
        assert fired(book, since_decided_on=0) == {"m"}
        assert fired(book, since_decided_on=-1) == set()


def test_the_event_date_is_the_one_that_the_trigger_names() -> None:
    with opened(rule("m", on="acted_on")) as book:
        assert fired(book) == set()
        acted = {"holds_acted_on": 1, "since_acted_on": 3, "e_acted_on": BEGIN}
        assert fired(book, since_decided_on=-1, **acted) == {"m"}
