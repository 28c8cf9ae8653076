"""The reference by hand: paths, holders without identity, sources, incentives, leads, merges, groups."""

import pytest

from tests.reference.check import reference_check
from tests.reference.group import reference_check_group
from tests.reference_tests.worlds import (
    LOAD,
    NOW,
    SOURCE,
    asked,
    catalogue,
    company,
    day,
    gaps,
    link,
    measure,
    merge,
    naming,
    person,
    question,
    record,
    returned,
    world,
)

REPRESENTATIVE = "legal_representative"


def to_holder(holds, **more):
    return [{"link": REPRESENTATIVE, "to": "holder", "holds": holds, **more}]


def representative(holds, **dates):
    """The representative of a company that was listed on 2024-01-01, asked about on 2024-06-01."""
    facts = world(
        subjects=[company("c"), person("p")],
        links=[link("k", REPRESENTATIVE, "p", "c", **dates)],
        records=[record("r", "c")],
    )
    return asked("p", facts, measure(reaches=[to_holder(holds)]))


@pytest.mark.parametrize(
    ("holds", "dates", "reached"),
    [
        ("now", {"valid_from": "2024-06-01"}, True),
        ("now", {"valid_to": "2024-06-01"}, False),
        ("at_event", {"valid_from": "2024-01-01", "valid_to": "2024-01-02"}, True),
        ("at_event", {"valid_from": "2024-01-02"}, False),
        ("at_event", {"valid_from": "2020-01-01", "valid_to": "2024-01-01"}, False),
        ("after_event", {"valid_from": "2024-01-02"}, True),
        ("after_event", {"valid_from": "2024-01-01"}, False),
        ("after_event", {"valid_from": "2024-02-01", "valid_to": "2024-05-01"}, False),
    ],
)
def test_each_step_has_its_time(holds, dates, reached):
    assert returned(representative(holds, **dates)) == (["m"] if reached else [])


def test_an_undated_link_counts_for_now_and_proves_nothing_else():
    assert returned(representative("now")) == ["m"]
    for holds in ("at_event", "after_event"):
        found = representative(holds)
        assert (returned(found), gaps(found)) == ([], [("undated_link", "k")])
    assert gaps(representative("at_event", valid_to="2024-01-01")) == []


def test_what_holds_now_can_be_ended_and_what_held_then_only_corrected():
    now = representative("now", valid_from="2020-01-01")["measures"][0]
    assert [(clause["links"], clause["records"]["of"]) for clause in now["lifted_by"]] == [(["k"], ["r"])]
    assert now["if_wrong"] == []
    then = representative("at_event", valid_from="2020-01-01")["measures"][0]
    assert then["lifted_by"][0]["links"] == []
    assert then["if_wrong"] == ["k"]


def test_the_person_named_in_the_decision_is_reached_and_the_register_is_not_asked():
    facts = world(
        subjects=[company("c"), person("p"), person("q")],
        records=[record("r", "c"), record("other", "c")],
        namings=[naming("n", "r", "p", finding="found"), naming("n2", "other", "q", role="witness")],
    )
    rule = measure(reaches=[[{"named": "responsible", "finding": "found"}]])
    assert asked("p", facts, rule)["measures"][0]["chains"][0]["named"]["id"] == "n"
    assert returned(asked("q", facts, rule)) == []


def test_a_finding_that_was_not_recorded_is_a_gap():
    facts = world(subjects=[company("c"), person("p")], records=[record("r", "c")], namings=[naming("n", "r", "p")])
    assert gaps(asked("p", facts, measure(reaches=[[{"named": "responsible", "finding": "found"}]]))) == [
        ("missing_finding", "n")
    ]


def test_two_links_lead_from_the_listed_company_through_the_person_to_the_new_one():
    facts = world(
        subjects=[company("old"), company("new"), person("p")],
        links=[
            link("k1", REPRESENTATIVE, "p", "old", valid_from="2020-01-01"),
            link("k2", REPRESENTATIVE, "p", "new", valid_from="2024-02-01"),
        ],
        records=[record("r", "old")],
    )
    step = {"link": REPRESENTATIVE, "to": "organisation", "holds": "after_event"}
    rule = measure(reaches=[[*to_holder("at_event"), step]])
    assert [k["id"] for k in asked("new", facts, rule)["measures"][0]["chains"][0]["links"]] == ["k1", "k2"]
    assert returned(asked("old", facts, rule)) == []


