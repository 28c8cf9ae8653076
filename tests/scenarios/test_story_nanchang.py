"""A story of companies around Nanchang: what a listed person and a listed parent mean for the companies behind them.

Companies, persons, offices and shares are those of cn-company-graph-nanchang, under the source's own ids; the records
are test records. The source dates no link and gives two nodes to some names: two nodes of one name stay two persons.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.real import NANCHANG, STORES, City, Line, embedded, holds_all, on_neo4j
from tests.real import test_record as marked

DAY = "2026-06-01"
GRAPH = json.loads(NANCHANG.read_text(encoding="utf-8"))
LABELS = {node["id"]: node["label"] for node in GRAPH["nodes"].values()}
EDGES = {(edge["source"], edge["field"], edge["target"]): edge for edge in GRAPH["edges"].values()}
REPRESENTS, DIRECTS, HOLDS = "legal_representative_of", "director_of", "shareholder_of"


def targets(node: str, *fields: str) -> set[str]:
    return {target for source, field, target in EDGES if source == node and field in fields}


def share(holder: str, organisation: str) -> float:
    """Percent, where the sources say one; otherwise 0."""
    said = EDGES[holder, HOLDS, organisation]["qualifier"]
    found = {one["percentage"] for record in said for one in record["props"].get("shares", ()) if one.get("percentage")}
    return float(found.pop()) if len(found) == 1 else 0.0


def headed_most() -> str:
    """The person who represents more companies than anybody else."""
    counts = Counter(source for source, field, _ in EDGES if field == REPRESENTS)
    return counts.most_common(1)[0][0]


def chains() -> list[tuple[str, str, str]]:
    """Sole shareholder of a sole shareholder: three companies, by their names."""
    sole = {(a, b) for a, field, b in EDGES if field == HOLDS and share(a, b) == 100}
    return sorted(
        ((a, b, c) for a, b in sole for d, c in sole if b == d and a != c), key=lambda ids: [LABELS[i] for i in ids]
    )


HEAD = headed_most()
(NAMESAKE,) = (node for node, label in LABELS.items() if label == LABELS[HEAD] and node != HEAD)
REPRESENTED = sorted(targets(HEAD, REPRESENTS))
OFFICES = sorted(targets(HEAD, REPRESENTS, DIRECTS, "manager_of", "supervisor_of"))
PARENT, CHILD, GRANDCHILD = chains()[0]
CLOSED = REPRESENTED[0]
"""The company whose business licence a test record revokes."""


def at(node: str) -> Line:
    return {"scheme": "cn-company-graph-nanchang", "value": node}


def lines() -> list[Line]:
    """The head is a judgment defaulter, one of his companies is closed and he is blamed, a parent evaded taxes."""
    in_force = {"decided_on": "2026-01-15", "effective_from": "2026-01-15"}
    debt = {"debt": "个人所负数额较大债务到期未清偿"}
    named: Line = {"fact": "named", "source": "test", "record": {"key": "n2"}, "person": at(HEAD)}
    return [
        *holds_all(DAY),
        marked("n1", at(HEAD), "judgment-defaulter", **in_force, amount=860000, fields=debt),
        marked("n2", at(CLOSED), "business-licence-revoked", decided_on="2026-02-01"),
        {**named, "role": "legal_representative", "finding": "负有个人责任", "document": "测试〔2026〕n2号"},
        marked("n3", at(PARENT), "tax-major-violation", **in_force),
    ]


def loaded(city: City) -> City:
    report = city.load("cn-company-graph-nanchang", NANCHANG, at=f"{DAY}T01:00:00Z")
    assert (report["subjects"], report["links"]) == (len(LABELS), len(EDGES))
    assert city.say(lines(), at=f"{DAY}T02:00:00Z")["records"] == 3
    return city


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city on the embedded store."""
    return loaded(embedded(tmp_path_factory.mktemp("embedded"), "360100"))


