"""Cities elsewhere, and files in other hands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from tests.real import City

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(file: Path, *statements: str) -> Iterator[None]:
    """Another process has the file and has run these statements."""
    command = [sys.executable, "-c", HOLDER, str(file), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate()


def on_postgresql(city: City, url: sa.URL) -> City:
    """The same city with its operational database on PostgreSQL."""
    nobody = sa.URL.create(url.drivername, database=url.database, query=url.query)
    where = {"XINHENG_DATABASE": nobody.render_as_string(), "XINHENG_DATABASE_USER": url.username or ""}
    return replace(city, settings={**city.settings, **where})
