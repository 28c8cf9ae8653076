"""The generated pages are those of the code, and every error has one."""

from pathlib import Path

import pytest

import api.http.app
import engine.ledger
import loaders.identity.judgements
import loaders.mapping
from api.documentation import documents
from api.error_pages import pages
from api.http.problems import CODES
from graph.errors import XinhengError

DOCS = Path(__file__).parents[2] / "docs"
GENERATED = documents()


def every_error(kind=XinhengError):
    yield kind
    for one in kind.__subclasses__():
        yield from every_error(one)


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_generated_page_is_up_to_date(name):
    """`make docs` writes them anew."""
    assert (DOCS / name).read_text(encoding="utf-8") == GENERATED[name]


def test_every_error_code_has_a_page():
    assert api.http.app
    assert engine.ledger
    assert loaders.identity.judgements
    assert loaders.mapping
    codes = {error.code for error in every_error()} | {code for code, *_ in CODES.values()}
    assert codes - set(pages()) == set()


def test_every_page_is_of_an_error():
    codes = {error.code for error in every_error()} | {code for code, *_ in CODES.values()}
    assert set(pages()) - codes == set()
