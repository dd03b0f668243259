"""承继: a property company that was merged, or got another name, goes on (民法典 67).

What it had its successor has: its people's rights, its cases, what the committee mandated it with.
One officer enters it with the notice of it; the committee and the administrators hear of it, and
nothing passes on until another officer confirms it.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.facts import ActorFact
from backend.domain.local_time import local_date
from backend.domain.roles import COMPANY_OFFICERS, Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.proof import require_recent_proof
from backend.services.case.conflicts_of_interest import estate_officer
from backend.services.case.news import News
from backend.services.case.recipients import holders
from backend.services.files.handed_in import check_upload
from backend.services.people.companies import (
    KEEPERS,
    check_none_open,
    company_called,
    estate_to_change,
    running_mandates,
)
from backend.services.people.company_news import tell, tell_administrators, tell_estate
from backend.store.mandates import Mandate
from backend.store.proposals import Succession
from backend.store.queries.successions import SuccessionView, view_of
from backend.store.registry import Estate, PropertyCompany


def enter(
    ctx: Context, actor: Actor, estate_id: UUID, name: str, file_sha256: str, reason: str
) -> SuccessionView:
    """The company of this name took over the one that manages the estate, says the notice.

    Raises Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    name_invalid, not_managed, succession_open, file_unknown, and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *KEEPERS)
        require_recent_proof(actor)
        estate = estate_to_change(tx, estate_id)
        fact = _without_interest(tx, ctx, actor, estate_id)
        reason = required(reason, REASON_LIMIT, "reason", "承继的缘由")
        if estate.property_company_id is None:
            message = "该小区没有登记物业公司，没有可以承继的，请登记为变更。"
            raise refuse("not_managed", message, "name", kind="conflict")
        after = company_called(tx, name)
        if after.id == estate.property_company_id:
            raise refuse("name_invalid", "这就是现在登记的物业公司，请核对名称。", "name")
        check_none_open(tx, estate_id)
        check_upload(tx, actor, file_sha256, "file_sha256")
        succession = Succession(
            estate_id=estate_id,
            former_id=estate.property_company_id,
            company_id=after.id,
            file_sha256=file_sha256,
            reason=reason,
            entered_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            entered_at=ctx.clock(),
        )
        tx.add(succession)
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.ESTATE_ENTER_SUCCESSION, succession)
        news = News(f"{succession.id}/entered", "物业承继登记待确认", "有不同意见请尽快联系中心")
        tell_estate(tx, ctx, estate, news)
        _ask_others(tx, ctx, estate, succession)
        tx.commit()
        return view_of(tx, succession.id)


