"""核对: which line of a bank stands for which booking. Proposed by the rules, taken line by line by
an officer of the books, and taken back with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain import bank_matching as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.bank_matching import (
    OF_DEPOSITS,
    Books,
    FreeLine,
    LineFit,
    Thing,
    ThingKind,
)
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.domain.wording import plain_day
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.reconciling.bank_statements import words_of
from backend.store.bank_statements import BankMatch, BankStatement, BankStatementLine
from backend.store.cipher import Cipher
from backend.store.income import Deposit
from backend.store.ledger import Entry
from backend.store.queries.bank_statements import (
    COUNTS,
    MATCHED,
    StatementView,
    covered,
    lines_of,
    statement_view,
)
from backend.store.queries.bank_things import (
    LOOK_BACK,
    BookedThing,
    deposits_of,
    entries_of,
    orders_of,
    paid_of,
)


@dataclass(frozen=True)
class LineView:
    """A line of a statement: what it is matched with, and when the books took that back; or what
    may be said of it, and for how many days nobody knew what it is."""

    line: FreeLine
    row: int
    matched: Thing | None
    fit: LineFit | None
    days_old: int
    undone_on: date | None = None

    @property
    def words(self) -> str:
        """What people should know of it; empty where it is in order."""
        if self.undone_on is not None:
            return f"账上这一笔已在{plain_day(self.undone_on)}撤销，请取消核对；重新登记后再核对。"
        return self.fit.words if self.fit else ""


@dataclass(frozen=True)
class StatementLines:
    """A statement with its lines, or some of them."""

    statement: StatementView
    lines: Sequence[LineView]


def read(
    ctx: Context, actor: Actor, statement_id: UUID, after: int = 0, most: int | None = None
) -> StatementLines:
    """A statement, its lines by row after this one, `most` at most, each with its match or what
    fits. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        view = statement_view(tx, statement_id)
        if view is None:
            raise nothing_there("银行流水")
        of_this = BankStatementLine.statement_id == statement_id, BankStatementLine.row > after
        found = sorted(lines_of(tx, *of_this), key=lambda each: each[0].row)[:most]
        free = free_lines(tx, ctx.cipher, view.bank_id)
        today = local_date(ctx.clock())
        fits = rules.judge(free, books_of(tx, view.bank_id, free, today))
        things = _matched(tx, view.bank_id, [known for _, known in found if known])
        lines = [
            _known(ctx.cipher, line, things[known.id])
            if known
            else LineView(
                free_line(ctx.cipher, line),
                line.row,
                None,
                fits.get(line.id),
                (today - line.day).days,
            )
            for line, known in found
        ]
        return StatementLines(view, lines)


def free_line(cipher: Cipher, line: BankStatementLine) -> FreeLine:
    """A line as the rules see it."""
    return FreeLine(line.id, line.day, line.amount_fen, line.reference, *words_of(cipher, line))


def _known(cipher: Cipher, line: BankStatementLine, found: BookedThing) -> LineView:
    return LineView(free_line(cipher, line), line.row, found.thing, None, 0, found.undone_on)


def free_lines(tx: Session, cipher: Cipher, bank_id: UUID) -> Sequence[FreeLine]:
    """All lines of a bank account that stand for nothing yet."""
    found = lines_of(tx, BankStatementLine.bank_id == bank_id, COUNTS, BankMatch.id.is_(None))
    return [free_line(cipher, line) for line, _ in found]


def free_things(
    tx: Session, bank_id: UUID, today: date, *which: ColumnElement[bool]
) -> Sequence[BookedThing]:
    """All that the books have of a bank account and no line stands for, since a little before its
    first statement; none without a statement. Of entries those that `which` picks."""
    so_far = covered(tx, bank_id)
    if so_far is None:
        return []
    since = Entry.booked_on >= so_far.from_on - LOOK_BACK
    entries = entries_of(tx, bank_id, since, BankMatch.id.is_(None), *which)
    booked = [each for each in entries if each.undone_on is None]
    return [*booked, *deposits_of(tx, bank_id, so_far.from_on, today)]


def books_of(tx: Session, bank_id: UUID, lines: Sequence[FreeLine], today: date) -> Books:
    """What these lines are judged against."""
    amounts = {-abs(line.amount_fen) for line in lines}
    return Books(
        [each.thing for each in free_things(tx, bank_id, today)],
        paid_of(tx, bank_id, amounts),
        orders_of(tx, bank_id),
    )


def match(ctx: Context, actor: Actor, line_id: UUID, kind: ThingKind, thing_id: UUID) -> LineView:
    """An officer says what a line is: an entry of its account, or a deposit's beginning or end.
    The same again changes nothing.

    Raises Refused: `role_required`, `not_found`, `line_matched` (conflict), `thing_matched`
    (conflict), `match_amount_differs`, `thing_not_free` (conflict).
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        line = _line(tx, line_id)
        known = _match_of(tx, line_id)
        if known is not None:
            if (known.kind, known.thing_id) == (kind, thing_id):
                return _view(tx, ctx, line, known)
            raise _taken()
        thing = _thing(tx, ctx, line, kind, thing_id)
        if thing.amount_fen != line.amount_fen:
            message = (
                f"金额不一致：银行{yuan(line.amount_fen)}，账上{yuan(thing.amount_fen)}，没有核对。"
            )
            raise refuse("match_amount_differs", message, "thing_id")
        made = _insert(tx, ctx, actor, line, thing)
        if made is None:
            raise _taken() if _match_of(tx, line_id) else _thing_taken()
        _write_down(tx, ctx, actor, AuditAction.LINE_MATCH, made, {})
        tx.commit()
        return _view(tx, ctx, line, made)


def unmatch(ctx: Context, actor: Actor, line_id: UUID, reason: str) -> LineView:
    """The line was said to be the wrong thing; that it was stays on record.

    Raises Refused: `role_required`, `not_found`, `line_not_matched` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "取消核对的原因")
        line = _line(tx, line_id)
        found = _match_of(tx, line_id)
        if found is None:
            message = "这一行没有核对，或已经取消核对，请刷新后查看。"
            raise refuse("line_not_matched", message, kind="conflict")
        found.undone_by, found.undone_at = actor.person_id, ctx.clock()
        found.undone_because = why
        _write_down(tx, ctx, actor, AuditAction.LINE_UNMATCH, found, {"reason": why})
        tx.commit()
        return _view(tx, ctx, line, None)


