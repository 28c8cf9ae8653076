"""Investigators on real input: 56 listed companies, and 九江 with nominees who represent thousands of its companies.

Companies, boards and shares are real. Whoever joins them is a test: judgements that officers of one name are one
person, and that holders are the companies of their names; two nominees with made-up citizen IDs; a holding that closes
a circle; and the shares of 002712.SZ in itself, which its source lists and the mapping keeps out. What the embedded
store answers, Neo4j answers byte for byte.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random
from typing import Any

import networkx as nx
import pytest

from api.demo.codes import citizen_id
from api.deployment import Deployment
from api.settings import load_settings
from engine.investigation.question import PathsQuestion
from graph.network.budget import Budget
from graph.network.links import LinkFilter
from graph.network.paths import Paths, shortest_paths
from graph.store import GraphStore
from tests.real import LISTED, REGISTER, SOURCE, STORES, City, Line, embedded, holds_all, listed, on_neo4j, registered

DAY = "2026-06-01"
ON = ("--as-of", DAY, "--json")
BEFORE = ("--known-at", f"{DAY}T12:00:00Z")
"""Before anything was judged."""
COMPANIES = {row["gpdm"]: row for row in listed("company_basic_info.csv")}
SHARES = listed("shareholder_info.csv")
BY_NAME = {row["gsmc"]: code for code, row in COMPANIES.items()}
SELF = "002712.SZ"
YEARS = [REGISTER / "jiangxi" / f"{year}.csv.gz" for year in range(2010, 2014)]
JIUJIANG = sorted({row["统一社会信用代码"] for row in registered(YEARS, 地区="九江", 所在省份="江西")})
FIRST, SECOND = citizen_id(901), citizen_id(902)
NOMINEES = {FIRST: JIUJIANG[:3_000], SECOND: JIUJIANG[2_990:4_000]}
SHARED = JIUJIANG[2_990:3_000]
OF_FIRST, ALSO_OF_FIRST, OF_SECOND = JIUJIANG[0], JIUJIANG[2_000], JIUJIANG[3_500]
ALONE = JIUJIANG[4_000:4_010]
CIRCLE = ("600030.SH", "601066.SH")
"""Of the two the first holds a part of the second, by the source; that the second holds of the first is a test."""
BACK = 0.25
TIME = {"XINHENG_INVESTIGATION_SECONDS": "120"}
"""A server that has just been started compiles what it is asked for, while other tests run."""


def uscc(code: str) -> str:
    return COMPANIES[code]["xydm"]


def offices() -> dict[str, set[str]]:
    """Of whom a board or a post is known: the companies, by the name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in listed("keydirector_info.csv"):
        if row["zwdm"] != "dldslr":
            found[row["name"]].add(row["gpdm"])
    for code, row in COMPANIES.items():
        found[row["fddbr"]].add(code)
    return found


OFFICES = offices()
SEVERAL = {name: sorted(codes) for name, codes in sorted(OFFICES.items()) if len(codes) > 1}


def holder(row: dict[str, str]) -> Line:
    """A holder as its source knows it: a name on one company's list."""
    return {"scheme": "cn-listed-ownership-extract", "value": f"{row['gpdm']} {row['name']}"}


def nominees() -> Iterator[Line]:
    for number, codes in NOMINEES.items():
        yield {"fact": "subject", "kind": "natural_person", "citizen_id": number, "name": "测试代持人"}
        for code in codes:
            held = {"holder": {"citizen_id": number}, "organisation": {"uscc": code}}
            yield {"fact": "link", "source": SOURCE, "type": "legal_representative", **held}


def holdings() -> Iterator[Line]:
    (own,) = (row for row in SHARES if row["gpdm"] == SELF and row["name"] == COMPANIES[SELF]["gsmc"])
    yield {"fact": "subject", "kind": "enterprise", "name": own["name"], "identifiers": identifiers(holder(own))}
    share = {"fact": "link", "source": SOURCE, "type": "shareholder"}
    yield {**share, "holder": holder(own), "organisation": {"uscc": uscc(SELF)}, "share": float(own["gdcgbl"]) / 100}
    first, second = CIRCLE
    yield {**share, "holder": {"uscc": uscc(second)}, "organisation": {"uscc": uscc(first)}, "share": BACK}


def identifiers(address: Line) -> dict[str, str]:
    return {address["scheme"]: address["value"]}


def judgements() -> Iterator[Line]:
    judged = {"fact": "merge", "source": SOURCE, "by": "归集人员甲", "reason": "测试：书面核实"}
    for name, codes in SEVERAL.items():
        first, *others = ({"name": name, "of": {"uscc": uscc(code)}} for code in codes)
        yield from ({**judged, "left": first, "right": other} for other in others)
    for row in SHARES:
        if row["name"] in BY_NAME:
            yield {**judged, "left": holder(row), "right": {"uscc": uscc(BY_NAME[row["name"]])}}


