"""What surrounds a subject, in pages that neither lose nor repeat; and how two subjects hang together."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.canonical import digest
from engine.cursor import BadCursor, _checksum, cursor_of, same_question
from engine.errors import BadQuestion
from engine.investigation.document import Expansion
from engine.investigation.expand import question_of
from engine.investigation.question import ExpandQuestion
from graph.errors import OutOfTime
from graph.model import LinkType
from graph.sqlite import SqliteStore
from tests.contract.builders import DIRECTOR, SHAREHOLDER, link, merge, organisation, person, put, stub
from tests.engine.investigation.questions import Asking

FIRM, OTHER, BOSS = organisation(1), organisation(2), person(1)
CLERK = stub(FIRM)
HELD = [organisation(n) for n in range(10, 35)]


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    """A firm that holds 25 others, headed by a boss who sits on another's board; its clerk is known by name only."""
    with ExitStack() as stack:
        store = stack.enter_context(SqliteStore(tmp_path))
        shares = [link(FIRM, SHAREHOLDER, one, share=(1 + n % 5) / 10) for n, one in enumerate(HELD)]
        posts = [link(BOSS, DIRECTOR, FIRM, valid_from=date(2020, 1, 1)), link(BOSS, DIRECTOR, OTHER)]
        posts.append(link(CLERK, LinkType.SUPERVISOR, FIRM, valid_to=date(2021, 1, 1)))
        yield Asking(store, put(store, FIRM, OTHER, BOSS, CLERK, *HELD, *shares, *posts))


def all_pages(asking: Asking, **more: object) -> list[Expansion]:
    pages = [asking.expand(FIRM.id, **more)]
    while cursor := pages[-1].cursor:
        pages.append(asking.asked(question_of(cursor)))
    return pages


def test_counts_come_first_and_are_exact_whatever_the_page_shows(asking: Asking) -> None:
    found = asking.expand(FIRM.id, limit=3)
    assert [(one.side, one.type, one.links) for one in found.counts] == [
        ("held_by", "director", 1),
        ("holds", "shareholder", 25),
    ]
    assert found.total == 26
    assert len(found.links) == 3
    assert asking.expand(FIRM.id, limit=0).links == ()
    assert asking.expand(FIRM.id, limit=0).counts == found.counts


