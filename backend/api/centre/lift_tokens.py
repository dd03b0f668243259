"""For the centre: a lift's QR code, issued anew or revoked."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.http.fields import Reason
from backend.http.parts import actor, context, parts
from backend.http.present import Input, nothing, present
from backend.http.routes import WRITTEN, Routes
from backend.services.public import lift_tokens

routes = Routes("lift_tokens", "电梯二维码")


class LiftIdPath(BaseModel):
    """A lift by its id."""

    lift_id: UUID


class TokenIn(Input):
    """Why; it is kept in the audit chain."""

    reason: Reason


class TokenOut(BaseModel):
    """The fresh token, and the address to print; `reprint` are the numbers of notices that hang
    with a code which leads nowhere now."""

    token: str
    address: str
    reprint: list[str]


@routes.post(
    "/lifts/<lift_id>/token",
    auth="person",
    answers={201: TokenOut},
    creates=True,
    refuses=(WRITTEN, "not_found role_required"),
)
def issue_lift_token(path: LiftIdPath, body: TokenIn) -> Response:
    """换发电梯二维码，旧码立即失效

    由经办或系统管理员办理。答复里的 reprint 是贴着旧码、要重印的公示。
    """
    issued = lift_tokens.issue_token(context(), actor(), path.lift_id, body.reason)
    address = lift_tokens.printed_address(parts().public_url, issued.token)
    answer = TokenOut(token=issued.token, address=address, reprint=list(issued.reprint))
    return present(answer, 201)


@routes.post(
    "/lifts/<lift_id>/token-revocation",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "not_found role_required"),
)
def revoke_lift_token(path: LiftIdPath, body: TokenIn) -> Response:
    """停用电梯二维码

    由经办或系统管理员办理。之后扫这个码只看到应急电话。
    """
    lift_tokens.revoke_token(context(), actor(), path.lift_id, body.reason)
    return nothing()
