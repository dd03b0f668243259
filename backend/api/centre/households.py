"""For the centre: what flats have in the fund, and what a yearly close gives them."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.flat_accounts import FlatAccountOut, flat_account_out
from backend.api.centre.income import ClosePath
from backend.domain.households import explain
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.income import closing
from backend.services.reads.flat_accounts import look

routes = Routes("households", "分户账：各户余额、各户分配")


class HouseholdPath(BaseModel):
    """A flat."""

    household_id: UUID


class FlatYearIn(Input):
    """Of which year; without one the latest with bookings."""

    year: Annotated[int, Field(strict=True, ge=1998, le=2200)] | None = None


class HouseholdShareOut(Output):
    """What one flat gets of a year, with its reckoning in sentences."""

    household_id: UUID
    place: str
    statutory_fen: int
    statutory_moved_fen: int
    value_added_fen: int
    value_added_moved_fen: int
    explanation: list[str]


@routes.get(
    "/year-closes/<close_id>/household-shares",
    auth="person",
    answers={200: Page[HouseholdShareOut], 304: None},
    refuses=("not_found role_required",),
)
def list_household_shares(path: ClosePath, query: PageQuery) -> Response:
    """各户分配表：每户分到多少法定利息，收益归户的城市还有多少增值收益，怎么算的"""
    asked = path.close_id, query.after(), query.page_size + 1
    found = closing.flat_shares(context(), actor(), *asked)
    items = [
        HouseholdShareOut(
            household_id=each.household,
            place=each.place,
            statutory_fen=each.statutory.fen,
            statutory_moved_fen=each.statutory.moved_fen,
            value_added_fen=each.value_added.fen,
            value_added_moved_fen=each.value_added.moved_fen,
            explanation=list(explain(each)),
        )
        for each in found[: query.page_size]
    ]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.household)
    return present(Page[HouseholdShareOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/households/<household_id>/fund/look",
    auth="person",
    answers={200: FlatAccountOut},
    refuses=(WRITTEN, "not_found role_required"),
)
def look_at_flat_account(path: HouseholdPath, body: FlatYearIn) -> Response:
    """查看一户的分户账，查看会被记录

    供经办、复核、出纳、监督和审计查看；每次查看都记在审计链里，
    所以要专门提交，不能靠打开地址看。
    """
    return present(flat_account_out(look(context(), actor(), path.household_id, body.year)))