def test_a_clause_that_another_one_breaks_too_is_left_out():
    facts = world(
        subjects=[company("c"), person("p")],
        links=[link("k", REPRESENTATIVE, "p", "c", valid_from="2020-01-01")],
        records=[record("r", "c")],
    )
    found = asked("p", facts, measure(reaches=[to_holder("at_event"), to_holder("now")]))["measures"][0]
    assert len(found["chains"]) == 2
    assert [clause["links"] for clause in found["lifted_by"]] == [[]]


def test_a_circle_of_holdings_is_walked_once():
    facts = world(
        subjects=[company("a"), company("b")],
        links=[link("k1", "shareholder", "a", "b", share=1.0), link("k2", "shareholder", "b", "a", share=1.0)],
        records=[record("r", "a")],
    )
    step = {"link": "shareholder", "to": "organisation", "holds": "now"}
    assert len(asked("b", facts, measure(reaches=[[step]]))["measures"][0]["chains"]) == 1
    assert returned(asked("a", facts, measure(reaches=[[step, step]]))) == []


def test_a_representative_known_by_name_only_leaves_the_answer_incomplete():
    facts = world(
        subjects=[company("c"), person("x", known=False)], links=[link("k", REPRESENTATIVE, "x", "c")], records=[]
    )
    rule = measure(reaches=[[{"link": REPRESENTATIVE, "to": "organisation", "holds": "now"}]])
    found = asked("c", facts, rule)
    assert (gaps(found), found["outcome"]) == ([("unidentified_holder", "x")], "incomplete")
    of_organisations = [{"id": "dishonest", "zh": "…", "kind": "sanction", "subject_kinds": ["enterprise"]}]
    assert reference_check(facts, catalogue(rule, lists=of_organisations), question("c"))["outcome"] == "none"


def test_a_source_never_loaded_or_overdue_is_a_gap_and_one_not_held_is_named():
    facts = world(subjects=[company("c")], loads=[])
    assert gaps(asked("c", facts, measure())) == [("never_loaded", "court/dishonest")]
    late = world(subjects=[company("c")], loads=[LOAD | {"through": day("2023-06-01")}])
    assert gaps(asked("c", late, measure())) == [("overdue", "court/dishonest")]
    assert gaps(asked("c", late, measure(), as_of="2024-05-31")) == []
    both = asked("c", world(subjects=[company("c")]), measure(), measure(id="n", trigger={"list": "unheld"}))
    assert (both["not_consulted"], both["gaps"], both["outcome"]) == (["unheld"], [], "none")
    neither = asked("c", world(subjects=[company("c")], sources=[SOURCE | {"holds": ()}]), measure())
    assert gaps(neither) == [("nothing_consulted", "sources")]


def test_a_gap_that_could_not_raise_the_outcome_leaves_it_complete():
    facts = world(subjects=[company("c")], records=[record("r", "c"), record("s", "c", "serious", severity=None)])
    weaker = measure(id="w", effect="remind", trigger={"list": "serious", "severity": "minor"})
    found = asked("c", facts, measure(), weaker)
    assert (found["outcome"], found["complete"], len(found["gaps"])) == ("deny", True, 1)


def test_an_incentive_is_suspended_by_the_records_of_the_subject_itself():
    rule = measure(kind="incentive", effect="priority", trigger={"list": "red"}, suspended_when={"list": "serious"})
    clean = world(subjects=[company("c")], records=[record("r", "c", "red")])
    assert asked("c", clean, rule)["measures"][0]["suspended_by"] is None
    bad = world(subjects=[company("c")], records=[record("r", "c", "red"), record("s", "c", "serious")])
    found = asked("c", bad, rule)
    assert (found["measures"][0]["suspended_by"], found["outcome"]) == (["s"], "none")
    blind = world(subjects=[company("c")], records=[record("r", "c", "red")], loads=[])
    assert asked("c", blind, rule)["measures"][0]["suspended_by"] == "unknown"


