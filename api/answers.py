"""One answer: the engine's decision, entered in the ledger before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass

from api.deployment import Deployment
from api.questions import CheckRequest, GroupCheckRequest, group_question_of, question_of
from engine.canonical import canonical
from engine.check import check
from engine.document import Decision, GroupDecision
from engine.group import check_group


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision and the bytes that every surface passes on."""

    decision: Decision | GroupDecision
    document: bytes


def answer_check(request: CheckRequest, deployment: Deployment, *, who: str) -> Answer:
    """Check one subject. ``who`` is entered where the request names nobody."""
    question = question_of(request, deployment)
    decision = check(question, store=deployment.store, catalogue=deployment.catalogue)
    return _entered(decision, deployment, who=request.who or who, purpose=request.purpose)


def answer_group(request: GroupCheckRequest, deployment: Deployment, *, who: str) -> Answer:
    """Check the applicants of one contract."""
    question = group_question_of(request, deployment)
    decision = check_group(question, store=deployment.store, catalogue=deployment.catalogue)
    return _entered(decision, deployment, who=request.who or who, purpose=request.purpose)


def _entered(decision: Decision | GroupDecision, deployment: Deployment, *, who: str, purpose: str) -> Answer:
    document = canonical(decision)
    deployment.ledger.keep_catalogue(deployment.catalogue.digest, deployment.catalogue.content)
    deployment.ledger.enter(decision.decision_id, document, who=who, purpose=purpose)
    return Answer(decision, document)
