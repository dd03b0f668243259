"""For the centre: deposits, the interest that banks paid, and the yearly close."""

from datetime import date
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.income import CloseOut, InterestOut, InterestUndoOut
from backend.domain.closing import explain
from backend.domain.income import parse_rate
from backend.http.bodies import ReasonIn
from backend.http.fields import Day, Fen, PositiveFen, Reason, Sha256
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.income import closing, deposits, interest, undoing
from backend.services.income.deposits import NUMBER_LIMIT, Certificate
from backend.services.income.interest import Receipt

routes = Routes("income", "收益：存款、结息与年度分配")
Number = Annotated[str, Field(min_length=1, max_length=NUMBER_LIMIT)]
DECIDED = "interest_decided not_found role_required"
UNDONE = "not_found role_required undo_decided"
CLOSES = (
    "account_closed close_basis_moved household_spent household_without_account",
    "households_not_reconciled not_found role_required",
    "year_closed year_not_over year_not_reconciled year_out_of_range year_without_balances",
    "year_without_income",
)


class DepositPath(BaseModel):
    """A deposit of the fund."""

    deposit_id: UUID


class InterestPath(BaseModel):
    """Interest that was entered."""

    interest_id: UUID


class UndoPath(BaseModel):
    """What the undoing of interest is asked with."""

    undo_id: UUID


class ClosePath(BaseModel):
    """A yearly close."""

    close_id: UUID


class DepositIn(Input):
    """What the bank's certificate says: fen, percent a year as written, months (0: on demand)."""

    bank_id: UUID
    number: Number
    principal_fen: PositiveFen
    rate: Annotated[str, Field(min_length=1, max_length=20)]
    months: Annotated[int, Field(strict=True, ge=0, le=60)]
    value_on: Day
    file_sha256: Sha256


class InterestIn(Input):
    """What the bank's receipt says; the last day is not counted."""

    bank_reference: Number
    posted_on: Day
    until_on: Day
    actual_fen: Fen
    note: Reason = ""
    file_sha256: Sha256


class UndoIn(ReasonIn):
    """Why the interest was confirmed by mistake, and the paper that shows it."""

    file_sha256: Sha256


class YearIn(Input):
    """The calendar year to close."""

    year: Annotated[int, Field(strict=True, ge=1900, le=2200)]


class DepositOut(Output):
    """A deposit, and the interest confirmed so far."""

    id: UUID
    bank_id: UUID
    bank_name: str
    number: str
    principal_fen: int
    rate: str
    months: int
    value_on: date
    matures_on: date | None
    benchmark: str
    benchmark_source: str
    earned_until: date
    actual_fen: int
    statutory_fen: int
    file_sha256: str
    withdrawn_because: str | None


class ShareOut(Output):
    """One account's share of a year, with its reckoning in sentences."""

    account_number: str
    account_name: str
    fen: int
    before_fen: int
    moved_fen: int
    receivable_fen: int
    settled_fen: int
    explanation: list[str]


