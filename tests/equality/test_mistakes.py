"""Deliberate mistakes in the rooms, each kept as a patch in tests/mistakes, are each caught by the reference.

A patch that no longer applies is to be made anew: the same mistake in the code as it is now.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCHES = sorted((ROOT / "tests" / "mistakes").glob("*.patch"))
ROOMS = ("graph", "rules", "engine")
CITIES = 150
"""Some 600 questions."""


def test_at_least_twenty_mistakes_are_kept() -> None:
    assert len(PATCHES) >= 20


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_mistake_is_caught(patch: Path, tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    subprocess.run(["git", "apply", "-C1", str(patch)], cwd=tmp_path, env=outside, check=True)
    found = subprocess.run(
        [sys.executable, "-m", "tests.equality.catch", str(CITIES)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1, f"not caught in {CITIES} cities: {found.stdout}{found.stderr}"
    assert found.stdout.startswith("seed "), found.stderr
