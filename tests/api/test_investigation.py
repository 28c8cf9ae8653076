"""Links, paths and control as investigators ask for them: on the command line, over HTTP, and in the ledger."""

import json

import pytest
from fastapi.testclient import TestClient

from api.cli import main
from api.deployment import Deployment
from api.error_pages import pages
from api.http.app import create
from api.settings import load_settings

from .conftest import ENVIRONMENT
from .investigated import ALONE, DAY, HOLDING, NOMINATED, NOMINEE, OWNER, SISTER, TARGET, lines

ON = ("--as-of", DAY)
PROBLEM = {"type", "title", "status", "detail", "remedy", "code", "instance", "errors"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    directory = tmp_path_factory.mktemp("investigated")
    file = directory / "town.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "XINHENG_STORE": str(directory / "store")}.items():
            patch.setenv(name, value)
        patch.setenv("XINHENG_DATA", str(directory / "data"))
        assert main(["load", "city", str(file), "--recorded-at", f"{DAY}T00:00:00Z", "--json"]) == 0
    return directory / "store"


@pytest.fixture
def asked(built, xinheng, tmp_path, monkeypatch):
    """Runs a command on the town, with a ledger of its own."""
    monkeypatch.setenv("XINHENG_STORE", str(built))
    monkeypatch.setenv("XINHENG_DATA", str(tmp_path / "data"))
    return xinheng


@pytest.fixture
def client(asked):
    with Deployment(load_settings()) as deployment:
        yield TestClient(create(deployment), base_url="http://127.0.0.1", raise_server_exceptions=False)


def id_of(asked, number):
    """The subject id of a person, as a check answers with it."""
    told = asked("path", "-", "-", *ON, "--json", stdin=f"{number}\n{number}\n")
    return told.json["start"]["id"]


# --- the command line -------------------------------------------------------------------------------------------------
def test_expand_counts_first_and_shows_a_page(asked):
    told = asked("expand", "-", *ON, "--limit", "5", stdin=NOMINEE)
    assert told.status == 0
    assert f"{len(NOMINATED) + 1} links" in told.text
    assert told.text.count("法定代表人") == 1 + 5
    assert "--cursor" in told.text
    assert NOMINEE not in told.text + told.err


def test_expand_goes_on_with_the_cursor(asked):
    pages_, cursor = [], ()
    while True:
        page = asked("expand", "-", *ON, "--limit", "120", *cursor, "--json", stdin=NOMINEE).json
        pages_.append(page)
        if page["cursor"] is None:
            break
        cursor = ("--cursor", page["cursor"])
    shown = [one["link"]["organisation"] for page in pages_ for one in page["links"]]
    assert sorted(shown) == sorted(f"uscc:{code}" for code in [*NOMINATED, SISTER])
    assert [len(page["links"]) for page in pages_] == [120, 120, 61]


def test_types_may_be_given_in_chinese(asked):
    chinese = asked("expand", TARGET, *ON, "--type", "股东", "--json")
    assert chinese.json == asked("expand", TARGET, *ON, "--type", "shareholder", "--json").json
    assert {one["type"] for one in chinese.json["counts"]} == {"shareholder"}
    assert asked("expand", TARGET, *ON, "--type", "亲戚").status == 2


def test_path_shows_the_chain_and_its_links(asked):
    told = asked("path", "-", NOMINATED[0], *ON, stdin=OWNER)
    assert told.status == 0
    chain = ["程立群", "九江控股有限公司", "九江姊妹有限公司", "邵敬安", "九江代持0有限公司"]
    tree = told.text[told.text.index("shortest paths") :]
    places = [tree.index(name) for name in chain]
    assert places == sorted(places)
    assert "股东 80.00%" in told.text
    assert OWNER not in told.text


def test_a_path_that_is_not_there_is_an_answer(asked):
    told = asked("path", TARGET, ALONE, *ON)
    assert told.status == 0
    assert "no path" in told.text
    found = asked("path", TARGET, ALONE, *ON, "--json").json
    assert (found["length"], found["complete"], found["none_within"]) == (None, True, 6)


def test_a_path_may_be_kept_from_running_through_the_nominee(asked):
    person = id_of(asked, NOMINEE)
    assert asked("path", TARGET, NOMINATED[0], *ON, "--json").json["length"] == 4
    assert asked("path", TARGET, NOMINATED[0], "--avoid", person, *ON, "--json").json["length"] is None


def test_control_names_the_owner_the_chain_and_the_gaps(asked):
    told = asked("control", TARGET, *ON)
    assert told.status == 0
    assert "beneficial owner  程立群" in told.text
    assert "九江控股有限公司 ─60.00%→ 九江目标有限公司" in told.text
    assert "自持 own 6.00%" in told.text
    assert "缺口 gap" in told.text
    found = asked("control", TARGET, *ON, "--json").json
    (owner,) = found["beneficial_owners"]
    assert owner["grounds"] == ["share", "votes", "control"]
    (share,) = [one["effective_share"] for one in found["holders"] if one["subject"]["name"] == "程立群"]
    assert share == pytest.approx(0.8 * 0.6 / (1 - 0.6 * 0.1))


@pytest.mark.parametrize("command", [("expand", "目标"), ("control", "目标"), ("path", "目标", ALONE)])
def test_a_name_offers_candidates_and_asserts_nothing(asked, command):
    told = asked(*command, *ON)
    assert told.status == 3
    assert "九江目标有限公司" in told.text
    assert "candidate" in told.text


@pytest.mark.parametrize("command", [("expand",), ("control",), ("path", ALONE)])
def test_a_citizen_id_is_no_argument(asked, command):
    for told in (asked(*command, OWNER), asked(*command, f"citizen_id:{OWNER}")):
        assert told.status == 2
        assert OWNER not in told.err
        assert "standard input" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("expand", TARGET, "--limit", "201"),
        ("expand", TARGET, "--side", "above"),
        ("expand", TARGET, "--cursor", "2"),
        ("expand", TARGET, "--min-share", "2"),
        ("expand", TARGET, "--as-of", "2026-02-30"),
        ("expand", TARGET[:-1] + "!"),
        ("path", TARGET, ALONE, "--max-links", "7"),
        ("path", TARGET, ALONE, "--limit", "0"),
        ("path", TARGET, ALONE, "--seconds", "0"),
        ("control", TARGET, "--known-at", "2099-01-01T00:00:00Z"),
        ("control", TARGET, "--purpose", f"查 {OWNER}"),
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:-1]),
)
def test_bad_questions_are_said_to_be_so(asked, words):
    told = asked(*words)
    assert told.status == 2
    assert told.err
    assert OWNER not in told.err


