"""One objection for the officer who handles it: how it stands and what may be done, without its
words; and the words, for a reason, which leaves a link in the audit chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.deeds import Deed, HowFar, deeds_of
from backend.domain.objection import (
    KINDS,
    STATUS_NAMES,
    ObjectionStatus,
    Publication,
    answer_in_full,
    what_next,
)
from backend.domain.purchase import officer_refusals
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.case import Case, case_of_objection, see_case
from backend.store.notices import Objection
from backend.store.queries.cases import CaseObjection, objections_of, photos_of

HANDLE = (Role.CLERK, Role.REVIEWER)


@dataclass(frozen=True)
class HandledObjection:
    """An objection without its words; `deeds` are what this officer may do with it now."""

    id: UUID
    number: str
    notice_number: str
    purchase_id: UUID
    purchase_number: str
    version: int
    place: str
    kind: str
    status: str
    next: str
    source: str
    received_at: datetime
    answer: str | None
    publication: str
    letter_due: bool
    delivered_on: date | None
    is_clerk: bool
    deeds: Sequence[Deed]


@dataclass(frozen=True)
class ReadWords:
    """The words of an objection, and the photos that came with it (SHA-256)."""

    text: str
    photos: Sequence[str]


def handled_in(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[HandledObjection]:
    """The objections of a case that this person may handle, by number; nobody else has any."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        offices = _offices(case)
        rows = objections_of(tx, purchase_id) if offices else ()
        return [_shown(case, row, offices) for row in rows]


def may_enter_paper(ctx: Context, actor: Actor, purchase_id: UUID) -> UUID | None:
    """The notice to which this person may enter an objection that came on paper, if any."""
    with ctx.sessions() as tx:
        case = see_case(tx, ctx, actor, purchase_id)
        if Role.CLERK not in _offices(case) or case.is_closed or case.live_notice is None:
            return None
        return case.live_notice.id


def read_objection(ctx: Context, actor: Actor, objection_id: UUID) -> HandledObjection:
    """One of them; raises Refused `not_found`."""
    with ctx.sessions() as tx:
        case, row = _found(tx, ctx, actor, objection_id)
        return _shown(case, row, _offices(case))


def read_words(ctx: Context, actor: Actor, objection_id: UUID, reason: str) -> ReadWords:
    """What somebody wrote, for the officer who handles it and says why; the look is in the audit
    chain.

    Raises Refused `not_found`, `text_required`, `text_too_long`.
    """
    why = required(reason, REASON_LIMIT, "reason", "查看原文的理由")
    with ctx.sessions() as tx:
        case, row = _found(tx, ctx, actor, objection_id)
        facts = {"objections": [row.number], "reason": why}
        subject, action = ("purchase", case.purchase.id), AuditAction.PURCHASE_READ_OBJECTIONS
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
        text = ctx.cipher.open(Objection.text_sealed, row.id, row.text_sealed)
        photos = photos_of(tx, [row.id]).get(row.id, ())
        tx.commit()
        return ReadWords(text, photos)


def _found(
    tx: Session, ctx: Context, actor: Actor, objection_id: UUID
) -> tuple[Case, CaseObjection]:
    case = see_case(tx, ctx, actor, case_of_objection(objection_id), "异议")
    rows = objections_of(tx, case.purchase.id) if _offices(case) else ()
    for row in rows:
        if row.id == objection_id:
            return case, row
    raise nothing_there("异议")


def _offices(case: Case) -> frozenset[Role]:
    """In which offices this person handles objections of the case."""
    held = (role for role in HANDLE if role in case.held)
    return frozenset(role for role in held if not officer_refusals(case.facts, role))


def _shown(case: Case, row: CaseObjection, offices: frozenset[Role]) -> HandledObjection:
    letter_due, delivered = row.letter_due_since is not None, row.delivered_on is not None
    status = ObjectionStatus(row.status)
    how = HowFar(
        status, row.answer is not None, letter_due, delivered, Publication(row.publication)
    )
    return HandledObjection(
        id=row.id,
        number=row.number,
        notice_number=row.notice_number,
        purchase_id=case.purchase.id,
        purchase_number=case.purchase.number,
        version=case.purchase.version,
        place=case.place,
        kind=KINDS[row.kind],
        status=STATUS_NAMES[status],
        next=what_next(status, case.profile.objection, row.answer is not None),
        source=row.source,
        received_at=row.received_at,
        answer=answer_in_full(row.answer, row.dismissal),
        publication=row.publication,
        letter_due=letter_due,
        delivered_on=row.delivered_on,
        is_clerk=Role.CLERK in offices,
        deeds=deeds_of(how, offices),
    )
