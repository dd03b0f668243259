"""余额调节表: a bank account at the end of a day, by the bank and by the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import Session

from backend.domain.bank_matching import FreeLine, Thing
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.reconciling import Pair, PairSide, Reconciliation, reconcile
from backend.domain.roles import BOOK_READERS
from backend.domain.wording import plain_day
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks
from backend.services.books.statements import balance_before
from backend.services.reconciling.matching import free_line
from backend.store.bank_statements import BankMatch, BankStatementLine
from backend.store.ledger import Entry
from backend.store.queries.bank_statements import COUNTS, bank_balance, covered, lines_of
from backend.store.queries.bank_things import (
    CONFIRMED,
    UNDOABLE,
    BookedThing,
    apart,
    deposits_of,
    entries_of,
)


@dataclass(frozen=True)
class OpenLine:
    """A line of the bank that the books lack, and how many days old it is."""

    line: FreeLine
    days_old: int


@dataclass(frozen=True)
class OpenThing:
    """What the books have and the bank lacks, and how many days old it is."""

    thing: Thing
    days_old: int


@dataclass(frozen=True)
class Balance:
    """The account at the end of a day, with what makes the difference, the oldest first. `from_on`
    and `until_on` are the days that its statements cover."""

    bank_id: UUID
    from_on: date
    until_on: date
    figures: Reconciliation
    only_bank: Sequence[OpenLine]
    only_ledger: Sequence[OpenThing]


def balance(ctx: Context, actor: Actor, bank_id: UUID, on: date | None) -> Balance:
    """The account at the end of the day `on` (None: the last that a statement covers).

    Raises Refused: `role_required`, `bank_unknown`, `statement_missing`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        banks.check_bank(tx, bank_id)
        so_far = covered(tx, bank_id)
        if so_far is None:
            message = "这个专户还没有导入银行流水，不能编制余额调节表。"
            raise refuse("statement_missing", message, "on")
        day = on or so_far.until_on
        bank_fen = bank_balance(tx, bank_id, day)
        if bank_fen is None:
            message = f"银行流水从{plain_day(so_far.from_on)}到{plain_day(so_far.until_on)}，"
            raise refuse("statement_missing", f"{message}请选择其中的一天。", "on")
        entries = _entries(tx, bank_id, so_far.from_on, day)
        mine = BankStatementLine.bank_id == bank_id, BankStatementLine.day <= day, COUNTS
        free = lines_of(tx, *mine, BankMatch.id.is_(None))
        pairs = [Pair(each.line, each.booked) for each in entries]
        pairs += [Pair(PairSide(line.day, line.amount_fen), None) for line, _ in free]
        ledger_fen = balance_before(tx, bank_id, day + timedelta(days=1))
        deposits_fen = apart(tx, bank_id, so_far.from_on, day)
        return Balance(
            bank_id,
            so_far.from_on,
            so_far.until_on,
            reconcile(day, ledger_fen, bank_fen, deposits_fen, pairs),
            _only_bank(tx, ctx, day, [line for line, _ in free], entries),
            _only_ledger(tx, ctx, bank_id, (so_far.from_on, day), entries),
        )


def _entries(tx: Session, bank_id: UUID, first: date, on: date) -> Sequence[BookedThing]:
    """Those of which the two sides may differ at the end of the day. What was booked before the
    first statement stands in its opening, if no line says more."""
    differ = or_(
        BankMatch.id.is_(None),
        BankStatementLine.day > on,
        Entry.booked_on > on,
        Entry.kind.in_((CONFIRMED, *UNDOABLE)),
    )
    since = or_(Entry.booked_on >= first, BankMatch.id.is_not(None))
    # A reversal without a line is the end of what it reverses.
    alone = or_(Entry.reverses_id.is_(None), BankMatch.id.is_not(None))
    return list(entries_of(tx, bank_id, differ, since, alone))


def _only_bank(
    tx: Session,
    ctx: Context,
    on: date,
    free: Sequence[BankStatementLine],
    entries: Sequence[BookedThing],
) -> Sequence[OpenLine]:
    early = [
        each.line_id
        for each in entries
        if each.line and each.line.counts(on) and not each.booked.counts(on)
    ]
    others = lines_of(tx, BankStatementLine.id.in_(early)) if early else []
    today = local_date(ctx.clock())
    lines = [*free, *(line for line, _ in others)]
    return [
        OpenLine(free_line(ctx.cipher, line), (today - line.day).days)
        for line in sorted(lines, key=lambda each: (each.day, each.row))
    ]


def _only_ledger(
    tx: Session,
    ctx: Context,
    bank_id: UUID,
    days: tuple[date, date],
    entries: Sequence[BookedThing],
) -> Sequence[OpenThing]:
    first, on = days
    waiting = [
        each.thing
        for each in entries
        if each.booked.counts(on) and not (each.line and each.line.counts(on))
    ]
    waiting += [each.thing for each in deposits_of(tx, bank_id, first, on)]
    today = local_date(ctx.clock())
    return [
        OpenThing(thing, (today - thing.day).days)
        for thing in sorted(waiting, key=lambda each: (each.day, each.key))
    ]