def loaded(city: City) -> City:
    city = replace(city, settings={**city.settings, **TIME})
    city.load("cn-listed-ownership-extract", *sorted(LISTED.glob("*.csv")), at=f"{DAY}T01:00:00Z")
    city.load("cn-enterprise-register", *YEARS, at=f"{DAY}T02:00:00Z", 地区="九江")
    city.say([*holds_all(DAY), *nominees(), *holdings()], at=f"{DAY}T03:00:00Z")
    city.say(list(judgements()), at=f"{DAY}T13:00:00Z")
    return city


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city on the embedded store."""
    return loaded(embedded(tmp_path_factory.mktemp("embedded"), "360400"))


@pytest.fixture(scope="module", params=STORES)
def city(request: pytest.FixtureRequest, beside: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return loaded(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360400", server, beside))


@dataclass(frozen=True)
class Asked:
    city: City

    def __call__(self, *words: object, status: int = 0) -> dict[str, Any]:
        """What the command answers, on both stores alike."""
        ran = self.city.run(*words, *ON, status=status)
        if self.city.twin:
            assert self.city.twin.run(*words, *ON, status=status).out == ran.out
        return json.loads(ran.out)


@pytest.fixture
def ask(city: City) -> Asked:
    return Asked(city)


def person(ask: Asked, code: str) -> str:
    """The subject id of the nominee who represents a company."""
    links = ask("expand", code, "-t", "法定代表人")["links"]
    return next(one["other"]["id"] for one in links if one["other"]["identified"])


# --- hubs -------------------------------------------------------------------------------------------------------------
def test_a_nominee_of_thousands_is_counted_at_once_and_read_page_by_page(ask: Asked) -> None:
    nominee = person(ask, OF_FIRST)
    page = ask("expand", nominee, "--limit", "200")
    assert [(one["side"], one["type"], one["links"]) for one in page["counts"]] == [
        ("holds", "legal_representative", len(NOMINEES[FIRST]))
    ]
    shown = [one["other"]["id"] for one in page["links"]]
    while page["cursor"]:
        page = ask("expand", nominee, "--cursor", page["cursor"])
        shown += [one["other"]["id"] for one in page["links"]]
    assert sorted(shown) == [f"uscc:{code}" for code in NOMINEES[FIRST]]


def test_two_companies_of_a_nominee_are_two_links_apart(ask: Asked) -> None:
    found = ask("path", OF_FIRST, ALSO_OF_FIRST)
    assert (found["length"], found["count"], found["complete"]) == (2, 1, True)
    assert found["paths"][0]["subjects"][1]["id"] == person(ask, OF_FIRST)


def test_companies_of_two_nominees_hang_together_by_those_that_they_share(ask: Asked) -> None:
    found = ask("path", OF_FIRST, OF_SECOND, "--limit", "100")
    assert (found["length"], found["count"], found["complete"]) == (4, len(SHARED), True)
    assert [path["subjects"][2]["id"] for path in found["paths"]] == [f"uscc:{code}" for code in SHARED]


def test_without_the_nominee_they_do_not_hang_together(ask: Asked) -> None:
    avoid = ("--avoid", person(ask, OF_FIRST))
    found = ask("path", OF_FIRST, OF_SECOND, *avoid)
    assert (found["length"], found["complete"], found["none_within"]) == (None, True, 6)


@pytest.mark.parametrize(("one", "other"), [*combinations(range(3), 2), (0, -1)])
def test_companies_of_the_register_hang_together_with_nobody(ask: Asked, one: int, other: int) -> None:
    """The register knows heads by name only: each is a person of that company."""
    goal = OF_FIRST if other < 0 else ALONE[other]
    found = ask("path", ALONE[one], goal)
    assert (found["length"], found["complete"], found["none_within"]) == (None, True, 6)


# --- listed companies -------------------------------------------------------------------------------------------------
def whole() -> nx.Graph:
    """Companies, officers by name, holders: the whole graph of the set, once everything was judged."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from((code, {"name": row["gsmc"]}) for code, row in COMPANIES.items())
    for name, codes in OFFICES.items():
        graph.add_node(f"officer {name}", name=name)
        graph.add_edges_from((code, f"officer {name}") for code in codes)
    for row in SHARES:
        graph.add_node(_holder(row), name=row["name"])
        graph.add_edge(row["gpdm"], _holder(row))
    return graph


def _holder(row: dict[str, str]) -> str:
    return BY_NAME.get(row["name"], f"holder {row['gpdm']} {row['name']}")


@pytest.fixture
def store(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphStore]:
    for name, value in city.settings.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        yield deployment.store


