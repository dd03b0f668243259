"""For the centre: a wrong opening balance, corrected by one officer and confirmed by another."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.openings import OpeningCorrectionOut
from backend.http.bodies import ReasonIn
from backend.http.fields import MOST_ITEMS, Fen, Reason, Sha256
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.registry import openings

routes = Routes("openings", "期初更正")
DECIDED = "correction_decided not_found officer_is_party role_required"


class OpeningPath(BaseModel):
    """An opening, as its workbook brought it in."""

    opening_id: UUID


class OpeningCorrectionPath(BaseModel):
    """Other figures that were entered."""

    correction_id: UUID


class PoolFigureIn(Input):
    """What a pooled account should have begun with, in fen."""

    account_id: UUID
    fen: Fen


class OpeningCorrectionIn(Input):
    """What the opening should have said, in fen; what is left out is right."""

    bank_fen: Fen | None = None
    statutory_fen: Fen | None = None
    pools: list[PoolFigureIn] = Field(default=[], max_length=MOST_ITEMS)
    file_sha256: Sha256
    reason: Reason


class OpeningOut(Output):
    """What one workbook brought in at one bank, as it stands after its corrections, in fen."""

    id: UUID
    bank_id: UUID
    bank_number: str
    bank_name: str
    booked_on: date
    bank_fen: int
    principal_fen: int
    statutory_fen: int
    pools_fen: int


@routes.get(
    "/openings",
    auth="person",
    answers={200: Page[OpeningOut], 304: None},
    refuses=("not_found role_required",),
)
def list_openings(query: PageQuery) -> Response:
    """已入账的期初，更正以后的金额

    中心经办、复核、出纳和监督、审计可以看，每份余额表一项。
    """
    found = openings.list_openings(context(), actor(), query.after(), query.page_size + 1)
    items = [OpeningOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[OpeningOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/openings/<opening_id>/corrections",
    auth="person",
    answers={201: OpeningCorrectionOut},
    creates=True,
    refuses=(
        WRITTEN,
        "account_not_of_opening account_repeated amount_not_positive balance_insufficient",
        "correction_waiting file_unknown not_found officer_is_party opening_not_reconciled",
        "opening_unchanged role_required",
    ),
)
def enter_opening_correction(path: OpeningPath, body: OpeningCorrectionIn) -> Response:
    """登记期初更正

    由经办、复核或出纳办理，上传依据（银行对账单、原账册等），写明原因；只写有误的金额，更正后各部分之和
    仍须等于银行余额。已被案件冻结或已付出的钱不能更正掉。其他工作人员随即收到消息，另一位确认之前账面不变。
    """
    right = openings.RightFigures(
        body.bank_fen, body.statutory_fen, [(each.account_id, each.fen) for each in body.pools]
    )
    made = openings.enter(context(), actor(), path.opening_id, right, body.file_sha256, body.reason)
    return present(OpeningCorrectionOut.model_validate(made), 201)


@routes.post(
    "/opening-corrections/<correction_id>/confirmation",
    auth="person",
    answers={200: OpeningCorrectionOut},
    refuses=(DECIDED, "account_closed balance_insufficient own_correction"),
)
def confirm_opening_correction(path: OpeningCorrectionPath) -> Response:
    """确认期初更正

    由登记人以外的经办、复核或出纳办理。原期初红字冲销，按更正后的金额重新入账。
    """
    made = openings.confirm(context(), actor(), path.correction_id)
    return present(OpeningCorrectionOut.model_validate(made))


@routes.post(
    "/opening-corrections/<correction_id>/refusal",
    auth="person",
    answers={200: OpeningCorrectionOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_opening_correction(path: OpeningCorrectionPath, body: ReasonIn) -> Response:
    """退回期初更正的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。账面照旧。
    """
    made = openings.turn_down(context(), actor(), path.correction_id, body.reason)
    return present(OpeningCorrectionOut.model_validate(made))
