"""Signing in and out, who one is here, and what is kept about one."""

from functools import partial
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.flat_accounts import FlatAccountOut, FlatYearQuery, flat_account_out
from backend.domain.errors import Refused, refuse
from backend.http.callers import logs_in_wrongly_too_often, note_wrong_login
from backend.http.fields import Yes
from backend.http.gate import bearer_token
from backend.http.idempotent import as_one, in_parts
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import WRITTEN, Routes
from backend.services.people import (
    lockouts,
    ownership,
    phones,
    rectification_requests,
    second_factors,
)
from backend.services.people.account_deletion import delete_account
from backend.services.people.sessions import sign_in, sign_out
from backend.services.people.subject_access import everything, export
from backend.services.people.whoami import who_am_i
from backend.services.reads.flat_accounts import read_own

routes = Routes("me", "登录与本人")


class HomePath(BaseModel):
    """A flat of one's own, by the entry on the roster."""

    owner_id: UUID


class LoginIn(Input):
    """What `wx.login` gave the mini-program."""

    code: str = Field(
        min_length=1, max_length=128, description="wx.login 得到的 code，五分钟内有效"
    )


class SessionOut(Output):
    """The token goes into `Authorization: Bearer …`; it is shown this once."""

    token: str
    person_id: UUID
    expires_at: Moment


class GrantOut(Output):
    """A role granted by the city. `scope_id` is null for the whole city."""

    role: str
    role_name: str
    scope_kind: str
    scope_id: UUID | None


class HomeOut(Output):
    """A household of which this person is a verified owner."""

    owner_id: UUID
    estate_id: UUID
    estate: str
    building: str
    unit: str
    room: str


class SeatOut(Output):
    """A seat in a committee, for one term of office."""

    member_id: UUID
    estate_id: UUID
    estate: str
    position: str


class MeOut(Output):
    """Everything this person may act as, now; name and phone are masked, null when not known."""

    person_id: UUID
    reachable: bool
    name_masked: str | None
    phone_masked: str | None
    phone_verified: bool
    grants: list[GrantOut]
    homes: list[HomeOut]
    seats: list[SeatOut]


class PhoneIn(Input):
    """One of the two: what the phone number button gave, or a number typed by hand."""

    code: str | None = Field(default=None, min_length=1, max_length=128)
    phone: str | None = Field(default=None, min_length=1, max_length=30)


class PhoneOut(Output):
    """The number as kept, the homes and seats it proves, and what that means."""

    phone_masked: str
    verified: bool
    homes: list[HomeOut]
    seats: list[SeatOut]
    message: str


class DataItemOut(Output):
    """One thing that is kept."""

    label: str
    value: str


class DataSectionOut(Output):
    """Things of one kind."""

    title: str
    items: list[DataItemOut]


class SubjectAccessOut(Output):
    """Everything that is kept about this person, in words."""

    sections: list[DataSectionOut]


class ExportOut(Output):
    """The same as a file to take along."""

    exported_at: str
    person_id: UUID
    sections: list[DataSectionOut]


class RectificationRequestIn(Input):
    """Which section is wrong, and what would be right."""

    what: str = Field(max_length=rectification_requests.MAX_WHAT)
    text: str = Field(max_length=rectification_requests.MAX_TEXT)


class RectificationRequestOut(Output):
    """The request; the centre answers it."""

    id: UUID
    message: str


class DepartureIn(Input):
    """`confirm` must be true: this cannot be undone."""

    confirm: Yes


class SecondFactorIn(Input):
    """The six digits that the authenticator shows now."""

    digits: str = Field(pattern="^[0-9]{6}$")


class DepartureOut(Output):
    """What happened, and which records stay."""

    message: str
    kept: list[str]


@routes.post(
    "/sessions",
    auth="public",
    answers={201: SessionOut},
    refuses=("locked_out login_code_invalid platform_unavailable too_many_logins",),
)
def login(body: LoginIn) -> Response:
    """用小程序登录凭证换取会话

    不用 token。code 在本机演示时来自微信模拟器的 POST /sandbox/people/{姓名}/login-code，
    正式环境来自 wx.login；一个 code 只能用一次。
    """
    if logs_in_wrongly_too_often():
        message = "登录失败次数过多，请过十分钟再重新打开小程序。"
        raise refuse("too_many_logins", message, kind="too_many")
    try:
        signed_in = sign_in(context(), body.code)
    except Refused as refused:
        if refused.kind == "unauthenticated":
            note_wrong_login()
        raise
    return present(SessionOut.model_validate(signed_in), 201)


@routes.delete("/sessions/current", auth="person", answers={204: None})
def logout() -> Response:
    """退出登录，会话立即失效"""
    sign_out(context(), actor(), bearer_token())
    return nothing()


