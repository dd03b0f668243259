"""What becomes of an estate's cases when its roster changes."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.routes.catalogue import closed_states
from backend.services.base.context import Context
from backend.services.case.case import open_for_the_house
from backend.services.case.steps import settle
from backend.store.purchases import Purchase


def settle_cases_of(tx: Session, ctx: Context, estate_id: UUID) -> int:
    """Take the steps of the house that open cases of this estate owe to its roster of now, such as
    an approval by all who are left on the committee; how many. Does not commit."""
    cases = tx.scalars(
        select(Purchase.id)
        .where(Purchase.estate_id == estate_id, Purchase.state.not_in(closed_states()))
        .order_by(Purchase.id)
    ).all()
    return sum(settle(open_for_the_house(tx, ctx, case_id)) for case_id in cases)
