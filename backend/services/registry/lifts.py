"""A lift's life: it stands still and runs again, gets another code, is taken out for good.

Nothing of it is erased: covers, cases and the audit chain keep the lift. Cases that hold it hear of
it by their own conditions (`lifts_running`, `no_lift_retired`); pages hear of it with the commit.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.cover import LiftUse
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.normal import normal_code
from backend.domain.roles import Role
from backend.domain.texts import REASON_LIMIT, required
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.retired_lifts import tell_cases
from backend.store.registry import Building, FormerLiftCode, Lift, LiftToken, Unit

KEEPERS = (Role.CLERK, Role.ADMINISTRATOR)


def correct_code(ctx: Context, actor: Actor, lift_id: UUID, code: str, reason: str) -> None:
    """Give the lift its right registration code (注册代码); the former one stays known as its.

    What was signed and printed keeps the code that it was signed with. The same code again changes
    nothing. Raises Refused: not_found, role_required, text_required, lift_retired, lift_code_taken.
    """
    code = normal_code(code)
    with ctx.sessions() as tx:
        reason, lift = _open(tx, ctx, actor, lift_id, reason)
        if code == lift.registration_code:
            return
        former = tx.get(FormerLiftCode, code)
        other = select(Lift.id).where(Lift.registration_code == code)
        if tx.scalar(other) or (former and former.lift_id != lift_id):
            message = f"注册代码“{code}”是另一台电梯的，或曾是它的，请核对使用登记证。"
            raise refuse("lift_code_taken", message, "registration_code", kind="conflict")
        if former is None:
            _keep_former(tx, lift, ctx)
        facts = {"before": lift.registration_code, "after": code, "reason": reason}
        lift.registration_code = code
        _write(tx, ctx, actor, AuditAction.LIFT_CORRECT_CODE, lift_id, facts)
        tx.commit()


def stop(ctx: Context, actor: Actor, lift_id: UUID, since: date, reason: str) -> None:
    """The lift stands still since this day (停用). Again it only sets the day right.

    Raises Refused: not_found, role_required, text_required, lift_retired, day_in_future.
    """
    with ctx.sessions() as tx:
        reason, lift = _open(tx, ctx, actor, lift_id, reason)
        _check_day(ctx, since, "since")
        if lift.stopped_on != since:
            lift.stopped_on = since
            facts = {"since": since.isoformat(), "reason": reason}
            _write(tx, ctx, actor, AuditAction.LIFT_STOP, lift_id, facts)
        tx.commit()


def restart(ctx: Context, actor: Actor, lift_id: UUID, reason: str) -> None:
    """The lift runs again (恢复使用). Raises Refused as `stop`."""
    with ctx.sessions() as tx:
        reason, lift = _open(tx, ctx, actor, lift_id, reason)
        if lift.stopped_on is not None:
            lift.stopped_on = None
            _write(tx, ctx, actor, AuditAction.LIFT_RESTART, lift_id, {"reason": reason})
        tx.commit()


def retire(
    ctx: Context, actor: Actor, lift_id: UUID, on: date, reason: str, replaced_by: UUID | None
) -> None:
    """The lift was taken out for good (报废), perhaps for another that stands in its building.

    Its code leads nowhere from now on. Its cover, if any, stays on record until the policy is
    changed or ends; those whom its cases concern hear of it, and the cashier asks for what is left
    of a paid premium (`case.retired_lifts`). Again it changes nothing. Raises Refused: not_found,
    role_required, text_required, day_in_future, lift_unknown.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *KEEPERS)
        lift = _locked(tx, lift_id)
        reason = required(reason, REASON_LIMIT, "reason", "登记的原因")
        _check_day(ctx, on, "on")
        if lift.use is LiftUse.RETIRED:
            return
        if replaced_by is not None:
            _check_successor(tx, lift, replaced_by)
        lift.retired_on, lift.replaced_by_id = on, replaced_by
        valid = tx.scalar(select(LiftToken).where(LiftToken.lift_id == lift_id, LiftToken.valid))
        if valid:
            valid.revoked_at = ctx.clock()
        facts = {"on": on.isoformat(), "reason": reason}
        facts |= {"replaced_by": str(replaced_by)} if replaced_by else {}
        _write(tx, ctx, actor, AuditAction.LIFT_RETIRE, lift_id, facts)
        tell_cases(tx, ctx, lift_id, lift.registration_code)
        tx.commit()


def _open(tx: Session, ctx: Context, actor: Actor, lift_id: UUID, reason: str) -> tuple[str, Lift]:
    require_officer(tx, ctx, actor, *KEEPERS)
    lift = _locked(tx, lift_id)
    reason = required(reason, REASON_LIMIT, "reason", "登记的原因")
    if lift.use is LiftUse.RETIRED:
        message = "这台电梯已登记为拆除，不能再更改；登记有误的，请把实际的电梯重新导入。"
        raise refuse("lift_retired", message, kind="conflict")
    return reason, lift


def _locked(tx: Session, lift_id: UUID) -> Lift:
    # Rows that refer to the lift may still come: a step that holds its case waits for nobody here.
    lift = tx.get(Lift, lift_id, with_for_update={"key_share": True})
    if lift is None:
        raise nothing_there("电梯")
    return lift


def _check_day(ctx: Context, day: date, field: str) -> None:
    if day > local_date(ctx.clock()):
        raise refuse("day_in_future", "日期还没有到，请填写已经发生的日期。", field)


def _check_successor(tx: Session, lift: Lift, other_id: UUID) -> None:
    """The other stands in the same building and runs."""
    building = select(Unit.building_id).where(Unit.id == lift.unit_id).scalar_subquery()
    found = tx.scalar(
        select(Lift)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Lift.id == other_id, Building.id == building, Lift.id != lift.id)
    )
    if found is None or found.use is LiftUse.RETIRED:
        message = "替换它的电梯须在同一栋楼、仍在使用；请先导入新电梯，再登记拆除。"
        raise refuse("lift_unknown", message, "replaced_by")


def _keep_former(tx: Session, lift: Lift, ctx: Context) -> None:
    known = tx.get(FormerLiftCode, lift.registration_code)
    if known is None:
        now = ctx.clock()
        tx.add(FormerLiftCode(registration_code=lift.registration_code, lift_id=lift.id, until=now))


def _write(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    lift_id: UUID,
    facts: Mapping[str, str],
) -> None:
    audit.append(tx, ctx.clock(), actor.person_id, action, ("lift", lift_id), facts)
