"""A lift was taken out for good: what that means for the cases that hold it.

Its policy is the insurer's and stays until it is changed or ends. Where it is paid, the cashier has
a limit to ask the insurer for what is left of the premium (退费, 退保), or to say why nothing comes
back; before the payment the applicant takes the lift out, or gives the case up.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.roles import Role
from backend.domain.routes.catalogue import closed_states
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.case import Case, open_for_the_house
from backend.services.case.notifications import tell_roles
from backend.store.purchases import Purchase, PurchaseLift

HEARS = (Role.APPLICANT, Role.INSURER)


def tell_cases(tx: Session, ctx: Context, lift_id: UUID, code: str) -> None:
    """Everybody concerned with an open case that holds the lift hears of it. Does not commit."""
    open_cases = (
        select(Purchase.id)
        .join(PurchaseLift, PurchaseLift.purchase_id == Purchase.id)
        .where(PurchaseLift.lift_id == lift_id, Purchase.state.not_in(closed_states()))
        .order_by(Purchase.id)
    )
    for purchase_id in tx.scalars(open_cases).all():
        _tell(open_for_the_house(tx, ctx, purchase_id), lift_id, code)


def _tell(case: Case, lift_id: UUID, code: str) -> None:
    state = f"电梯{code[-6:]}已拆除"
    once = f"retired_lift/{lift_id}/{case.purchase.id}"
    if not case.table.allows(Action.PROPOSE_REFUND, case.purchase.state):
        tell_roles(case, once, (*HEARS, Role.CLERK), state, "请移出电梯或结束本次申请")
        return
    if deadlines.running(case.tx, case.subject, "lift_return") is None:
        deadlines.start(case, "lift_return")
    tell_roles(case, once, [Role.CASHIER], state, "请向保险机构办理退费")
    tell_roles(case, once, HEARS, state, "由中心与保险机构商定退费")
