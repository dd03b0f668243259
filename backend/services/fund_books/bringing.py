"""Brings in a file of the fund's books: every line is booked, or none and all faults are told.

A batch that came before is told so and changes nothing, so that whoever was interrupted does it
again. Nothing is held in memory but some thousand lines and the flats of a few estates.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain import fund_books as rules
from backend.domain import ledger as booking
from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.fund_books import BatchKind, Fault, Head, LineKind
from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.period_locks import is_locked, locked
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.books import households, ledger
from backend.services.books.ledger import NewEntry
from backend.services.books.locks import locked_until
from backend.services.fund_books.places import Places
from backend.services.fund_books.reading import HEAD_CELLS, FundFile, Numbered
from backend.services.workbooks.registry_import import lock_imports
from backend.store.database import be_patient
from backend.store.fund_books import FundBatch
from backend.store.ledger import Account
from backend.store.queries import fund_books as queries
from backend.store.queries.banks import is_bank
from backend.store.queries.fund_books import LineRow

MOST_FAULTS = 1000  # nobody corrects more at a time
AT_ONCE = 5000  # lines


@dataclass(frozen=True)
class Brought:
    """What became of a file: its head if that could be read, and all that is wrong. `before` when
    the same batch was booked before."""

    head: Head | None
    faults: Sequence[Fault]
    before: bool = False


@dataclass
class _Work:
    """A file on its way in."""

    tx: Session
    ctx: Context
    head: Head
    bank_id: UUID
    locked_until: date | None
    batch_id: UUID = field(default_factory=uuid7)
    count: int = 0
    in_fen: int = 0
    out_fen: int = 0
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, column: str, message: str) -> None:
        """The head says what is not so."""
        self.faults.append(Fault(HEAD_CELLS, column, message))


def bring(ctx: Context, content: BinaryIO, name: str, *, dry_run: bool = False) -> Brought:
    """Book the file of this name, or with `dry_run` only say what would be. Whoever runs the house
    brings it; no officer does.

    Raises Refused `file_unreadable`.
    """
    file = FundFile(content)
    head = file.head()
    if not isinstance(head, Head):
        return Brought(None, head)
    with ctx.sessions() as tx:
        be_patient(tx)
        lock_imports(tx)
        bank_id = tx.scalar(select(Account.id).where(Account.number == head.bank, is_bank()))
        if bank_id is None:
            message = "没有这个专户，请核对账号；还没有的，请先导入余额表"
            return Brought(head, [Fault(HEAD_CELLS, rules.BANK, message)])
        same = FundBatch.bank_id == bank_id, FundBatch.number == head.number
        earlier = tx.scalar(select(FundBatch).where(*same))
        if earlier and earlier.digest == file.sha256:
            return Brought(head, (), before=True)
        work = _Work(tx, ctx, head, bank_id, locked_until(tx))
        if earlier:
            day = local_date(earlier.brought_at)
            message = f"这个批次已在 {day} 由另一份文件入账，请核对；更正请另作一批"
            work.wrong(rules.NUMBER, message)
        if head.as_of > local_date(ctx.clock()):
            work.wrong(rules.AS_OF, "晚于今天")
        _write_lines(work, file, name)
        if not work.faults:
            _book(work)
        if file.has_changed():
            raise refuse("file_unreadable", "文件在读取时被改动，请写完以后再交来一次。", "file")
        if work.faults:
            return Brought(head, _listed(work.faults))
        if not dry_run:
            tx.commit()
        return Brought(head, ())


def _listed(faults: Sequence[Fault]) -> Sequence[Fault]:
    """By line; of very many the first, and that there may be more: nothing was read after so
    many."""
    found = sorted(faults, key=lambda fault: fault.line)[:MOST_FAULTS]
    if len(found) < MOST_FAULTS:
        return found
    message = f"问题太多，只列出前{MOST_FAULTS}处，后面可能还有。请改正后再交来一次"
    return [*found, Fault(found[-1].line, "", message)]


def legible(name: str) -> str:
    """The name of a file, which may be in the letters of an old system."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _write_lines(work: _Work, file: FundFile, name: str) -> None:
    """The batch and all its lines; from the first fault on they are only looked at."""
    head, tx = work.head, work.tx
    if not work.faults:
        tx.add(
            FundBatch(
                id=work.batch_id,
                bank_id=work.bank_id,
                number=head.number,
                kind=head.kind,
                as_of=head.as_of,
                count=head.count,
                in_fen=head.in_fen,
                out_fen=head.out_fen,
                file_name=legible(name),
                digest=file.sha256,
                brought_at=work.ctx.clock(),
            )
        )
        tx.flush()
    places = Places(tx)
    for lines in _some_at_a_time(file.lines(head)):
        _write_some(work, places, lines)
        if len(work.faults) >= MOST_FAULTS:
            return
    if all(fault.line == HEAD_CELLS for fault in work.faults):  # else they cannot be right
        for fault in rules.sums_differ(head, work.count, work.in_fen, work.out_fen):
            work.wrong(*fault)
    if head.kind is BatchKind.BALANCES and not work.faults:
        for again, first in queries.repeated_flats(tx, work.batch_id, MOST_FAULTS):
            work.faults.append(Fault(again, rules.ROOM, f"与第 {first} 行是同一户"))