@routes.delete("/sessions", auth="person", answers={204: None})
def logout_everywhere() -> Response:
    """退出全部登录，包括其他手机上的"""
    lockouts.end_sessions(context(), actor(), actor().person_id)
    return nothing()


@routes.post(
    "/me/second-factor",
    auth="person",
    answers={204: None},
    refuses=("locked_out second_factor_missing second_factor_used second_factor_wrong",),
)
def prove_second_factor(body: SecondFactorIn) -> Response:
    """二次验证：提交验证器上的六位数字

    在工作台绑定过验证器的人，授权、拨付之前十分钟内要在本次登录里验证一次，否则得到
    second_factor_needed。一个数字只能用一次；连续五次不对，账号停用，由系统管理员恢复。
    """
    second_factors.prove(context(), actor(), body.digits)
    return nothing()


@routes.get("/me", auth="person", answers={200: MeOut, 304: None})
def me() -> Response:
    """本人现有的身份：授权、房屋、业委会席位"""
    return present(MeOut.model_validate(who_am_i(context(), actor())))


@routes.post(
    "/me/phone",
    auth="person",
    answers={200: PhoneOut},
    refuses=(
        "phone_code_invalid phone_invalid phone_or_code phone_taken phone_tries_used_up",
        "phone_verified_stays platform_unavailable",
    ),
)
@in_parts
def keep_phone(body: PhoneIn) -> Response:
    """用微信手机号核验身份，或填写联系电话

    给 code 或 phone，两者选一。code 经微信核验，与名册一致的，房屋和席位随即绑定；
    手填的号码只作联系用，不能代替核验。
    """
    if (body.code is None) == (body.phone is None):
        raise refuse("phone_or_code", "请用微信手机号，或填写手机号，两者选一。", "phone")
    if body.code is not None:
        number = phones.shown_number(context(), actor(), body.code)
        keep = partial(phones.keep_shown, number=number)
    else:
        keep = partial(phones.type_phone, phone=body.phone or "")
    _, answer = as_one(
        lambda: keep(context(), actor()),
        lambda phone: present(PhoneOut.model_validate(phone)),
    )
    return answer


@routes.delete("/me/homes/<owner_id>", auth="person", answers={204: None}, refuses=("not_found",))
def give_up_home(path: HomePath) -> Response:
    """告知已转让房屋

    本人不再是这处房屋的业主；已提交的申请、异议照旧办理。误操作请联系中心恢复。
    """
    ownership.give_up_home(context(), actor(), path.owner_id)
    return nothing()


@routes.get(
    "/me/homes/<owner_id>/fund",
    auth="person",
    answers={200: FlatAccountOut, 304: None},
    refuses=("not_found",),
)
def own_flat_account(path: HomePath, query: FlatYearQuery) -> Response:
    """本人房屋的分户账

    房屋在维修资金里现在有多少、一年里的每次变动。只有核验过的业主本人能看自己的房屋；不写年份的是最近
    有变动的一年。
    """
    return present(flat_account_out(read_own(context(), actor(), path.owner_id, query.year)))


@routes.get("/me/data", auth="person", answers={200: SubjectAccessOut, 304: None})
def subject_access() -> Response:
    """关于本人保存了什么"""
    sections = everything(context(), actor())
    return present(SubjectAccessOut(sections=[DataSectionOut.model_validate(s) for s in sections]))


@routes.get("/me/data/export", auth="person", answers={200: ExportOut, 304: None})
def export_subject_access() -> Response:
    """导出本人的数据（JSON 文件）"""
    response = present(ExportOut.model_validate(export(context(), actor())))
    response.headers["Content-Disposition"] = 'attachment; filename="tibao-my-data.json"'
    return response


@routes.post(
    "/me/rectification-requests",
    auth="person",
    answers={201: RectificationRequestOut},
    creates=True,
    refuses=(WRITTEN, "too_many_rectification_requests"),
)
def open_rectification_request(body: RectificationRequestIn) -> Response:
    """请求更正本人的数据，由中心核对办理

    同一人等待办理的请求有数量上限。
    """
    rectification_request_id = rectification_requests.open_request(
        context(), actor(), body.what, body.text
    )
    message = "更正请求已交给中心，核对后答复您。"
    return present(RectificationRequestOut(id=rectification_request_id, message=message), 201)


@routes.post(
    "/me/departure",
    auth="person",
    answers={200: DepartureOut},
    refuses=("confirm_required holds_office left_today",),
)
def depart(body: DepartureIn) -> Response:
    """注销账号：删除姓名、手机号和微信身份，结束全部登录

    不可恢复。还有授权的人先交出授权；已提出的异议等记录依法保留，但不再含姓名。
    """
    if not body.confirm:
        raise refuse("confirm_required", "请确认注销，注销后不能恢复。", "confirm")
    left = delete_account(context(), actor())
    return present(DepartureOut.model_validate(left))
