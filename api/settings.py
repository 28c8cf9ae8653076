"""Settings: from the environment (``XINHENG_…``), or from the file that ``XINHENG_SETTINGS`` names (lines
``XINHENG_STORE=…``), or from a directory of one file per secret that ``XINHENG_SECRETS`` names. The environment wins.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.errors import XinhengError

DEVELOPMENT_KEYS = {"hash_key": "00" * 31 + "01", "seal_key": "00" * 31 + "02"}
"""Known to everybody who reads this: fit for example data only."""
KEY_BYTES = 32
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The hosts that are this machine alone."""
NEO4J_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


class BadSettings(XinhengError):
    """A setting is missing or wrong."""

    code = "bad-settings"
    status = 500
    title_zh = "配置有误"


class Settings(BaseSettings):
    """What a deployment decides. Every field is the environment variable of its name with ``XINHENG_`` before it."""

    model_config = SettingsConfigDict(env_prefix="XINHENG_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        default="production",
        description="`development` allows the publicly known example keys; never use it with real data.",
    )
    data: Path = Field(
        default=Path("xinheng-data"),
        description="Directory of the ledger, the quarantine and other operational data.",
    )
    store: str = Field(
        default="",
        description="Where the graph lives: a directory (embedded store) or `neo4j://host:port/database`. By default "
        "the directory `store` inside `XINHENG_DATA`.",
    )
    store_user: str = Field(default="neo4j", description="User of the Neo4j store. Never part of the URL.")
    store_password: SecretStr | None = Field(default=None, description="Password of the Neo4j store.")
    database: str = Field(
        default="",
        description="Operational database: an SQLAlchemy URL such as `postgresql+psycopg://host/xinheng` "
        "(needs the extra `xinheng[postgresql]`). By default SQLite inside `XINHENG_DATA`.",
    )
    database_user: str | None = Field(default=None, description="User of the operational database.")
    database_password: SecretStr | None = Field(default=None, description="Password of the operational database.")
    region: str | None = Field(
        default=None,
        pattern=r"^\d{6}$",
        description="Territory of the office that asks (GB/T 2260, six digits), where a question gives none. There is "
        "no default: without it every check needs `--region`.",
    )
    catalogue: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Directories of catalogue files that are added to the shipped catalogue, separated like PATH.",
    )
    hash_key: SecretStr | None = Field(
        default=None,
        description="Key of the hash that finds citizen IDs: 64 hexadecimal digits (`openssl rand -hex 32`). Whoever "
        "changes it no longer finds the persons loaded before.",
    )
    seal_key: SecretStr | None = Field(
        default=None, description="Key that encrypts citizen IDs and quarantined rows: 64 hexadecimal digits."
    )

    investigation_seconds: float = Field(
        default=10,
        gt=0,
        le=600,
        description="Seconds that a question of an investigator may take; paths and control answer with what they saw.",
    )

    time_budget: float = Field(
        default=30,
        gt=0,
        le=3_600,
        description="Seconds that one request over HTTP may take. Who runs out of time gets the problem `out-of-time` "
        "and no answer, whatever was found by then.",
    )
    batch_time_budget: float = Field(
        default=300,
        gt=0,
        le=3_600,
        description="Seconds that a batch of checks may take; the questions left over then get `out-of-time` each.",
    )

    @field_validator("catalogue", mode="before")
    @classmethod
    def _paths(cls, value: object) -> object:
        return tuple(Path(p) for p in value.split(os.pathsep) if p) if isinstance(value, str) else value

    @field_validator("hash_key", "seal_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            raw = bytes.fromhex(value.get_secret_value().strip())
        except ValueError:
            raise ValueError("a key is written as 64 hexadecimal digits: openssl rand -hex 32") from None
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a key has {2 * KEY_BYTES} hexadecimal digits, this one {2 * len(raw)}")
        return value

    @field_validator("store", "database")
    @classmethod
    def _no_password_in_url(cls, value: str) -> str:
        if "://" in value and "@" in value:
            raise ValueError("user and password do not belong into the URL: use the settings …_USER and …_PASSWORD")
        return value

    @model_validator(mode="after")
    def _no_known_keys_outside_development(self) -> Self:
        for name, known in DEVELOPMENT_KEYS.items():
            given = getattr(self, name)
            if self.environment == "production" and given is not None and given.get_secret_value().strip() == known:
                raise ValueError(f"{name} is the publicly known development key; make your own: openssl rand -hex 32")
        return self

    @property
    def store_is_neo4j(self) -> bool:
        return urlsplit(self.store).scheme in NEO4J_SCHEMES

    @property
    def store_directory(self) -> Path:
        return Path(self.store) if self.store else self.data / "store"

    @cached_property
    def database_url(self) -> str:
        """URL of the operational database without user and password."""
        return self.database or f"sqlite:///{self.data / 'operational.sqlite'}"

    def key(self, name: Literal["hash_key", "seal_key"]) -> bytes:
        """A key of 32 bytes. Raises `BadSettings` where production has none."""
        given: SecretStr | None = getattr(self, name)
        if given is None and self.environment == "production":
            variable = f"XINHENG_{name.upper()}"
            raise BadSettings(
                f"{variable} is not set, and there is no default key outside development",
                remedy=f"set {variable} to the output of `openssl rand -hex 32` and keep it safe; for example data "
                "set XINHENG_ENVIRONMENT=development",
            )
        return bytes.fromhex((given.get_secret_value() if given else DEVELOPMENT_KEYS[name]).strip())


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises `BadSettings`, which never shows a value."""
    env_file, secrets = os.environ.get("XINHENG_SETTINGS"), os.environ.get("XINHENG_SECRETS")
    for place in filter(None, (env_file, secrets)):
        if not Path(place).exists():
            raise BadSettings(f"{place} does not exist", remedy="correct XINHENG_SETTINGS or XINHENG_SECRETS")
    try:
        return Settings(_env_file=env_file, _secrets_dir=secrets, **overrides)
    except ValidationError as error:
        faults = "; ".join(f"{_variable(e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors())
        raise BadSettings(faults, remedy="see docs/settings.md") from None


def _variable(location: tuple[int | str, ...]) -> str:
    return f"XINHENG_{str(location[0]).upper()}" if location else "settings"
