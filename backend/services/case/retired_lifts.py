"""A lift was taken out for good: what that means for the cases that hold it.

Its policy is the insurer's and stays until it is changed or ends. Where it is paid, the cashier has
a limit to ask the insurer for what is left of the premium (退费, 退保), or to say why nothing comes
back, also when the house hears of the lift only after the policy has ended; before the payment the
applicant takes the lift out, or gives the case up.
"""

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.cover import CoverState
from backend.domain.deadlines import DeadlineState
from backend.domain.refund import RefundOutcome
from backend.domain.roles import Role
from backend.domain.routes.catalogue import closed_states
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.case import Case, open_for_the_house
from backend.services.case.notifications import tell_roles
from backend.store.messages import DeadlineRecord
from backend.store.proposals import Refund
from backend.store.purchases import CoveragePeriod, Purchase, PurchaseLift
from backend.store.registry import Lift

HEARS = (Role.APPLICANT, Role.INSURER)


def tell_cases(tx: Session, ctx: Context, lift_id: UUID, code: str) -> None:
    """Everybody concerned with a case that holds the lift hears of it: while the case is open, and
    where it insured the lift for days after it was taken out, also when cover is over by now. Does
    not commit."""
    insured_since = exists().where(
        CoveragePeriod.purchase_id == Purchase.id,
        CoveragePeriod.lift_id == lift_id,
        CoveragePeriod.state != CoverState.RELEASED,
        func.upper(CoveragePeriod.period) > Lift.retired_on,
    )
    cases = (
        select(Purchase.id)
        .join(PurchaseLift, PurchaseLift.purchase_id == Purchase.id)
        .join(Lift, Lift.id == PurchaseLift.lift_id)
        .where(Lift.id == lift_id, Purchase.state.not_in(closed_states()) | insured_since)
        .order_by(Purchase.id)
    )
    for purchase_id in tx.scalars(cases).all():
        _tell(open_for_the_house(tx, ctx, purchase_id), lift_id, code)


def await_return(case: Case) -> None:
    """The premium is paid, perhaps once more after 退票: what is left of it for a lift that was
    taken out is waited for, unless the cashier has seen to it since. Does not commit."""
    came_to_nothing = select(Refund.id).where(
        Refund.purchase_id == case.purchase.id,
        Refund.proposed_at == DeadlineRecord.settled_at,
        Refund.outcome != RefundOutcome.CONFIRMED,
    )
    seen_to = select(DeadlineRecord.id).where(
        DeadlineRecord.subject == case.subject,
        DeadlineRecord.kind == "lift_return",
        DeadlineRecord.state == DeadlineState.MET,
        DeadlineRecord.started_on >= Lift.retired_on,
        ~came_to_nothing.exists(),
    )
    gone = (
        select(Lift.registration_code)
        .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
        .where(PurchaseLift.purchase_id == case.purchase.id, Lift.retired_on.is_not(None))
        .where(~seen_to.exists())
        .order_by(Lift.registration_code)
        .limit(1)
    )
    code = case.tx.scalar(gone)
    if code is None or deadlines.running(case.tx, case.subject, "lift_return"):
        return
    due = deadlines.start(case, "lift_return")
    once = f"retired_lift/paid/{due.id}"
    tell_roles(case, once, [Role.CASHIER], f"电梯{code[-6:]}已拆除", "请向保险机构办理退费")


def not_returned(case: Case, refund: Refund) -> None:
    """The refund that ended the wait was not confirmed: the wait runs on. Does not commit."""
    met = select(DeadlineRecord.id).where(
        DeadlineRecord.subject == case.subject,
        DeadlineRecord.kind == "lift_return",
        DeadlineRecord.state == DeadlineState.MET,
        DeadlineRecord.settled_at == refund.proposed_at,
    )
    if case.tx.scalar(met) is not None:
        deadlines.take_up(case, "lift_return")


def _tell(case: Case, lift_id: UUID, code: str) -> None:
    state = f"电梯{code[-6:]}已拆除"
    once = f"retired_lift/{lift_id}/{case.purchase.id}"
    if not case.table.allows(Action.PROPOSE_REFUND, case.purchase.state):
        if not case.is_closed:
            tell_roles(case, once, (*HEARS, Role.CLERK), state, "请移出电梯或结束本次申请")
        return
    if deadlines.running(case.tx, case.subject, "lift_return") is None:
        deadlines.start(case, "lift_return")
    tell_roles(case, once, [Role.CASHIER], state, "请向保险机构办理退费")
    tell_roles(case, once, HEARS, state, "由中心与保险机构商定退费")
