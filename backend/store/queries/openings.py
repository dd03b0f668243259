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
from backend.store.queries.places import among, looked_up

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


def page_of_openings(tx: Session, after: UUID | None, page_size: int) -> Sequence[Opening]:
    """`page_size` of them after the id `after`, in the order in which they came."""
    page = select(Entry.id, Entry.booked_on, _current().label("current")).where(first_openings())
    if after is not None:
        page = page.where(Entry.id > after)
    found = looked_up("page", page.order_by(Entry.id).limit(page_size))
    lines = looked_up(
        "lines",
        select(Posting.entry_id, Posting.account_id, Posting.amount_fen),
        among(Posting.entry_id, select(found.c.current)),
    )
    accounts = looked_up(
        "accounts",
        select(Account.id, Account.kind),
        among(Account.id, select(lines.c.account_id).distinct()),
    )
    rows = tx.execute(
        select(
            found.c.id,
            found.c.booked_on,
            accounts.c.kind,
            func.sum(lines.c.amount_fen),
            func.array_agg(accounts.c.id).filter(accounts.c.kind == AccountKind.BANK),
        )
        .join(lines, lines.c.entry_id == found.c.current)
        .join(accounts, accounts.c.id == lines.c.account_id)
        .group_by(found.c.id, found.c.booked_on, accounts.c.kind)
        .order_by(found.c.id)
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
