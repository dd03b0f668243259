"""What an estate's public account is made of: its pooled accounts, policies and notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Integer, case, cast, extract, func, select, union_all
from sqlalchemy.orm import Session, aliased

from backend.domain.cover import CoverState
from backend.domain.effects import Booking
from backend.domain.ledger import AccountKind
from backend.domain.public_notice import FOR_EVERYONE
from backend.domain.states import CLOSED
from backend.store.ledger import Account, AccountYear, Entry, Posting
from backend.store.notices import PublicNotice
from backend.store.purchases import Contract, CoveragePeriod, Plan, Purchase
from backend.store.queries.area import account_is_the_citys
from backend.store.registry import Building, Estate, Insurer, Lift, LiftToken, Unit

MOST_ROWS = 20  # policies and notices, the latest


@dataclass(frozen=True)
class EstateBehindCode:
    """The estate of a lift that has a printed code."""

    estate_id: UUID
    lift_id: UUID
    name: str
    address: str


@dataclass(frozen=True)
class PoolRow:
    """A pooled account: `held_fen` of its balance is kept for cases that are under way."""

    account_id: UUID
    number: str
    name: str
    balance_fen: int
    held_fen: int


@dataclass(frozen=True)
class PolicyRow:
    """A policy of the estate: how many lifts it covers, and what the contract asks for it (fen)."""

    purchase_id: UUID
    number: str
    insurer: str
    starts_on: date
    ends_before: date
    lifts: int
    premium_fen: int | None

    @property
    def last_day(self) -> date:
        """The last day that is covered."""
        return self.ends_before - timedelta(days=1)


@dataclass(frozen=True)
class HungNotice:
    """A notice of the estate that hangs or has hung, which therefore has its days."""

    notice_id: UUID
    number: str
    starts_on: date | None
    ends_on: date | None


def estate_behind_code(tx: Session, token: str) -> EstateBehindCode | None:
    """The estate of the lift whose valid QR code carries this token."""
    row = tx.execute(
        select(Estate.id, Lift.id, Estate.name, Estate.address)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .join(Lift, Lift.unit_id == Unit.id)
        .join(LiftToken, LiftToken.lift_id == Lift.id)
        .where(LiftToken.token == token, LiftToken.valid)
    ).one_or_none()
    return EstateBehindCode(*row) if row else None


def pools_of_estate(tx: Session, estate_id: UUID) -> Sequence[PoolRow]:
    """Its pooled accounts by number, and that of the whole city where there is one."""
    # Asked as one question with OR, every account of the city is looked at.
    of_place = select(Account.id).join(Building).where(Building.estate_id == estate_id)
    theirs = union_all(of_place, select(Account.id).where(account_is_the_citys()))
    rows = tx.execute(
        select(Account.id, Account.number, Account.name, Account.balance_fen, Account.held_fen)
        .where(Account.kind == AccountKind.POOLED_INCOME, Account.id.in_(theirs))
        .order_by(Account.number)
    )
    return [PoolRow(*row) for row in rows]


def had_before(tx: Session, accounts: Sequence[UUID], year: int) -> dict[UUID, int]:
    """What each account had when this year began, in fen; one that had nothing may be missing."""
    had = cast(-func.sum(AccountYear.moved_fen), BigInteger)
    rows = tx.execute(
        select(AccountYear.account_id, had)
        .where(AccountYear.account_id.in_(accounts), AccountYear.year < year)
        .group_by(AccountYear.account_id)
    )
    return dict(rows.all())


def moved_since(
    tx: Session, accounts: Sequence[UUID], first: date
) -> Sequence[tuple[UUID, int, str, int]]:
    """What moved these accounts from this day on: account, year, kind of entry, fen, more than
    nothing when the balance grew. A reversal is of the kind of what it reverses, unless that was a
    premium: what came back of these is told apart."""
    year = cast(extract("year", Posting.booked_on), Integer)
    reversed_ = aliased(Entry)
    kind = case(
        (reversed_.kind == Booking.PREMIUM_DUE, Entry.kind),
        else_=func.coalesce(reversed_.kind, Entry.kind),
    ).label("kind")
    moved = (
        select(Posting.account_id, year.label("year"), kind, Posting.amount_fen)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(reversed_, reversed_.id == Entry.reverses_id)
        .where(Posting.account_id.in_(accounts), Posting.booked_on >= first)
        .subquery()
    )
    fen = cast(-func.sum(moved.c.amount_fen), BigInteger)
    by = moved.c.account_id, moved.c.year, moved.c.kind
    rows = tx.execute(select(*by, fen).group_by(*by))
    return [(account, of_year, kind, moved) for account, of_year, kind, moved in rows]


def policies_of_estate(tx: Session, estate_id: UUID) -> Sequence[PolicyRow]:
    """Its policies, the latest first."""
    period = CoveragePeriod.period
    starts_on = func.min(func.lower(period)).label("starts_on")
    premium_fen = func.coalesce(Contract.premium_fen, Plan.premium_fen)
    rows = tx.execute(
        select(
            Purchase.id,
            CoveragePeriod.policy_number,
            Insurer.name,
            starts_on,
            func.max(func.upper(period)),
            func.count(CoveragePeriod.lift_id.distinct()),
            premium_fen,
        )
        .join(CoveragePeriod, CoveragePeriod.purchase_id == Purchase.id)
        .join(Insurer, Insurer.id == CoveragePeriod.insurer_id)
        .outerjoin(Plan, Plan.id == Purchase.plan_id)
        .outerjoin(Contract, Contract.id == Purchase.contract_id)
        .where(
            Purchase.estate_id == estate_id,
            CoveragePeriod.state != CoverState.RELEASED,
            CoveragePeriod.policy_number.is_not(None),
        )
        .group_by(Purchase.id, CoveragePeriod.policy_number, Insurer.name, premium_fen)
        .order_by(starts_on.desc(), CoveragePeriod.policy_number)
        .limit(MOST_ROWS)
    )
    return [PolicyRow(*row) for row in rows]


def cases_under_way(tx: Session, estate_id: UUID) -> Sequence[UUID]:
    """The estate's cases that may yet bring a notice or a policy."""
    open_ = Purchase.state.not_in(CLOSED)
    return tx.scalars(select(Purchase.id).where(Purchase.estate_id == estate_id, open_)).all()


def hung_in_estate(tx: Session, estate_id: UUID) -> Sequence[HungNotice]:
    """The notices that hang or have hung there, the latest first."""
    rows = tx.execute(
        select(PublicNotice.id, PublicNotice.number, PublicNotice.starts_on, PublicNotice.ends_on)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .where(Purchase.estate_id == estate_id, PublicNotice.state.in_(FOR_EVERYONE))
        .order_by(PublicNotice.id.desc())
        .limit(MOST_ROWS)
    )
    return [HungNotice(*row) for row in rows]
