"""A town for investigators: a group of companies, its people, and a nominee who represents hundreds."""

from collections.abc import Iterator
from typing import Any

from api.demo.codes import citizen_id, credit_code

DAY = "2026-10-31"
TARGET, HOLDING, SISTER, ALONE = (credit_code(number) for number in range(701, 705))
NOMINATED = [credit_code(number) for number in range(1_000, 1_300)]
OWNER, NOMINEE = citizen_id(71), citizen_id(72)


def lines() -> Iterator[dict[str, Any]]:
    names = {
        TARGET: "九江目标有限公司",
        HOLDING: "九江控股有限公司",
        SISTER: "九江姊妹有限公司",
        ALONE: "九江独立有限公司",
    }
    names |= {code: f"九江代持{number}有限公司" for number, code in enumerate(NOMINATED)}
    for code, name in names.items():
        yield {"fact": "subject", "kind": "enterprise", "uscc": code, "name": name, "region": "360400"}
    for number, name in ((OWNER, "程立群"), (NOMINEE, "邵敬安")):
        yield {"fact": "subject", "kind": "natural_person", "citizen_id": number, "name": name}
    for holder, organisation, share in (
        ({"citizen_id": OWNER}, HOLDING, 0.8),
        ({"uscc": HOLDING}, TARGET, 0.6),
        ({"uscc": HOLDING}, SISTER, 0.3),
        ({"uscc": TARGET}, HOLDING, 0.1),
    ):
        yield {
            "fact": "link",
            "type": "shareholder",
            "holder": holder,
            "organisation": {"uscc": organisation},
            "share": share,
        }
    for code in [*NOMINATED, SISTER]:
        held = {"type": "legal_representative", "holder": {"citizen_id": NOMINEE}, "organisation": {"uscc": code}}
        yield {"fact": "link", **held, "valid_from": "2020-01-01"}
