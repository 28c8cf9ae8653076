"""Every test has a world of its own, on a real embedded store; see `worlds`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rules.catalogue import Catalogue
from tests.engine.worlds import World, catalogue, measure, world

Making = Callable[..., World]


@pytest.fixture
def make() -> Iterator[Making]:
    """A world told some facts, under a catalogue of some measures (by default, the one denial)."""
    with ExitStack() as stack:

        def made(*facts: Any, by: Catalogue | None = None, sourced: bool = True, **parts: Any) -> World:
            measures = parts.pop("measures", [measure()])
            return stack.enter_context(world(*facts, by=by or catalogue(*measures, **parts), sourced=sourced))

        yield made
