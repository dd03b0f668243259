"""Bookings and balances. Nothing here commits; the caller's transaction decides.

Triggers move `balance_fen` and `held_fen` behind the session's back: ask `available` or
`statements` for figures, not an `Account` that was loaded before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CompoundSelect, Select, and_, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain import ledger as rules
from backend.domain import period_locks
from backend.domain.errors import refuse
from backend.domain.ledger import (
    ACCOUNT_NAMES,
    NORMAL_SIDES,
    AccountKind,
    HoldState,
    Line,
    PurchaseAccounts,
)
from backend.domain.subject import Subject
from backend.store.ledger import Account, AccountYear, Entry, Hold, Posting

# Accounts of the house itself, opened when first needed.
HOUSE_NUMBERS = {
    AccountKind.HELD_PREMIUM: "HELD-PREMIUM",
    AccountKind.REFUND_SUSPENSE: "REFUND-SUSPENSE",
    AccountKind.STATUTORY_INTEREST_PAYABLE: "STATUTORY-INTEREST",
    AccountKind.OWNERS_PRINCIPAL: "OWNERS-PRINCIPAL",
    AccountKind.POOL_RECEIVABLE: "POOL-RECEIVABLE",
}


@dataclass(frozen=True)
class TrialBalance:
    """Natural balances by kind of account in fen, and debits less credits, which is zero."""

    by_kind: dict[AccountKind, int]
    total_fen: int


@dataclass(frozen=True)
class NewEntry:
    """What is to be booked on `booked_on` (Asia/Shanghai); `natural_key` names it once for all."""

    natural_key: str
    kind: str
    booked_on: date
    lines: Sequence[Line]
    subject: Subject | None = None
    memo: str = ""
    reverses_id: UUID | None = None


def open_account(
    tx: Session,
    kind: AccountKind,
    number: str,
    name: str,
    *,
    building_id: UUID | None = None,
    unit_id: UUID | None = None,
    insurer_id: UUID | None = None,
) -> UUID:
    """Open an empty account, or find the one that has this number; returns its id.

    Raises Refused `account_number_taken` when that one is of another kind or holder.
    """
    wanted = (kind.value, building_id, unit_id, insurer_id)
    by_number = select(
        Account.id, Account.kind, Account.building_id, Account.unit_id, Account.insurer_id
    ).where(Account.number == number)
    found = tx.execute(by_number).one_or_none()
    if found is None:
        opened: UUID | None = tx.scalar(
            insert(Account)
            .values(
                number=number,
                kind=kind.value,
                normal=NORMAL_SIDES[kind].value,
                name=name,
                building_id=building_id,
                unit_id=unit_id,
                insurer_id=insurer_id,
                balance_fen=0,
                held_fen=0,
            )
            .on_conflict_do_nothing(index_elements=[Account.number])
            .returning(Account.id)
        )
        if opened:
            return opened
        found = tx.execute(by_number).one()  # somebody else opened it meanwhile
    if tuple(found[1:]) != wanted:
        message = f"账户编号“{number}”已用于另一个账户，请换一个编号。"
        raise refuse("account_number_taken", message, "number", kind="conflict")
    account_id: UUID = found.id
    return account_id


def open_city_pool(tx: Session, year: int) -> UUID:
    """The account of the whole city into which the income of a year goes, opened if new (SG
    五（三）)."""
    number = f"CITY-{year}"
    tx.execute(
        insert(Account)
        .values(
            number=number,
            kind=AccountKind.POOLED_INCOME.value,
            normal=NORMAL_SIDES[AccountKind.POOLED_INCOME].value,
            name=f"{year}年度公共设施设备使用管理收益",
            year=year,
            balance_fen=0,
            held_fen=0,
        )
        .on_conflict_do_nothing(index_elements=[Account.number])
    )
    pool = select(Account.id).where(Account.number == number, Account.year == year)
    account_id = tx.scalar(pool)
    if account_id is None:
        message = f"账户编号“{number}”已用于另一个账户，请报告系统管理员。"
        raise refuse("account_number_taken", message, "number", kind="conflict")
    return account_id


def house_account(tx: Session, kind: AccountKind) -> UUID:
    """The one account of this kind that the house keeps (see `HOUSE_NUMBERS`), opened if new."""
    return open_account(tx, kind, HOUSE_NUMBERS[kind], ACCOUNT_NAMES[kind])


def _open(
    tx: Session, numbers: Mapping[AccountKind, str], insurers: Mapping[AccountKind, UUID]
) -> Mapping[str, UUID]:
    """Open empty accounts of the house, by kind; without those that somebody else was quicker
    with."""
    rows = [
        {
            "number": number,
            "kind": kind.value,
            "normal": NORMAL_SIDES[kind].value,
            "name": ACCOUNT_NAMES[kind],
            "insurer_id": insurers.get(kind),
            "balance_fen": 0,
            "held_fen": 0,
        }
        for kind, number in sorted(numbers.items(), key=lambda each: each[1])
    ]
    once = insert(Account).on_conflict_do_nothing(index_elements=[Account.number])
    opened = tx.execute(once.values(rows).returning(Account.kind, Account.id))
    return dict(opened.all())


def payable_number(insurer_id: UUID) -> str:
    """The number of the account of what is owed to this insurer."""
    return f"PAYABLE-{insurer_id}"


def purchase_accounts(tx: Session, insurer_id: UUID) -> PurchaseAccounts:
    """The accounts a purchase's premium passes; those of the house are opened if new."""
    payable = AccountKind.INSURER_PAYABLE
    wanted = {
        AccountKind.HELD_PREMIUM: HOUSE_NUMBERS[AccountKind.HELD_PREMIUM],
        AccountKind.REFUND_SUSPENSE: HOUSE_NUMBERS[AccountKind.REFUND_SUSPENSE],
        payable: payable_number(insurer_id),
    }
    numbers = tuple_(Account.kind, Account.number).in_(list(wanted.items()))
    known = select(Account.kind, Account.id).where(numbers)
    opened: dict[str, UUID] = dict(tx.execute(known).all())
    if missing := {kind: number for kind, number in wanted.items() if kind not in opened}:
        opened |= _open(tx, missing, {payable: insurer_id})
    if len(opened) < len(wanted):  # somebody else opened one meanwhile
        opened = dict(tx.execute(known).all())
    return PurchaseAccounts(
        held_premium=opened[AccountKind.HELD_PREMIUM],
        insurer_payable=opened[payable],
        refund_suspense=opened[AccountKind.REFUND_SUSPENSE],
    )


