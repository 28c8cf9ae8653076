"""What was put right in an identifier before it was looked up: the answer says so, and never which characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from graph.identifiers import plain


def notices_of(text: str, address: str, what: str = "subject") -> tuple[str, ...]:
    """How ``text`` was read as ``address`` (see `api.questions.subject_address`); a name is taken as it is.

    >>> notices_of(" ９１３50100 M000100Y43", "uscc:91350100M000100Y43")
    ('subject: spaces were left out', 'subject: full-width and invisible characters were made plain')
    >>> notices_of("91350100M000100Y43", "uscc:91350100M000100Y43")
    ()
    """
    return tuple(f"{what}: {put_right}" for put_right in _put_right(text, address))


def notices_of_several(texts: Sequence[str], addresses: Sequence[str], what: str) -> tuple[str, ...]:
    """The same of a list, each notice once, with the places that it concerns.

    >>> notices_of_several([" 9", "8", "７ "], ["uscc:9", "uscc:8", "uscc:7"], "applicants")
    ('applicants 0 2: spaces were left out', 'applicants 2: full-width and invisible characters were made plain')
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, (text, address) in enumerate(zip(texts, addresses, strict=True)):
        for put_right in _put_right(text, address):
            places[put_right].append(place)
    return tuple(f"{what} {' '.join(map(str, of))}: {put_right}" for put_right, of in places.items())


def _put_right(text: str, address: str) -> Iterator[str]:
    if address.startswith("name:"):
        return
    typed, unspaced = plain(text), "".join(text.split())
    if unspaced != text:
        yield "spaces were left out"
    if typed != unspaced:
        yield "full-width and invisible characters were made plain"
    if address.startswith("person:") and typed.endswith("x"):
        yield "a lower-case x was read as X"
