"""The page of mutation testing: figures come from the run, and no survivor goes without a reason."""

from __future__ import annotations

import pytest

from tests.mutants import Results, Tried, page, reasons_in

KILLED: Tried = {"function": "engine.gaps.Sources.gaps", "change": "", "verdict": "killed", "seconds": 0.5}
SURVIVOR: Tried = {"function": "rules.files.read", "change": "- a\n+ b", "verdict": "survived", "seconds": 1.5}
REASON = """\
- function: rules.files.read
  change: |
    - a
    +{}
  because: both are one
"""
RESULTS: Results = {"seed": 7, "asked": 2, "population": 90, "tried": [KILLED, SURVIVOR]}


def test_the_page_counts_what_the_run_found():
    text = page(RESULTS, reasons_in(REASON.format(" b")))
    assert "Seed 7, 2 of 90 mutants asked for, 2 tried." in text
    assert "Killed: 1, 50.0%, of which 0 never ended." in text
    assert "| `engine.gaps` | 1 | 1 |" in text
    assert "| `rules.files.read` | `- a`<br>`+ b` | both are one |" in text


def test_a_survivor_without_a_reason_keeps_the_page_from_being_written():
    with pytest.raises(ValueError, match=r"rules\.files\.read"):
        page(RESULTS, reasons_in(REASON.format(" c")))
