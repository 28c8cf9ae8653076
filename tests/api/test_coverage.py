"""Every statutory rule that reaches beyond the listed is in docs/coverage.md, with entries that say it or the reason
why none does. The rules are section 5 of the facts in the shared folder (`XINHENG_SHARED`)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.coverage_page import Rule, beside, page, rules
from rules.catalogue import Catalogue
from rules.model import Measure, Step

FACTS = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "domain" / "facts.md"
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)


def stated() -> dict[int, list[str]]:
    """The cells of every row of section 5 by its number: from → to, rule, basis, when, mark."""
    if not FACTS.exists():
        pytest.skip(f"the facts are not there ({FACTS}): name their folder in XINHENG_SHARED")
    text = FACTS.read_text(encoding="utf-8")
    section = text[text.index("\n## 5. ") : text.index("\n## 6. ")]
    return {int(number): [cell.strip() for cell in cells.split("|")] for number, cells in ROW.findall(section)}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.shipped()


def measures(rule: Rule, catalogue: Catalogue) -> Iterator[Measure]:
    return (catalogue.measures[one] for one in rule.entries if one in catalogue.measures)


def times(steps: tuple[Step, ...]) -> str | None:
    """When the first relation of a reach must hold; of a named person, when the relation that follows must."""
    return next((step.holds for step in steps if step.link), None)


def test_every_row_of_the_facts_is_in_the_table() -> None:
    assert {rule.row: (rule.en, rule.basis) for rule in rules()} == {
        number: (who, basis) for number, (who, _, basis, *_) in stated().items()
    }


def test_every_row_is_said_by_entries_of_the_catalogue_or_has_its_reason(shipped: Catalogue) -> None:
    for rule in rules():
        assert set(rule.entries) <= {*shipped.measures, *shipped.groups}, rule.row
        assert rule.entries or rule.not_expressed, rule.row


def test_every_row_stands_on_the_page(shipped: Catalogue) -> None:
    text = page(shipped)
    assert [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)] == [r.row for r in rules()]
    assert all(f"`{entry}`" in text for rule in rules() for entry in rule.entries)


def test_the_catalogue_reaches_at_the_time_at_which_the_rule_does(shipped: Catalogue) -> None:
    """Four modes: now, at the event, after it, as the decision names them."""
    for rule in rules():
        found = {times(reach.steps) for measure in measures(rule, shipped) for reach in measure.reaches} - {None}
        if rule.when == "at_event":
            hired = {"now"} if rule.row == 13 else set()  # the hiring is a relation of today
            assert found <= {"at_event", *hired}, rule.row
        elif rule.when in ("now", "after_event"):
            assert found <= {rule.when}, rule.row
        else:
            assert not found, rule.row


def test_what_else_reaches_beyond_the_listed_is_told_beside_the_rules(shipped: Catalogue) -> None:
    others = {"information-disclosure.17.representatives", "memo-2016-2798.securities-institution"}
    assert {measure.id for measure in beside(shipped)} == others
    assert page(shipped).partition("## Beside these")[2].count("<br>`") == len(others)
