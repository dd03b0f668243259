"""Every running time limit of every case, for whoever holds an office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from backend.domain.limits import LIMIT_TITLES
from backend.domain.roles import OFFICERS
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase
from backend.store.registry import Estate


@dataclass(frozen=True)
class CaseDeadline:
    """A time limit of a case. `ends_before` is the first moment too late."""

    id: UUID
    purchase_id: UUID
    number: str
    estate: str
    kind: str
    task: str
    started_on: date
    ends_on: date
    ends_before: datetime
    provisional: bool
    state: str


def list_deadlines(
    ctx: Context, actor: Actor, state: str | None, after: UUID | None, page_size: int
) -> Sequence[CaseDeadline]:
    """Time limits of all cases in the order they began, for anyone who holds an office."""
    query = (
        select(DeadlineRecord, Purchase.number, Estate.name)
        .join(Purchase, Purchase.id == DeadlineRecord.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .order_by(DeadlineRecord.id)
        .limit(page_size)
    )
    if state is not None:
        query = query.where(DeadlineRecord.state == state)
    if after is not None:
        query = query.where(DeadlineRecord.id > after)
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *sorted(OFFICERS))
        return [
            CaseDeadline(
                id=row.id,
                purchase_id=row.purchase_id,
                number=number,
                estate=estate,
                kind=row.kind,
                task=LIMIT_TITLES[row.kind],
                started_on=row.started_on,
                ends_on=row.ends_on,
                ends_before=row.ends_before,
                provisional=row.provisional,
                state=row.state,
            )
            for row, number, estate in tx.execute(query)
        ]
