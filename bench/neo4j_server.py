"""An empty Neo4j on disk, as `deploy/neo4j/serve.py` starts it, gone afterwards."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAP, PAGE_CACHE = "2g", "1g"


@contextmanager
def server(home: Path) -> Iterator[dict[str, str]]:
    """The settings that reach it."""
    spec = importlib.util.spec_from_file_location("serve", ROOT / "deploy" / "neo4j" / "serve.py")
    assert spec
    assert spec.loader
    serve = sys.modules["serve"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(serve)
    with serve.running(home, heap=HEAP, page_cache=PAGE_CACHE) as running:
        reached = {"XINHENG_STORE": running.url, "XINHENG_STORE_USER": running.user}
        yield {**reached, "XINHENG_STORE_PASSWORD": running.password}
    shutil.rmtree(home, ignore_errors=True)
