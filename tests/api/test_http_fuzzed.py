"""The application fuzzed from its own OpenAPI document: whatever is sent, the answer is one that the document names."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance

from api.deployment import Deployment
from api.http.app import create
from api.settings import Settings, load_settings

from .conftest import ENVIRONMENT

LOOPBACK = {"Host": "127.0.0.1"}
EXAMPLES = 60 if os.environ.get("CI") == "true" else 20


APPLICATION = create(Deployment(Settings(environment="development")))
"""Each test gives it the town's deployment; its OpenAPI document is the same with any."""

schema = schemathesis.openapi.from_asgi("/openapi.json", APPLICATION, headers=LOOPBACK)


@pytest.fixture
def served_town(town, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Deployment(load_settings()) as deployment:
        APPLICATION.state.deployment = deployment
        yield


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_whatever_is_sent_is_answered_as_documented(served_town, case):
    # no schema can say which credit codes hold their check, or which words the vocabulary has
    case.call_and_validate(headers=LOOPBACK, excluded_checks=[positive_data_acceptance])
