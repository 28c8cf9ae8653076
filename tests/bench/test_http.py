"""The bench of checks over HTTP, as small as can be: it serves, asks and compares; no figure is held to anything."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_checks_over_http_stand_beside_a_constant_and_the_check_in_process(tmp_path: Path) -> None:
    out = tmp_path / "http.json"
    size = ("--subjects", "400", "--requests", "20", "--rounds", "1", "--soak", "0.05")
    ran = subprocess.run(
        [sys.executable, "-m", "bench.http", *size, "--out", out], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(out.read_text(encoding="utf-8"))
    assert set(found["measured"]) == {
        "xinheng serve",
        "FastAPI, a constant",
        "in process",
        "xinheng serve at 70%",
    }
    for figures in found["measured"].values():
        assert figures["per_second"] > 0
        assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"]
    for name in found["ratios"]:
        assert name in ran.stdout
    assert found["steady_p99_to_p50"] >= 1
    assert all(len(workers) == 2 and min(workers) > 1 for workers in found["soak"]["memory_mb"])