def test_a_lead_is_shown_unless_the_statute_speaks_of_the_same():
    facts = world(
        subjects=[company("c"), person("p")], links=[link("k", REPRESENTATIVE, "p", "c")], records=[record("r", "c")]
    )
    lead = {"id": "lead", "text": "…", "list": "dishonest", "reaches": [to_holder("now")]}
    shown = reference_check(facts, catalogue(leads=[lead]), question("p"))
    assert ([one["id"] for one in shown["leads"]], shown["outcome"]) == (["lead"], "none")
    told = reference_check(facts, catalogue(measure(reaches=[to_holder("now")]), leads=[lead]), question("p"))
    assert told["leads"] == []


def test_a_merge_holds_from_its_judgement_to_its_undoing_on_the_clock_of_knowledge():
    judged, undone = day("2025-01-01"), day("2026-01-01")
    at = {one: NOW.replace(year=one.year) for one in (judged, undone)}
    merged = merge("j", "p", "x", recorded_at=at[judged], superseded_at=at[undone])
    facts = world(
        subjects=[person("p"), person("x", known=False)],
        records=[record("r", "x")],
        merges=[merged, merge("j", "p", "x", undone=True, recorded_at=at[undone])],
    )
    for year, expected in ((2024, []), (2025, ["m"]), (2026, [])):
        assert returned(asked("p", facts, measure(), known_at=NOW.replace(year=year))) == expected


def test_a_name_is_no_identity_and_an_unknown_identifier_is_not_clear():
    facts = world(subjects=[company("c"), person("c2")])
    named = asked("name:c", facts, measure())
    assert (named["subject"]["identity"], named["outcome"]) == ("ambiguous", "incomplete")
    assert [one["id"] for one in named["subject"]["candidates"]] == ["c"]
    assert asked("uscc:nobody", facts, measure())["subject"]["identity"] == "unknown"


def group(facts, *rules, consortia=(), measures=()):
    asks = {k: v for k, v in question("").items() if k != "subject"}
    asks |= {"applicants": ["a", "b", "c"], "consortia": [list(one) for one in consortia], "contract": ""}
    return reference_check_group(facts, catalogue(*measures, groups=list(rules)), asks)


def rule(**shape):
    bound = {k: v for k, v in measure().items() if k in ("scope", "basis", "in_force", "effect")}
    return {"id": "g", "title": "…"} | bound | shape


def test_applicants_with_the_same_representative_are_one_finding():
    facts = world(
        subjects=[company("a"), company("b"), company("c"), person("p")],
        links=[link("k1", REPRESENTATIVE, "p", "a"), link("k2", REPRESENTATIVE, "p", "b")],
    )
    found = group(facts, rule(same_holder={"link": [REPRESENTATIVE]}))
    assert [one["binds"] for one in found["findings"]] == [["a", "b"]]
    assert [[k["id"] for k in chain["links"]] for chain in found["findings"][0]["chains"]] == [["k1", "k2"]]
    assert (found["outcome"], [one["outcome"] for one in found["decisions"]]) == ("deny", ["none"] * 3)


def test_direct_holdings_bind_pairs_and_never_a_chain():
    facts = world(
        subjects=[company("a"), company("b"), company("c"), company("x")],
        links=[link("k1", "shareholder", "a", "b", share=0.6), link("k2", "shareholder", "b", "x", share=1.0)],
    )
    found = group(facts, rule(direct_link={"link": ["shareholder"], "min_share": 0.5}))
    assert [one["binds"] for one in found["findings"]] == [["a", "b"]]


def test_a_consortium_falls_with_one_member():
    facts = world(subjects=[company("a"), company("b"), company("c")], records=[record("r", "a")])
    found = group(facts, rule(consortium={"because_of": ["m"]}), consortia=[("a", "b")], measures=[measure()])
    assert [one["binds"] for one in found["findings"]] == [["a", "b"]]
    assert [one["outcome"] for one in found["decisions"]] == ["deny", "none", "none"]
