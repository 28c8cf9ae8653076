"""The application fuzzed from its own OpenAPI document: whatever is sent, the answer is one that the document names."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from api.answers import answer_check
from api.askers import Asker
from api.deployment import Deployment
from api.http.app import create
from api.questions import CheckRequest
from api.settings import Settings, load_settings
from engine.keys import Scope

from .conftest import DEFAULTER, ENVIRONMENT

LOOPBACK = {"Host": "127.0.0.1"}
KEY, GIVEN = {}, {}
"""Of the town under test, with a decision given there. Without the key every operation on data is refused, which is
tried as well."""
EXAMPLES = int(os.environ.get("XINHENG_TEST_EXAMPLES", "60" if os.environ.get("CI") == "true" else "20"))
APPLICATION = create(Deployment(Settings(environment="development")))
"""Each test gives it the town's deployment; its OpenAPI document is the same with any."""

schema = schemathesis.openapi.from_asgi("/openapi.json", APPLICATION, headers=LOOPBACK)
RESPONSES = "/v1/decisions/{decision_id}/responses"
POSTED = [("post", f"/v1/{what}") for what in ("checks", "check-batches", "group-checks", "paths")] + [
    ("post", RESPONSES)
]
INVESTIGATED = [("get", f"/v1/subjects/{{subject_id}}/{way}") for way in ("links", "control")]
KEPT = ("/v1/decisions/{decision_id}", "/v1/investigations/{investigation_id}", RESPONSES, f"{RESPONSES}/{{number}}")
READ = [("get", f"/v1/{path}") for path in ("measures", "documents", "sources")]
ONE_READ = [("get", "/v1/measures/{measure_id}"), ("get", "/v1/documents/{document_id}")]
FETCHED = [("get", path) for path in (*KEPT, "/errors/{code}", "/health", "/ready")] + INVESTIGATED + READ + ONE_READ
sent = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def served_town(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        APPLICATION.state.deployment = deployment
        ends = datetime.now(UTC) + timedelta(days=1)
        issued = deployment.keys.create(holder="甲", department="purchaser", scopes=Scope, expires_at=ends, by="乙")
        question = CheckRequest.model_validate({"subject": DEFAULTER, "matter": "政府采购", "department": "采购人"})
        GIVEN["decision_id"] = answer_check(question, deployment, Asker("甲")).decision.decision_id
        KEY["Authorization"] = f"Bearer {issued.token}"
        yield


def send(case):
    # no schema can say which credit codes hold their check, or which words the vocabulary has
    excluded = [positive_data_acceptance]
    if case.path == "/v1/check-batches":  # a question that does not fit is answered in its place by a problem
        excluded.append(negative_data_rejection)
    case.call_and_validate(headers={**LOOPBACK, **KEY}, excluded_checks=excluded)


@pytest.mark.parametrize(("method", "path"), [*POSTED, *FETCHED])
def test_what_fits_the_schema_is_answered_as_documented(served_town, method, path):
    sent(given(case=schema[path][method].as_strategy())(send))()


@pytest.mark.parametrize(("method", "path"), [*POSTED, *FETCHED[: len(KEPT)], *INVESTIGATED, *READ, *ONE_READ])
def test_what_does_not_fit_the_schema_is_refused_as_documented(served_town, method, path):
    wrong = schema[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    sent(given(case=wrong)(send))()


@pytest.mark.parametrize("method", ["post", "get"])
def test_whatever_is_said_of_a_decision_that_there_is_is_answered_as_documented(served_town, method):
    def send_it(case):
        case.path_parameters.update(GIVEN)
        send(case)

    sent(given(case=schema[RESPONSES][method].as_strategy())(send_it))()


def test_every_operation_is_fuzzed():
    operations = {(one.ok().method, one.ok().path) for one in schema.get_all_operations()}
    assert operations == {*POSTED, *FETCHED}
