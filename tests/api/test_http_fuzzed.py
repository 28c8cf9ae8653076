"""The application fuzzed from its own OpenAPI document: whatever is sent, the answer is one that the document names.

``XINHENG_FUZZ_REQUESTS`` says how many requests each store gets (`make fuzz-http`: 10,000); how many it got is printed.
"""

import math
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection, not_a_server_error, positive_data_acceptance
from starlette.datastructures import QueryParams

from api.answers import answer_check
from api.askers import Asker
from api.cli import main
from api.deployment import Deployment
from api.http.app import create
from api.questions import CheckRequest
from api.settings import Settings, load_settings
from engine.keys import Scope
from tests.neo4j_harness import empty

from .conftest import CLEAN, DAY, DEFAULTER, ENVIRONMENT, PERSON, RIVAL

PATIENCE = 120
"""Seconds until a request counts as hanging. The application ends it earlier; ten, as Schemathesis would have it, a
busy machine may need to compile the first query of its depth."""
LOOPBACK = {"Host": "127.0.0.1"}
KEY, GIVEN = {}, {}
"""Of the town under test, with a decision given there. Without the key every operation on data is refused, which is
tried as well."""
EXAMPLES = int(os.environ.get("XINHENG_TEST_EXAMPLES", "60" if os.environ.get("CI") == "true" else "20"))
APPLICATION = create(Deployment(Settings(environment="development")))
"""Each test gives it the town's deployment; its OpenAPI document is the same with any."""

schema = schemathesis.openapi.from_asgi("/openapi.json", APPLICATION, headers=LOOPBACK)
RESPONSES = "/v1/decisions/{decision_id}/responses"
POSTED = [
    ("post", f"/v1/{what}") for what in ("checks", "check-batches", "group-checks", "paths", "subject-searches")
] + [("post", RESPONSES)]
INVESTIGATED = [("get", f"/v1/subjects/{{subject_id}}{way}") for way in ("", "/links", "/control")]
KEPT = ("/v1/decisions/{decision_id}", "/v1/investigations/{investigation_id}", RESPONSES, f"{RESPONSES}/{{number}}")
READ = [("get", f"/v1/{path}") for path in ("measures", "documents", "sources", "subjects")]
ONE_READ = [("get", "/v1/measures/{measure_id}"), ("get", "/v1/documents/{document_id}")]
FETCHED = [("get", path) for path in (*KEPT, "/errors/{code}", "/health", "/ready")] + INVESTIGATED + READ + ONE_READ
FITTING = [*POSTED, *FETCHED]
UNFITTING = [*POSTED, *FETCHED[: len(KEPT)], *INVESTIGATED, *READ, *ONE_READ]
VARIED = len(FITTING) + len(UNFITTING) - len(["/health", "/ready"])
"""So many tests at least have something to vary; the two others send one request each."""
KNOWN = st.sampled_from((None, DEFAULTER, RIVAL, PERSON, f"uscc:{CLEAN}", "九江清白科技有限公司"))
SENT = Counter()


def examples(store):
    """How many requests a test sends to this store."""
    if asked := os.environ.get("XINHENG_FUZZ_REQUESTS"):
        return math.ceil(int(asked) / VARIED)
    return EXAMPLES if store == "sqlite" else max(2, EXAMPLES // 10)


@pytest.fixture(scope="module", autouse=True)
def counted(pytestconfig):
    yield
    told = ", ".join(f"{count:,} to the application on {store}" for store, count in sorted(SENT.items()))
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nrequests sent: {told}")


@pytest.fixture(scope="module")
def on_neo4j(neo4j_server, built_town, tmp_path_factory):
    """The settings of a server that holds the town."""
    empty(neo4j_server)
    reached = {"STORE": neo4j_server.url, "STORE_USER": neo4j_server.user, "STORE_PASSWORD": neo4j_server.password}
    settings = {**ENVIRONMENT, **{f"XINHENG_{name}": value for name, value in reached.items()}}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**settings, "XINHENG_DATA": str(tmp_path_factory.mktemp("data"))}.items():
            patch.setenv(name, value)
        assert (
            main(["load", "city", str(built_town / "town.jsonl"), "--recorded-at", f"{DAY}T00:00:00Z", "--json"]) == 0
        )
    return settings


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def served_town(request, town, monkeypatch):
    """The application on the town in a store, which is named."""
    on = ENVIRONMENT if request.param == "sqlite" else request.getfixturevalue("on_neo4j")
    for name, value in on.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        APPLICATION.state.deployment = deployment
        ends = datetime.now(UTC) + timedelta(days=1)
        issued = deployment.keys.create(holder="甲", department="purchaser", scopes=Scope, expires_at=ends, by="乙")
        question = CheckRequest.model_validate({"subject": DEFAULTER, "matter": "政府采购", "department": "采购人"})
        GIVEN["decision_id"] = answer_check(question, deployment, Asker("甲")).decision.decision_id
        KEY["Authorization"] = f"Bearer {issued.token}"
        yield request.param


def sending(strategy, store, subjects=st.none()):
    @settings(max_examples=examples(store), deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=strategy, subject=subjects)
    def run(case, subject):
        SENT[store] += 1
        send(case if subject is None else about(case, subject))

    return run


def about(case, subject):
    """The request about somebody in the town: with words and subjects that nobody knows, no store is ever asked."""
    words = {"matter": "政府采购", "department": "采购人", "region": "360400", "as_of": DAY, "known_at": None}
    body = case.body if isinstance(case.body, dict) else {}
    for question in [body, *(one for one in body.get("questions") or () if isinstance(one, dict))]:
        question.update({name: value for name, value in words.items() if name in question})
        for name in {"subject", "start"} & question.keys():
            question[name] = subject
        if "applicants" in question:
            question["applicants"] = [subject, RIVAL]
    if "subject_id" in case.path_parameters and subject != PERSON:
        case.path_parameters["subject_id"] = subject
    return case


def send(case):
    # no schema can say which credit codes hold their check, or which words the vocabulary has
    excluded = [positive_data_acceptance]
    if case.path == "/v1/check-batches":  # a question that does not fit is answered in its place by a problem
        excluded.append(negative_data_rejection)
    headers = {**LOOPBACK, **KEY}
    response = case.call(headers=headers, timeout=PATIENCE)
    if (case.query or {}).keys() - QueryParams(urlsplit(response.request.url).query).keys():
        excluded.append(negative_data_rejection)  # what does not fit was never sent: an empty list, say
    if response.status_code == 504:  # who asks to be answered in no time is told so
        excluded.append(not_a_server_error)
    case.validate_response(response, headers=headers, excluded_checks=excluded, transport_kwargs={"headers": headers})


@pytest.mark.parametrize(("method", "path"), FITTING)
def test_what_fits_the_schema_is_answered_as_documented(served_town, method, path):
    sending(schema[path][method].as_strategy(), served_town, KNOWN)()


@pytest.mark.parametrize(("method", "path"), UNFITTING)
def test_what_does_not_fit_the_schema_is_refused_as_documented(served_town, method, path):
    wrong = schema[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    sending(wrong, served_town)()


@pytest.mark.parametrize("method", ["post", "get"])
def test_whatever_is_said_of_a_decision_that_there_is_is_answered_as_documented(served_town, method):
    def of_it(case):
        case.path_parameters.update(GIVEN)
        return case

    sending(schema[RESPONSES][method].as_strategy().map(of_it), served_town)()


def test_every_operation_is_fuzzed():
    operations = {(one.ok().method, one.ok().path) for one in schema.get_all_operations()}
    assert operations == set(FITTING)