@pytest.fixture(scope="module", params=STORES)
def city(request: pytest.FixtureRequest, beside: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    if request.param == "embedded":
        return beside
    server = request.getfixturevalue("neo4j_server")
    return loaded(on_neo4j(tmp_path_factory.mktemp("neo4j"), "360100", server, beside))


def ask(city: City, node: str, matter: str, department: str, status: int = 0) -> Any:
    return city.check(f"cn-company-graph-nanchang:{node}", matter, department, DAY, status=status).document


def supervised(city: City, node: str, status: int = 0) -> Any:
    return ask(city, node, "日常监管", "市场监督管理部门", status)


def links(chain: Line) -> list[tuple[str, str]]:
    return [
        (link["holder"]["id"].partition(":")[2], link["organisation"]["id"].partition(":")[2])
        for link in chain["links"]
    ]


@pytest.mark.parametrize("node", OFFICES, ids=[f"office-{number}" for number in range(len(OFFICES))])
def test_every_company_in_which_the_defaulter_holds_an_office_is_supervised(city: City, node: str) -> None:
    document = supervised(city, node)
    assert (document["outcome"], document["subject"]["name"]) == ("heighten_supervision", LABELS[node])
    (measure,) = document["measures"]
    assert measure["id"] == "memo-2016-141.12"
    assert [links(chain) for chain in measure["chains"]] == [[(HEAD, node)]] * len(measure["chains"])
    offices = [field for source, field, target in EDGES if (source, target) == (HEAD, node)]
    assert len(measure["chains"]) == len(offices)


@pytest.mark.parametrize("node", OFFICES, ids=[f"office-{number}" for number in range(len(OFFICES))])
def test_the_supervision_is_lifted_by_ending_the_links_or_the_listing(city: City, node: str) -> None:
    (measure,) = supervised(city, node)["measures"]
    named = {link["id"] for chain in measure["chains"] for link in chain["links"]}
    (record,) = {record["id"] for chain in measure["chains"] for record in chain["records"]}
    assert {link for clause in measure["lifted_by"] for link in clause["links"]} == named
    assert all(clause["records"]["of"] == [record] for clause in measure["lifted_by"])


def test_his_namesake_is_another_person_with_a_clean_record(city: City) -> None:
    """The source has two nodes of this name, and one company of both: only the defaulter's own office counts there."""
    document = ask(city, NAMESAKE, "公司任职", "市场监督管理部门")
    assert (document["outcome"], document["subject"]["name"]) == ("none", LABELS[HEAD])
    (both,) = targets(NAMESAKE, REPRESENTS) & targets(HEAD, DIRECTS)
    (chain,) = supervised(city, both)["measures"][0]["chains"]
    assert (links(chain), chain["links"][0]["type"]) == ([(HEAD, both)], "director")


def test_the_defaulter_may_hold_no_office_in_a_company(city: City) -> None:
    document = ask(city, HEAD, "公司任职", "市场监督管理部门")
    assert (document["outcome"], [m["id"] for m in document["measures"]]) == ("deny", ["company-law.178-1-5"])


def test_an_undated_link_does_not_prove_who_represented_the_company_when_it_was_closed(city: City) -> None:
    """The decision blames him, the statute asks whether he then held the office: a gap that names the link."""
    document = ask(city, HEAD, "法定代表人登记", "市场监督管理部门", status=3)
    assert (document["outcome"], document["complete"], document["measures"]) == ("incomplete", False, [])
    (gap,) = document["gaps"]
    assert (gap["kind"], gap["could_add"]) == ("undated_link", ["market-entity-registration.12-4"])
    chains = [chain for measure in supervised(city, CLOSED)["measures"] for chain in measure["chains"]]
    assert gap["about"] in {c["links"][0]["id"] for c in chains if c["links"][0]["type"] == "legal_representative"}


def test_a_listed_parent_is_refused_and_its_subsidiaries_are_not(city: City) -> None:
    assert ask(city, PARENT, "政府采购", "采购人")["outcome"] == "deny"
    for node in (CHILD, GRANDCHILD):
        document = ask(city, node, "政府采购", "采购人")
        assert (document["outcome"], document["measures"]) == ("none", [])


def test_the_listed_parent_is_a_lead_with_its_chain_of_holdings(city: City) -> None:
    (direct,) = leads(city, CHILD, "shareholder")
    assert links(direct["chain"]) == [(PARENT, CHILD)]
    (indirect,) = leads(city, GRANDCHILD, "indirect-controlling-shareholder")
    assert links(indirect["chain"]) == [(PARENT, CHILD), (CHILD, GRANDCHILD)]
    assert [link["share"] for link in indirect["chain"]["links"]] == [1.0, 1.0]


def leads(city: City, node: str, lead: str) -> list[Line]:
    return [one for one in ask(city, node, "政府采购", "采购人")["leads"] if one["id"] == lead]


def test_a_chain_of_three_holdings_reaches_the_company_at_its_end(city: City) -> None:
    """65 % of it are held by the grandchild: more than half at every step."""
    ends = {node for node in targets(GRANDCHILD, HOLDS) if share(GRANDCHILD, node) > 50}
    assert ends
    for node in ends:
        (lead,) = leads(city, node, "indirect-controlling-shareholder")
        assert links(lead["chain"]) == [(PARENT, CHILD), (CHILD, GRANDCHILD), (GRANDCHILD, node)]
    unknown = {node for node in targets(GRANDCHILD, HOLDS) if not share(GRANDCHILD, node)}
    assert unknown
    for node in unknown:  # the sources name an amount and no percentage: no control is inferred from it
        assert leads(city, node, "indirect-controlling-shareholder") == []
