"""What becomes of an estate's cases when its roster changes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.routes.catalogue import closed_states
from backend.services.base.context import Context
from backend.services.case.case import STEP_LOCK, open_for_the_house
from backend.services.case.steps import settle
from backend.store.purchases import Purchase
from backend.store.registry import Estate


def lock_cases_of(tx: Session, estate_code: str) -> Sequence[UUID]:
    """The open cases of this estate, locked, by id.

    Whoever locks cases and rows of a roster locks the cases first, as every step of a case does.
    """
    cases = (
        select(Purchase.id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Estate.code == estate_code, Purchase.state.not_in(closed_states()))
        .order_by(Purchase.id)
    )
    return tx.scalars(cases.with_for_update(**STEP_LOCK)).all()


def settle_cases(tx: Session, ctx: Context, cases: Sequence[UUID]) -> int:
    """Take the steps of the house that these locked cases owe to the roster of now, such as an
    approval by all who are left on the committee; how many. Does not commit."""
    return sum(settle(open_for_the_house(tx, ctx, case_id)) for case_id in cases)
