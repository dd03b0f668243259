"""For the centre: lines of the bank matched with what the books have, and both balances side by
side."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.centre.bank_statements import BankStatementOut, StatementPath
from backend.domain.bank_matching import Fit, Thing, ThingKind
from backend.http.bodies import ReasonIn
from backend.http.fields import Day
from backend.http.pages import CountedPageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Asked, Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.reconciling import balance, matching
from backend.services.reconciling.balance import Balance
from backend.services.reconciling.matching import LineView

routes = Routes("bank_lines", "银行流水：核对与余额调节")


class LinePath(BaseModel):
    """A line of a statement."""

    line_id: UUID


class BankPath(BaseModel):
    """A bank account of the fund."""

    bank_id: UUID


class OnQuery(Asked):
    """The end of which day; without one, of the last that a statement covers."""

    on: Day | None = None


class MatchIn(Input):
    """What the line is: an entry of the ledger, or a deposit's beginning or end."""

    kind: ThingKind
    thing_id: UUID


class ThingOut(Output):
    """What the books have of the bank account."""

    kind: ThingKind
    id: UUID
    amount_fen: int
    day: date
    number: str
    bank_reference: str


class LineOut(Output):
    """A line of a statement, and what it is matched with, or what is to be said of it."""

    id: UUID
    row: int
    day: date
    amount_fen: int
    bank_reference: str
    counterparty: str
    counterparty_account: str
    purpose: str
    matched: ThingOut | None
    fit: Fit | None
    fits: list[ThingOut]
    words: str
    days_old: int


class StatementLinesOut(Output):
    """A statement with a page of its lines."""

    statement: BankStatementOut
    lines: list[LineOut]
    next_cursor: str | None


class OpenLineOut(Output):
    """A line of the bank that the books lack."""

    line_id: UUID
    day: date
    amount_fen: int
    bank_reference: str
    counterparty: str
    purpose: str
    days_old: int


class OpenThingOut(Output):
    """What the books have and the bank lacks."""

    thing: ThingOut
    days_old: int


class ReconciliationOut(Output):
    """余额调节表: a bank account at the end of a day, by the bank and by the books."""

    bank_id: UUID
    on: date
    covered_from: date
    covered_until: date
    ledger_fen: int
    bank_fen: int
    only_bank_received_fen: int
    only_bank_paid_fen: int
    only_ledger_received_fen: int
    only_ledger_paid_fen: int
    deposits_fen: int
    adjusted_ledger_fen: int
    adjusted_bank_fen: int
    difference_fen: int
    agrees: bool
    only_bank: list[OpenLineOut]
    only_ledger: list[OpenThingOut]


@routes.get(
    "/bank-statements/<statement_id>",
    auth="person",
    answers={200: StatementLinesOut, 304: None},
    refuses=("not_found role_required",),
)
def bank_statement_lines(path: StatementPath, query: CountedPageQuery) -> Response:
    """一份银行流水的各行，按行号分页

    中心经办、复核、出纳和监督、审计可以看。没有核对的行写明像哪一笔；只有两边都唯一的才建议核对，
    与已有流水的拨付相同的支出写明疑似重复拨付。
    """
    most = query.page_size
    found = matching.read(context(), actor(), path.statement_id, query.after(), most + 1)
    return present(
        StatementLinesOut(
            statement=BankStatementOut.model_validate(found.statement),
            lines=[_line(each) for each in found.lines[:most]],
            next_cursor=cursor_after(found.lines, most, lambda each: each.row),
        )
    )


@routes.post(
    "/bank-lines/<line_id>/match",
    auth="person",
    answers={200: LineOut},
    refuses=(
        WRITTEN,
        "line_matched match_amount_differs not_found role_required thing_matched thing_not_free",
    ),
)
def match_bank_line(path: LinePath, body: MatchIn) -> Response:
    """核对一行流水

    由经办、复核或出纳确认这一行是账上的哪一笔，金额必须分毫不差；一行只对一笔，一笔只对一行。
    """
    found = matching.match(context(), actor(), path.line_id, body.kind, body.thing_id)
    return present(_line(found))


@routes.post(
    "/bank-lines/<line_id>/unmatch",
    auth="person",
    answers={200: LineOut},
    refuses=(WRITTEN, "line_not_matched not_found role_required"),
)
def unmatch_bank_line(path: LinePath, body: ReasonIn) -> Response:
    """取消核对

    由经办、复核或出纳办理，写明原因；原来的核对留有记录。
    """
    found = matching.unmatch(context(), actor(), path.line_id, body.reason)
    return present(_line(found))


@routes.get(
    "/banks/<bank_id>/reconciliation",
    auth="person",
    answers={200: ReconciliationOut, 304: None},
    refuses=("bank_unknown not_found role_required statement_missing",),
)
def bank_reconciliation(path: BankPath, query: OnQuery) -> Response:
    """银行存款余额调节表

    中心经办、复核、出纳和监督、审计可以看。账面余额加减银行有、账上没有的，银行余额加减账上有、银行没有的，
    两边应当相等；不等的写明差几分，未达的逐笔列出天数。不写日期的，取流水的最后一天。
    """
    return present(_reconciliation(balance.balance(context(), actor(), path.bank_id, query.on)))


def _thing(thing: Thing) -> ThingOut:
    return ThingOut(
        kind=thing.kind,
        id=thing.id,
        amount_fen=thing.amount_fen,
        day=thing.day,
        number=thing.number,
        bank_reference=thing.reference,
    )


def _line(view: LineView) -> LineOut:
    line, fit = view.line, view.fit
    return LineOut(
        id=line.id,
        row=view.row,
        day=line.day,
        amount_fen=line.amount_fen,
        bank_reference=line.reference,
        counterparty=line.counterparty,
        counterparty_account=line.counterparty_account,
        purpose=line.purpose,
        matched=_thing(view.matched) if view.matched else None,
        fit=fit.fit if fit else None,
        fits=[_thing(each) for each in fit.things] if fit else [],
        words=view.words,
        days_old=view.days_old,
    )


def _reconciliation(found: Balance) -> ReconciliationOut:
    figures = found.figures
    return ReconciliationOut(
        bank_id=found.bank_id,
        on=figures.on,
        covered_from=found.from_on,
        covered_until=found.until_on,
        ledger_fen=figures.ledger_fen,
        bank_fen=figures.bank_fen,
        only_bank_received_fen=figures.only_bank_received_fen,
        only_bank_paid_fen=figures.only_bank_paid_fen,
        only_ledger_received_fen=figures.only_ledger_received_fen,
        only_ledger_paid_fen=figures.only_ledger_paid_fen,
        deposits_fen=figures.deposits_fen,
        adjusted_ledger_fen=figures.adjusted_ledger_fen,
        adjusted_bank_fen=figures.adjusted_bank_fen,
        difference_fen=figures.difference_fen,
        agrees=figures.agrees,
        only_bank=[
            OpenLineOut(
                line_id=each.line.id,
                day=each.line.day,
                amount_fen=each.line.amount_fen,
                bank_reference=each.line.reference,
                counterparty=each.line.counterparty,
                purpose=each.line.purpose,
                days_old=each.days_old,
            )
            for each in found.only_bank
        ],
        only_ledger=[
            OpenThingOut(thing=_thing(each.thing), days_old=each.days_old)
            for each in found.only_ledger
        ],
    )