def test_without_time_a_path_is_not_complete_and_links_are_unavailable(asked, monkeypatch):
    monkeypatch.setenv("XINHENG_INVESTIGATION_SECONDS", "0.0000001")
    told = asked("path", TARGET, ALONE, *ON)
    assert told.status == 3
    assert "超出时限" in told.text
    assert asked("control", TARGET, *ON).status == 3
    told = asked("expand", TARGET, *ON)
    assert told.status == 3
    assert "out-of-time" in told.err


def test_who_asks_says_how_long_the_answer_may_take_and_never_longer_than_the_server(asked, client, monkeypatch):
    told = asked("path", TARGET, ALONE, "--seconds", "0.0000001", *ON, "--json")
    assert (told.status, told.json["complete"], told.json["why"]) == (3, False, ["out_of_time"])
    impatient = {"start": TARGET, "goal": ALONE, "as_of": DAY, "seconds": 0.0000001}
    assert client.post("/v1/paths", json=impatient).json()["why"] == ["out_of_time"]
    patient = asked("path", TARGET, ALONE, "--seconds", "5", *ON, "--json")
    assert patient.json == asked("path", TARGET, ALONE, *ON, "--json").json
    monkeypatch.setenv("XINHENG_INVESTIGATION_SECONDS", "0.0000001")
    assert asked("path", TARGET, ALONE, "--seconds", "5", *ON).status == 3


