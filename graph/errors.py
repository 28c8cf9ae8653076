"""Errors of the graph room.

XinhengError
├── BadInput                what was given is wrong: says what, where and how to mend it
│   ├── BadIdentifier
│   ├── BadDate
│   ├── BadFact             a fact that contradicts itself
│   └── RecordedAtNotLater
└── Unavailable             a part did not answer, or can't: nothing was concluded from it
    ├── StoreUnavailable
    ├── OutOfTime           the store did not end in the time that the question has
    ├── StoreIsNewer        written by a later Xinheng
    └── StoreCorrupt
"""

from __future__ import annotations


class XinhengError(Exception):
    """Base of all errors that a user may see. ``remedy`` says how to mend it; neither text holds a citizen ID."""

    code = "error"
    status = 500
    title_zh = "内部错误"

    def __init__(self, message: str, *, remedy: str = "", where: str = "") -> None:
        self.message, self.remedy, self.where = message, remedy, where
        super().__init__(": ".join(p for p in (where, message) if p) + (f" ({remedy})" if remedy else ""))


class BadInput(XinhengError):
    code = "bad-input"
    status = 422
    title_zh = "输入有误"


class BadIdentifier(BadInput):
    """``slip`` names the fault where it is a common one: check_character, lower_case, letter, registration_number."""

    code = "bad-identifier"
    title_zh = "标识有误"

    def __init__(self, message: str, *, remedy: str = "", where: str = "", slip: str = "") -> None:
        super().__init__(message, remedy=remedy, where=where)
        self.slip = slip


class BadDate(BadInput):
    code = "bad-date"
    title_zh = "日期有误"


class BadFact(BadInput):
    code = "bad-fact"
    title_zh = "事实有误"


class RecordedAtNotLater(BadInput):
    code = "recorded-at-not-later"
    status = 409
    title_zh = "记录时间不晚于库中最后时间"


class Unavailable(XinhengError):
    code = "unavailable"
    status = 503
    title_zh = "暂不可用"


class StoreUnavailable(Unavailable):
    code = "store-unavailable"
    title_zh = "存储不可用"


class OutOfTime(Unavailable):
    code = "out-of-time"
    status = 504
    title_zh = "超出时限"


class StoreIsNewer(Unavailable):
    code = "store-is-newer"
    title_zh = "存储版本较新"


class StoreCorrupt(Unavailable):
    code = "store-corrupt"
    title_zh = "存储损坏"
