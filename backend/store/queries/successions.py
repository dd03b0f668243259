"""Successions of property companies, as officers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from backend.store.proposals import Succession
from backend.store.registry import Estate, PropertyCompany


@dataclass(frozen=True)
class SuccessionView:
    """A succession as officers see it; `entered_by` is who must leave it to somebody else."""

    id: UUID
    estate_id: UUID
    estate: str
    former: str
    company: str
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: datetime
    decided_at: datetime | None
    confirmed: bool | None
    turned_down_because: str | None


def view_of(tx: Session, succession_id: UUID) -> SuccessionView:
    """This one."""
    (view,) = _views(tx, Succession.id == succession_id)
    return view


def waiting(tx: Session) -> Sequence[SuccessionView]:
    """Those that wait for the second officer, the oldest first."""
    return _views(tx, Succession.decided_at.is_(None))


def _views(tx: Session, which: ColumnElement[bool]) -> Sequence[SuccessionView]:
    former, company = aliased(PropertyCompany), aliased(PropertyCompany)
    rows = tx.execute(
        select(Succession, Estate.name, former.name, company.name)
        .join(Estate, Estate.id == Succession.estate_id)
        .join(former, former.id == Succession.former_id)
        .join(company, company.id == Succession.company_id)
        .where(which)
        .order_by(Succession.id)
    )
    return [
        SuccessionView(
            each.id,
            each.estate_id,
            estate,
            before,
            after,
            each.file_sha256,
            each.reason,
            each.entered_by,
            each.entered_at,
            each.decided_at,
            each.confirmed,
            each.turned_down_because,
        )
        for each, estate, before, after in rows
    ]
