"""For the centre: statements of the fund's bank accounts, checked and imported whole."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.domain.bank_statement import MOST_FEN, ReadLines, StatedLine
from backend.domain.normal import normal_code
from backend.http.bodies import ReasonIn
from backend.http.fields import Day
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.reconciling import bank_statements
from backend.services.reconciling.bank_statements import Heading

routes = Routes("bank_statements", "银行流水：导入")
MOST_AT_ONCE = 2000
AnyFen = Annotated[int, Field(strict=True, ge=-MOST_FEN, le=MOST_FEN)]
Words = Annotated[str, Field(max_length=200)]
TAKEN = (
    WRITTEN,
    "bank_unknown not_found role_required",
    "statement_amount_missing statement_before_opening statement_day_outside statement_empty",
    "statement_gap statement_opening_differs statement_overlaps statement_period_invalid",
    "statement_reference_missing statement_reference_repeated statement_sum_differs",
    "statement_too_long",
)


class StatementPath(BaseModel):
    """A statement of a bank account."""

    statement_id: UUID


class StatedLineIn(Input):
    """One line as the bank says it; fen received are positive, fen paid negative."""

    day: Day
    amount_fen: AnyFen
    bank_reference: Words
    counterparty: Words = ""
    counterparty_account: Words = ""
    purpose: Words = ""


class BankStatementIn(Input):
    """A statement of one bank account from its first to its last day, whole."""

    bank_id: UUID
    from_on: Day
    until_on: Day
    opening_fen: AnyFen
    closing_fen: AnyFen
    lines: Annotated[list[StatedLineIn], Field(max_length=MOST_AT_ONCE)]


class StatementFaultOut(Output):
    """One thing that is wrong with a statement; rows count from one."""

    code: str
    message: str
    row: int | None
    column: str | None


class StatementCheckOut(Output):
    """What importing it would bring."""

    lines: int
    received_fen: int
    paid_fen: int
    faults: list[StatementFaultOut]


class BankStatementOut(Output):
    """A statement that was imported."""

    id: UUID
    bank_id: UUID
    bank_number: str
    bank_name: str
    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    lines: int
    matched: int
    file_name: str
    imported_at: datetime
    withdrawn_because: str | None


@routes.get(
    "/bank-statements",
    auth="person",
    answers={200: Page[BankStatementOut], 304: None},
    refuses=("not_found role_required",),
)
def list_bank_statements(query: PageQuery) -> Response:
    """银行流水

    中心经办、复核、出纳和监督、审计可以看，最近导入的在前，包括已撤销的。
    """
    found = bank_statements.list_statements(context(), actor(), query.after(), query.page_size + 1)
    items = [BankStatementOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[BankStatementOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/bank-statement-checks",
    auth="person",
    answers={200: StatementCheckOut},
    refuses=(WRITTEN, "bank_unknown not_found role_required"),
)
def check_bank_statement(body: BankStatementIn) -> Response:
    """核对一份银行流水，不导入

    由经办、复核或出纳办理。逐行列出全部问题：余额对不上差几分、与上一份流水重叠或缺天、流水号重复、
    日期不在期间之内等。
    """
    found = bank_statements.check(context(), actor(), *_given(body))
    faults = [StatementFaultOut.model_validate(each) for each in found.faults]
    return present(
        StatementCheckOut(
            lines=found.lines,
            received_fen=found.received_fen,
            paid_fen=found.paid_fen,
            faults=faults,
        )
    )


@routes.post(
    "/bank-statements",
    auth="person",
    answers={201: BankStatementOut},
    creates=True,
    refuses=TAKEN,
)
def take_bank_statement(body: BankStatementIn) -> Response:
    """导入银行流水

    由经办、复核或出纳办理。整份导入，有一处问题就不导入；同一份再次导入不会重复。期初加各行等于期末，
    并接着上一份流水的次日和期末余额。导入不入账。
    """
    made = bank_statements.take(context(), actor(), *_given(body))
    return present(BankStatementOut.model_validate(made), 201)


@routes.post(
    "/bank-statements/<statement_id>/withdrawal",
    auth="person",
    answers={200: BankStatementOut},
    refuses=(
        WRITTEN,
        "not_found role_required statement_matched statement_not_last statement_withdrawn",
    ),
)
def withdraw_bank_statement(path: StatementPath, body: ReasonIn) -> Response:
    """撤销导错的银行流水

    由经办、复核或出纳办理，写明原因；只能从这个专户的最后一份撤起，有已核对的行先取消核对。
    """
    made = bank_statements.withdraw(context(), actor(), path.statement_id, body.reason)
    return present(BankStatementOut.model_validate(made))


def _given(body: BankStatementIn) -> tuple[Heading, ReadLines]:
    heading = Heading(
        body.bank_id, body.from_on, body.until_on, body.opening_fen, body.closing_fen, "API"
    )
    lines = [
        StatedLine(
            row,
            line.day,
            line.amount_fen,
            normal_code(line.bank_reference),
            line.counterparty,
            line.counterparty_account,
            line.purpose,
        )
        for row, line in enumerate(body.lines, 1)
    ]
    return heading, ReadLines(lines)
