"""Which workbooks wait for a worker; apart from what reads workbooks, which takes memory."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from backend.clock import system_clock
from backend.domain.imports import AT_WORK
from backend.services.base.context import Context
from backend.store.imports import WorkbookImport


def due_ids(ctx: Context, batch_size: int = 20) -> Sequence[UUID]:
    """Those that nobody works on, the oldest first."""
    first = select(WorkbookImport.id).where(_free()).order_by(WorkbookImport.id)
    with ctx.sessions() as tx:
        return tx.scalars(first.limit(batch_size)).all()


def is_due(ctx: Context, row_id: UUID) -> bool:
    """Whether this is one of them."""
    with ctx.sessions() as tx:
        return bool(tx.scalar(select(exists().where(WorkbookImport.id == row_id, _free()))))


def _free() -> ColumnElement[bool]:
    leased = WorkbookImport.leased_until
    nobody = or_(leased.is_(None), leased <= system_clock())
    return and_(WorkbookImport.state.in_(AT_WORK), nobody)