def post(tx: Session, new: NewEntry, at: datetime) -> Entry:
    """Book an entry at the business time `at`; the same `natural_key` again returns the first one
    and books nothing.

    Raises Refused: `entry_unbalanced`; `entry_differs` when the first one says something else;
    `period_locked` for a day that the books are locked up to; `balance_insufficient` when an
    account would fall below what is held of it. After the last two the transaction can only be
    rolled back.
    """
    rules.check_balanced(new.lines)
    entry = _enter(tx, new, len(new.lines), at)
    if entry is None:
        return _booked_before(tx, new)
    _insert_lines(tx, {entry.id: new.lines})
    return entry


def post_set(tx: Session, head: NewEntry, lines: CompoundSelect[UUID, int], at: datetime) -> Entry:
    """Book as many lines as a query has (account, fen) in one statement; `head.lines` is not looked
    at, and what it books was never booked. Raises Refused like `post`."""
    account_id, fen = lines.subquery("lines").columns
    count, total = tx.execute(select(func.count(), func.coalesce(func.sum(fen), 0))).one()
    if count < 2 or total:
        raise rules.unbalanced()
    entry = _enter(tx, head, count, at)
    assert entry is not None, f"{head.natural_key} was booked before"
    # Ids made by the database: a million of them are not worth a way through this process.
    rows = select(func.gen_random_uuid(), literal(entry.id), account_id, fen)
    columns = [Posting.id, Posting.entry_id, Posting.account_id, Posting.amount_fen]
    _booked(tx, insert(Posting).from_select(columns, rows))
    return entry


def replace(tx: Session, entry_id: UUID, new: NewEntry, at: datetime) -> Entry:
    """Book `new` in the place of an entry, which is reversed (红字冲销): both at once, so that no
    account falls below nothing in between. Raises Refused like `post`."""
    rules.check_balanced(new.lines)
    back = _other_way(tx, entry_id, new.booked_on, new.memo)
    entered = [(_enter(tx, each, len(each.lines), at), each.lines) for each in (new, back)]
    lines = {entry.id: lines for entry, lines in entered if entry is not None}
    assert len(lines) == len(entered), "an entry is replaced once"
    _insert_lines(tx, lines)
    return tx.get_one(Entry, next(iter(lines)))


def _enter(tx: Session, new: NewEntry, lines: int, at: datetime) -> Entry | None:
    """The head of an entry of so many lines; None when its key was booked before. A guard of the
    database refuses what is of a locked day, whoever books it."""
    head = (
        insert(Entry)
        .values(
            natural_key=new.natural_key,
            kind=new.kind,
            booked_on=new.booked_on,
            subject=new.subject,
            reverses_id=new.reverses_id,
            memo=new.memo,
            lines=lines,
            created_at=at,
        )
        .on_conflict_do_nothing()  # of its key, or of what it reverses: at once, either is first
        .returning(Entry)
    )
    try:
        entry: Entry | None = tx.scalar(head)
    except IntegrityError as error:
        if broken_rule(error) != "entry_period_open":
            raise
        raise period_locks.locked(new.booked_on) from error
    return entry


