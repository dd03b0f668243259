"""For the phone of who is let in: the code on a keeper's screen, and the number for the keeper."""

from flask import Response
from pydantic import BaseModel, Field

from backend.http.parts import actor, context
from backend.http.present import Output, present
from backend.http.routes import Routes
from backend.services.people import invitations

routes = Routes("invitations", "扫码接受邀请")


class InvitationPath(BaseModel):
    """What the code on the screen holds."""

    invitation_code: str = Field(pattern=r"^[A-Za-z0-9_-]{48}$")


class AcceptedInvitationOut(Output):
    """What the right is, and the number that the keeper asks for."""

    role_name: str
    scope_name: str
    check_number: str


@routes.post(
    "/invitations/<invitation_code>",
    auth="person",
    answers={200: AcceptedInvitationOut},
    refuses=("invitation_invalid",),
)
def accept_invitation(path: InvitationPath) -> Response:
    """接受屏幕上的邀请：把数字告诉邀请的人

    这时还没有授权。邀请的人核对数字一致以后，授权才生效；第一个扫码的人占用这个码。
    """
    accepted = invitations.accept(context(), actor(), path.invitation_code)
    return present(
        AcceptedInvitationOut(
            role_name=accepted.role_name,
            scope_name=accepted.scope_name,
            check_number=accepted.number,
        )
    )
