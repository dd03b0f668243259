"""Opening balances (期初) as they stand today, and corrections of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.domain.ledger import AccountKind, natural
from backend.store.ledger import Account, Entry, Posting
from backend.store.proposals import OpeningCorrection, OpeningFigure
from backend.store.queries.banks import all_banks

KINDS = (
    *(AccountKind.BANK, AccountKind.OWNERS_PRINCIPAL),
    *(AccountKind.STATUTORY_INTEREST_PAYABLE, AccountKind.POOLED_INCOME),
)


@dataclass(frozen=True)
class Opening:
    """What one workbook brought in at one bank, in fen, with its corrections: `id` stays the same
    through all of them."""

    id: UUID
    bank_id: UUID
    bank_number: str
    bank_name: str
    booked_on: date
    bank_fen: int
    principal_fen: int
    statutory_fen: int
    pools_fen: int


@dataclass(frozen=True)
class Figure:
    """One account's opening balance, before and after a correction, in fen."""

    account_id: UUID
    number: str
    name: str
    former_fen: int
    fen: int


@dataclass(frozen=True)
class CorrectionView:
    """Other figures of an opening; `entered_by` is who must leave it to somebody else."""

    id: UUID
    opening_id: UUID
    figures: Sequence[Figure]
    file_sha256: str
    reason: str
    entered_by: UUID
    entered_at: datetime
    decided_at: datetime | None
    confirmed: bool | None
    turned_down_because: str | None


def first_openings() -> ColumnElement[bool]:
    """Of `Entry` in a query: what a workbook brought in, before any correction."""
    corrected = select(OpeningCorrection.entry_id).where(OpeningCorrection.entry_id == Entry.id)
    return (Entry.kind == "opening") & ~corrected.exists()


def current(tx: Session, opening_id: UUID) -> UUID:
    """The entry that says what this opening is today: its last correction, or itself."""
    found: UUID = tx.execute(select(_current()).where(Entry.id == opening_id)).scalar_one()
    return found


def _current() -> ColumnElement[UUID]:
    """Of `Entry` in a query."""
    last = (
        select(OpeningCorrection.entry_id)
        .where(OpeningCorrection.opening_id == Entry.id, OpeningCorrection.confirmed.is_(True))
        .order_by(OpeningCorrection.decided_at.desc(), OpeningCorrection.id.desc())
        .limit(1)
    )
    return func.coalesce(last.scalar_subquery(), Entry.id)


def figures_of(tx: Session, entry_id: UUID) -> Mapping[UUID, int]:
    """What an opening says of each account, in fen; one that began with nothing is not in it."""
    rows = tx.execute(
        select(Account.id, Account.kind, Posting.amount_fen)
        .join(Posting, Posting.account_id == Account.id)
        .where(Posting.entry_id == entry_id)
    )
    return {account_id: natural(AccountKind(kind), fen) for account_id, kind, fen in rows}


def all_openings(tx: Session) -> Sequence[Opening]:
    """All of them, in the order in which they came."""
    rows = tx.execute(
        select(
            Entry.id,
            Entry.booked_on,
            Account.kind,
            func.sum(Posting.amount_fen),
            func.array_agg(Account.id).filter(Account.kind == AccountKind.BANK),
        )
        .select_from(Entry)
        .join(Posting, Posting.entry_id == _current())
        .join(Account, Account.id == Posting.account_id)
        .where(first_openings())
        .group_by(Entry.id, Account.kind)
        .order_by(Entry.id)
    )
    sums: dict[tuple[UUID, date], dict[str, int]] = defaultdict(dict)
    at: dict[UUID, UUID] = {}
    for entry_id, booked_on, kind, fen, banks in rows:
        sums[entry_id, booked_on][kind] = natural(AccountKind(kind), int(fen))
        at |= {entry_id: banks[0]} if banks else {}
    known = {bank.id: bank for bank in all_banks(tx)}
    return [
        Opening(
            entry_id,
            at[entry_id],
            known[at[entry_id]].number,
            known[at[entry_id]].name,
            booked_on,
            *(fen.get(kind, 0) for kind in KINDS),
        )
        for (entry_id, booked_on), fen in sums.items()
    ]


def view_of(tx: Session, correction_id: UUID) -> CorrectionView:
    """This one."""
    (view,) = _views(tx, OpeningCorrection.id == correction_id)
    return view


def waiting(tx: Session) -> Sequence[CorrectionView]:
    """Those that wait for the second officer, the oldest first."""
    return _views(tx, OpeningCorrection.decided_at.is_(None))


def _views(tx: Session, which: ColumnElement[bool]) -> Sequence[CorrectionView]:
    found: dict[UUID, tuple[OpeningCorrection, list[Figure]]] = {}
    rows = tx.execute(
        select(OpeningCorrection, OpeningFigure, Account.number, Account.name)
        .join(OpeningFigure, OpeningFigure.correction_id == OpeningCorrection.id)
        .join(Account, Account.id == OpeningFigure.account_id)
        .where(which)
        .order_by(OpeningCorrection.id, Account.number)
    )
    for each, figure, number, name in rows:
        _, figures = found.setdefault(each.id, (each, []))
        figures.append(Figure(figure.account_id, number, name, figure.former_fen, figure.fen))
    return [
        CorrectionView(
            each.id,
            each.opening_id,
            figures,
            each.file_sha256,
            each.reason,
            each.entered_by,
            each.entered_at,
            each.decided_at,
            each.confirmed,
            each.turned_down_because,
        )
        for each, figures in found.values()
    ]
