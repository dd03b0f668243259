"""Statements of accounts to take away: the same figures as an answer, a PDF and a workbook."""

from datetime import date
from importlib import import_module
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.domain.account_statement import Period, WholeStatement
from backend.domain.local_time import YEARS
from backend.http.parts import actor, context
from backend.http.present import PDF_FILE, Asked, Output, present, present_pdf
from backend.http.routes import Routes
from backend.services.reads import account_statements as statements

# What writes workbooks is much, and most processes of the API never write one: loaded then.
WORKBOOKS = "backend.services.lists.account_statements"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

routes = Routes("account_statements", "对账单：一个账户在一段时间里的变动")
REFUSES = ("day_in_future not_found statement_period_invalid", "account_statement_too_long")
XLSX_FILE = {
    "description": "工作簿",
    "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
}
FIRST, BEYOND = date(YEARS.start, 1, 1), date(YEARS.stop, 1, 1)
SINCE, UNTIL = "从哪一天起（含）；不写的从截止日那年的1月1日起", "到哪一天止（含）；不写的到今天"


class AccountPath(BaseModel):
    """An account of the ledger."""

    account_id: UUID = Field(description="哪一个账户")


class FlatPath(BaseModel):
    """One's own flat, by the entry on the roster."""

    owner_id: UUID


class PeriodQuery(Asked):
    """From which day until which, both included; without them this year until today."""

    from_on: date | None = Field(default=None, ge=FIRST, lt=BEYOND, description=SINCE)
    until_on: date | None = Field(default=None, ge=FIRST, lt=BEYOND, description=UNTIL)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """As the services take them."""
        return self.from_on, self.until_on


class BookedLineOut(Output):
    """One movement, and the balance after it."""

    booked_on: date
    name: str
    case: str
    amount_fen: int
    balance_fen: int


class AccountStatementOut(Output):
    """An account in a period."""

    number: str
    name: str
    kind_name: str
    from_on: date
    until_on: date
    opening_fen: int
    received_fen: int
    paid_fen: int
    closing_fen: int
    count: int
    lines: list[BookedLineOut]


@routes.get(
    "/accounts/<account_id>/statement",
    auth="person",
    answers={200: AccountStatementOut, 304: None},
    refuses=REFUSES,
)
def account_statement(path: AccountPath, query: PeriodQuery) -> Response:
    """账户对账单

    期初余额、各次变动、期末余额。经办、复核、出纳和监督、审计可以看每个账户；与小区有关的人可以看小区的
    统筹账户。
    """
    return _shown(statements.whole(context(), actor(), path.account_id, query.days))


@routes.get(
    "/accounts/<account_id>/statement.pdf",
    auth="person",
    answers={200: PDF_FILE},
    refuses=REFUSES,
)
def account_statement_pdf(path: AccountPath, query: PeriodQuery) -> Response:
    """账户对账单（PDF）"""
    return _pdf(statements.whole(context(), actor(), path.account_id, query.days))


@routes.get(
    "/accounts/<account_id>/statement.xlsx",
    auth="person",
    answers={200: XLSX_FILE},
    refuses=REFUSES,
)
def account_statement_workbook(path: AccountPath, query: PeriodQuery) -> Response:
    """账户对账单（工作簿）"""
    return _workbook(statements.whole(context(), actor(), path.account_id, query.days))


@routes.get(
    "/me/homes/<owner_id>/fund/statement",
    auth="person",
    answers={200: AccountStatementOut, 304: None},
    refuses=REFUSES[:1],
)
def own_flat_statement(path: FlatPath, query: PeriodQuery) -> Response:
    """本人房屋分户账的对账单

    只有核验过的业主本人能看自己的房屋。
    """
    return _shown(statements.own_flat(context(), actor(), path.owner_id, query.days))


@routes.get(
    "/me/homes/<owner_id>/fund/statement.pdf",
    auth="person",
    answers={200: PDF_FILE},
    refuses=REFUSES[:1],
)
def own_flat_statement_pdf(path: FlatPath, query: PeriodQuery) -> Response:
    """本人房屋分户账的对账单（PDF）"""
    return _pdf(statements.own_flat(context(), actor(), path.owner_id, query.days))


@routes.get(
    "/me/homes/<owner_id>/fund/statement.xlsx",
    auth="person",
    answers={200: XLSX_FILE},
    refuses=REFUSES[:1],
)
def own_flat_statement_workbook(path: FlatPath, query: PeriodQuery) -> Response:
    """本人房屋分户账的对账单（工作簿）"""
    return _workbook(statements.own_flat(context(), actor(), path.owner_id, query.days))


def _shown(found: WholeStatement) -> Response:
    return present(
        AccountStatementOut(
            number=found.number,
            name=found.name,
            kind_name=found.kind_name,
            from_on=found.period.from_on,
            until_on=found.period.until_on,
            opening_fen=found.opening_fen,
            received_fen=found.received_fen,
            paid_fen=found.paid_fen,
            closing_fen=found.closing_fen,
            count=found.count,
            lines=[BookedLineOut.model_validate(line) for line in found.lines],
        )
    )


def _pdf(found: WholeStatement) -> Response:
    return present_pdf(_file(found.period), statements.as_pdf(context(), found))


def _workbook(found: WholeStatement) -> Response:
    content = import_module(WORKBOOKS).as_workbook(context(), found)
    response = Response(content, mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file(found.period)}.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _file(period: Period) -> str:
    return f"tibao-statement-{period.from_on:%Y%m%d}-{period.until_on:%Y%m%d}"
