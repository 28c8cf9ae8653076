"""A page for every error code: what it means, a wrong and a right example."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from graph.errors import BadInput


class NoSuchPage(BadInput):
    """No error has this code."""

    code = "not-found"
    status = 404
    title_zh = "没有这一地址"


@cache
def pages() -> Mapping[str, str]:
    """All pages, Markdown by code."""
    described = yaml.safe_load(files("api").joinpath("errors.yaml").read_text(encoding="utf-8"))
    return {code: _markdown(code, said) for code, said in described.items()}


def page(code: str) -> str:
    """The page of a code. Raises `NoSuchPage`."""
    if code not in pages():
        raise NoSuchPage("there is no error of this code")
    return pages()[code]


def _markdown(code: str, said: Mapping[str, str]) -> str:
    lines = [f"# `{code}` {said['zh']}: {said['en']}", "", said["when"].strip(), ""]
    for kind in ("wrong", "right"):
        if kind in said:
            lines += [f"{kind.capitalize()}:", "", "```", said[kind], "```", ""]
    return "\n".join(lines)
