"""Entities of FollowTheMoney for the tests, real ones and small ones, and what is loaded and given out of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from loaders.formats.ftm_export import entities

FILE = Path(os.environ.get("XINHENG_SHARED", "../shared")) / "data" / "ftm-ownership-sanctions" / "entities.ftm.json"
ENTITIES = {entity["id"]: entity for entity in map(json.loads, FILE.read_text(encoding="utf-8").splitlines())}
COMPANY = {"id": "c", "schema": "Company", "properties": {"name": ["某公司"]}}
OWNER = {"id": "p", "schema": "Person", "properties": {"name": ["某人"]}}
OWNS = {"id": "o", "schema": "Ownership", "properties": {"owner": ["p"], "asset": ["c"]}}


def load(town, path=FILE):
    return town.load_files("ftm-ownership-sanctions", path)


def said(town, *some):
    path = town.directory / "entities.ftm.json"
    path.write_text("\n".join(map(json.dumps, some)), encoding="utf-8")
    return load(town, path)


def given_out(town, **options):
    said = {"known_at": town.store.last_instant(), "sanctions": {"judgment-defaulter"}, **options}
    return list(entities(town.store, **said))