@pytest.mark.parametrize("limit", [1, 4, 13, 26, 200])
def test_pages_neither_lose_nor_repeat_a_link(asking: Asking, limit: int) -> None:
    pages = all_pages(asking, limit=limit)
    shown = [one.link.id for page in pages for one in page.links]
    whole = [one.link.id for one in asking.expand(FIRM.id).links]
    assert shown == whole
    assert len(set(shown)) == 26
    assert [len(page.links) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert {page.total for page in pages} == {26}


def test_the_greatest_holdings_stand_first(asking: Asking) -> None:
    shares = [one.link.share for one in asking.expand(FIRM.id, side="holds").links]
    assert shares == sorted(shares, reverse=True)


def test_links_that_have_ended_are_shown_when_asked_for(asking: Asking) -> None:
    def others(**more: object) -> set[str]:
        return {one.other.id for one in asking.expand(FIRM.id, side="held_by", **more).links}

    assert others() == {BOSS.id}
    assert others(ended=True) == {BOSS.id, CLERK.id}
    assert others(as_of=date(2020, 6, 1)) == {BOSS.id, CLERK.id}
    assert others(as_of=date(2019, 6, 1)) == {CLERK.id}


def test_who_is_known_by_name_only_is_shown_as_such(asking: Asking) -> None:
    links = asking.expand(FIRM.id, ended=True, types=(LinkType.SUPERVISOR, LinkType.DIRECTOR)).links
    assert [(one.other.name, one.other.identified) for one in links] == [(BOSS.name, True), (CLERK.name, False)]


def test_a_name_asserts_nothing(asking: Asking) -> None:
    found = asking.expand(f"name:{FIRM.name}")
    assert (found.subject.identity, found.complete, found.total, found.links) == ("ambiguous", False, 0, ())
    assert FIRM.id in {one.id for one in found.subject.candidates}


def test_the_id_is_the_hash_of_the_rest(asking: Asking) -> None:
    found = asking.expand(FIRM.id)
    content = found.model_dump(mode="json", exclude={"investigation_id"})
    assert found.investigation_id == f"investigation:{digest(content)}"
    assert found == asking.expand(FIRM.id)


def test_what_was_not_known_yet_is_no_question(asking: Asking) -> None:
    with pytest.raises(BadQuestion):
        asking.expand(FIRM.id, known_at=asking._dates["known_at"] + timedelta(days=1))
    with pytest.raises(BadQuestion):
        asking.control(FIRM.id, as_of=date(1900, 1, 1))


# --- cursors ----------------------------------------------------------------------------------------------------------
def test_every_character_of_a_cursor_counts(asking: Asking) -> None:
    cursor = asking.expand(FIRM.id, limit=3).cursor
    assert cursor
    for place, character in enumerate(cursor):
        changed = cursor[:place] + ("A" if character != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(BadCursor):
            question_of(changed)
    for cut in (
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "=",
        f" {cursor}",
        cursor * 2,
        "",
        "2",
        "页",
        "A" * 5000,
    ):
        with pytest.raises(BadCursor) as told:
            question_of(cut)
        said = "this is no cursor of this service (begin with the first page, without a cursor)"
        assert str(told.value) == said


def test_a_cursor_goes_on_with_its_own_question_only(asking: Asking) -> None:
    asked = asking.expand(FIRM.id, limit=3).question
    same_question(asked, {"limit": 3, "subject": FIRM.id})
    with pytest.raises(BadCursor) as told:
        same_question(asked, {"limit": 3, "subject": OTHER.id})
    assert str(told.value) == "the cursor belongs to another question (begin with the first page, without a cursor)"


def test_a_question_without_a_place_is_no_cursor(asking: Asking) -> None:
    with pytest.raises(BadCursor):
        question_of(cursor_of(asking.expand(FIRM.id).question))


@pytest.mark.parametrize(
    "content",
    [
        b'1{"kind":"expand"}',
        b"1",
        b'2{"kind":"expand"}',
        b'1{"kind":"expand","subject":"uscc:1","limit":5,"as_of":"2025-06-01","known_at":"9999-12-31T23:59:59-23:59",'
        b'"after":{"side":"holds","type":"director","share":null,"link":"x"}}',
        b'1{"after":{"link":"x","share":null,"side":"holds","type":"director"},"as_of":"2025-06-01","kind":"expand",'
        b'"known_at":"2025-06-01T00:00:00.000000Z","limit":5,"subject":"uscc:1"}',
    ],
    ids=["empty", "nothing", "version", "no-instant", "not-canonical"],
)
def test_a_cursor_put_together_by_hand_is_refused(content: bytes) -> None:
    """Whoever computes the checksum too still has to write what would have been given out."""
    with pytest.raises(BadCursor):
        question_of(base64.urlsafe_b64encode(_checksum(content) + content).decode().rstrip("="))


def test_a_cursor_holds_on_to_the_day_and_the_instant(asking: Asking) -> None:
    """What is loaded between two pages does not move the links that are left."""
    first = asking.expand(FIRM.id, limit=3)
    more = organisation(99)
    put(asking._store, more, link(more, SHAREHOLDER, FIRM, share=0.9))  # type: ignore[arg-type]
    assert first.cursor
    second = asking.asked(question_of(first.cursor))
    assert isinstance(second.question, ExpandQuestion)
    assert second.question.known_at == first.question.known_at
    assert second.total == first.total


# --- paths ------------------------------------------------------------------------------------------------------------
def test_a_path_shows_who_stands_on_it_and_every_link_between(asking: Asking) -> None:
    found = asking.paths(OTHER.id, HELD[0].id)
    (path,) = found.paths
    assert [one.id for one in path.subjects] == [OTHER.id, BOSS.id, FIRM.id, HELD[0].id]
    assert [[line.type for line in step] for step in path.steps] == [["director"], ["director"], ["shareholder"]]
    assert (found.length, found.count, found.complete, found.none_within) == (3, 1, True, 2)


def test_no_path_is_an_answer_with_what_is_proven(asking: Asking) -> None:
    found = asking.paths(OTHER.id, HELD[0].id, max_links=2)
    assert (found.length, found.count, found.paths, found.complete, found.none_within) == (None, 0, (), True, 2)
    assert asking.paths(OTHER.id, HELD[0].id, types=(SHAREHOLDER,)).length is None
    assert asking.paths(OTHER.id, HELD[0].id, avoid=(BOSS.id,)).length is None
    assert asking.paths(HELD[0].id, HELD[4].id, min_share=0.3).length is None
    assert asking.paths(HELD[2].id, HELD[4].id, min_share=0.3).length == 2


def test_a_path_of_another_day(asking: Asking) -> None:
    assert asking.paths(CLERK.id, BOSS.id).length is None
    assert asking.paths(CLERK.id, BOSS.id, ended=True).length == 2
    assert asking.paths(CLERK.id, BOSS.id, as_of=date(2020, 6, 1)).length == 2


@pytest.mark.parametrize("address", ["name:商贸", "uscc:91350100M000100Y43"])
def test_an_end_that_cannot_be_told_has_no_paths(asking: Asking, address: str) -> None:
    found = asking.paths(OTHER.id, address)
    assert (found.length, found.count, found.complete, found.why) == (None, 0, False, ("unresolved",))


def test_merges_shorten_paths_while_they_are_held(tmp_path: Path) -> None:
    one, two = person(1), person(2)
    with SqliteStore(tmp_path) as store:
        before = put(store, FIRM, OTHER, one, two, link(one, DIRECTOR, FIRM), link(two, DIRECTOR, OTHER))
        after = put(store, merge(one, two))
        assert Asking(store, before).paths(FIRM.id, OTHER.id).length is None
        assert Asking(store, after).paths(FIRM.id, OTHER.id).length == 2
        assert Asking(store, after).paths(one.id, two.id).length == 0


def test_without_time_paths_are_an_answer_and_links_an_error(asking: Asking) -> None:
    """Paths may be partly seen; a page that is not whole is none."""
    found = asking.paths(OTHER.id, HELD[0].id)
    late = asking.asked(found.question, seconds=0)
    assert (late.length, late.complete, late.why, late.none_within) == (None, False, ("out_of_time",), 0)
    with pytest.raises(OutOfTime):
        asking.asked(asking.expand(FIRM.id).question, seconds=0)
