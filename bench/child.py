"""`xinheng` in a process of its own, with what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
KIB_PER_MB = 1_000_000 / 1024


@dataclass(frozen=True)
class Ran:
    """What a command printed, the seconds it took, and the most memory that it held (MB)."""

    out: bytes
    seconds: float
    peak_mb: float

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


def xinheng(*words: object, settings: Mapping[str, str]) -> Ran:
    """Run a command with these settings and no other ``XINHENG_…`` ones. It must give an answer (exit status 0)."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("XINHENG_")}
    start = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)], env={**others, **settings}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"xinheng {words[0]} ended with status {process.returncode}")
    return Ran(out, time.monotonic() - start, usage.ru_maxrss / KIB_PER_MB)


def megabytes(directory: Path) -> float:
    """The size of all files in a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
