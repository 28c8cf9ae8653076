"""The sources of the example city: they hold every list of the catalogue, one was never loaded, one is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from rules.catalogue import Catalogue

SOURCES = {
    "registry": ("market-regulation", "登记注册"),
    "court": ("court", "失信被执行人、限制消费"),
    "tax": ("tax", "税收违法与纳税信用"),
    "market": ("market-regulation", "经营异常与严重违法"),
    "penalties": ("market-regulation", "行政处罚与其他事实"),
    "ecology": ("ecology-environment", "环境保护失信"),
    "conscription": ("civil-affairs", "兵役义务"),
    "credit-platform": ("development-reform", "各领域名单"),
}
HOLDERS = {
    "人民法院": "court",
    "税务机关": "tax",
    "市场监督管理部门": "market",
    "生态环境部门": "ecology",
    "兵役机关、退役军人与人民武装部门": "conscription",
}
NEVER_LOADED, OVERDUE, OVERDUE_SINCE = "conscription", "ecology", date(2026, 3, 31)


def declarations(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """A line for each source."""
    holds: dict[str, list[str]] = {source: [] for source in SOURCES}
    for one in catalogue.lists.values():
        source = "penalties" if one.kind == "event" else HOLDERS.get(one.certified_by or "", "credit-platform")
        holds[source].append(one.id)
    for source, (department, dataset) in SOURCES.items():
        said = {"fact": "source", "id": source, "department": department, "dataset": dataset, "cadence": "P1M"}
        yield {**said, "holds": sorted(holds[source]), "territory": "360400"}


def loads(days: Iterable[date]) -> Iterator[tuple[date, dict[str, Any]]]:
    """That the sources were complete on each of these days, as recorded on it."""
    for day in days:
        for source in SOURCES:
            if source != NEVER_LOADED:
                through = min(day, OVERDUE_SINCE) if source == OVERDUE else day
                yield day, {"fact": "load", "source": source, "through": through.isoformat()}
