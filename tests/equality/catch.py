"""Looks for a disagreement between the rooms that can be imported here and the reference: for `test_mistakes`.

    python -m tests.equality.catch CITIES

Prints the first one and ends with status 1; with 0 if there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from graph.sqlite import SqliteStore
from tests.cities.build import city
from tests.equality.comparison import against, loaded


def first_disagreement(cities: int) -> str | None:
    for seed in range(cities):
        made = city(seed)
        with TemporaryDirectory() as directory, SqliteStore(Path(directory)) as store, loaded(made.catalogue) as rules:
            made.write_to(store)
            for question in (*made.questions, *made.group_questions):
                if found := against(made, question, store, rules):
                    return "\n".join([f"seed {seed}", *found])
    return None


if __name__ == "__main__":
    found = first_disagreement(int(sys.argv[1]))
    print(found or "no disagreement")
    sys.exit(1 if found else 0)
