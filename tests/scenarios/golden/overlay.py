"""The made-up measures of a story (`catalogue_extra`) as a catalogue of their own beside the shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rules.catalogue import Catalogue
from tests.scenarios.golden.story import Story

REACHES: Mapping[str, list[dict[str, str]]] = {
    "self": [],
    "legal_representative now": [{"link": "legal_representative", "to": "holder", "holds": "now"}],
}
KEYS = {
    *("id", "note", "document", "article", "level", "territory", "title", "effect", "trigger", "reaches", "matter"),
    *("department", "in_force_from"),
}
DOCUMENT = "extra-zhejiang"


def write_overlay(story: Story, shipped: Catalogue, folder: Path) -> Path | None:
    """The directory of the story's own catalogue; ``None`` where it has none."""
    extra = story.world.get("catalogue_extra", ())
    if not extra:
        return None
    (folder / "measures").mkdir(parents=True)
    documents = [_document(one) for one in extra]
    (folder / "documents.yaml").write_text(yaml.safe_dump(documents, allow_unicode=True), encoding="utf-8")
    measures = [_measure(one, shipped) for one in extra]
    (folder / "measures" / "extra.yaml").write_text(yaml.safe_dump(measures, allow_unicode=True), encoding="utf-8")
    return folder


def _document(one: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(one) - KEYS:
        raise ValueError(f"the mapping knows nothing of {sorted(unknown)}")
    return {
        "id": DOCUMENT,
        "title": one["document"],
        "level": one["level"],
        "territory": one["territory"],
        "in_force": {"from": one["in_force_from"]},
        "verified": "seen",
    }


def _measure(one: Mapping[str, Any], shipped: Catalogue) -> dict[str, Any]:
    [listed] = [w.id for w in shipped.lists.values() if w.zh == one["trigger"]["list"]]
    [matter] = [w.id for w in shipped.matters.values() if w.zh == one["matter"]]
    [department] = [w.id for w in shipped.departments.values() if w.zh == one["department"]]
    return {
        "id": f"{DOCUMENT}.{one['id']}",
        "title": one["title"],
        "kind": "sanction",
        "effect": one["effect"],
        "trigger": {"list": listed},
        "reaches": [REACHES[reach] for reach in one["reaches"]],
        "scope": {"matters": [matter], "departments": [department], "regions": [one["territory"]]},
        "basis": [{"document": DOCUMENT, "article": one["article"]}],
        "in_force": {"from": one["in_force_from"]},
    }
