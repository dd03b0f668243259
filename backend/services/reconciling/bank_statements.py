"""银行流水: statements of the fund's bank accounts, taken whole by an officer of the books; nothing
is booked by them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain import bank_statement as rules
from backend.domain import texts
from backend.domain.audit_actions import AuditAction
from backend.domain.bank_statement import (
    ReadLines,
    StatedLine,
    Statement,
    StatementFault,
    Surroundings,
)
from backend.domain.errors import refuse
from backend.domain.local_time import local_date
from backend.domain.retention import GONE
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import banks
from backend.store.bank_statements import BankMatch, BankStatement, BankStatementLine
from backend.store.cipher import Cipher
from backend.store.ledger import Account
from backend.store.queries.bank_statements import (
    COUNTS,
    MATCHED,
    StatementView,
    covered,
    known_references,
    opened_on,
    page_of_statements,
    statement_view,
)

NAME_LIMIT = 80
AT_ONCE = 1000  # a statement of the database has 65,535 values at most


@dataclass(frozen=True)
class Heading:
    """What stands above the lines: which account, the first and the last day, in fen what it had
    before and after, and what the file is called."""

    bank_id: UUID
    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    name: str = ""


@dataclass(frozen=True)
class Checked:
    """What an import would bring: its lines, in fen what came in and went out, and every fault."""

    lines: int
    received_fen: int
    paid_fen: int
    faults: Sequence[StatementFault]


def list_statements(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[StatementView]:
    """`page_size` of them, the latest first, below the id `after`.

    Raises Refused `role_required`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_statements(tx, after, page_size)


def check(ctx: Context, actor: Actor, heading: Heading, read: ReadLines) -> Checked:
    """A dry run of `take`: every fault at its row, nothing is written.

    Raises Refused `role_required`, `bank_unknown`.
    """
    stated, faults = read.lines, read.faults
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        banks.check_bank(tx, heading.bank_id)
        statement = _statement(heading, stated)
        if not _same(tx, heading, statement):
            faults = [*faults, *_faults(tx, ctx, heading, statement, whole=not faults)]
    return Checked(
        len(stated),
        sum(line.amount_fen for line in stated if line.amount_fen > 0),
        -sum(line.amount_fen for line in stated if line.amount_fen < 0),
        faults,
    )


def take(ctx: Context, actor: Actor, heading: Heading, read: ReadLines) -> StatementView:
    """Import a statement; the same one again is the same.

    Raises Refused as `check`, and with the code of each fault (`domain.bank_statement`).
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        banks.check_bank(tx, heading.bank_id)
        rules.check(read.faults)
        statement = _statement(heading, read.lines)
        _lock(tx, heading.bank_id)
        known = _same(tx, heading, statement)
        if known is None:
            rules.check(_faults(tx, ctx, heading, statement, whole=True))
            known = _write(tx, ctx, actor, heading, statement)
            tx.commit()
        return _view(tx, known)


def withdraw(ctx: Context, actor: Actor, statement_id: UUID, reason: str) -> StatementView:
    """The last statement of its account was a wrong one; the days may be imported anew.

    Raises Refused: `not_found`, `role_required`, `statement_withdrawn` (conflict),
    `statement_not_last` (conflict), `statement_matched` (conflict), `text_required`,
    `text_too_long`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        why = texts.required(reason, texts.REASON_LIMIT, "reason", "撤销的原因")
        statement = tx.get(BankStatement, statement_id)
        if statement is None:
            raise nothing_there("银行流水")
        _lock(tx, statement.bank_id)
        tx.refresh(statement, with_for_update=True)  # lines of it may be matched meanwhile
        _check_free(tx, statement)
        statement.withdrawn_by, statement.withdrawn_at = actor.person_id, ctx.clock()
        statement.withdrawn_because = why
        subject = ("bank_statement", statement_id)
        action = AuditAction.STATEMENT_WITHDRAW
        audit.append(tx, ctx.clock(), actor.person_id, action, subject, {"reason": why})
        tx.commit()
        return _view(tx, statement_id)


def words_of(cipher: Cipher, line: BankStatementLine) -> tuple[str, str, str]:
    """From or to whom, at which account, and for what; once that is over, that it is."""
    if line.words_sealed is None:
        return "", "", GONE
    opened = cipher.open(BankStatementLine.words_sealed, line.id, line.words_sealed)
    counterparty, account, purpose = json.loads(opened)
    return counterparty, account, purpose