# --- the ledger -------------------------------------------------------------------------------------------------------
def test_each_answer_is_in_the_ledger_and_says_nothing_of_anybody(asked):
    words = ("--who", "调查员甲", "--purpose", "2026-17 号线索", *ON, "--json")
    found = [
        asked("expand", TARGET, *words).json,
        asked("path", "-", TARGET, *words, stdin=OWNER).json,
        asked("control", TARGET, *words).json,
    ]
    text = asked("ledger", "export").text
    entries = [json.loads(line) for line in text.splitlines()]
    assert [entry["decision_id"] for entry in entries] == [one["investigation_id"] for one in found]
    assert {(entry["who"], entry["purpose"]) for entry in entries} == {("调查员甲", "2026-17 号线索")}
    assert TARGET not in text
    assert asked("ledger", "verify").status == 0


@pytest.mark.parametrize("words", [("expand", TARGET, "--limit", "1"), ("path", TARGET, ALONE), ("control", TARGET)])
def test_an_investigation_is_replayed_byte_for_byte(asked, words):
    given = asked(*words, *ON, "--json").json["investigation_id"]
    told = asked("replay", given, "--json")
    assert (told.status, told.json["same"]) == (0, True)


# --- HTTP -------------------------------------------------------------------------------------------------------------
def is_problem(response, status, code):
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == PROBLEM
    assert code in pages()
    assert OWNER not in response.text


def test_http_passes_on_the_command_lines_bytes(client, asked):
    links = client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"as_of": DAY, "type": ["shareholder"], "limit": 1})
    assert links.content + b"\n" == asked("expand", f"uscc:{TARGET}", *ON, "-t", "股东", "--limit", "1", "--json").out
    paths = client.post("/v1/paths", json={"start": OWNER, "goal": ALONE, "as_of": DAY})
    assert paths.content + b"\n" == asked("path", "-", ALONE, *ON, "--json", stdin=OWNER).out
    control = client.get(f"/v1/subjects/{TARGET}/control", params={"as_of": DAY})
    assert control.content + b"\n" == asked("control", TARGET, *ON, "--json").out
    for response in (links, paths, control):
        assert client.get(response.headers["content-location"]).content == response.content


def test_links_of_several_types_are_asked_for_by_giving_each(client):
    address = f"/v1/subjects/uscc:{SISTER}/links"
    of = [
        client.get(address, params={"as_of": DAY, "type": types}).json()
        for types in ("股东", "法定代表人", ["股东", "法定代表人"])
    ]
    shareholders, representatives, both = (found["total"] for found in of)
    assert both == shareholders + representatives > shareholders
    is_problem(client.get(f"{address}?as_of={DAY}&limit=1&limit=2"), 422, "bad-request-body")


def test_pages_over_http_fit_together(client, asked):
    person = id_of(asked, NOMINEE)
    page = client.get(f"/v1/subjects/{person}/links", params={"as_of": DAY, "limit": 200}).json()
    rest = client.get(f"/v1/subjects/{person}/links", params={"cursor": page["cursor"]}).json()
    ids = [one["link"]["id"] for one in page["links"] + rest["links"]]
    assert len(set(ids)) == len(ids) == page["total"] == len(NOMINATED) + 1
    assert rest["cursor"] is None


def test_a_cursor_belongs_to_its_question(client, asked):
    address = f"/v1/subjects/uscc:{HOLDING}/links"
    cursor = client.get(address, params={"limit": 1, "as_of": DAY}).json()["cursor"]
    same = {"cursor": cursor, "as_of": DAY, "limit": 5}
    assert client.get(address, params=same).status_code == 200
    is_problem(client.get(f"/v1/subjects/uscc:{SISTER}/links", params={"cursor": cursor}), 422, "bad-cursor")
    for changed in ({"as_of": "2026-10-30"}, {"type": "director"}, {"side": "holds"}, {"ended": "true"}):
        is_problem(client.get(address, params={"cursor": cursor, **changed}), 422, "bad-cursor")
    is_problem(client.get(address, params={"cursor": cursor[:-1]}), 422, "bad-cursor")
    is_problem(client.get(address, params={"cursor": "eyJhIjoxfQ"}), 422, "bad-cursor")