def _insert_lines(tx: Session, lines: Mapping[UUID, Sequence[Line]]) -> None:
    """One statement for all lines of these entries: the triggers see only their whole effect."""
    values = [
        {"entry_id": entry_id, "account_id": line.account, "amount_fen": line.amount_fen}
        for entry_id, of_entry in lines.items()
        for line in of_entry
    ]
    _booked(tx, insert(Posting).values(values))


def _booked(tx: Session, postings: Insert) -> None:
    try:
        tx.execute(postings)
    except IntegrityError as error:
        if broken_rule(error) != "ck_account_available":
            raise
        message = "账户余额扣除冻结款后不足，不能入账，请核对金额。"
        raise refuse("balance_insufficient", message, "amount_fen", kind="conflict") from error


def reverse(tx: Session, entry_id: UUID, booked_on: date, memo: str, at: datetime) -> Entry:
    """Book an entry the other way round, once (红字冲销). Raises Refused like `post`."""
    return post(tx, _other_way(tx, entry_id, booked_on, memo), at)


def _other_way(tx: Session, entry_id: UUID, booked_on: date, memo: str) -> NewEntry:
    return NewEntry(
        f"reversal:{entry_id}",
        "reversal",
        booked_on,
        rules.reversal(_lines(tx, entry_id)),
        tx.get_one(Entry, entry_id).subject,
        memo,
        entry_id,
    )


def available(tx: Session, account_id: UUID) -> int:
    """Balance less holds in fen, as of now."""
    query = select(Account.balance_fen - Account.held_fen).where(Account.id == account_id)
    return tx.execute(query).scalar_one()


def trial_balance(tx: Session) -> TrialBalance:
    """All balances by kind, and their total, which is zero in a sound ledger."""
    rows = tx.execute(select(Account.kind, func.sum(Account.balance_fen)).group_by(Account.kind))
    by_kind = {AccountKind(kind): int(fen) for kind, fen in rows}
    return TrialBalance(by_kind, rules.trial_balance(by_kind.items()))


def drifted(tx: Session) -> list[str]:
    """Numbers of accounts whose figures are not what postings and holds add up to; none, ever."""
    rows = tx.execute(
        select(Account.id, Account.kind, Account.number, Account.balance_fen, Account.held_fen)
    ).all()
    kinds = {row.id: AccountKind(row.kind) for row in rows}
    postings = tx.execute(
        select(Posting.account_id, Posting.amount_fen), execution_options={"yield_per": 5000}
    )
    pending = tx.execute(
        select(Hold.account_id, Hold.amount_fen).where(Hold.state == HoldState.PENDING)
    )
    replayed = rules.replay(
        kinds, (Line(*row) for row in postings), (Line(*row) for row in pending)
    )
    off = {
        row.number
        for row in rows
        if replayed[row.id] != rules.Figures(row.balance_fen, row.held_fen)
    }
    return sorted(off | set(tx.scalars(_years_off())))


def _years_off() -> Select[str]:
    """Numbers of accounts of which a year is not what was booked in it."""
    booked = (
        select(
            Posting.account_id,
            cast(func.extract("year", Posting.booked_on), BigInteger).label("year"),
            func.sum(Posting.amount_fen).label("fen"),
        )
        .group_by("account_id", "year")
        .subquery()
    )
    years = AccountYear.__table__
    same = and_(years.c.account_id == booked.c.account_id, years.c.year == booked.c.year)
    both = years.outerjoin(booked, same, full=True)
    return (
        select(Account.number)
        .join_from(
            both, Account, Account.id == func.coalesce(years.c.account_id, booked.c.account_id)
        )
        .where(years.c.moved_fen.is_distinct_from(booked.c.fen))
    )


def _lines(tx: Session, entry_id: UUID) -> list[Line]:
    rows = tx.execute(
        select(Posting.account_id, Posting.amount_fen).where(Posting.entry_id == entry_id)
    )
    return [Line(*row) for row in rows]


def _booked_before(tx: Session, new: NewEntry) -> Entry:
    entry = tx.scalars(select(Entry).where(Entry.natural_key == new.natural_key)).one()

    def sums(some: Iterable[Line]) -> list[tuple[UUID, int]]:
        return sorted((line.account, line.amount_fen) for line in some)

    same = (entry.kind, entry.booked_on, entry.subject) == (new.kind, new.booked_on, new.subject)
    if not same or sums(_lines(tx, entry.id)) != sums(new.lines):
        message = f"“{new.natural_key}”已经入账，但内容不同；请核对，如需更正请先冲销。"
        raise refuse("entry_differs", message, kind="conflict")
    return entry


def broken_rule(error: IntegrityError) -> str | None:
    """The name of the constraint or trigger that refused."""
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
