"""Responses 反馈: what an officer did with a measure of a decision, applied or not applied and why.

The check proposes; an officer decides, and says so. A response is a document of the ledger, as the decision is: it is
entered in the chain, never changed and never deleted, and erased together with its decision. One that was wrong is
corrected by another that names it; the last one stands. The table beside it says which there are, and about which
measure each is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from engine.canonical import canonical
from engine.document import View
from engine.errors import UnknownDecision
from engine.ledger import RESPONSE, Ledger, response_id
from engine.operational import reading, writing
from engine.question import Instant
from graph.errors import BadInput

Answer = Literal["applied", "not_applied"]
ReasonCode = Literal[
    "repaired", "record_wrong", "wrong_subject", "out_of_scope", "discretion", "stayed", "withdrawn", "other"
]
"""Why a measure was not applied: the subject's credit was repaired since; the record is wrong or was annulled; it is
not this subject, or the link does not hold; the case is not one that the measure is about; the office used the
discretion that the law leaves it; a court or authority stayed it; there is nothing left to decide; something else."""
AT_ONCE = 500
"""Documents that are read by one statement."""


class AnotherDepartment(BadInput):
    """The decision was given for another department, which alone can say what it did with it."""

    code = "another-department"
    status = 403
    title_zh = "其他部门的核查结论"


class MeasureNotInDecision(BadInput):
    """The decision does not list this measure as binding, or lists it for several subjects and none was named."""

    code = "measure-not-in-decision"
    title_zh = "核查结论中没有这一措施"


class ResponseConflict(BadInput):
    """A response stands already and was not named as the one to be corrected, or the one that was named stands no
    longer."""

    code = "response-conflict"
    status = 409
    title_zh = "反馈冲突"


class UnknownResponse(UnknownDecision):
    """The decision has no response of this number."""

    code = "unknown-response"
    title_zh = "没有这一反馈"


class Reason(View):
    """Why a measure was not applied."""

    code: ReasonCode
    text: str


class Said(View):
    """What an officer says. ``subject`` is needed where a group decision lists the measure for several applicants;
    ``document`` and ``decided_on`` are number 文号 and date of what the office issued; ``corrects`` is the number of
    the response that this one replaces."""

    subject: str | None
    measure: str
    answer: Answer
    reason: Reason | None
    document: str | None
    decided_on: date | None
    corrects: int | None


class Response(Said):
    """A response as it is kept. Responses of a decision are numbered from 1. ``subject`` is the id of the subject that
    the measure binds, ``department`` that of the officer's key, or without keys the one that the decision is for."""

    decision_id: str
    number: int
    subject: str
    who: str
    department: str
    at: Instant


class Bound(View):
    """A measure, or a finding of a group, and the subject that it binds."""

    subject: str
    measure: str


class ResponseHistory(View):
    """Every response there ever was to a decision, in order. ``standing`` are the numbers of those that none corrects;
    ``unanswered`` what the decision lists as binding and nobody responded to yet."""

    decision_id: str
    responses: tuple[Response, ...]
    standing: tuple[int, ...]
    unanswered: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Responses:
    """The responses of an operational database (see `engine.operational.open_database`)."""

    database: sa.Engine

    def respond(self, decision_id: str, said: Said, *, who: str, department: str = "") -> Response:
        """Append a response. Returns when it is durable. Of several at once, one wins. Raises `UnknownDecision`,
        `DecisionErased`, `AnotherDepartment`, `MeasureNotInDecision`, `ResponseConflict`."""
        ledger = Ledger(self.database)
        with writing(self.database) as connection:
            ledger.lock(connection)  # what is read from here on, no other append can change
            decision = _decision(ledger.document_in(connection, decision_id))
            asked_for = decision["question"]["department"]
            if department and department != asked_for:
                raise AnotherDepartment(
                    f"the decision was given for {asked_for}, the key is of {department}",
                    remedy=f"respond with a key of {asked_for}",
                )
            bound = _bound(decision, said)
            count, kept = _kept(connection, ledger, decision_id)
            latest = _standing(kept).get(bound)
            _refuse_out_of_turn(said.corrects, latest)
            response = Response(
                **said.model_dump(exclude={"subject"}),
                decision_id=decision_id,
                number=count + 1,
                subject=bound.subject,
                who=who,
                department=department or asked_for,
                at=datetime.now(UTC),
            )
            connection.execute(
                RESPONSE.insert().values(decision_id=decision_id, number=response.number, **bound.model_dump())
            )
            ledger.append(
                connection,
                response_id(decision_id, response.number),
                canonical(response),
                who=who,
                purpose="",
                department=response.department,
                at=response.at,
            )
        return response

    def history(self, decision_id: str) -> ResponseHistory:
        """All responses to a decision. Raises `UnknownDecision`, `DecisionErased`."""
        ledger = Ledger(self.database)
        with reading(self.database) as connection:
            decision = _decision(ledger.document_in(connection, decision_id))
            _, kept = _kept(connection, ledger, decision_id)
        standing = _standing(kept)
        return ResponseHistory(
            decision_id=decision_id,
            responses=tuple(kept),
            standing=tuple(sorted(standing.values())),
            unanswered=tuple(bound for bound in dict.fromkeys(_binding(decision)) if bound not in standing),
        )

    def standing(self, measure: str | None = None) -> Iterator[Response]:
        """Of all decisions, those that none corrects, in the order of decisions; of one measure, where it is named."""
        last = sa.select(RESPONSE.c.decision_id, sa.func.max(RESPONSE.c.number)).group_by(
            RESPONSE.c.decision_id, RESPONSE.c.subject, RESPONSE.c.measure
        )
        if measure is not None:
            last = last.where(RESPONSE.c.measure == measure)
        with reading(self.database) as connection:
            ids = [response_id(*row) for row in sorted(tuple(row) for row in connection.execute(last))]
            for start in range(0, len(ids), AT_ONCE):
                some = ids[start : start + AT_ONCE]
                documents = Ledger(self.database).documents_in(connection, some)
                yield from (Response.model_validate_json(documents[one]) for one in some if one in documents)

    def document(self, decision_id: str, number: int) -> bytes:
        """One response as it was given. Raises `UnknownDecision`, `DecisionErased`, `UnknownResponse`."""
        ledger = Ledger(self.database)
        ledger.document(decision_id)
        try:
            return ledger.document(response_id(decision_id, number))
        except UnknownDecision:
            raise UnknownResponse(
                "the decision has no response of this number", remedy="ask for all its responses"
            ) from None


