"""A deployment: store, operational database, catalogue and vault of these settings, each opened when first needed."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import sqlalchemy as sa

from api.catalogues import CurrentCatalogue, catalogue_of
from api.settings import BadSettings, Settings
from engine.keys import Keys
from engine.ledger import Ledger
from engine.operational import open_database
from engine.responses import Responses
from graph.errors import StoreUnavailable
from graph.sqlite import SqliteStore
from graph.store import GraphStore
from graph.vault import Vault
from rules.catalogue import SHIPPED, Catalogue


class NoStore(StoreUnavailable):
    """Nothing was ever loaded where the settings point."""

    code = "no-store"
    title_zh = "尚无数据"


class Deployment:
    """Opens what the settings name.

    ``may_create``: an embedded store that is not there yet is made. ``reloads``: the catalogue follows its files.
    """

    def __init__(self, settings: Settings, *, may_create: bool = False, reloads: bool = False) -> None:
        self.settings = settings
        self._reloads = reloads
        self._may_create = may_create
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._closing.close()

    def ready(self) -> datetime | None:
        """Opens everything that a check needs, and returns the store's last instant. Raises what is the matter."""
        last = self.store.last_instant()
        self.ledger.ping()
        _ = self.catalogue.rulebook, self.vault
        return last

    @cached_property
    def store(self) -> GraphStore:
        return self._closing.enter_context(self._neo4j() if self.settings.store_is_neo4j else self._embedded())

    def _embedded(self) -> GraphStore:
        directory = self.settings.store_directory
        if "://" in str(self.settings.store):
            scheme = urlsplit(self.settings.store).scheme
            raise BadSettings(f"XINHENG_STORE: unknown scheme {scheme}", remedy="a directory, or neo4j://host:port/db")
        if not self._may_create and not (directory / "graph.sqlite").exists():
            raise NoStore(
                f"there is no store in {directory}",
                remedy="load data first (`xinheng load`), or set XINHENG_STORE; `xinheng demo` makes an example city",
            )
        return SqliteStore(directory)

    def _neo4j(self) -> GraphStore:
        from graph.neo4j import Neo4jStore  # the driver takes a while to load, and most commands do without it

        logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # its errors are raised too, and told once
        password = self.settings.store_password
        if password is None:
            raise BadSettings("XINHENG_STORE_PASSWORD is not set", remedy="set the password of XINHENG_STORE_USER")
        return Neo4jStore(self.settings.store, user=self.settings.store_user, password=password.get_secret_value())

    @cached_property
    def database(self) -> sa.Engine:
        """The operational database."""
        url = sa.make_url(self.settings.database_url)
        password = self.settings.database_password
        if self.settings.database_user:
            url = url.set(username=self.settings.database_user)
        if password is not None:
            url = url.set(password=password.get_secret_value())
        database = open_database(url)
        self._closing.callback(database.dispose)
        return database

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    @cached_property
    def responses(self) -> Responses:
        return Responses(self.database)

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.database)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of now. With ``reloads`` the next call may give another one: an answer asks once."""
        return self._following.now() if self._reloads else self._unchanging

    @cached_property
    def _following(self) -> CurrentCatalogue:
        following = CurrentCatalogue(self.catalogue_directories)
        self._closing.callback(following.close)
        return following

    @cached_property
    def _unchanging(self) -> Catalogue:
        return catalogue_of(self.catalogue_directories)

    @property
    def catalogue_directories(self) -> tuple[Path, ...]:
        return (SHIPPED, *self.settings.catalogue)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.key("hash_key"), self.settings.key("seal_key"))
