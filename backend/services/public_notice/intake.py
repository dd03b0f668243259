"""How an objection gets on record, whichever way it came in, and what that does to its notice."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.objection import (
    HELD,
    Publication,
    Source,
    Verdict,
    status_on_receipt,
)
from backend.domain.public_notice import NoticeState
from backend.services.base import audit
from backend.services.base.context import Actor
from backend.services.base.numbers import next_number
from backend.services.case import deadlines
from backend.services.case.case import Case
from backend.services.case.facts import load_facts
from backend.services.case.notifications import news_of_objection
from backend.services.case.steps import settle
from backend.services.public_notice.objectors import FiledBefore, check_first
from backend.store.notices import Objection, PublicNotice


@dataclass(frozen=True)
class Received:
    """An objection as it came in, whichever way; `at` is when, `objector` the name on a paper, of
    which there is the scan."""

    source: Source
    kind: str
    text: str
    at: datetime
    owner_id: UUID | None
    objector: str | None = None
    paper_sha256: str | None = None
    signature_sha256: str | None = None
    publish_text: bool = False


def receive(
    case: Case, actor: Actor, notice: PublicNotice, received: Received, before: FiledBefore
) -> Objection:
    """Put it on record, start the limit for its answer, and suspend the notice if it does.

    The case is locked by the caller, who looked at what came `before`. Raises Refused
    `objection_already_filed`.
    """
    tx, cipher = case.tx, case.ctx.cipher
    on_paper = received.source is Source.PAPER
    check_first(before, by_clerk=on_paper)
    publish = received.publish_text
    objection_id, objector = uuid7(), received.objector
    objection = Objection(
        id=objection_id,
        number=next_number(tx, "objection", case.today),
        notice_id=notice.id,
        owner_id=received.owner_id,
        source=received.source,
        kind=received.kind,
        text_sealed=cipher.seal(Objection.text_sealed, objection_id, received.text),
        objector_sealed=(
            cipher.seal(Objection.objector_sealed, objection_id, objector) if objector else None
        ),
        paper_sha256=received.paper_sha256,
        signature_sha256=received.signature_sha256,
        moderation=None if on_paper else Verdict.UNCHECKED,
        publication=Publication.HELD if publish else Publication.PRIVATE,
        publication_reason=HELD if publish else None,
        received_at=received.at,
        entered_by=actor.person_id,
        entered_at=case.now,
        status=status_on_receipt(
            received.at,
            notice.ends_before,
            notice.state == NoticeState.SUSPENDED,
            received.owner_id is not None,
        ),
    )
    tx.add(objection)
    statuses = (*before.statuses, objection.status)
    # Read before the rest waits to be written, which then goes with the step that follows.
    facts = load_facts(case, ["terms"], case.facts.having(objections=statuses))
    deadlines.start(case, "objection_answer", objection.id)
    write_down(case, actor, objection, AuditAction.OBJECTION_FILE, publish_text=publish)
    news = news_of_objection(case, notice, objection, len(statuses))
    settle(case, facts, beside=[news])
    return objection


def write_down(
    case: Case, actor: Actor | None, objection: Objection, action: AuditAction, **more: bool
) -> None:
    """A link in the audit chain. A signature is a name: the chain says that there is one, not which
    file it is."""
    facts = {
        "number": objection.number,
        "kind": objection.kind,
        "status": objection.status,
        "signed": objection.signature_sha256 is not None,
        **more,
    }
    if objection.answer is not None:
        facts["answer_sha256"] = sha256(objection.answer.encode()).hexdigest()
    person_id = actor.person_id if actor else None
    audit.append(case.tx, case.now, person_id, action, ("objection", objection.id), facts)
