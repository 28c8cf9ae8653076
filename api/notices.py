"""What was put right in an identifier before it was looked up: the answer says so, and never which characters."""

from __future__ import annotations

from graph.identifiers import plain


def notices_of(text: str, address: str, what: str = "subject") -> tuple[str, ...]:
    """How ``text`` was read as ``address`` (see `api.questions.subject_address`); a name is taken as it is.

    >>> notices_of(" ９１３50100 M000100Y43", "uscc:91350100M000100Y43")
    ('subject: spaces were left out', 'subject: full-width and invisible characters were made plain')
    >>> notices_of("91350100M000100Y43", "uscc:91350100M000100Y43")
    ()
    """
    if address.startswith("name:"):
        return ()
    typed, unspaced = plain(text), "".join(text.split())
    done = {
        "spaces were left out": unspaced != text,
        "full-width and invisible characters were made plain": typed != unspaced,
        "a lower-case x was read as X": address.startswith("person:") and typed.endswith("x"),
    }
    return tuple(f"{what}: {put_right}" for put_right, was_done in done.items() if was_done)