def _taken() -> Exception:
    message = "这一行流水已经核对，请刷新后查看；核对错了的，请先取消核对。"
    return refuse("line_matched", message, kind="conflict")


def _thing_taken() -> Exception:
    message = "这一笔已经与另一行流水核对，请刷新后查看。"
    return refuse("thing_matched", message, "thing_id", kind="conflict")


def _line(tx: Session, line_id: UUID) -> BankStatementLine:
    """Kept for this transaction, with its statement, so that neither goes meanwhile."""
    line = tx.get(BankStatementLine, line_id)
    if line is None:
        raise nothing_there("银行流水")
    statement = select(BankStatement.id).where(BankStatement.id == line.statement_id, COUNTS)
    if tx.scalar(statement.with_for_update()) is None:
        raise nothing_there("银行流水")
    return line


def _match_of(tx: Session, line_id: UUID) -> BankMatch | None:
    return tx.scalars(select(BankMatch).where(BankMatch.line_id == line_id, MATCHED)).first()


def _thing(
    tx: Session, ctx: Context, line: BankStatementLine, kind: ThingKind, thing_id: UUID
) -> Thing:
    today, itself = local_date(ctx.clock()), Entry.id == thing_id
    free = free_things(tx, line.bank_id, today, itself)
    found = next((each for each in free if each.thing.key == f"{kind}:{thing_id}"), None)
    if found is not None:
        return found.thing
    of_thing = BankMatch.deposit_id if kind in OF_DEPOSITS else BankMatch.entry_id
    same = of_thing == thing_id, BankMatch.kind == kind, BankMatch.bank_id == line.bank_id
    if tx.scalar(select(BankMatch.id).where(*same, MATCHED)):
        raise _thing_taken()
    message = "账上没有这一笔可以核对的记录，可能已经冲销或撤销，请刷新后查看。"
    raise refuse("thing_not_free", message, "thing_id", kind="conflict")


def _insert(
    tx: Session, ctx: Context, actor: Actor, line: BankStatementLine, thing: Thing
) -> BankMatch | None:
    of_deposit = thing.kind in OF_DEPOSITS
    made: BankMatch | None = tx.scalar(
        insert(BankMatch)
        .values(
            line_id=line.id,
            bank_id=line.bank_id,
            kind=thing.kind,
            entry_id=None if of_deposit else thing.id,
            deposit_id=thing.id if of_deposit else None,
            matched_by=actor.person_id,
            matched_at=ctx.clock(),
        )
        .on_conflict_do_nothing()
        .returning(BankMatch)
    )
    return made


def _matched(tx: Session, bank_id: UUID, matches: Sequence[BankMatch]) -> dict[UUID, BookedThing]:
    """By the match's id."""
    if not matches:
        return {}
    mine = BankMatch.id.in_([each.id for each in matches])
    by_line = {each.line_id: each for each in entries_of(tx, bank_id, mine) if each.line_id}
    found = {each.id: by_line[each.line_id] for each in matches if each.line_id in by_line}
    return found | _deposits(tx, [each for each in matches if each.deposit_id])


def _deposits(tx: Session, matches: Sequence[BankMatch]) -> dict[UUID, BookedThing]:
    of_them = Deposit.id.in_([each.deposit_id for each in matches])
    deposits = {each.id: each for each in tx.scalars(select(Deposit).where(of_them))}
    found = {}
    for each in matches:
        assert each.deposit_id is not None
        deposit = deposits[each.deposit_id]
        placed = each.kind is ThingKind.DEPOSIT_PLACED
        day = deposit.value_on if placed else deposit.matures_on
        assert day is not None
        fen = -deposit.principal_fen if placed else deposit.principal_fen
        thing = Thing(each.kind, deposit.id, fen, day, deposit.number)
        gone = deposit.withdrawn_at
        found[each.id] = BookedThing(thing, local_date(gone) if gone else None)
    return found


def _view(tx: Session, ctx: Context, line: BankStatementLine, found: BankMatch | None) -> LineView:
    if found is not None:
        return _known(ctx.cipher, line, _matched(tx, line.bank_id, [found])[found.id])
    plain_line = free_line(ctx.cipher, line)
    today = local_date(ctx.clock())
    free = free_lines(tx, ctx.cipher, line.bank_id)
    fits = rules.judge(free, books_of(tx, line.bank_id, free, today))
    return LineView(plain_line, line.row, None, fits[line.id], (today - line.day).days)


def _write_down(
    tx: Session,
    ctx: Context,
    actor: Actor,
    action: AuditAction,
    found: BankMatch,
    more: dict[str, str],
) -> None:
    facts = {"match_id": str(found.id), "kind": str(found.kind), "thing_id": str(found.thing_id)}
    subject = ("bank_line", found.line_id)
    audit.append(tx, ctx.clock(), actor.person_id, action, subject, facts | more)
