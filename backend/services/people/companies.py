"""物业变更: another property company manages an estate, or none.

Another company begins anew: the rights of the former one's people end, and with them what the
committee mandated it with; the committee decides whom it mandates next (JS annex 一.1). A company
that goes on as another one's successor needs a second officer (`successions`).
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.names import company_fault
from backend.domain.normal import normal_name
from backend.domain.roles import Role
from backend.domain.texts import PLACE_LIMIT, REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.handover import tell_without_company
from backend.services.case.news import News
from backend.services.people import grants
from backend.services.people.company_news import tell_administrators, tell_estate
from backend.store.mandates import Mandate
from backend.store.proposals import Succession
from backend.store.registry import Committee, Estate, PropertyCompany

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


def change_company(
    ctx: Context, actor: Actor, estate_id: UUID, name: str | None, reason: str
) -> None:
    """Another company manages the estate from now on; None: it left, and there is none.

    The company that manages it already changes nothing. The committee (else the owners who applied)
    and the administrators are told. Raises Refused: not_found, role_required, text_required,
    text_too_long, name_invalid, succession_open, and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        require_recent_proof(actor)
        estate = estate_to_change(tx, estate_id)
        reason = required(reason, REASON_LIMIT, "reason", "变更的原因")
        now_there = estate.property_company_id
        before = tx.get(PropertyCompany, now_there) if now_there else None
        after = company_called(tx, name) if name is not None else None
        if before is after:
            return
        check_none_open(tx, estate_id)
        estate.property_company_id = after.id if after else None
        if before:
            running_mandates(tx, estate_id, before.id, local_date(ctx.clock()), end=True)
        facts = {
            "before": before.name if before else None,
            "after": after.name if after else None,
            "takes_over": False,
            "reason": reason,
        }
        now, subject = ctx.clock(), ("estate", estate_id)
        audit.append(tx, now, actor.person_id, AuditAction.ESTATE_CHANGE_COMPANY, subject, facts)
        grants.end_all(tx, ctx, actor, Role.PROPERTY_MANAGER, estate_id)
        cause = f"{estate_id}/{now.isoformat()}/{estate.property_company_id or ''}"
        tell_without_company(tx, ctx, estate_id, cause)
        happened = "物业公司已更换" if after else "物业公司已撤出"
        news = News(cause, happened, "原委托已终止，请业委会另行决定")
        tell_estate(tx, ctx, estate, news)
        tell_administrators(tx, ctx, estate, news)
        tx.commit()


def estate_to_change(tx: Session, estate_id: UUID) -> Estate:
    """The estate, locked: one change after the other; raises Refused `not_found`."""
    estate = tx.get(Estate, estate_id, with_for_update=True)
    if estate is None:
        raise nothing_there("小区")
    return estate


def check_none_open(tx: Session, estate_id: UUID) -> None:
    """Raises Refused `succession_open` while a succession there waits for the second officer."""
    waits = select(Succession.id).where(
        Succession.estate_id == estate_id, Succession.decided_at.is_(None)
    )
    if tx.scalar(waits) is not None:
        message = "该小区有一件物业承继登记还没有确认，请先确认或退回，再办理变更。"
        raise refuse("succession_open", message, kind="conflict")


def company_called(tx: Session, name: str) -> PropertyCompany:
    """The company of this name, however it is written; a new one where there is none.

    Raises Refused: text_required, text_too_long, name_invalid.
    """
    name = required(name, PLACE_LIMIT, "name", "物业公司的全称")
    if company_fault(name):
        message = "这不是单位名称，请照营业执照填写全称。"
        raise refuse("name_invalid", message, "name")
    for known in tx.scalars(select(PropertyCompany)):
        if normal_name(known.name) == normal_name(name):
            return known
    company = PropertyCompany(name=name)
    tx.add(company)
    tx.flush()
    return company


def running_mandates(
    tx: Session, estate_id: UUID, company_id: UUID, today: date, *, end: bool = False
) -> list[Mandate]:
    """What committees of the estate mandated this company with and is not over, or begins later;
    with `end` it is over from today on, whoever manages the estate afterwards."""
    theirs = (
        select(Mandate)
        .join(Committee, Committee.id == Mandate.committee_id)
        .where(
            Committee.estate_id == estate_id,
            Mandate.property_company_id == company_id,
            Mandate.not_over(today),
        )
        .order_by(Mandate.id)
    )
    mandates = list(tx.scalars(theirs))
    if end:
        for mandate in mandates:
            mandate.ended_on = today
        tx.flush()
    return mandates
