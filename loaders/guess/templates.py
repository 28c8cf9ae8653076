"""Texts and templates as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from loaders.guess.columns import Column

_PLAIN = re.compile(r"[A-Za-z_一-龥][A-Za-z0-9_一-龥]*")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def scalar(text: str) -> str:
    """A text as YAML, quoted where it must be."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def cell(column: Column, **more: str) -> str:
    """The template that takes a column, through these conversions."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in {"column": scalar(column.name), **more}.items()) + "}"


def flow(value: Any) -> str:
    """A value in YAML's flow style, which JSON is."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
