"""Two processes load into one store at once: what one of them alone would have loaded is there, once."""

from __future__ import annotations

import json

import pytest

from tests.faults import town
from tests.faults.answers import TRUE, Truth
from tests.processes import started
from tests.real import City

OURS, THEIRS = range(900), range(600, 1500)
"""Two files that hold a third of their firms in common."""


@pytest.mark.slow
def test_two_loads_at_once_load_each_firm_once(settled: City) -> None:
    truth = Truth.of(settled)
    before = settled.run("stats", "--json").document["subjects"]["enterprise"]
    files = [town.more(settled, numbers, f"{numbers.start}.jsonl") for numbers in (OURS, THEIRS)]
    loads = [started(settled.settings, ["load", "city", file, "--json"]) for file in files]
    while any(load.poll() is None for load in loads):
        assert truth.by_command(settled) == {TRUE}
    reports = [json.loads(load.communicate()[0].splitlines()[-1]) for load in loads]
    assert [load.returncode for load in loads] == [0, 0]
    for report in reports:
        assert report["read"] == report["loaded"] + report["unchanged"] == len(OURS)
    assert sum(report["loaded"] for report in reports) == len({*OURS, *THEIRS})
    assert settled.run("stats", "--json").document["subjects"]["enterprise"] == before + len({*OURS, *THEIRS})
