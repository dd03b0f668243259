"""Income of before these books, as officers see it, and how much of it no year has yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from backend.domain.closing import CloseState
from backend.domain.ledger import OPENINGS, AccountKind
from backend.store.income import YearClose
from backend.store.ledger import Account, Entry
from backend.store.past_income import PastIncome
from backend.store.people import Person
from backend.store.queries.income_parts import parts

Enterer, Decider = aliased(Person), aliased(Person)
Back = aliased(PastIncome)


@dataclass(frozen=True)
class PastIncomeView:
    """Income of before these books that counts for a year; `confirmed` is None while it waits,
    `undoes_id` names the one that this takes back, `undone` says that it was taken back."""

    id: UUID
    year: int
    statutory_fen: int
    value_added_fen: int
    note: str
    file_sha256: str
    undoes_id: UUID | None
    entered_at: datetime
    confirmed: bool | None
    decided_at: datetime | None
    turned_down_because: str | None
    undone: bool


def past_income_view(tx: Session, past_id: UUID) -> PastIncomeView:
    """This one, which there must be."""
    return _view(*tx.execute(_all().where(PastIncome.id == past_id)).one())


def past_income_waiting(tx: Session) -> PastIncomeView | None:
    """The one that waits for the second officer."""
    row = tx.execute(_all().where(PastIncome.decided_at.is_(None))).one_or_none()
    return None if row is None else _view(*row)


def page_of_past_income(
    tx: Session, after: UUID | None, page_size: int
) -> Sequence[PastIncomeView]:
    """`page_size` of them after the id `after`, as they were entered."""
    query = _all().order_by(PastIncome.id).limit(page_size)
    found = tx.execute(query.where(PastIncome.id > after) if after else query)
    return [_view(*row) for row in found]


def count_past_income(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(PastIncome.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def past_income_rows(
    tx: Session, skipped: int, most: int
) -> Sequence[tuple[PastIncomeView, Person, Person | None]]:
    """The latest first, each with who entered and who decided it."""
    query = (
        _all()
        .add_columns(Enterer, Decider)
        .join(Enterer, Enterer.id == PastIncome.entered_by)
        .outerjoin(Decider, Decider.id == PastIncome.decided_by)
        .order_by(PastIncome.id.desc())
    )
    rows = tx.execute(query.offset(skipped).limit(most))
    return [(_view(*row[:-2]), row[-2], row[-1]) for row in map(tuple, rows)]


def left_fen(tx: Session) -> int:
    """What is owed to the owners by statute and counts for no year yet, in fen: beside what the
    years earned and no close has shared, that of before these books."""
    last = (
        select(YearClose.year, YearClose.statutory_fen)
        .where(YearClose.state == CloseState.POSTED)
        .ext(distinct_on(YearClose.year))
        .order_by(YearClose.year, YearClose.revision.desc())
        .subquery("last")
    )
    of_years = parts().subquery("of_years")
    counted = select(func.coalesce(func.sum(of_years.c.owners_fen), 0)).scalar_subquery()
    shared = select(func.coalesce(func.sum(last.c.statutory_fen), 0)).scalar_subquery()
    owed = func.coalesce(func.sum(Account.balance_fen), 0)
    kind = Account.kind == AccountKind.STATUTORY_INTEREST_PAYABLE
    return int(tx.execute(select(owed - counted + shared).where(kind)).scalar_one())


def begun_on(tx: Session) -> date | None:
    """The day of the first opening; None where there is none yet."""
    return tx.scalar(select(func.min(Entry.booked_on)).where(Entry.kind.in_(OPENINGS)))


def past_parts_of(tx: Session, year: int, until: datetime) -> tuple[int, int]:
    """Of a year's statutory interest and of its value-added income, what was earned before these
    books and counted at a moment, in fen."""
    sign = case((PastIncome.undoes_id.is_(None), 1), else_=-1)
    statutory, value_added = tx.execute(
        select(
            func.coalesce(func.sum(sign * PastIncome.statutory_fen), 0),
            func.coalesce(func.sum(sign * PastIncome.value_added_fen), 0),
        ).where(
            PastIncome.year == year, PastIncome.confirmed.is_(True), PastIncome.decided_at <= until
        )
    ).one()
    return int(statutory), int(value_added)


def _all() -> Select[PastIncome, bool]:
    undone = select(Back.id).where(Back.undoes_id == PastIncome.id, Back.confirmed.is_(True))
    return select(PastIncome, undone.exists())


def _view(one: PastIncome, undone: bool) -> PastIncomeView:
    return PastIncomeView(
        one.id,
        one.year,
        one.statutory_fen,
        one.value_added_fen,
        one.reason,
        one.file_sha256,
        one.undoes_id,
        one.entered_at,
        one.confirmed,
        one.decided_at,
        one.turned_down_because,
        undone,
    )