@pytest.mark.parametrize(
    "changed",
    [
        {"limit": "many"},
        {"limit": "-1"},
        {"side": "above"},
        {"type": "cousin"},
        {"min_share": "nan"},
        {"min_share": "1.5"},
        {"as_of": "yesterday"},
        {"known_at": "2026-01-01T00:00:00"},
        {"known_at": "9999-12-31T23:59:59-23:59"},
        {"known_at": "0001-01-01T00:00:00+23:59"},
        {"offset": "10"},
        {"purpose": "x" * 500},
    ],
    ids=str,
)
def test_bad_queries_are_problems(client, changed):
    is_problem(client.get(f"/v1/subjects/uscc:{TARGET}/links", params=changed), 422, "bad-request-body")


@pytest.mark.parametrize(
    "changed",
    [
        {"goal": None},
        {"max_links": 7},
        {"max_links": "3"},
        {"limit": 0},
        {"types": "shareholder"},
        {"types": ["cousin"]},
        {"seconds": 0},
        {"avoid": [TARGET] * 21},
        {"min_share": "0.5"},
        {"depth": 3},
        {"start": {"uscc": TARGET}},
    ],
    ids=str,
)
def test_bad_paths_are_problems(client, changed):
    is_problem(client.post("/v1/paths", json={"start": TARGET, "goal": ALONE, **changed}), 422, "bad-request-body")


def test_a_citizen_id_in_a_url_is_refused(client):
    for way in ("links", "control"):
        for subject in (OWNER, f"citizen_id:{OWNER}"):
            response = client.get(f"/v1/subjects/{subject}/{way}")
            assert response.status_code in (400, 422)
            assert OWNER not in response.text
    is_problem(client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"purpose": OWNER}), 400, "citizen-id-in-url")


@pytest.mark.parametrize("way", ["links", "control"])
def test_subjects_that_are_not_there(client, way):
    is_problem(client.get(f"/v1/subjects/uscc:91350100M000100Y43/{way}"), 404, "unknown-subject")
    is_problem(client.get(f"/v1/subjects/uscc:{TARGET[:-1]}!/{way}"), 422, "bad-identifier")
    is_problem(client.get(f"/v1/subjects/person:nobody/{way}"), 404, "unknown-subject")


@pytest.mark.parametrize(
    "text",
    ["x' OR 1=1 --", "'; DROP TABLE link;--", "x'}) MATCH (n) DETACH DELETE n //", "${jndi:x}", "%00", "../../etc"],
)
def test_queries_in_every_string_are_strings(client, asked, text):
    before = client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"as_of": DAY}).json()["counts"]
    for response in (
        client.post("/v1/paths", json={"start": text, "goal": TARGET, "avoid": [text], "purpose": text}),
        client.get(f"/v1/subjects/lei:{text}/links", params={"purpose": text}),
        client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"cursor": text}),
        client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"type": text}),
    ):
        assert response.status_code in (200, 404, 422), response.text
    assert client.get(f"/v1/subjects/uscc:{TARGET}/links", params={"as_of": DAY}).json()["counts"] == before


def test_an_investigation_is_no_decision(client):
    """A key that opens decisions must not open investigations."""
    given = client.get(f"/v1/subjects/uscc:{TARGET}/control").json()["investigation_id"]
    assert client.get(f"/v1/investigations/{given}").status_code == 200
    for guessed in (given, given.removeprefix("investigation:")):
        assert client.get(f"/v1/decisions/{guessed}").status_code in (404, 422)
    is_problem(client.get("/v1/investigations/investigation:sha256:" + "0" * 64), 404, "unknown-decision")
    is_problem(client.get("/v1/investigations/17"), 422, "bad-request-body")


def test_the_openapi_examples_are_answered(client):
    document = client.get("/openapi.json").json()
    schema = document["components"]["schemas"]["PathsRequest"]
    for example in schema["examples"]:
        assert client.post("/v1/paths", json=example).status_code == 200
