"""What the leading group decided, as officers and those who watch them see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ScalarSelect, Select, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.domain.closing import CloseState
from backend.store.income import Deposit, DepositInterest, YearClose, YearShare
from backend.store.leading_decisions import LeadingDecision
from backend.store.ledger import Account
from backend.store.people import Person

Enterer = aliased(Person)


@dataclass(frozen=True)
class DecisionView:
    """A decision, and in words what it is about; `withdrawn_because` is None while it stands."""

    id: UUID
    interest_id: UUID | None
    account_id: UUID | None
    about: str
    owed_fen: int
    decided_on: date
    body: str
    decision: str
    file_sha256: str
    entered_at: datetime
    withdrawn_because: str | None


def decision_view(tx: Session, decision_id: UUID) -> DecisionView | None:
    """This one, if there is one."""
    row = tx.execute(_all().where(LeadingDecision.id == decision_id)).one_or_none()
    return None if row is None else _view(*row)


def decision_about(tx: Session, interest_id: UUID) -> DecisionView | None:
    """The one that stands about this interest."""
    which = LeadingDecision.interest_id == interest_id, LeadingDecision.withdrawn_at.is_(None)
    row = tx.execute(_all().where(*which)).one_or_none()
    return None if row is None else _view(*row)


def count_decisions(tx: Session, most: int) -> int:
    """How many there are, counted up to `most`."""
    some = select(LeadingDecision.id).limit(most).subquery()
    return tx.execute(select(func.count()).select_from(some)).scalar_one()


def decision_rows(tx: Session, skipped: int, most: int) -> Sequence[tuple[DecisionView, Person]]:
    """The latest first, each with who entered it."""
    query = (
        _all()
        .add_columns(Enterer)
        .join(Enterer, Enterer.id == LeadingDecision.entered_by)
        .order_by(LeadingDecision.id.desc())
    )
    rows = tx.execute(query.offset(skipped).limit(most))
    return [(_view(*row[:-1]), row[-1]) for row in map(tuple, rows)]


def decided_fen() -> ScalarSelect[int]:
    """Of `Account` in a query: how much of what it owes now the last decision about it that stands
    was about. What closes paid since pays what was owed first."""
    paid = (
        select(func.coalesce(func.sum(YearShare.settled_fen), 0))
        .join(YearClose, YearClose.id == YearShare.close_id)
        .where(
            YearShare.account_id == LeadingDecision.account_id,
            YearClose.state == CloseState.POSTED,
            YearClose.posted_at > LeadingDecision.entered_at,
        )
        .correlate(LeadingDecision)
        .scalar_subquery()
    )
    return (
        select(cast(func.greatest(LeadingDecision.owed_fen - paid, 0), BigInteger))
        .where(
            LeadingDecision.account_id == Account.id,
            LeadingDecision.withdrawn_at.is_(None),
        )
        .order_by(LeadingDecision.id.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def owed_by(tx: Session, account_id: UUID) -> tuple[str, str, int, datetime | None] | None:
    """An account's number and name, what it should give back and has spent (fen), and the day of
    the first close that left it so; an account that ended owes what it owed."""
    owed = func.coalesce(func.sum(YearShare.receivable_fen - YearShare.settled_fen), 0)
    since = func.min(YearClose.posted_at).filter(YearShare.receivable_fen > 0)
    row = tx.execute(
        select(Account.number, Account.name, owed, since)
        .join(YearShare, YearShare.account_id == Account.id)
        .join(YearClose, YearClose.id == YearShare.close_id)
        .where(Account.id == account_id, YearClose.state == CloseState.POSTED)
        .group_by(Account.id)
    ).one_or_none()
    if row is None:
        return None
    number, name, fen, posted_at = row
    return number, name, int(fen), posted_at


def _all() -> Select[LeadingDecision, str, str, str, str]:
    of_interest = DepositInterest.id == LeadingDecision.interest_id
    return (
        select(
            LeadingDecision,
            Deposit.number,
            DepositInterest.bank_reference,
            Account.number,
            Account.name,
        )
        .outerjoin(DepositInterest, of_interest)
        .outerjoin(Deposit, Deposit.id == DepositInterest.deposit_id)
        .outerjoin(
            Account,
            or_(
                Account.id == LeadingDecision.account_id,
                Account.id == DepositInterest.bank_id,
            ),
        )
    )


def _view(
    one: LeadingDecision, deposit: str | None, reference: str | None, number: str, name: str
) -> DecisionView:
    about = (
        f"{name} {deposit}的结息（{reference}）低于法定利息"
        if one.interest_id
        else f"{name} {number}该退回、已经用掉的"
    )
    return DecisionView(
        one.id,
        one.interest_id,
        one.account_id,
        about,
        one.owed_fen,
        one.decided_on,
        one.body,
        one.decision,
        one.file_sha256,
        one.entered_at,
        one.withdrawn_because,
    )
