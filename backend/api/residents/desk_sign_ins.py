"""For the phone of whoever signs in to the officers' desk: the code on the PC, and its number."""

from flask import Response
from pydantic import BaseModel, Field

from backend.http.parts import actor, context
from backend.http.present import Input, Output, nothing, present
from backend.http.routes import Routes
from backend.services.people import desk_sessions

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
