"""For the centre: income of before these books, which the close of a year shares."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.income import PastIncomeOut
from backend.http.bodies import ReasonIn
from backend.http.fields import Fen, Reason, Sha256
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, present
from backend.http.routes import WRITTEN, Routes
from backend.services.income import past
from backend.services.income.past import Counted

routes = Routes("past_income", "以前年度收益")
DECIDED = "not_found past_income_decided role_required"


class PastIncomePath(BaseModel):
    """What was entered."""

    past_id: UUID


class PastIncomeIn(Input):
    """What counts for a year, as a paper says, in fen."""

    year: Annotated[int, Field(strict=True, ge=1900, le=2100)]
    statutory_fen: Fen
    value_added_fen: Fen
    note: Reason
    file_sha256: Sha256


class PastIncomeBackIn(Input):
    """Why it counts no more, and the paper that shows it."""

    reason: Reason
    file_sha256: Sha256


@routes.get(
    "/past-income",
    auth="person",
    answers={200: Page[PastIncomeOut], 304: None},
    refuses=("not_found role_required",),
)
def list_past_income(query: PageQuery) -> Response:
    """以前年度收益

    建账以前没有派发的利息、没有分配的增值收益记到了哪一年，包括待确认、已退回和撤销的登记。中心经办、复核、
    出纳和监督、审计可以看。
    """
    found = past.list_past_income(context(), actor(), query.after(), query.page_size + 1)
    items = [PastIncomeOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[PastIncomeOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/past-income",
    auth="person",
    answers={201: PastIncomeOut},
    creates=True,
    refuses=(
        WRITTEN,
        "amount_not_positive file_unknown not_found past_income_exceeds past_income_waiting",
        "past_year_before_opening role_required year_not_over year_out_of_range",
    ),
)
def enter_past_income(body: PastIncomeIn) -> Response:
    """登记以前年度收益

    期初的应付法定利息里，多少是没有派发的法定利息，多少是没有分配的增值收益，记到哪一年（方案五（二）1）。由经办、
    复核或出纳登记，上传依据；另一位工作人员确认之前不算数。
    """
    counted = Counted(body.year, body.statutory_fen, body.value_added_fen, body.note)
    made = past.enter(context(), actor(), counted, body.file_sha256)
    return present(PastIncomeOut.model_validate(made), 201)


@routes.post(
    "/past-income/<past_id>/confirmation",
    auth="person",
    answers={200: PastIncomeOut},
    refuses=(
        DECIDED,
        "own_past_income past_income_exceeds past_income_not_counted past_income_shared",
    ),
)
def confirm_past_income(path: PastIncomePath) -> Response:
    """确认以前年度收益

    由登记人以外的经办、复核或出纳核对依据后办理。从此算那一年的，那一年分配的时候一起分；是撤销的，不再算数。
    """
    made = past.confirm(context(), actor(), path.past_id)
    return present(PastIncomeOut.model_validate(made))


@routes.post(
    "/past-income/<past_id>/refusal",
    auth="person",
    answers={200: PastIncomeOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_past_income(path: PastIncomePath, body: ReasonIn) -> Response:
    """退回以前年度收益的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。账面照旧。
    """
    made = past.turn_down(context(), actor(), path.past_id, body.reason)
    return present(PastIncomeOut.model_validate(made))


@routes.post(
    "/past-income/<past_id>/undo",
    auth="person",
    answers={201: PastIncomeOut},
    creates=True,
    refuses=(
        WRITTEN,
        "file_unknown not_found past_income_not_counted past_income_shared past_income_waiting",
        "role_required",
    ),
)
def ask_past_income_back(path: PastIncomePath, body: PastIncomeBackIn) -> Response:
    """登记撤销以前年度收益

    那一年还没有分配的，由经办、复核或出纳写明原因、上传依据；另一位工作人员确认之前照旧。
    """
    made = past.ask_back(context(), actor(), path.past_id, body.reason, body.file_sha256)
    return present(PastIncomeOut.model_validate(made), 201)