def found_between(store: GraphStore, start: str, goal: str) -> tuple[Paths, list[tuple[str, ...]]]:
    """All shortest paths between two companies by their credit codes, and the names along each, sorted."""
    known_at = store.last_instant()
    assert known_at
    ends = store.subjects([f"uscc:{start}", f"uscc:{goal}"], known_at=known_at)
    one, other = (ends[f"uscc:{code}"].id for code in (start, goal))
    found = shortest_paths(store, one, other, LinkFilter(), known_at=known_at, shown=10_000, budget=Budget(60))
    known = store.subjects({one for path in found.paths for one in path.subjects}, known_at=known_at)
    return found, sorted(tuple(known[one].name for one in path.subjects) for path in found.paths)


def expected_between(graph: nx.Graph, start: str, goal: str) -> list[tuple[str, ...]]:
    """The same by networkx on the whole graph; none where the shortest has more than six links."""
    if not nx.has_path(graph, start, goal) or nx.shortest_path_length(graph, start, goal) > 6:
        return []
    names = nx.get_node_attributes(graph, "name")
    return sorted(tuple(names[one] for one in path) for path in nx.all_shortest_paths(graph, start, goal))


def test_the_shortest_paths_of_every_pair_of_listed_companies_are_those_of_networkx(
    city: City, store: GraphStore
) -> None:
    """Neo4j answers a part of the pairs, the embedded store all of them."""
    graph = whole()
    joined = apart = 0
    for start, goal in list(combinations(sorted(COMPANIES), 2))[:: 25 if city.twin else 1]:
        found, names = found_between(store, uscc(start), uscc(goal))
        expected = expected_between(graph, start, goal)
        assert (names, found.count, found.complete) == (expected, len(expected), True)
        joined, apart = joined + bool(expected), apart + (not expected)
    assert joined
    assert apart


def test_the_shortest_paths_around_the_nominees_are_those_of_networkx(city: City, store: GraphStore) -> None:
    """Two hubs of thousands, and the companies of neither."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from((code, {"name": code}) for code in JIUJIANG)
    graph.add_nodes_from((number, {"name": "测试代持人"}) for number in NOMINEES)
    graph.add_edges_from((number, code) for number, codes in NOMINEES.items() for code in codes)
    draw = Random(9)
    groups = (NOMINEES[FIRST][:2_990], SHARED, NOMINEES[SECOND][10:], ALONE)
    for one, other in [(one, other) for one in groups for other in groups][:: 3 if city.twin else 1]:
        start, goal = draw.choice(one), draw.choice(other)
        found, _ = found_between(store, start, goal)
        expected = expected_between(graph, start, goal)
        assert (found.count, found.complete) == (len(expected), True)
        assert found.length == (len(expected[0]) - 1 if expected else None)


def test_officers_of_one_name_join_companies_only_once_somebody_judges_that_they_are_one(ask: Asked) -> None:
    name, (one, other, *_) = next(iter(SEVERAL.items()))
    assert ask("path", uscc(one), uscc(other), *BEFORE)["length"] is None
    found = ask("path", uscc(one), uscc(other))
    assert found["length"] == 2
    assert name in [path["subjects"][1]["name"] for path in found["paths"]]


def owned() -> nx.DiGraph:
    """Who holds which part of whom, in the whole set: the shares of a holder, summed up."""
    graph: nx.DiGraph = nx.DiGraph()
    first, second = CIRCLE
    held = [(_holder(row), row["gpdm"], float(row["gdcgbl"]) / 100) for row in SHARES]
    for one, other, share in [*held, (second, first, BACK)]:
        before = graph.get_edge_data(one, other, {"share": 0.0})["share"]
        graph.add_edge(one, other, share=before + share)
    return graph


def flows(graph: nx.DiGraph, source: str) -> dict[str, float]:
    """What runs from a holder to everybody: the sum over all walks, of the products of their shares."""
    total: defaultdict[str, float] = defaultdict(float, {source: 1.0})
    front = {source: 1.0}
    while max(front.values(), default=0) > 1e-12:
        after: defaultdict[str, float] = defaultdict(float)
        for one, part in front.items():
            for other, edge in graph[one].items() if one in graph else ():
                after[other] += part * edge["share"]
        for one, part in after.items():
            total[one] += part
        front = after
    return total


def test_effective_shares_are_those_of_all_walks_through_the_whole_graph(city: City, ask: Asked) -> None:
    """A holder's share is what runs from it to the company, without its own circles."""
    graph = owned()
    for code in sorted(COMPANIES)[:: 9 if city.twin else 1]:
        found = ask("control", uscc(code))
        from_above = {one: flows(graph, one) for one in nx.ancestors(graph, code) - {code}}
        expected = [flow[code] / flow[one] for one, flow in from_above.items()]
        assert found["complete"]
        assert sorted(effective(found).values()) == pytest.approx(sorted(expected), abs=1e-9)


