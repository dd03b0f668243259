"""物业变更: another property company manages an estate, or none.

A company that was merged, or got another name, goes on: what it had its successor has (民法典 67),
its people's rights and its mandates too. Another company begins anew: the rights of the former
one's people end, and the committee decides whom it mandates (JS annex 一.1).
"""

from dataclasses import dataclass
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
from backend.services.case.handover import tell_without_company
from backend.services.people import grants
from backend.store.registry import Committee, Estate, Mandate, PropertyCompany

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class NextCompany:
    """Who manages from now on; `takes_over` when it is the former one's successor by law."""

    name: str
    takes_over: bool


def change_company(
    ctx: Context, actor: Actor, estate_id: UUID, following: NextCompany | None, reason: str
) -> None:
    """Another company manages the estate from now on; None: it left, and there is none.

    The company that manages it already changes nothing. Raises Refused: not_found, role_required,
    text_required, text_too_long, name_invalid, not_managed.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        estate = tx.get(Estate, estate_id, with_for_update=True)
        if estate is None:
            raise nothing_there("小区")
        reason = required(reason, REASON_LIMIT, "reason", "变更的原因")
        now_there = estate.property_company_id
        before = tx.get(PropertyCompany, now_there) if now_there else None
        after = _called(tx, following.name) if following else None
        if before is after:
            return
        takes_over = following is not None and following.takes_over
        if takes_over and before is None:
            message = "该小区没有登记物业公司，没有可以承继的，请不要勾选承继。"
            raise refuse("not_managed", message, "takes_over", kind="conflict")
        estate.property_company_id = after.id if after else None
        facts = {
            "before": before.name if before else None,
            "after": after.name if after else None,
            "takes_over": takes_over,
            "reason": reason,
        }
        now, subject = ctx.clock(), ("estate", estate_id)
        audit.append(tx, now, actor.person_id, AuditAction.ESTATE_CHANGE_COMPANY, subject, facts)
        if takes_over and before and after:
            _pass_on_mandates(tx, ctx, estate_id, before.id, after.id)
        else:
            grants.end_all(tx, ctx, actor, Role.PROPERTY_MANAGER, estate_id)
            tell_without_company(tx, ctx, estate_id, f"{estate_id}/{now.isoformat()}")
        tx.commit()


def _called(tx: Session, name: str) -> PropertyCompany:
    """The company of this name, however it is written; a new one where there is none."""
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


def _pass_on_mandates(
    tx: Session, ctx: Context, estate_id: UUID, before: UUID, after: UUID
) -> None:
    """What the committee mandated the former company with holds for the one that took it over."""
    theirs = (
        select(Mandate)
        .join(Committee, Committee.id == Mandate.committee_id)
        .where(Committee.estate_id == estate_id, Mandate.not_over(local_date(ctx.clock())))
    )
    known = {
        (mandate.committee_id, mandate.valid_from)
        for mandate in tx.scalars(theirs.where(Mandate.property_company_id == after))
    }
    for mandate in tx.scalars(theirs.where(Mandate.property_company_id == before)).all():
        if (mandate.committee_id, mandate.valid_from) not in known:
            tx.add(
                Mandate(
                    committee_id=mandate.committee_id,
                    property_company_id=after,
                    valid_from=mandate.valid_from,
                    valid_until=mandate.valid_until,
                    file_sha256=mandate.file_sha256,
                )
            )
