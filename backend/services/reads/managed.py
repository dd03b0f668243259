"""Estates as whoever manages them reads of them among their todos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.local_time import midnight_after
from backend.domain.wording import until
from backend.services.case.committees import mandates_until
from backend.store.queries.estates import EstateAccount, accounts_of
from backend.store.registry import Estate


@dataclass(frozen=True)
class ManagedEstate:
    """An estate that this person manages; `mandate_until` is the mandate's last day, if one runs.

    The accounts show what each can spend, before anyone applies.
    """

    estate_id: UUID
    name: str
    mandate_until: date | None
    mandate_words: str
    accounts: Sequence[EstateAccount]


def managed(tx: Session, estates: Sequence[UUID], today: date) -> Sequence[ManagedEstate]:
    """These estates by name, each with its mandate and its accounts."""
    if not estates:
        return []
    accounts, mandates = accounts_of(tx, estates), mandates_until(tx, estates, today)
    rows = tx.execute(
        select(Estate.id, Estate.name).where(Estate.id.in_(estates)).order_by(Estate.name)
    )
    return [
        ManagedEstate(
            estate_id,
            name,
            mandates.get(estate_id),
            _mandate_words(mandates.get(estate_id)),
            accounts[estate_id],
        )
        for estate_id, name in rows
    ]


def _mandate_words(ends_on: date | None) -> str:
    if ends_on:
        return f"业主委员会的委托有效至{until(midnight_after(ends_on))}。"
    return "没有有效的业主委员会委托，暂不能以物业名义申请，请联系业主委员会。"