def _lock(tx: Session, bank_id: UUID) -> None:
    """One statement of an account at a time."""
    tx.execute(select(Account.id).where(Account.id == bank_id).with_for_update(key_share=True))


def _statement(heading: Heading, lines: Sequence[StatedLine]) -> Statement:
    return Statement(
        heading.from_on, heading.until_on, heading.opening_fen, heading.closing_fen, lines
    )


def _same(tx: Session, heading: Heading, statement: Statement) -> UUID | None:
    """The statement that says all of this already."""
    same = BankStatement.bank_id == heading.bank_id, BankStatement.digest == _digest(statement)
    found: UUID | None = tx.scalar(select(BankStatement.id).where(*same, COUNTS))
    return found


def _faults(
    tx: Session, ctx: Context, heading: Heading, statement: Statement, *, whole: bool
) -> Sequence[StatementFault]:
    """What is wrong with it beside lines that cannot be read; where there are such, its sum says
    nothing."""
    so_far = covered(tx, heading.bank_id)
    references = [line.reference for line in statement.lines]
    around = Surroundings(
        today=local_date(ctx.clock()),
        ended_on=so_far.until_on if so_far else None,
        closing_fen=so_far.closing_fen if so_far else 0,
        opened_on=opened_on(tx, heading.bank_id),
        references=known_references(tx, heading.bank_id, references),
    )
    found = rules.faults(statement, around)
    of_sums = ("statement_sum_differs", "statement_empty")
    return [each for each in found if whole or each.code not in of_sums]


def _write(tx: Session, ctx: Context, actor: Actor, heading: Heading, statement: Statement) -> UUID:
    record = BankStatement(
        bank_id=heading.bank_id,
        from_on=statement.from_on,
        until_on=statement.until_on,
        opening_fen=statement.opening_fen,
        closing_fen=statement.closing_fen,
        lines=len(statement.lines),
        digest=_digest(statement),
        file_name=texts.file_name(heading.name, NAME_LIMIT),
        imported_by=actor.person_id,
        imported_at=ctx.clock(),
    )
    tx.add(record)
    tx.flush()
    rows = [_row(ctx.cipher, record, line) for line in statement.lines]
    for at in range(0, len(rows), AT_ONCE):
        tx.execute(insert(BankStatementLine), rows[at : at + AT_ONCE])
    facts = {
        "bank_id": str(heading.bank_id),
        "days": [str(statement.from_on), str(statement.until_on)],
        "opening_fen": statement.opening_fen,
        "closing_fen": statement.closing_fen,
        "lines": len(rows),
        "digest": record.digest,
    }
    subject = ("bank_statement", record.id)
    audit.append(tx, ctx.clock(), actor.person_id, AuditAction.STATEMENT_IMPORT, subject, facts)
    return record.id


def _row(cipher: Cipher, statement: BankStatement, line: StatedLine) -> dict[str, Any]:
    row_id = uuid7()
    words = json.dumps(
        [line.counterparty, line.counterparty_account, line.purpose], ensure_ascii=False
    )
    return {
        "id": row_id,
        "statement_id": statement.id,
        "bank_id": statement.bank_id,
        "row": line.row,
        "day": line.day,
        "amount_fen": line.amount_fen,
        "reference": line.reference,
        "words_sealed": cipher.seal(BankStatementLine.words_sealed, row_id, words),
    }


def _digest(statement: Statement) -> str:
    """Of what it says, not of how the file was packed."""
    content = json.dumps(asdict(statement), default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _check_free(tx: Session, statement: BankStatement) -> None:
    if statement.withdrawn_at is not None:
        message = "这份流水已经撤销，请刷新后核对。"
        raise refuse("statement_withdrawn", message, kind="conflict")
    last = covered(tx, statement.bank_id)
    if last is not None and last.until_on > statement.until_on:
        message = "后面还有这个专户的流水，请先从最后一份撤起。"
        raise refuse("statement_not_last", message, kind="conflict")
    of_it = select(BankStatementLine.id).where(BankStatementLine.statement_id == statement.id)
    if tx.scalar(select(BankMatch.id).where(BankMatch.line_id.in_(of_it), MATCHED).limit(1)):
        message = "这份流水里有已经核对的行，请先取消核对。"
        raise refuse("statement_matched", message, kind="conflict")


def _view(tx: Session, statement_id: UUID) -> StatementView:
    found = statement_view(tx, statement_id)
    assert found is not None
    return found
