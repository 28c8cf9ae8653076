"""Errors of the engine room.

XinhengError (graph.errors)
├── BadInput
│   ├── UnknownWord         a word that the catalogue does not hold
│   ├── BadQuestion         a question that no law or no data could answer
│   └── UnknownDecision     a decision that the ledger does not hold
│       └── UnknownResponse (engine.responses)
└── Disagreement            the rules engine and the proof differ: there is no answer, and somebody must be told
"""

from __future__ import annotations

from graph.errors import BadInput, XinhengError


class UnknownWord(BadInput):
    code = "unknown-word"
    title_zh = "未知的用语"


class BadQuestion(BadInput):
    code = "bad-question"
    title_zh = "问题有误"


class UnknownDecision(BadInput):
    code = "unknown-decision"
    status = 404
    title_zh = "没有这一核查结论"


class Disagreement(XinhengError):
    code = "disagreement"
    title_zh = "规则引擎与复核不一致"
