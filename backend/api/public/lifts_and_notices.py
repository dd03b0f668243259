"""For everyone, without signing in: one lift behind the token of its QR code, notices, the city."""

from flask import Response, request
from pydantic import BaseModel, Field

from backend.api.public.models import CityOut, NoticeTextOut, PublicAccountOut, PublicLiftOut
from backend.api.public.present import account_shown, city_shown, lift_shown, notice_shown
from backend.domain.errors import Refused, refuse
from backend.http.callers import guesses_too_much
from backend.http.frame import API_POLICY
from backend.http.kept_pages import send
from backend.http.lift_pages import LiftPage, made
from backend.http.parts import context, parts
from backend.http.present import present
from backend.http.routes import PREFIX, Routes
from backend.services.base.access import nothing_there
from backend.services.public.account import as_csv, read_public_account
from backend.services.public.lifts import read_notice_photo, read_public_lift, read_public_notice

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
CSV_ANSWER = {
    "description": "The table",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}
PHOTO_ANSWER = {
    "description": "The picture",
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}}
        for kind in ("image/jpeg", "image/png", "image/webp")
    },
}

routes = Routes("public", "居民扫码，无需登录")


class LiftPath(BaseModel):
    """The token is 26 letters and digits; any other text is simply unknown."""

    token: str = Field(description="电梯二维码里的 26 位字符")


class NoticePath(BaseModel):
    """As printed on the notice."""

    number: str = Field(description="公示编号")


class PhotoPath(NoticePath):
    """A photo of the posted notice."""

    sha256: str = Field(description="照片的 SHA-256")


@routes.get(
    "/public/lifts/<token>",
    auth="public",
    answers={200: PublicLiftOut, 304: None},
    refuses=("not_found too_many_guesses",),
)
def public_lift(path: LiftPath) -> Response:
    """电梯的保险状态、当前公示和提异议的最后时刻"""
    # Most requests never come here: KeptPages answers them from memory.
    page = parts().lift_pages.get(
        f"{PREFIX}/public/lifts/{path.token}", lambda: _lift_page(path.token)
    )
    if page is None:
        raise _unknown_lift()
    return send(page)


@routes.get(
    "/public/lifts/<token>/account",
    auth="public",
    answers={200: PublicAccountOut, 304: None},
    refuses=("not_found too_many_guesses",),
)
def public_account(path: LiftPath) -> Response:
    """电梯所在小区的公开账目：统筹账户各年收支、保单、公示和异议"""
    page = parts().lift_pages.get(
        f"{PREFIX}/public/lifts/{path.token}/account", lambda: _account_page(path.token)
    )
    if page is None:
        raise _unknown_lift()
    return send(page)


@routes.get(
    "/public/lifts/<token>/account.csv",
    auth="public",
    answers={200: CSV_ANSWER, 304: None},
    refuses=("not_found too_many_guesses",),
)
def public_account_file(path: LiftPath) -> Response:
    """公开账目里统筹账户各年收支的表格（CSV）"""
    page = parts().lift_pages.get(
        f"{PREFIX}/public/lifts/{path.token}/account.csv", lambda: _account_file(path.token)
    )
    if page is None:
        raise _unknown_lift()
    return send(page)


@routes.get(
    "/public/notices/<number>",
    auth="public",
    answers={200: NoticeTextOut, 304: None},
    refuses=("not_found",),
)
def public_notice(path: NoticePath) -> Response:
    """一份公示的全文、截止时刻、照片和已公布的异议"""
    page = parts().lift_pages.get(
        f"{PREFIX}/public/notices/{path.number}", lambda: _notice_page(path.number)
    )
    if page is None:
        raise nothing_there("公示")
    return send(page)


@routes.get(
    "/public/notices/<number>/photos/<sha256>",
    auth="public",
    answers={200: PHOTO_ANSWER, 304: None},
    refuses=("not_found",),
)
def public_notice_photo(path: PhotoPath) -> Response:
    """公示的一张张贴照片"""
    found = read_notice_photo(context(), path.number, path.sha256)
    if found is None:
        raise nothing_there("照片")
    media_type, content = found
    response = Response(content, mimetype=media_type)
    response.set_etag(path.sha256)
    response.headers["Cache-Control"] = "public, no-cache"  # or a copy outlives its takedown
    response.make_conditional(request)
    return response


@routes.get("/public/city", auth="public", answers={200: CityOut, 304: None})
def public_city() -> Response:
    """本市通用的信息：中心、应急电话、异议类别、个人信息说明、可订阅的消息"""
    response = present(city_shown(context().city, parts().subscribe_templates))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _unknown_lift() -> Refused:
    """The one answer for every code that leads nowhere; who tries many is told to wait."""
    if guesses_too_much():
        message = "尝试的次数太多，请过十分钟再试，或直接扫描电梯里的二维码。"
        return refuse("too_many_guesses", message, kind="too_many")
    return nothing_there("电梯")


def _lift_page(token: str) -> LiftPage | None:
    lift = read_public_lift(context(), token)
    if lift is None:
        return None
    body = lift_shown(lift, context().city).model_dump_json().encode()
    return made(body, JSON, API_POLICY, lift.about, lift.read_at, lift.changes_at)


def _account_page(token: str) -> LiftPage | None:
    account = read_public_account(context(), token)
    if account is None:
        return None
    body = account_shown(account, context().city).model_dump_json().encode()
    return made(body, JSON, API_POLICY, account.about, account.read_at, account.changes_at)


def _account_file(token: str) -> LiftPage | None:
    account = read_public_account(context(), token)
    if account is None:
        return None
    body = as_csv(account).encode()
    return made(body, CSV, API_POLICY, account.about, account.read_at, account.changes_at)


def _notice_page(number: str) -> LiftPage | None:
    notice = read_public_notice(context(), number)
    if notice is None:
        return None
    body = notice_shown(notice, context().city).model_dump_json().encode()
    return made(body, JSON, API_POLICY, notice.about, notice.read_at, notice.changes_at)
