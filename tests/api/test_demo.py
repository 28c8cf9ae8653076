"""The example city: built once, told as it is meant, the same on every machine."""

import json

import pytest

from api.demo.background import background
from api.demo.codes import citizen_id, credit_code
from api.demo.sources import declarations
from api.demo.stories import stories
from engine.document import Decision
from engine.ledger import Ledger
from engine.operational import open_database
from graph.identifiers import looks_like_citizen_id, parse_identifier
from rules.catalogue import Catalogue
from rules.model import SANCTIONS


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "demo-city"


def test_invented_identifiers_hold_their_checks():
    assert parse_identifier(credit_code(7)).scheme == "uscc"
    assert parse_identifier(credit_code(7, "individual_business")).value.startswith("92")
    assert looks_like_citizen_id(citizen_id(7))
    assert len({citizen_id(number) for number in range(20_000)}) == 20_000
    assert len({credit_code(number) for number in range(20_000)}) == 20_000


def test_the_background_is_the_same_every_time():
    assert json.dumps(list(background())) == json.dumps(list(background()))


def test_the_stories_show_every_outcome():
    shown = {ask.shows for story in stories() for ask in story.asks}
    assert shown == {*SANCTIONS, "none", "incomplete"}


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_tour_tells_what_it_says_and_the_second_run_builds_nothing(xinheng, city, monkeypatch):
    city = city.with_name("another-city")
    first = xinheng("demo", "--directory", city)
    assert first.status == 0, first.text[-3000:]
    assert "the story says" not in first.text
    assert "building the example city" in first.err
    assert "九江柏川商贸有限公司" in first.text
    second = xinheng("demo", "--directory", city)
    assert (second.status, second.err) == (0, "")
    assert second.text == first.text
    monkeypatch.setenv("XINHENG_DATA", str(city))
    stats = xinheng("stats", "--json").json
    assert sum(stats["subjects"].values()) > 6_000
    assert xinheng("ledger", "verify", "--json").json["entries"] == 2 * sum(len(s.asks) for s in stories())


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_commands_of_the_tour_can_be_typed(xinheng, city, monkeypatch):
    told = xinheng("demo", "--directory", city).text
    commands = [line.strip().removeprefix("$ xinheng ").split() for line in told.splitlines() if "$ xinheng" in line]
    monkeypatch.setenv("XINHENG_DATA", str(city))
    for command in (commands[0], next(c for c in commands if c[0] == "check-group"), commands[-1]):
        assert xinheng(*command).status == 0


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_the_tour_uses_every_shape_of_reach_and_every_way_a_link_holds(xinheng, city, monkeypatch):
    xinheng("demo", "--directory", city)
    monkeypatch.setenv("XINHENG_DATA", str(city))
    ids = {json.loads(line)["decision_id"] for line in xinheng("ledger", "export").text.splitlines()}
    chains = [chain for one in _decisions(city, ids) for measure in one.measures for chain in measure.chains]
    assert {link.holds for chain in chains for link in chain.links} == {"now", "at_event", "after_event"}
    assert any(chain.named and not chain.links for chain in chains)
    assert any(chain.named and chain.links for chain in chains)
    assert any(chain.held for chain in chains)
    assert any(len(chain.links) == 2 for chain in chains)
    assert any(not chain.links and not chain.named for chain in chains)
    assert any(len(chain.records) > 1 for chain in chains)


def _decisions(city, ids):
    database = open_database(f"sqlite:///{city / 'operational.sqlite'}")
    documents = [json.loads(Ledger(database).document(one)) for one in sorted(ids)]
    database.dispose()
    return [Decision.model_validate(one) for one in documents if "subject" in one["question"]]


def test_a_directory_that_holds_something_else_is_left_alone(xinheng, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    told = xinheng("demo", "--directory", tmp_path)
    assert told.status == 2
    assert "holds no example city" in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_every_list_of_the_catalogue_has_a_source_in_the_city():
    held = {one for line in declarations(Catalogue.shipped()) for one in line["holds"]}
    assert held == set(Catalogue.shipped().lists)
