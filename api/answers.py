"""One answer: the engine's decision, entered in the ledger before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass

from api.askers import Asker
from api.deployment import Deployment
from api.notices import notices_of, notices_of_several
from api.questions import CheckRequest, GroupCheckRequest, group_question_of, question_of
from engine.canonical import canonical
from engine.check import check
from engine.document import Decision, GroupDecision
from engine.group import check_group
from engine.ledger import Ledger
from graph.deadline import left
from rules.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision and the bytes that every surface passes on. ``notices`` say what was put right in the question."""

    decision: Decision | GroupDecision
    document: bytes
    notices: tuple[str, ...] = ()


def answer_check(request: CheckRequest, deployment: Deployment, asker: Asker) -> Answer:
    """Check one subject."""
    catalogue = deployment.catalogue
    question = question_of(request, deployment, catalogue)
    decision = check(question, store=deployment.store, catalogue=catalogue)
    document = _entered(decision, deployment.ledger, catalogue, request, asker)
    return Answer(decision, document, notices_of(request.subject, question.subject))


def answer_group(request: GroupCheckRequest, deployment: Deployment, asker: Asker) -> Answer:
    """Check the applicants of one contract."""
    catalogue = deployment.catalogue
    question = group_question_of(request, deployment, catalogue)
    decision = check_group(question, store=deployment.store, catalogue=catalogue)
    document = _entered(decision, deployment.ledger, catalogue, request, asker)
    return Answer(decision, document, notices_of_several(request.applicants, question.applicants, "applicants"))


def _entered(
    decision: Decision | GroupDecision,
    ledger: Ledger,
    catalogue: Catalogue,
    request: CheckRequest | GroupCheckRequest,
    asker: Asker,
) -> bytes:
    document = canonical(decision)
    left()  # whoever is told that time is over must not stand in the ledger with an answer
    ledger.keep_catalogue(catalogue.digest, catalogue.content)
    ledger.enter(
        decision.decision_id,
        document,
        who=asker.named(request.who),
        purpose=request.purpose,
        department=asker.department,
    )
    return document
