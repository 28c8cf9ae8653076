"""Settings: where they come from, and what they refuse."""

import os

import pytest

from api.deployment import Deployment
from api.settings import DEVELOPMENT_KEYS, BadSettings, Settings, load_settings
from graph.errors import StoreUnavailable

KEY = "ab" * 32


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in [name for name in os.environ if name.startswith("XINHENG_")]:
        monkeypatch.delenv(name)


def test_by_default_it_is_production_without_keys_and_without_territory():
    settings = load_settings()
    assert settings.environment == "production"
    assert settings.region is None
    with pytest.raises(BadSettings, match="XINHENG_HASH_KEY is not set"):
        settings.key("hash_key")


def test_development_has_keys_that_everybody_knows():
    settings = load_settings(environment="development")
    assert settings.key("hash_key").hex() == DEVELOPMENT_KEYS["hash_key"]
    assert settings.key("hash_key") != settings.key("seal_key")


def test_production_refuses_the_keys_that_everybody_knows(monkeypatch):
    monkeypatch.setenv("XINHENG_SEAL_KEY", DEVELOPMENT_KEYS["seal_key"])
    with pytest.raises(BadSettings, match="publicly known"):
        load_settings()


@pytest.mark.parametrize("key", ["short", "zz" * 32, "ab" * 16])
def test_a_key_that_is_none_is_refused_and_not_repeated(monkeypatch, key):
    monkeypatch.setenv("XINHENG_HASH_KEY", key)
    with pytest.raises(BadSettings, match="64 hexadecimal digits") as refused:
        load_settings()
    assert key not in str(refused.value)


def test_settings_from_a_file_and_secrets_from_a_directory(monkeypatch, tmp_path):
    file = tmp_path / "xinheng.env"
    file.write_text("XINHENG_REGION=360400\nXINHENG_DATA=/srv/x\n", encoding="utf-8")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "xinheng_hash_key").write_text(KEY, encoding="utf-8")
    monkeypatch.setenv("XINHENG_SETTINGS", str(file))
    monkeypatch.setenv("XINHENG_SECRETS", str(secrets))
    settings = load_settings()
    assert (settings.region, str(settings.data)) == ("360400", "/srv/x")
    assert settings.key("hash_key").hex() == KEY
    monkeypatch.setenv("XINHENG_REGION", "310000")
    assert load_settings().region == "310000"


def test_a_settings_file_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("XINHENG_SETTINGS", str(tmp_path / "none"))
    with pytest.raises(BadSettings, match="does not exist"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("XINHENG_STORE", "neo4j://user:secret@host:7687/neo4j", "do not belong into the URL"),
        ("XINHENG_DATABASE", "postgresql+psycopg://user:secret@host/x", "do not belong into the URL"),
        ("XINHENG_REGION", "Jiujiang", "XINHENG_REGION"),
        ("XINHENG_ENVIRONMENT", "staging", "XINHENG_ENVIRONMENT"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_repeated(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=said) as refused:
        load_settings()
    assert "secret" not in str(refused.value)


def test_secrets_do_not_show():
    settings = load_settings(hash_key=KEY, store_password="secret")
    assert KEY not in repr(settings)
    assert "secret" not in repr(settings)


def test_the_store_is_a_directory_or_neo4j(tmp_path):
    assert not Settings(store=str(tmp_path)).store_is_neo4j
    assert Settings(store="neo4j+s://host:7687/city").store_is_neo4j
    assert Settings(data=tmp_path).store_directory == tmp_path / "store"


@pytest.mark.parametrize(
    ("store", "error", "said"),
    [
        ("http://host/x", BadSettings, "unknown scheme http"),
        ("neo4j://127.0.0.1:1/neo4j", BadSettings, "XINHENG_STORE_PASSWORD"),
    ],
)
def test_a_store_that_is_none_is_said(store, error, said):
    with Deployment(Settings(store=store)) as deployment, pytest.raises(error, match=said):
        _ = deployment.store


def test_a_neo4j_that_does_not_answer_is_unavailable():
    settings = Settings(store="neo4j://127.0.0.1:1/neo4j", store_password="x")
    with Deployment(settings) as deployment, pytest.raises(StoreUnavailable):
        _ = deployment.store


def test_the_lists_of_catalogue_directories_is_like_path(tmp_path):
    settings = load_settings(catalogue=f"{tmp_path}{os.pathsep}{tmp_path / 'b'}")
    assert settings.catalogue == (tmp_path, tmp_path / "b")
