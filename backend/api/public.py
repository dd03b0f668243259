"""For everyone, without signing in: one lift behind the token of its QR code."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, Field

from backend.api.lift_pages import CACHE_CONTROL, Page
from backend.api.parts import context, parts
from backend.api.present import Moment, Output, etag_of, present
from backend.api.routes import Routes
from backend.domain.calendar import written
from backend.services.access import nothing_there
from backend.services.public_lifts import (
    PostedNotice,
    PublicLift,
    read_public_lift,
    read_public_notice,
)

routes = Routes("public", "居民扫码，无需登录")


class LiftPath(BaseModel):
    """The token is 26 letters and digits; any other text is simply unknown."""

    token: str = Field(description="电梯二维码里的 26 位字符")


class NoticePath(BaseModel):
    """As printed on the notice."""

    number: str = Field(description="公示编号")


class LiftOut(Output):
    """The lift itself."""

    registration_code: str
    name: str
    estate: str
    address: str
    building: str
    unit: str
    maintainer: str | None
    maintainer_phone: str | None
    next_inspection_on: date | None


class CoverOut(Output):
    """Who insures the lift; `last_day` is still covered."""

    insurer: str
    insurer_phone: str | None
    starts_on: date
    last_day: date


class ReasonOut(BaseModel):
    """One sentence of how a date was reckoned, and the article behind it."""

    text: str
    article: str | None = None


class ObjectionOut(Output):
    """Number, kind and answer only (个人信息保护法 25, 28)."""

    number: str
    kind: str
    standing: str
    answer: str | None


class PlanOut(Output):
    """The plan in short. Money in fen; `premium_fen` is for all lifts of the plan."""

    insurer: str
    premium_fen: int
    lift_premium_fen: int
    limit_fen: int
    deductible_fen: int
    cover_from: date
    cover_last_day: date
    coverage: str
    exclusions: str
    promises: str


class NoticeFacts(BaseModel):
    """When a notice hangs. `ends_before` is 24:00 of `ends_on`: too late to object.

    `id` is where to object.
    """

    id: UUID
    number: str
    state: str
    starts_on: date
    ends_on: date
    ends_before: Moment
    open_to_objections: bool
    how_long: str
    provisional: bool
    explanation: list[ReasonOut]
    objections: list[ObjectionOut]


class NoticeOut(NoticeFacts):
    """A notice that hangs now, with its plan in short."""

    plan: PlanOut


class NoticeTextOut(NoticeFacts):
    """A notice with its whole frozen text; amounts in fen and in words."""

    content: dict[str, Any]


class CentreOut(BaseModel):
    """Whom to ask."""

    name: str
    phone: str


class PublicLiftOut(BaseModel):
    """Everything that everyone may know of one lift."""

    lift: LiftOut
    covered: bool
    cover: CoverOut | None
    notices: list[NoticeOut]
    centre: CentreOut


@routes.get("/public/lifts/<token>", auth="public", answers={200: PublicLiftOut, 304: None})
def public_lift(path: LiftPath) -> Response:
    """电梯的保险状态、当前公示和提异议的最后时刻"""
    # Most requests never come here: KeptPages answers them from memory.
    page = parts().lift_pages.get(path.token, _make)
    if page is None:
        raise nothing_there("电梯")
    response = Response(page.body, mimetype="application/json")
    response.headers["ETag"] = page.etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.make_conditional(request)
    return response


@routes.get("/public/notices/<number>", auth="public", answers={200: NoticeTextOut, 304: None})
def public_notice(path: NoticePath) -> Response:
    """一份公示的全文、截止时刻和已公布的异议"""
    notice = read_public_notice(context(), path.number)
    if notice is None:
        raise nothing_there("公示")
    return present(NoticeTextOut(**_facts(notice), content=notice.row.content))


def _make(token: str) -> Page | None:
    seen = read_public_lift(context(), token)
    if seen is None:
        return None
    body = _shown(seen).model_dump_json().encode()
    return Page(str(seen.lift.lift_id), body, f'"{etag_of(body)}"', seen.read_at, seen.changes_at)


def _shown(seen: PublicLift) -> PublicLiftOut:
    centre = context().city.centre
    cover = CoverOut.model_validate(seen.cover) if seen.cover else None
    return PublicLiftOut(
        lift=LiftOut.model_validate(seen.lift),
        covered=cover is not None,
        cover=cover,
        notices=[
            NoticeOut(**_facts(notice), plan=PlanOut.model_validate(plan))
            for notice, plan in seen.notices
        ],
        centre=CentreOut(name=centre.name.value, phone=centre.phone.value),
    )


def _facts(notice: PostedNotice) -> dict[str, Any]:
    row = notice.row
    return {
        "id": row.notice_id,
        "number": row.number,
        "state": row.state,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "ends_before": row.ends_before,
        "open_to_objections": notice.open_to_objections,
        "how_long": _how_long(notice),
        "provisional": row.provisional,
        "explanation": row.explanation,
        "objections": [ObjectionOut.model_validate(o) for o in notice.objections],
    }


def _how_long(notice: PostedNotice) -> str:
    """The last moment to object, in words."""
    last = f"{written(notice.row.ends_on)} 24:00"
    if notice.row.state == "suspended":
        return "已有书面异议，暂缓实施；处理期间受影响的业主仍可提出书面异议。"
    if notice.open_to_objections:
        return f"受影响的业主可在{last} 之前提出书面异议。"
    return f"公示已于{last} 结束。"
