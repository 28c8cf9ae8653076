"""What an officer says that was done with a measure of a decision, as people and machines say it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.askers import Asker
from api.deployment import Deployment
from api.questions import SHANGHAI, Day, Text, no_citizen_id, subject_address
from engine.responses import Answer, Reason, ReasonCode, Response, Said


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("nothing is said")
    return value


def _past(value: date) -> date:
    if value > datetime.now(SHANGHAI).date():
        raise ValueError("the date is still to come")
    return value


Words = Annotated[Text, AfterValidator(_not_blank)]


class ReasonSaid(BaseModel):
    """Why a measure was not applied."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    code: ReasonCode = Field(description="理由, one of docs/responses.md")
    text: Words = Field(description="The reason in the office's own words")


class ResponseRequest(BaseModel):
    """What was done with one measure of a decision."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {"measure": "government-procurement-law.22.judgment-defaulter", "answer": "applied"},
                {
                    "measure": "government-procurement-law.22.judgment-defaulter",
                    "answer": "not_applied",
                    "reason": {"code": "repaired", "text": "2026年11月2日已履行完毕，移出失信名单"},
                    "document": "九财采〔2026〕17号",
                    "decided_on": "2026-11-03",
                    "corrects": 1,
                    "who": "审批员 王",
                },
            ]
        },
    )

    measure: Text = Field(description="The id of a measure that the decision lists as binding, or of a group's finding")
    subject: Text | None = Field(
        default=None, description="Which applicant, where a group decision lists the measure for several"
    )
    answer: Answer = Field(description="Whether the measure was applied")
    reason: ReasonSaid | None = Field(default=None, description="Why it was not applied; with `not_applied` only")
    document: Words | None = Field(default=None, description="文号 of what the office issued; goes with `decided_on`")
    decided_on: Annotated[Day, AfterValidator(_past)] | None = Field(default=None, description="The date of `document`")
    corrects: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="The number of the response that this one replaces"
    )
    who: Text | None = Field(default=None, description="Which officer, for the ledger")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.reason is not None) != (self.answer == "not_applied"):
            raise ValueError("`not_applied` needs a reason with code and text, and `applied` takes none")
        if (self.document is None) != (self.decided_on is None):
            raise ValueError("`document` and `decided_on` go together")
        return self


def respond(decision_id: str, request: ResponseRequest, deployment: Deployment, asker: Asker) -> Response:
    """Keep a response. Raises `BadInput`, and what `engine.responses.Responses.respond` raises."""
    reason = request.reason
    no_citizen_id(
        measure=request.measure, text=reason.text if reason else None, document=request.document, who=request.who
    )
    said = Said(
        subject=request.subject and subject_address(request.subject, deployment),
        measure=request.measure,
        answer=request.answer,
        reason=Reason(code=reason.code, text=reason.text) if reason else None,
        document=request.document,
        decided_on=request.decided_on,
        corrects=request.corrects,
    )
    return deployment.responses.respond(decision_id, said, who=asker.named(request.who), department=asker.department)