def confirm(ctx: Context, actor: Actor, succession_id: UUID) -> SuccessionView:
    """Another officer confirms it: the estate, its people and the running mandates pass on.

    Raises Refused: not_found, role_required, officer_is_party, own_succession, succession_decided,
    and as `require_recent_proof`.
    """
    with ctx.sessions() as tx:
        require_recent_proof(actor)
        estate, succession, fact = _waiting(tx, ctx, actor, succession_id)
        if fact.is_own(succession.entered_by, succession.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人登记的，请由另一位工作人员确认。"
            raise refuse("own_succession", message, kind="forbidden")
        _decide(ctx, actor, succession, confirmed=True)
        estate.property_company_id = succession.company_id
        _pass_on(tx, succession, local_date(ctx.clock()))
        _write_down(tx, ctx, actor, AuditAction.ESTATE_CHANGE_COMPANY, succession)
        news = News(
            f"{succession.id}/confirmed", "物业公司已由新公司承继", "委托照旧，不同意的请联系中心"
        )
        tell_estate(tx, ctx, estate, news)
        tell_administrators(tx, ctx, estate, news)
        tx.commit()
        return view_of(tx, succession.id)


def turn_down(ctx: Context, actor: Actor, succession_id: UUID, reason: str) -> SuccessionView:
    """It is not so, or not proved: nothing changes. Whoever entered it may take it back.

    Raises Refused: not_found, role_required, officer_is_party, text_required, text_too_long,
    succession_decided.
    """
    with ctx.sessions() as tx:
        estate, succession, _ = _waiting(tx, ctx, actor, succession_id)
        succession.turned_down_because = required(reason, REASON_LIMIT, "reason", "退回的原因")
        _decide(ctx, actor, succession, confirmed=False)
        _write_down(tx, ctx, actor, AuditAction.ESTATE_TURN_DOWN_SUCCESSION, succession)
        news = News(
            f"{succession.id}/turned_down", "物业承继登记已退回", "物业公司和委托照旧，无需办理"
        )
        tell_estate(tx, ctx, estate, news)
        tell_administrators(tx, ctx, estate, news)
        by = [succession.entered_by] if succession.entered_by != actor.person_id else []
        tell(tx, ctx, estate, news, Role.CLERK, by)
        tx.commit()
        return view_of(tx, succession.id)


def _waiting(
    tx: Session, ctx: Context, actor: Actor, succession_id: UUID
) -> tuple[Estate, Succession, ActorFact]:
    require_officer(tx, ctx, actor, *COMPANY_OFFICERS)
    found = tx.get(Succession, succession_id)
    if found is None:
        raise nothing_there("承继登记")
    estate = estate_to_change(tx, found.estate_id)
    tx.refresh(found)
    fact = _without_interest(tx, ctx, actor, estate.id)
    if found.decided_at is not None:
        done = "确认" if found.confirmed else "退回"
        raise refuse("succession_decided", f"这件承继登记已经{done}，无需再办。", kind="conflict")
    return estate, found, fact


def _without_interest(tx: Session, ctx: Context, actor: Actor, estate_id: UUID) -> ActorFact:
    fact = estate_officer(tx, ctx, estate_id, actor.person_id)
    if fact.is_party:
        raise _interested()
    return fact


def _interested() -> Refused:
    message = "您是该小区的业主、业委会委员或物业人员，请由没有利害关系的工作人员办理。"
    return refuse("officer_is_party", message, kind="conflict")


def _decide(ctx: Context, actor: Actor, succession: Succession, *, confirmed: bool) -> None:
    succession.decided_by, succession.decided_at = actor.person_id, ctx.clock()
    succession.confirmed = confirmed


def _pass_on(tx: Session, succession: Succession, today: date) -> None:
    """What the committee mandated the former company with holds for its successor instead."""
    for mandate in running_mandates(
        tx, succession.estate_id, succession.former_id, today, end=True
    ):
        key = {
            "committee_id": mandate.committee_id,
            "property_company_id": succession.company_id,
            "valid_from": mandate.valid_from,
        }
        theirs = tx.scalar(select(Mandate).filter_by(**key)) or Mandate(**key)
        theirs.valid_until, theirs.file_sha256 = mandate.valid_until, mandate.file_sha256
        theirs.ended_on = None
        tx.add(theirs)
    tx.flush()


def _ask_others(tx: Session, ctx: Context, estate: Estate, succession: Succession) -> None:
    """Those who may confirm it, but for whose work the entry was."""
    own = {succession.entered_by, succession.in_stead_of}
    news = News(f"{succession.id}/asked", "物业承继登记待确认", "请核对材料后确认或退回")
    asked: set[UUID] = set()
    for role in COMPANY_OFFICERS:
        others = set(holders(tx, ctx, role)) - own - asked
        tell(tx, ctx, estate, news, role, others)
        asked |= others


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, succession: Succession
) -> None:
    names = (succession.former_id, succession.company_id)
    before, after = (tx.get_one(PropertyCompany, company).name for company in names)
    facts = {
        "succession_id": str(succession.id),
        "before": before,
        "after": after,
        "takes_over": True,
        "file_sha256": succession.file_sha256,
        "reason": succession.turned_down_because or succession.reason,
    }
    subject = ("estate", succession.estate_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts)
