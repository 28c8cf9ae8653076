"""One valid catalogue, as files in `base/`, and copies of it in which something is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

BASE = Path(__file__).parent / "base"


def copied(directory: Path) -> Path:
    """The valid catalogue in a directory of its own."""
    return Path(shutil.copytree(BASE, directory / "catalogue"))


def edited(directory: Path, file: str, replace: str, by: str) -> Path:
    """The same with one text replaced, which stands once in the file."""
    catalogue = copied(directory)
    text = (catalogue / file).read_text(encoding="utf-8")
    assert text.count(replace) == 1, f"{replace!r} stands {text.count(replace)} times in {file}"
    (catalogue / file).write_text(text.replace(replace, by), encoding="utf-8")
    return catalogue


def appended(directory: Path, file: str, text: str) -> Path:
    catalogue = copied(directory)
    with (catalogue / file).open("a", encoding="utf-8") as out:
        out.write(text)
    return catalogue


def line_of(file: Path, text: str) -> int:
    """The one line that holds a text, counted from 1."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, start=1) if text in line]
    assert len(found) == 1, f"{text!r} stands on lines {found}"
    return found[0]


def data_of(directory: Path) -> dict[str, Any]:
    """The files as plain data."""
    data: dict[str, Any] = {
        name: yaml.safe_load((directory / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("documents", "vocabulary", "lists", "leads", "groups")
    }
    data["measures"] = yaml.safe_load((directory / "measures" / "law.yaml").read_text(encoding="utf-8"))
    return data
