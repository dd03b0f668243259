"""Signing in and out, and who one is here."""

from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.gate import bearer_token
from backend.api.parts import actor, context, parts
from backend.api.present import Input, Moment, Output, nothing, present
from backend.api.routes import Routes
from backend.services.sessions import sign_in, sign_out
from backend.services.whoami import who_am_i

routes = Routes("me", "登录与本人")


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
    """Everything this person may act as, now."""

    person_id: UUID
    reachable: bool
    grants: list[GrantOut]
    homes: list[HomeOut]
    seats: list[SeatOut]


@routes.post("/sessions", auth="public", answers={201: SessionOut}, refuses=(401, 503))
def login(body: LoginIn) -> Response:
    """用小程序登录凭证换取会话"""
    return present(SessionOut.model_validate(sign_in(context(), body.code)), 201)


@routes.delete("/sessions/current", auth="person", answers={204: None})
def logout() -> Response:
    """退出登录，会话立即失效"""
    sign_out(context(), parts().session_cache, actor(), bearer_token())
    return nothing()


@routes.get("/me", auth="person", answers={200: MeOut, 304: None})
def me() -> Response:
    """本人现有的身份：授权、房屋、业委会席位"""
    return present(MeOut.model_validate(who_am_i(context(), actor())))
