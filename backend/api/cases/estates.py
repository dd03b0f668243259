"""For whoever begins a case: estates, their lifts and accounts, and the insurers of the city."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Output, present
from backend.http.routes import Routes
from backend.services.reads.lookups import list_accounts, list_estates, list_insurers, list_lifts

routes = Routes("estates", "小区、电梯、账户与保险机构")


class EstatePath(BaseModel):
    """An estate by its id."""

    estate_id: UUID


class EstateOut(Output):
    """An estate."""

    id: UUID
    code: str
    name: str
    address: str
    district: str
    district_id: UUID


class EstateLiftOut(Output):
    """A lift. `covered_until` is its last covered day, `open_case` the number of the case at work
    on it; `token` only for those who print it."""

    id: UUID
    registration_code: str
    name: str
    building: str
    unit: str
    unit_id: UUID
    building_id: UUID
    covered_until: date | None
    open_case: str | None
    token: str | None


class EstateLiftsOut(BaseModel):
    """All lifts of an estate."""

    items: list[EstateLiftOut]


class AccountOut(Output):
    """A pooled account; `unit` is null when it belongs to a whole building, `building` empty when
    it is the whole city's, and `banks` are the names of the bank accounts where its money lies."""

    id: UUID
    number: str
    name: str
    building: str
    unit: str | None
    available_fen: int
    banks: list[str]


class AccountsOut(BaseModel):
    """All pooled accounts of an estate."""

    items: list[AccountOut]


class InsurerOut(Output):
    """An insurer; `selected` says whether it may be chosen today."""

    id: UUID
    name: str
    selected: bool
    selected_until: date | None


class InsurersOut(BaseModel):
    """All insurers of the city."""

    items: list[InsurerOut]


@routes.get("/estates", auth="person", answers={200: Page[EstateOut], 304: None})
def estates(query: PageQuery) -> Response:
    """与本人有关的小区；中心人员可见全部"""
    rows = list_estates(context(), actor(), query.after(), query.page_size + 1)
    items = [EstateOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[EstateOut](items=items, next_cursor=next_cursor))


@routes.get(
    "/estates/<estate_id>/lifts",
    auth="person",
    answers={200: EstateLiftsOut, 304: None},
    refuses=("not_found",),
)
def estate_lifts(path: EstatePath) -> Response:
    """小区的电梯及其保障"""
    rows = list_lifts(context(), actor(), path.estate_id)
    return present(EstateLiftsOut(items=[EstateLiftOut.model_validate(row) for row in rows]))


@routes.get(
    "/estates/<estate_id>/accounts",
    auth="person",
    answers={200: AccountsOut, 304: None},
    refuses=("not_found",),
)
def estate_accounts(path: EstatePath) -> Response:
    """小区的增值收益统筹账户和可用金额；全市统筹使用的城市，是全市各年度的账户"""
    rows = list_accounts(context(), actor(), path.estate_id)
    return present(AccountsOut(items=[AccountOut.model_validate(row) for row in rows]))


@routes.get("/insurers", auth="person", answers={200: InsurersOut, 304: None})
def insurers() -> Response:
    """本市的保险机构和遴选情况"""
    rows = list_insurers(context())
    return present(InsurersOut(items=[InsurerOut.model_validate(row) for row in rows]))