@routes.get(
    "/deposits",
    auth="person",
    answers={200: Page[DepositOut], 304: None},
    refuses=("not_found role_required",),
)
def list_deposits(query: PageQuery) -> Response:
    """存款

    中心经办、复核、出纳和监督、审计可以看，包括已撤销的登记。
    """
    found = deposits.list_deposits(context(), actor(), query.after(), query.page_size + 1)
    items = [DepositOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[DepositOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/deposits",
    auth="person",
    answers={201: DepositOut},
    creates=True,
    refuses=(
        WRITTEN,
        "bank_unknown benchmark_missing day_in_future deposit_known file_unknown rate_invalid",
        "not_found rate_out_of_range role_required",
    ),
)
def enter_deposit(body: DepositIn) -> Response:
    """登记存款

    由经办、复核或出纳按存单、协议登记，上传扫描件。利率写年利率的百分数；活期的存期写 0。
    同期限的基准利率随登记固定下来，以后的法定利息按它计算（方案四（一））。
    """
    paper = Certificate(
        body.bank_id,
        body.number,
        body.principal_fen,
        parse_rate(body.rate, "rate"),
        body.months,
        body.value_on,
    )
    made = deposits.enter(context(), actor(), paper, body.file_sha256)
    return present(DepositOut.model_validate(made), 201)


@routes.post(
    "/deposits/<deposit_id>/withdrawal",
    auth="person",
    answers={200: DepositOut},
    refuses=(WRITTEN, "deposit_earned deposit_withdrawn not_found role_required"),
)
def withdraw_deposit(path: DepositPath, body: ReasonIn) -> Response:
    """撤销登记有误的存款

    由经办、复核或出纳办理，写明原因；已经登记利息的不能撤销。撤销后同一编号可以重新登记。
    """
    made = deposits.withdraw(context(), actor(), path.deposit_id, body.reason)
    return present(DepositOut.model_validate(made))


@routes.get(
    "/deposit-interest",
    auth="person",
    answers={200: Page[InterestOut], 304: None},
    refuses=("not_found role_required",),
)
def list_interest(query: PageQuery) -> Response:
    """存款利息

    中心经办、复核、出纳和监督、审计可以看，包括待确认和已退回的登记。低于法定利息的，差额仍欠业主，
    报领导小组处理。
    """
    found = interest.list_interest(context(), actor(), query.after(), query.page_size + 1)
    items = [InterestOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[InterestOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/deposits/<deposit_id>/interest",
    auth="person",
    answers={201: InterestOut},
    creates=True,
    refuses=(
        WRITTEN,
        "bank_reference_used day_in_future deposit_withdrawn file_unknown interest_days_invalid",
        "interest_before_opening interest_waiting not_found period_empty role_required",
    ),
)
def enter_interest(path: DepositPath, body: InterestIn) -> Response:
    """登记银行结息

    由经办、复核或出纳按银行回单登记，上传回单；从上次结息（或起息）之日算到止息日，止息日当天不计息。
    实得利息减去法定利息是增值收益。另一位工作人员确认之前不入账。
    """
    receipt = Receipt(
        body.bank_reference, body.posted_on, body.until_on, body.actual_fen, body.note
    )
    made = interest.enter(context(), actor(), path.deposit_id, receipt, body.file_sha256)
    return present(InterestOut.model_validate(made), 201)


@routes.post(
    "/deposit-interest/<interest_id>/confirmation",
    auth="person",
    answers={200: InterestOut},
    refuses=(DECIDED, "own_interest period_locked"),
)
def confirm_interest(path: InterestPath) -> Response:
    """确认银行结息

    由登记人以外的经办、复核或出纳核对回单后办理。法定利息记入应付业主法定利息，增值收益按天数记入各年的
    待分配增值收益，年度分配以后才分给各户、各统筹账户。
    """
    made = interest.confirm(context(), actor(), path.interest_id)
    return present(InterestOut.model_validate(made))


@routes.post(
    "/deposit-interest/<interest_id>/refusal",
    auth="person",
    answers={200: InterestOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_interest(path: InterestPath, body: ReasonIn) -> Response:
    """退回银行结息的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。账面照旧。
    """
    made = interest.turn_down(context(), actor(), path.interest_id, body.reason)
    return present(InterestOut.model_validate(made))


@routes.post(
    "/deposit-interest/<interest_id>/undo",
    auth="person",
    answers={201: InterestUndoOut},
    creates=True,
    refuses=(
        WRITTEN,
        "file_unknown interest_allocated interest_followed interest_not_booked not_found",
        "role_required undo_waiting",
    ),
)
def ask_interest_undo(path: InterestPath, body: UndoIn) -> Response:
    """登记撤销已入账的结息

    确认错了的利息，由经办、复核或出纳写明原因、上传依据；另一位工作人员确认之前什么也不改。后面又有结息的，
    先撤销后面的；该年增值收益已经分配、这笔利息算在里面的，不能撤销。
    """
    made = undoing.ask(context(), actor(), path.interest_id, body.reason, body.file_sha256)
    return present(InterestUndoOut.model_validate(made), 201)


@routes.post(
    "/interest-undos/<undo_id>/confirmation",
    auth="person",
    answers={200: InterestUndoOut},
    refuses=(
        UNDONE,
        "balance_insufficient interest_allocated interest_followed interest_not_booked own_undo",
    ),
)
def confirm_interest_undo(path: UndoPath) -> Response:
    """确认撤销结息

    由登记人以外的经办、复核或出纳核对依据后办理：原分录红字冲销，这些天的利息可以重新登记。
    """
    return present(
        InterestUndoOut.model_validate(undoing.confirm(context(), actor(), path.undo_id))
    )


@routes.post(
    "/interest-undos/<undo_id>/refusal",
    auth="person",
    answers={200: InterestUndoOut},
    refuses=(WRITTEN, UNDONE, "interest_not_booked"),
)
def turn_down_interest_undo(path: UndoPath, body: ReasonIn) -> Response:
    """退回撤销结息的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。利息照旧。
    """
    made = undoing.turn_down(context(), actor(), path.undo_id, body.reason)
    return present(InterestUndoOut.model_validate(made))


@routes.get(
    "/year-closes",
    auth="person",
    answers={200: Page[CloseOut], 304: None},
    refuses=("not_found role_required",),
)
def list_closes(query: PageQuery) -> Response:
    """年度分配

    中心经办、复核、出纳和监督、审计可以看，包括还没有入账的预览。
    """
    found = closing.list_closes(context(), actor(), query.after(), query.page_size + 1)
    items = [CloseOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[CloseOut](items=items, next_cursor=next_cursor))


@routes.post("/year-closes", auth="person", answers={201: CloseOut}, creates=True, refuses=CLOSES)
def preview_close(body: YearIn) -> Response:
    """预览年度分配

    由经办、复核或出纳办理。把该年1月1日至12月31日的增值收益按各户余额乘以天数分到统筹账户（方案四（二）），
    一分不多一分不少；预览不入账，重新预览代替以前的预览。分配过的年份有新的收入或余额更正时，只分差额。
    """
    made = closing.preview(context(), actor(), body.year)
    return present(CloseOut.model_validate(made), 201)


@routes.get(
    "/year-closes/<close_id>/shares",
    auth="person",
    answers={200: Page[ShareOut], 304: None},
    refuses=("not_found role_required",),
)
def list_shares(path: ClosePath, query: PageQuery) -> Response:
    """年度分配表：每个账户分到多少，怎么算的"""
    found = closing.shares(context(), actor(), path.close_id, query.after(), query.page_size + 1)
    items = [
        ShareOut(
            account_number=each.number,
            account_name=each.name,
            fen=each.fen,
            before_fen=each.before_fen,
            moved_fen=each.moved_fen,
            receivable_fen=each.receivable_fen,
            settled_fen=each.settled_fen,
            explanation=list(explain(each)),
        )
        for each in found[: query.page_size]
    ]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.account)
    return present(Page[ShareOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/year-closes/<close_id>/posting",
    auth="person",
    answers={200: CloseOut},
    refuses=(*CLOSES, "own_preview"),
)
def post_close(path: ClosePath) -> Response:
    """年度分配入账

    由预览人以外的经办、复核或出纳核对分配表后办理，一次入账。预览以后收入、余额或账户有变动的，不入账，
    请重新预览。重复提交不会重复入账。
    """
    made = closing.post(context(), actor(), path.close_id)
    return present(CloseOut.model_validate(made))
