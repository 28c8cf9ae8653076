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
from tempfile import TemporaryFile
from typing import Any

COMMAND = [sys.executable, "-c", "import sys; from api.cli import main; sys.exit(main())"]
KIB_PER_MB = 1_000_000 / 1024
EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Ran:
    """What a command printed, the seconds it took, and the most memory that it held (MB): with the pages of files that
    are mapped into it, which the system takes back when it needs them, and its own, sampled."""

    out: bytes
    seconds: float
    peak_mb: float
    own_mb: float

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


def xinheng(*words: object, settings: Mapping[str, str]) -> Ran:
    """Run a command with these settings and no other ``XINHENG_…`` ones. It must give an answer (exit status 0)."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("XINHENG_")}
    start = time.monotonic()
    with TemporaryFile() as out:
        process = subprocess.Popen(
            [*COMMAND, *map(str, words)], env={**others, **settings}, stdout=out, stderr=subprocess.DEVNULL
        )
        own = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:  # the usage of this child alone
            own = max(own, own_megabytes(process.pid))
            time.sleep(EVERY_SECONDS)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        if process.returncode:
            raise SystemExit(f"xinheng {words[0]} ended with status {process.returncode}")
        out.seek(0)
        return Ran(out.read(), seconds, ended[2].ru_maxrss / KIB_PER_MB, own)


def own_megabytes(pid: int) -> float:
    """Memory of a process without the pages of files that are mapped into it; Linux tells it."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / KIB_PER_MB for line in lines if line.startswith("RssAnon")), 0)


def megabytes(directory: Path) -> float:
    """The size of all files in a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
