"""For the phone of whoever signs in to the officers' desk: the code on the PC, and its number."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import Routes
from backend.services.people import desk_sessions, own_sessions

routes = Routes("desk_sign_ins", "用手机登录工作台")


class DeskCodePath(BaseModel):
    """What the code on the PC holds."""

    desk_code: str = Field(pattern=r"^[A-Za-z0-9_-]{48}$")


class DeskNumbersOut(Output):
    """The numbers of which one stands beside the code."""

    screen_numbers: list[int]


class DeskConfirmationIn(Input):
    """The number that stands beside the code on the PC."""

    screen_number: int = Field(strict=True, ge=10, le=99)


class DeskSessionPath(BaseModel):
    """A session of one's own at a PC."""

    session_id: UUID


class DeskSessionOut(Output):
    """Where one is signed in to the desk, since when, and when that was used last."""

    id: UUID
    desk_place: str
    began_at: Moment
    used_at: Moment


class DeskSessionsOut(Output):
    """All that last, the newest first."""

    items: list[DeskSessionOut]


@routes.get("/desk-sessions", auth="person", answers={200: DeskSessionsOut, 304: None})
def desk_sessions_of_mine() -> Response:
    """我在哪些电脑上登录着工作台"""
    items = [
        DeskSessionOut(
            id=each.id,
            desk_place=each.place or "",
            began_at=each.began_at,
            used_at=each.used_at or each.began_at,
        )
        for each in own_sessions.my_sessions(context(), actor(), desk_only=True)
    ]
    return present(DeskSessionsOut(items=items))


@routes.delete(
    "/desk-sessions/<session_id>",
    auth="person",
    answers={204: None},
    refuses=("not_found",),
)
def end_desk_session(path: DeskSessionPath) -> Response:
    """结束自己在一台电脑上的登录"""
    own_sessions.end_session(context(), actor(), path.session_id)
    return nothing()


@routes.get(
    "/desk-sign-ins/<desk_code>",
    auth="person",
    answers={200: DeskNumbersOut, 304: None},
    refuses=("desk_code_invalid desk_not_entitled",),
)
def desk_numbers(path: DeskCodePath) -> Response:
    """扫到的登录码旁边是哪个数字：三个里选一个"""
    numbers = desk_sessions.offered_numbers(context(), actor(), path.desk_code)
    return present(DeskNumbersOut(screen_numbers=list(numbers)))


@routes.post(
    "/desk-sign-ins/<desk_code>",
    auth="person",
    answers={204: None},
    refuses=("desk_code_invalid desk_not_entitled desk_number_wrong",),
)
def confirm_desk_sign_in(path: DeskCodePath, body: DeskConfirmationIn) -> Response:
    """确认登录眼前这台电脑的工作台

    选的数字和电脑上的不一致，这个码就作废。
    """
    desk_sessions.confirm(context(), actor(), path.desk_code, body.screen_number)
    return nothing()