def _some_at_a_time(lines: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    return iter(lambda: list(islice(lines, AT_ONCE)), [])


def _write_some(work: _Work, places: Places, lines: Sequence[Numbered]) -> None:
    rows = []
    flats = places.find_all([(each.number, each.line) for each in lines if each.line])
    for numbered in lines:
        work.count += 1
        work.faults += numbered.faults
        if not (line := numbered.line):
            continue
        if line.reference and is_locked(line.on, work.locked_until):
            message = locked(line.on).refusals[0].message
            work.faults.append(Fault(numbered.number, rules.DAY, message))
        if line.kind is LineKind.PAID_OUT:
            work.out_fen += line.fen
        else:
            work.in_fen += line.fen
        flat = flats[numbered.number]
        if isinstance(flat, Fault):
            work.faults.append(flat)
            continue
        rows.append(
            LineRow(
                batch_id=work.batch_id,
                line=numbered.number,
                bank_id=work.bank_id,
                reference=line.reference,
                household_id=flat,
                kind=line.kind.value,
                booked_on=line.on,
                amount_fen=line.fen,
                balance_fen=line.balance_fen,
            )
        )
    if work.head.kind is BatchKind.BALANCES:
        _find_openings(work, rows)
    else:
        _find_repeats(work, rows)
    if work.faults:
        return
    queries.copy_lines(work.tx, rows)


def _find_openings(work: _Work, rows: Sequence[LineRow]) -> None:
    known = queries.flats_with_account(work.tx, [row.household_id for row in rows])
    message = "这一户的期初余额已经导入过，后来的增减请用“分户明细”"
    work.faults += [
        Fault(row.line, rules.ROOM, message) for row in rows if row.household_id in known
    ]


def _find_repeats(work: _Work, rows: Sequence[LineRow]) -> None:
    """A reference comes once, in this file and in all before."""
    came = {
        reference: line if batch_id == work.batch_id else None
        for reference, (batch_id, line) in queries.known_references(
            work.tx, work.bank_id, [row.reference or "" for row in rows]
        ).items()
    }
    for row in rows:
        reference = row.reference or ""
        if reference in came:
            first = came[reference]
            message = f"与第 {first} 行是同一流水号" if first else "这个流水号已经入过账"
            work.faults.append(Fault(row.line, rules.REFERENCE, f"{message}，请核对是否重复导出"))
        came.setdefault(reference, row.line)


def _book(work: _Work) -> None:
    """The entries of a batch that is written, and what they move on its flats; where the books do
    not allow it, the head is at fault."""
    tx, head = work.tx, work.head
    households.lock_flats(tx)
    for line, as_of in queries.before_opening(tx, work.batch_id, MOST_FAULTS):
        message = f"早于这一户期初余额的日期 {as_of}，已经算在期初里"
        work.faults.append(Fault(line, rules.DAY, message))
    for off in queries.off_balance(tx, work.batch_id, MOST_FAULTS):
        if off.fen < 0:
            message = f"这一户有 {yuan(off.before_fen)}，不够本批的支取"
            work.faults.append(Fault(off.line, rules.AMOUNT, message))
        else:
            message = f"资金系统的余额是 {yuan(off.stated_fen or 0)}，这里是 {yuan(off.fen)}"
            work.faults.append(Fault(off.line, rules.BALANCE, message))
    if work.faults:
        return
    try:
        if head.kind is BatchKind.BALANCES:
            _book_balances(work)
        else:
            _book_movements(work)
    except Refused as refused:
        is_of_day = refused.refusals[0].code == "period_locked"
        work.wrong(rules.AS_OF if is_of_day else rules.BANK, refused.refusals[0].message)
        return
    facts = {
        "number": head.number,
        "digest": tx.get_one(FundBatch, work.batch_id).digest,
        "count": head.count,
        "in_fen": head.in_fen,
        "out_fen": head.out_fen,
    }
    subject = ("fund_batch", work.batch_id)
    audit.append(tx, work.ctx.clock(), None, AuditAction.FUND_BOOKS_BRING, subject, facts)


def _book_balances(work: _Work) -> None:
    tx, head, now = work.tx, work.head, work.ctx.clock()
    if head.in_fen:
        principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
        lines = booking.opening(work.bank_id, head.in_fen, {principal: head.in_fen})
        key = f"fund_books:{work.batch_id}"
        ledger.post(tx, NewEntry(key, "fund_balances", head.as_of, lines, memo=_memo(head)), now)
    tx.execute(queries.write_openings(work.batch_id))
    households.take_over(tx, queries.buildings_of(work.batch_id), now)


def _book_movements(work: _Work) -> None:
    """An entry for what came in on a day, and one for what went out."""
    tx, now = work.tx, work.ctx.clock()
    households.take_over(tx, queries.buildings_of(work.batch_id), now)
    for on, kind, fen in queries.days_of(tx, work.batch_id):
        to_bank = fen if kind is LineKind.PAID_IN else -fen
        controls = queries.control_lines(work.batch_id, on, kind)
        lines = union_all(controls, select(literal(work.bank_id), literal(to_bank)))
        key = f"fund_books:{work.batch_id}:{on}:{kind}"
        new = NewEntry(key, "fund_movements", on, (), memo=_memo(work.head))
        entry = ledger.post_set(tx, new, lines, now)
        tx.execute(queries.write_movements(work.batch_id, on, kind, entry.id))


def _memo(head: Head) -> str:
    return f"资金系统批次{head.number}"