def effective(document: dict[str, Any]) -> dict[str, float]:
    return {one["subject"]["id"]: one["effective_share"] for one in document["holders"]}


def test_a_company_that_holds_itself(ask: Asked) -> None:
    """Its shares in itself belong to its other holders, in proportion."""
    found = ask("control", uscc(SELF))
    rows = [row for row in SHARES if row["gpdm"] == SELF]
    (own,) = (float(row["gdcgbl"]) / 100 for row in rows if row["name"] in BY_NAME)
    assert found["own_share"] == pytest.approx(own)
    shares = sorted(float(row["gdcgbl"]) / 100 / (1 - own) for row in rows if row["name"] not in BY_NAME)
    assert sorted(effective(found).values()) == pytest.approx(shares)
    unaccounted = [gap["share"] for gap in found["gaps"] if gap["about"] == [found["subject"]["id"]]]
    assert unaccounted == [pytest.approx(1 - sum(float(row["gdcgbl"]) for row in rows) / 100)]


def test_two_listed_companies_that_hold_each_other(ask: Asked) -> None:
    first, second = CIRCLE
    (share,) = (
        float(row["gdcgbl"]) / 100 for row in SHARES if row["gpdm"] == second and BY_NAME.get(row["name"]) == first
    )
    found = ask("control", uscc(second))
    assert found["own_share"] == pytest.approx(share * BACK)
    assert effective(found)[ask("control", uscc(first))["subject"]["id"]] == pytest.approx(share)
    others = [row for row in SHARES if row["gpdm"] == second and row["name"] not in BY_NAME]
    direct = {one["subject"]["name"]: one for one in found["holders"] if one["direct_share"] is not None}
    for row in others:
        one = direct[row["name"]]
        assert one["effective_share"] == pytest.approx(float(row["gdcgbl"]) / 100 / (1 - share * BACK))


def test_a_majority_controls_and_is_no_beneficial_owner_unless_it_is_a_person(ask: Asked) -> None:
    majorities = {row["gpdm"]: row["name"] for row in SHARES if float(row["gdcgbl"]) > 50}
    assert majorities
    for code, name in majorities.items():
        found = ask("control", uscc(code))
        assert name in {one["subject"]["name"] for one in found["holders"] if one["control"] == "majority"}
        kinds = {one["subject"]["kind"] for one in found["beneficial_owners"]}
        assert kinds <= {"natural_person"}
        assert found["complete"]


def test_who_holds_a_quarter_of_a_listed_company_by_name_is_its_beneficial_owner(ask: Asked) -> None:
    """Two or three characters are taken for a person, by the mapping; what remains of the name is told as such."""
    large = [row for row in SHARES if float(row["gdcgbl"]) >= 25 and len(row["name"]) <= 3]
    assert large
    for row in large:
        (owner,) = (
            one
            for one in ask("control", uscc(row["gpdm"]))["beneficial_owners"]
            if one["subject"]["name"] == row["name"]
        )
        assert "share" in owner["grounds"]


# --- time ------------------------------------------------------------------------------------------------------------
def questions(ask: Asked) -> list[tuple[str, ...]]:
    """Through hubs, through circles, and to nobody."""
    first = person(ask, OF_FIRST)
    return [
        ("path", OF_FIRST, OF_SECOND),
        ("path", first, person(ask, OF_SECOND)),
        ("path", OF_FIRST, ALONE[0]),
        ("path", *(uscc(code) for code in CIRCLE)),
        ("control", OF_FIRST),
        *(("control", uscc(code)) for code in (SELF, *CIRCLE)),
    ]


def test_every_question_is_answered_whole_within_the_time_that_it_is_given(ask: Asked) -> None:
    for words in questions(ask):
        found = ask(*words, "--seconds", "60")
        assert (found["complete"], found["why"]) == (True, []), words


def test_what_does_not_fit_into_its_time_says_so_and_claims_nothing(ask: Asked) -> None:
    for words in questions(ask):
        found = ask(*words, "--seconds", "0.0000001", status=3)
        assert (found["complete"], found["why"]) == (False, ["out_of_time"])
        if words[0] == "path":
            assert (found["length"], found["none_within"]) == (None, 0)
        else:
            assert not found["holders"]
            assert "not_read" in {gap["kind"] for gap in found["gaps"]}


def test_questions_of_paths_are_replayed(ask: Asked, city: City) -> None:
    found = ask("path", OF_FIRST, OF_SECOND)
    assert PathsQuestion.model_validate(found["question"])
    assert city.run("replay", found["investigation_id"], "--json").document["same"]
