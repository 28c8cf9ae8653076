"""The catalogue as a whole: read from directories, kept by content, asked for what is in scope."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Kind
from rules.catalogue import PARTS, SHIPPED, Catalogue
from rules.errors import CatalogueError, Problem
from rules.model import SANCTIONS
from rules.rule import covers
from rules.rulebook import RulesEngineFault
from tests.rules.catalogues import BASE, copied, data_of, edited
from tests.rules.compiled import fire

OVERLAY = """
- id: city-ban
  title: 本市禁止投标
  kind: sanction
  effect: deny
  trigger: {list: dishonest}
  scope: {matters: [licence], regions: ['330100']}
  basis: [{document: city-rules, article: 第一条}]
  in_force: {from: 2020-01-01}
"""
CITY_RULES = """
- id: city-rules
  title: 某市条例
  level: local_regulation
  territory: '330100'
  in_force: {from: 2020-01-01}
  verified: seen
"""


def problem_of(*directories: Path) -> Problem:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(*directories)
    (problem,) = caught.value.problems
    return problem


def test_the_shipped_catalogue_is_valid() -> None:
    shipped = Catalogue.load(SHIPPED)
    assert shipped.measures
    assert shipped.digest == Catalogue.shipped().digest


def test_a_catalogue_comes_back_from_its_content() -> None:
    catalogue = Catalogue.load(BASE)
    again = Catalogue.from_content(catalogue.content)
    assert again.content == catalogue.content
    assert again.digest == catalogue.digest
    assert again.measures == catalogue.measures
    assert [rule.id for rule in again.rules] == [rule.id for rule in catalogue.rules]


def test_the_shipped_catalogue_comes_back_from_its_content() -> None:
    shipped = Catalogue.shipped()
    assert Catalogue.from_content(shipped.content).content == shipped.content


def test_content_does_not_depend_on_the_order_of_entries_or_files(tmp_path: Path) -> None:
    data = data_of(BASE)
    for name in (*PARTS, "matters"):
        part = data["vocabulary"][name] if name == "matters" else data[name]
        random.Random(name).shuffle(part)
    split = copied(tmp_path)
    for number, measure in enumerate(reversed(data["measures"])):
        text = yaml.safe_dump([measure], allow_unicode=True)
        (split / "measures" / f"{number}.yaml").write_text(text, encoding="utf-8")
    (split / "measures" / "law.yaml").unlink()
    assert Catalogue.from_data(data).digest == Catalogue.load(BASE).digest == Catalogue.load(split).digest


def test_another_word_is_another_digest(tmp_path: Path) -> None:
    other = edited(tmp_path, "documents.yaml", "title: 某某通知", "title: 某某公告")
    assert Catalogue.load(other).digest != Catalogue.load(BASE).digest


def test_writing_out_a_default_leaves_the_digest_alone(tmp_path: Path) -> None:
    spelt = edited(
        tmp_path, "measures/law.yaml", "trigger: {list: dishonest}", "trigger: {list: [dishonest], on: decided_on}"
    )
    assert Catalogue.load(spelt).digest == Catalogue.load(BASE).digest


def test_an_overlay_adds_to_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "city.yaml").write_text(OVERLAY, encoding="utf-8")
    (tmp_path / "documents.yaml").write_text(CITY_RULES, encoding="utf-8")
    both = Catalogue.load(BASE, tmp_path)
    assert set(both.measures) == {*Catalogue.load(BASE).measures, "city-ban"}
    assert both.origin("measures", "city-ban").file == str(tmp_path / "measures" / "city.yaml")


def test_an_overlay_adds_words_to_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "documents.yaml").write_text(CITY_RULES, encoding="utf-8")
    words = "matters:\n- {id: subway-advertising, zh: 地铁广告, en: advertising in the subway}\n"
    (tmp_path / "vocabulary.yaml").write_text(words, encoding="utf-8")
    alone, both = Catalogue.load(BASE), Catalogue.load(BASE, tmp_path)
    assert set(both.matters) == {*alone.matters, "subway-advertising"}
    assert both.departments == alone.departments


def test_an_overlay_may_hold_measures_alone_and_is_held_to_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "measures").mkdir()
    file = tmp_path / "measures" / "city.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    problem = problem_of(BASE, tmp_path)
    assert (problem.file, problem.line, problem.message) == (str(file), 8, "unknown document `city-rules`")


def test_an_overlay_does_not_replace_an_entry_in_silence(tmp_path: Path) -> None:
    (tmp_path / "documents.yaml").write_text(CITY_RULES.replace("city-rules", "law"), encoding="utf-8")
    problem = problem_of(BASE, tmp_path)
    assert problem.file == str(tmp_path / "documents.yaml")
    assert problem.message == "id is given twice in documents"


def test_an_empty_directory_is_no_catalogue(tmp_path: Path) -> None:
    problem = problem_of(tmp_path)
    assert problem == Problem(
        str(tmp_path), 0, "(directory)", "holds no catalogue", "it needs documents.yaml or measures/"
    )


@pytest.mark.parametrize("name", ["list.yaml", "documents.yml", "measures/more.yml"])
def test_a_file_that_would_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    catalogue = copied(tmp_path)
    (catalogue / name).write_text("", encoding="utf-8")
    problem = problem_of(catalogue)
    assert (problem.file, problem.line, problem.key) == (str(catalogue / name), 0, "(file)")
    assert problem.message == "is no part of a catalogue"
    assert "measures/*.yaml" in problem.remedy


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    catalogue = copied(tmp_path)
    (catalogue / "leads.yaml").write_bytes("- text: 母公司".encode("gb18030"))
    problem = problem_of(catalogue)
    assert problem.file == str(catalogue / "leads.yaml")
    assert problem.message.startswith("not UTF-8 YAML: ")
    assert problem.remedy == "save the file as UTF-8 text"


def test_a_vocabulary_that_is_a_list_is_named(tmp_path: Path) -> None:
    catalogue = copied(tmp_path)
    (catalogue / "vocabulary.yaml").write_text("- {id: tender}\n", encoding="utf-8")
    problem = problem_of(catalogue)
    assert (problem.line, problem.message) == (1, "must hold lists of words by key")
    assert problem.remedy == "the keys are matters, departments, roles"


@pytest.mark.parametrize("name", ["leads.yaml", "groups.yaml"])
def test_a_part_may_be_empty(tmp_path: Path, name: str) -> None:
    catalogue = copied(tmp_path)
    (catalogue / name).write_text("# none yet\n", encoding="utf-8")
    assert not getattr(Catalogue.load(catalogue), name.removesuffix(".yaml"))


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    catalogue = copied(tmp_path)
    (catalogue / "leads.yaml").write_text("- {id: a}\n- {id: b}\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load(catalogue)
    assert [(p.line, p.key) for p in caught.value.problems] == [
        (line, f"{name}.{key}") for line, name in ((1, "a"), (2, "b")) for key in ("list", "reaches", "text")
    ]
    said = str(caught.value)
    assert said.startswith(f"the catalogue does not load:\n{catalogue / 'leads.yaml'}:1: a.list: missing — ")
    assert f"{catalogue / 'leads.yaml'}:2: b.text: missing — add `text: …`" in said
    assert said.endswith(" (mend the entries named above; `xinheng catalogue lint` checks them again)")


def test_an_id_of_one_part_may_stand_in_another() -> None:
    data = data_of(BASE)
    data["leads"][0]["id"] = "ban"
    assert Catalogue.from_data(data).leads.keys() == {"ban"}


def test_data_with_an_unknown_part_is_refused() -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.from_data({"measure": []})
    (problem,) = map(str, caught.value.problems)
    parts = "documents, vocabulary, lists, leads, groups (.yaml) and measures/*.yaml"
    assert problem == f"(data): measure: is no part of a catalogue — the parts are {parts}"


@pytest.mark.parametrize("part", ["leads", "groups", "measures"])
def test_data_may_lack_a_part(part: str) -> None:
    data = data_of(BASE)
    if part == "measures":
        data["groups"] = []  # which speak of measures
    del data[part]
    assert not getattr(Catalogue.from_data(data), part)


def test_a_range_may_be_of_one_length(tmp_path: Path) -> None:
    """A range binds for what the record says was decided, a fixed length whatever it says."""
    one_length = ("{length: P3Y, from: decided_on}", "{length: {least: P3Y, most: P3Y}}")
    ranged = Catalogue.load(edited(tmp_path, "measures/law.yaml", *one_length))
    assert [
        rule.id for rule in ranged.rules if rule.term and rule.term.ranged and rule.term.least == rule.term.most
    ] == ["ban"]


def test_words_that_yaml_takes_for_truth_stay_words(tmp_path: Path) -> None:
    catalogue = edited(
        tmp_path, "measures/law.yaml", "trigger: {list: dishonest}", "trigger: {list: dishonest, on: acted_on}"
    )
    assert Catalogue.load(catalogue).measures["ban"].trigger.on == "acted_on"


def test_entries_may_share_an_anchor(tmp_path: Path) -> None:
    catalogue = edited(
        tmp_path,
        "leads.yaml",
        "matters: [tender]",
        "matters: &all [tender]\n- {id: more, text: 又, list: dishonest, reaches: [[]], matters: *all}",
    )
    assert Catalogue.load(catalogue).leads["more"].matters == ("tender",)


def scope(
    matter: str = "tender", department: str = "purchaser", region: str = "330100", kind: Kind = Kind.ENTERPRISE
) -> set[str]:
    found = Catalogue.load(BASE).in_scope(matter=matter, department=department, region=region, kind=kind)
    return {rule.id for rule in found}


def test_a_scope_of_departments_leaves_others_out() -> None:
    assert scope() == {"ban", "fined-ban", "preference", "parent-listed"}
    assert scope(department="tax") == {"fined-ban", "preference", "parent-listed"}


def test_a_matter_without_measures_has_none() -> None:
    assert scope(matter="licence") == set()
    assert scope(matter="unheard-of") == set()


@pytest.mark.parametrize(
    ("key", "value", "fits", "fits_not"),
    [
        ("regions", ["330000"], {"region": "330106"}, {"region": "360400"}),
        ("subject_kinds", ["natural_person"], {"kind": Kind.NATURAL_PERSON}, {"kind": Kind.ENTERPRISE}),
    ],
)
def test_regions_and_kinds_narrow_a_scope(
    key: str, value: list[str], fits: dict[str, Any], fits_not: dict[str, Any]
) -> None:
    data = data_of(BASE)
    data["measures"][1]["scope"][key] = value
    catalogue = Catalogue.from_data(data)
    asked = {"matter": "tender", "department": "purchaser", "region": "110000", "kind": Kind.ENTERPRISE}
    assert "fined-ban" in {rule.id for rule in catalogue.in_scope(**{**asked, **fits})}
    assert "fined-ban" not in {rule.id for rule in catalogue.in_scope(**{**asked, **fits_not})}


def test_a_lead_without_matters_shows_in_all() -> None:
    data = data_of(BASE)
    del data["leads"][0]["matters"]
    catalogue = Catalogue.from_data(data)
    found = catalogue.in_scope(matter="licence", department="purchaser", region="110000", kind=Kind.ENTERPRISE)
    assert [rule.id for rule in found] == ["parent-listed"]


@pytest.mark.parametrize(
    ("territory", "region", "covered"),
    [
        ("330000", "330106", True),
        ("330100", "330106", True),
        ("330106", "330106", True),
        ("330106", "330100", False),
        ("330100", "330200", False),
        ("330000", "310000", False),
    ],
)
def test_a_region_code_covers_those_below_it(territory: str, region: str, covered: bool) -> None:
    assert covers(territory, region) is covered


def lawful(**measure: Any) -> Catalogue:
    data = data_of(BASE)
    extra = {
        "id": "extra",
        "title": "另一措施",
        "kind": "sanction",
        "effect": "deny",
        "trigger": {"list": "dishonest"},
        "scope": {"matters": ["licence"]},
        "basis": [{"document": "law", "article": "第九条"}],
        "in_force": {"from": "2010-01-01"},
    }
    data["measures"].append({**extra, **measure})
    return Catalogue.from_data(data)


@pytest.mark.parametrize(
    "measure",
    [
        {
            "basis": [{"document": "provincial", "article": "一"}],
            "scope": {"matters": ["licence"], "regions": ["330100"]},
        },
        {"basis": [{"document": "notice", "article": "一"}, {"document": "law", "article": "二"}]},
        {"basis": [{"document": "notice", "article": "一"}], "effect": "strict_review"},
        {"basis": [{"document": "interpretation", "article": "一"}], "effect": "restrict"},
        {"basis": [{"document": "remembered", "article": "一"}], "effect": "strict_review"},
        {"text": "recalled", "effect": "heighten_supervision"},
        {"discretionary": True, "effect": "strict_review"},
        {"carried_out_by": "market", "effect": "remind"},
        {"kind": "incentive", "effect": "support", "basis": [{"document": "memorandum", "article": "一"}]},
        {"term": {"length": {"most": "P5Y"}}},
        {"repair": "stays", "repair_reason": "法定期限内不因修复而终止"},
        {
            "basis": [
                {"document": "old-law", "article": "一"},
                {"document": "law", "article": "九", "in_force": {"from": "2005-01-01"}},
            ],
            "in_force": {"from": "1995-01-01"},
        },
        {
            "reaches": [
                [],
                {
                    "steps": [
                        {"named": "directly-responsible", "held": {"link": "director"}},
                        {"link": "director", "to": "organisation", "holds": "now"},
                        {"link": "manages", "to": "organisation", "holds": "now"},
                    ],
                    "basis": [{"document": "law", "article": "十"}],
                },
            ]
        },
    ],
    ids=lambda measure: "-".join(measure),
)
def test_what_the_law_carries_loads(measure: dict[str, Any]) -> None:
    assert "extra" in lawful(**measure).measures


@pytest.mark.parametrize(
    "apart",
    [
        {"scope": {"matters": ["licence"]}},
        {"trigger": {"list": "honoured"}},
        {"effect": "restrict"},
        {"reaches": [[{"link": "director", "to": "holder", "holds": "now"}]]},
        {"basis": [{"document": "law", "article": "第二条"}]},
        {"scope": {"matters": ["tender"], "departments": ["supervisor"]}},
        {"in_force": {"from": "2000-01-01", "to": "2010-01-01"}},
    ],
    ids=lambda apart: "-".join(apart),
)
def test_measures_that_differ_in_one_thing_do_not_overlap(apart: dict[str, Any]) -> None:
    data = data_of(BASE)
    data["vocabulary"]["departments"].append({"id": "supervisor", "zh": "监督部门", "en": "supervisor"})
    twin = {**data["measures"][0], "id": "twin"}
    data["measures"].append({**twin, **apart})
    assert "twin" in Catalogue.from_data(data).measures


def test_a_measure_that_ends_before_its_twin_begins_continues_it() -> None:
    data = data_of(BASE)
    twin = {**data["measures"][0], "id": "twin", "in_force": {"from": "2020-01-01"}}
    data["measures"][0]["in_force"] = {"from": "2010-01-01", "to": "2020-01-01"}
    data["measures"].append(twin)
    assert "twin" in Catalogue.from_data(data).measures


@settings(deadline=None)
@given(st.sampled_from(SANCTIONS), st.sampled_from(["law", "interpretation", "notice"]))
def test_an_effect_loads_exactly_when_its_level_carries_it(effect: str, document: str) -> None:
    greatest = {"law": "deny", "interpretation": "restrict", "notice": "strict_review"}[document]
    carried = SANCTIONS.index(effect) >= SANCTIONS.index(greatest)  # type: ignore[arg-type]
    try:
        lawful(effect=effect, basis=[{"document": document, "article": "第九条"}])
    except CatalogueError:
        assert not carried
    else:
        assert carried


def test_a_condition_of_more_fields_than_a_fact_bears_does_not_load() -> None:
    wide = {"list": "dishonest", "where": {"all": [{"field": f"f{n}", "is": 1} for n in range(201)]}}
    with pytest.raises(CatalogueError, match="the condition compares 201 fields, at most 200 are allowed"):
        lawful(trigger=wide)


def test_a_closed_catalogue_compiles_anew_when_it_is_asked_again() -> None:
    catalogue = Catalogue.load(BASE)
    first = catalogue.rulebook
    assert catalogue.rulebook is first
    catalogue.close()
    catalogue.close()
    with pytest.raises(RulesEngineFault, match="closed"):
        fire(first, "dishonest", {})
    assert fire(catalogue.rulebook, "dishonest", {}) == set()
    catalogue.close()


def test_content_is_canonical_json() -> None:
    content = Catalogue.load(BASE).content
    assert (
        json.dumps(json.loads(content), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == content
    )
