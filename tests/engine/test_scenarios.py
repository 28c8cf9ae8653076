"""The catalogue's own tests: the shipped ones hold, and one that does not is told with file, line and key."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from engine.scenarios import ScenarioReport, run_scenarios
from rules.catalogue import SHIPPED, Catalogue

RULE = "food-safety-law.135-1.responsible-persons"
FORM, MEND = "see docs/catalogue.md", "mend the scenario, or the entry"
PAIR = f"""\
- title: 当时在任的法定代表人适用，此前已离任的不适用
  given:
    subjects: {{c: enterprise, p: natural_person}}
    links:
      l1: {{type: legal_representative, holder: p, organisation: c, valid_from: 2020-01-01}}
    records:
      r1: {{subject: c, list: food-licence-revoked, decided_on: 2023-08-10}}
  ask: {{subject: p, matter: food-licence, department: market-regulation, as_of: 2025-06-01}}
  fires: {RULE}
  unless: {{links.l1.valid_to: 2023-05-31}}
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.shipped()


def run(catalogue: Catalogue, folder: Path, text: str, only: str | None = RULE) -> ScenarioReport:
    (folder / "scenarios").mkdir(exist_ok=True)
    (folder / "scenarios" / "one.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return run_scenarios(catalogue, [folder], only=only)


@pytest.mark.slow
def test_every_entry_of_the_shipped_catalogue_has_its_pair_and_every_pair_holds(catalogue: Catalogue) -> None:
    report = run_scenarios(catalogue, [SHIPPED])
    assert not report.problems
    entries = len(catalogue.measures) + len(catalogue.leads) + len(catalogue.groups)
    assert report.ran >= entries


def test_a_pair_that_holds_is_no_problem(catalogue: Catalogue, tmp_path: Path) -> None:
    assert run(catalogue, tmp_path, PAIR) == ScenarioReport(1, ())


@pytest.mark.parametrize(
    ("mistake", "line", "told", "remedy"),
    [
        (("holder: p, organisation: c", "holder: p, organisation: c, valid_to: 2022-01-01"), 2, "does not fire", MEND),
        (("{links.l1.valid_to: 2023-05-31}", "{links.l1.valid_to: 2024-05-31}"), 10, "still fires", MEND),
        (("{links.l1.valid_to: 2023-05-31}", "{links.l1.valid_from: 2020-01-01}"), 10, "changes nothing", FORM),
        (("{links.l1.valid_to: 2023-05-31}", "{ask.as_of: 2040-01-01}"), 10, "names no fact", FORM),
        (("{links.l1.valid_to: 2023-05-31}", "{records.r9.severity: minor}"), 10, "nothing is given under `r9`", FORM),
        (
            ("{links.l1.valid_to: 2023-05-31}", "{records.r1.list: no-such-list}"),
            10,
            "unknown list `no-such-list`",
            "declare it in lists.yaml, or mend the id",
        ),
        (("{links.l1.valid_to: 2023-05-31}", "{links.l1.share: 7}"), 10, "share", ""),
        (("unless: {", "unless: {records.r1: null, "), 10, "at most 1", FORM),
        (("holder: p,", "holder: q,"), 2, "no subject `q` is given", FORM),
        (
            ("matter: food-licence", "matter: no-such-matter"),
            2,
            "unknown matter `no-such-matter`",
            "`xinheng catalogue show matters` lists every matter",
        ),
        (("subject: p, matter", "subject: x, matter"), 1, "asks about `x`", FORM),
        (("decided_on:", "decidedon:"), 7, "Extra inputs", FORM),
    ],
)
def test_a_mistake_is_told_with_its_line(
    catalogue: Catalogue, tmp_path: Path, mistake: tuple[str, str], line: int, told: str, remedy: str
) -> None:
    report = run(catalogue, tmp_path, PAIR.replace(*mistake), only=None)
    found = [p for p in report.problems if p.file.endswith("one.yaml")]
    assert found
    assert told in found[0].message
    assert found[0].line == line
    assert found[0].remedy == remedy


def test_an_entry_without_a_scenario_is_told_where_it_stands(catalogue: Catalogue, tmp_path: Path) -> None:
    report = run(catalogue, tmp_path, PAIR, only=None)
    without = {p.key: p for p in report.problems if p.message == "has no scenario"}
    assert RULE not in without
    assert without["food-safety-law.135-2"].file.endswith("measures/food-safety-law.yaml")
    assert without["shareholder"].line > 0


def test_nothing_to_run_is_a_problem(catalogue: Catalogue, tmp_path: Path) -> None:
    report = run(catalogue, tmp_path, PAIR, only="food-safety-law.135-2")
    assert [p.message for p in report.problems] == ["nothing was run"]


def test_a_suspension_has_its_pair_as_well(catalogue: Catalogue, tmp_path: Path) -> None:
    text = """\
        - title: 列入他处失信名单的中止
          given:
            subjects: {c: enterprise}
            records:
              r1: {subject: c, list: tax-a, decided_on: 2025-04-15}
              r2: {subject: c, list: wage-arrears, severity: serious, decided_on: 2025-05-01}
          ask: {subject: c, matter: approval, department: development-reform, as_of: 2025-09-01}
          suspends: memo-2016-1467.approval
          unless: {records.r2.severity: general}
        """
    assert run(catalogue, tmp_path, text, only="memo-2016-1467.approval") == ScenarioReport(1, ())
    still = run(
        catalogue, tmp_path, text.replace("severity: general", "decided_on: 2025-05-02"), only="memo-2016-1467.approval"
    )
    (said,) = map(str, still.problems)
    assert said.endswith(
        "one.yaml:9: 列入他处失信名单的中止.unless: `memo-2016-1467.approval` is still suspended; told: none, "
        "['memo-2016-1467.approval'] — mend the scenario, or the entry"
    )
    never = run(catalogue, tmp_path, text.replace("serious", "minor"), only="memo-2016-1467.approval")
    assert "`memo-2016-1467.approval` is not suspended; told: " in never.problems[0].message


BIDDERS = """\
    - title: 两家供应商的法定代表人为同一人
      given:
        subjects: {a: enterprise, b: enterprise, p: natural_person}
        links:
          l1: {type: legal_representative, holder: p, organisation: a, valid_from: 2020-01-01}
          l2: {type: legal_representative, holder: p, organisation: b, valid_from: 2021-01-01}
      ask: {applicants: [a, b], matter: procurement, department: purchaser, as_of: 2025-06-01}
      fires: procurement-regulation.18-1.same-principal
      unless: {links.l2.valid_to: 2025-06-01}
    - title: 联合体一员为失信被执行人
      given:
        subjects: {a: enterprise, b: enterprise}
        records:
          r1: {subject: a, list: judgment-defaulter, severity: serious, decided_on: 2025-01-10}
      ask: {applicants: [a, b], consortia: [[a, b]], matter: procurement, department: purchaser, as_of: 2025-06-01}
      fires: government-procurement-law.22.consortium
      unless: {records.r1.effective_to: 2025-05-31}
    """
SAME, CONSORTIUM = "procurement-regulation.18-1.same-principal", "government-procurement-law.22.consortium"


def test_bidders_are_asked_about_together(catalogue: Catalogue, tmp_path: Path) -> None:
    assert [run(catalogue, tmp_path, BIDDERS, only=one) for one in (SAME, CONSORTIUM)] == [ScenarioReport(1, ())] * 2
    (said,) = run(catalogue, tmp_path, BIDDERS.replace("valid_to: 2025-06-01", "share: 0.5"), only=SAME).problems
    assert said.message == f"`{SAME}` still fires; told: deny, findings ['{SAME}']"
    (said,) = run(catalogue, tmp_path, BIDDERS.replace("2025-01-10", "2025-07-10"), only=CONSORTIUM).problems
    assert said.message == f"`{CONSORTIUM}` does not fire; told: none, findings []"


def test_who_is_named_and_with_which_finding_makes_a_pair(catalogue: Catalogue, tmp_path: Path) -> None:
    text = """\
        - title: 认定市场禁入的适用，另作认定的不适用
          given:
            subjects: {c: enterprise, p: natural_person, q: natural_person}
            records:
              r0: {subject: c, list: securities-violation-serious, decided_on: 2024-07-11, term_ends_on: 2029-07-11}
              r1: {subject: c, list: securities-violation-serious, decided_on: 2024-07-11, term_ends_on: 2029-07-11}
            named:
              n0: {record: r0, person: q, role: directly_responsible, finding: 市场禁入}
              n1: {record: r1, person: p, role: directly_responsible, finding: 市场禁入}
          ask: {subject: p, matter: securities-work, department: market-regulation, as_of: 2025-01-27}
          fires: securities-law.221
          unless: {named.n1.finding: 其他}
        """
    assert run(catalogue, tmp_path, text, only="securities-law.221") == ScenarioReport(1, ())
    of_another = text.replace("person: q, role", "person: p, role")
    (said,) = run(catalogue, tmp_path, of_another, only="securities-law.221").problems
    assert "`securities-law.221` still fires" in said.message


def test_a_pair_that_does_not_hold_is_told_with_what_was_told_instead(catalogue: Catalogue, tmp_path: Path) -> None:
    ended = PAIR.replace("organisation: c,", "organisation: c, valid_to: 2022-01-01,")
    (said,) = [str(p) for p in run(catalogue, tmp_path, ended).problems if p.key.endswith(".given")]
    assert said.endswith(
        f"one.yaml:2: 当时在任的法定代表人适用，此前已离任的不适用.given: `{RULE}` does not fire; told: none, "
        "measures [], leads [], gaps [] — mend the scenario, or the entry"
    )


def test_a_person_known_by_name_only_leaves_a_gap(catalogue: Catalogue, tmp_path: Path) -> None:
    unknown = PAIR.replace("links.l1.valid_to: 2023-05-31", "subjects.p: {kind: natural_person, identified: false}")
    (problem,) = run(catalogue, tmp_path, unknown).problems
    assert problem.message == (
        f"`{RULE}` still fires; told: deny, measures ['{RULE}'], leads [], gaps ['unidentified_holder scenario:2-p']"
    )