def _kept(connection: sa.Connection, ledger: Ledger, decision_id: str) -> tuple[int, list[Response]]:
    """How many responses there ever were, and those that are not erased: a decision that was erased and given anew
    begins without any."""
    ids = ledger.responses_in(connection, decision_id)
    documents = ledger.documents_in(connection, ids)
    return len(ids), [Response.model_validate_json(documents[one]) for one in ids if one in documents]


def _standing(responses: Iterable[Response]) -> dict[Bound, int]:
    """The last response to each measure: each later one corrects the one before."""
    return {Bound(subject=one.subject, measure=one.measure): one.number for one in responses}


def _decision(document: bytes) -> Mapping[str, Any]:
    """The decision as data: one that an earlier Xinheng gave may lack keys that the model has today."""
    decision: Mapping[str, Any] = json.loads(document)
    if not {"measures", "decisions"} & decision.keys():
        raise UnknownDecision("this is the id of no decision", remedy="give that of a check or a group check")
    return decision


def _binding(decision: Mapping[str, Any]) -> Iterator[Bound]:
    """What a decision lists as binding: an incentive that is suspended is not."""
    single = decision.get("decisions", [decision])
    for one in single:
        for measure in one["measures"]:
            if measure.get("suspended_by") is None:
                yield Bound(subject=one["subject"]["id"], measure=measure["id"])
    by_address = {one["question"]["subject"]: one["subject"]["id"] for one in single}
    for finding in decision.get("findings", ()):
        for address in finding["binds"]:
            yield Bound(subject=by_address[address], measure=finding["rule"])


def _bound(decision: Mapping[str, Any], said: Said) -> Bound:
    """What a response is about. Raises `MeasureNotInDecision`."""
    everything = list(dict.fromkeys(_binding(decision)))
    addressed = {one["question"]["subject"]: one["subject"]["id"] for one in decision.get("decisions", [decision])}
    subject = addressed.get(said.subject or "", said.subject)
    found = [one for one in everything if one.measure == said.measure and subject in (None, one.subject)]
    if len(found) == 1:
        return found[0]
    if found:
        raise MeasureNotInDecision(
            "the measure binds several applicants", remedy=f"name the subject: {_listed(one.subject for one in found)}"
        )
    ours = [one.measure for one in everything if subject in (None, one.subject)]
    raise MeasureNotInDecision(
        f"the decision does not list this measure as binding{' this subject' if said.subject else ''}",
        remedy=f"respond to {_listed(ours)}" if ours else "nothing binds here, so that there is nothing to respond to",
    )


def _listed(names: Iterable[str]) -> str:
    return " or ".join(sorted(set(names)))


def _refuse_out_of_turn(corrects: int | None, latest: int | None) -> None:
    """Raises `ResponseConflict`."""
    if corrects == latest:
        return
    if latest is None:
        raise ResponseConflict("there is no response to correct", remedy="leave `corrects` out: this is the first")
    stands = f"response {latest} stands for this measure"
    raise ResponseConflict(
        f"{stands}, not {corrects}" if corrects else f"{stands} already",
        remedy=f"read it, and if it is to be replaced say so: corrects {latest}",
    )
