"""For the centre: money moved between the fund's own bank accounts, by two officers."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.income import TransferOut
from backend.http.bodies import ReasonIn
from backend.http.fields import Day, PositiveFen, Reason, Sha256
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, present
from backend.http.routes import WRITTEN, Routes
from backend.services.income import transfers
from backend.services.income.deposits import NUMBER_LIMIT
from backend.services.income.transfers import Moved

routes = Routes("bank_transfers", "专户之间的划转")
DECIDED = "not_found role_required transfer_decided"


class TransferPath(BaseModel):
    """A transfer that was entered."""

    transfer_id: UUID


class TransferIn(Input):
    """What the bank's receipt says."""

    from_bank_id: UUID
    to_bank_id: UUID
    amount_fen: PositiveFen
    moved_on: Day
    bank_reference: Annotated[str, Field(min_length=1, max_length=NUMBER_LIMIT)]
    note: Reason
    file_sha256: Sha256


@routes.get(
    "/bank-transfers",
    auth="person",
    answers={200: Page[TransferOut], 304: None},
    refuses=("not_found role_required",),
)
def list_bank_transfers(query: PageQuery) -> Response:
    """专户之间的划转

    中心经办、复核、出纳和监督、审计可以看，包括待确认和已退回的登记。
    """
    found = transfers.list_transfers(context(), actor(), query.after(), query.page_size + 1)
    items = [TransferOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[TransferOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/bank-transfers",
    auth="person",
    answers={201: TransferOut},
    creates=True,
    refuses=(
        WRITTEN,
        "bank_money_insufficient bank_unknown banks_same day_in_future file_unknown not_found",
        "role_required transfer_before_opening transfer_known",
    ),
)
def enter_bank_transfer(body: TransferIn) -> Response:
    """登记专户之间的划转

    银行已经划转的，由经办、复核或出纳按回单登记，上传回单。另一位工作人员确认之前不入账；通知银行、还没有
    付出的款项留在转出的专户里。
    """
    moved = Moved(
        body.from_bank_id,
        body.to_bank_id,
        body.amount_fen,
        body.moved_on,
        body.bank_reference,
        body.note,
    )
    made = transfers.enter(context(), actor(), moved, body.file_sha256)
    return present(TransferOut.model_validate(made), 201)


@routes.post(
    "/bank-transfers/<transfer_id>/confirmation",
    auth="person",
    answers={200: TransferOut},
    refuses=(DECIDED, "bank_money_insufficient own_transfer period_locked"),
)
def confirm_bank_transfer(path: TransferPath) -> Response:
    """确认专户之间的划转

    由登记人以外的经办、复核或出纳核对回单后办理，一次入账；以后付保费，两个专户都可以选。
    """
    made = transfers.confirm(context(), actor(), path.transfer_id)
    return present(TransferOut.model_validate(made))


@routes.post(
    "/bank-transfers/<transfer_id>/refusal",
    auth="person",
    answers={200: TransferOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_bank_transfer(path: TransferPath, body: ReasonIn) -> Response:
    """退回划转的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。账面照旧。
    """
    made = transfers.turn_down(context(), actor(), path.transfer_id, body.reason)
    return present(TransferOut.model_validate(made))
