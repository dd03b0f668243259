"""For those who let people in: checking verifications on the roster, giving and ending rights."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.domain.roles import Role
from backend.http.bodies import ReasonIn
from backend.http.fields import Reason, When, Yes
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import WRITTEN, Routes
from backend.services.people import grants, roster

routes = Routes("rights", "身份核验与授权")


class VerificationPath(BaseModel):
    """A verification by its id."""

    verification_id: UUID


class GrantPath(BaseModel):
    """A grant by its id."""

    grant_id: UUID


class VerificationDecisionIn(Input):
    """Whether the person is who they say, and on what that rests."""

    verified: Yes
    reason: Reason


class GrantIn(Input):
    """A role for a person, within an estate or insurer, or (without a scope) the city."""

    person_id: UUID
    role: Role
    scope_id: UUID | None = None
    until: When | None = None


class OpenVerificationOut(Output):
    """A verification that waits; the name is masked until it is unmasked."""

    id: UUID
    kind: str
    place: str
    masked_name: str
    made_at: Moment
    on_roster: bool
    taken: bool


class UnmaskedVerificationOut(Output):
    """The full name given, and the phone that the roster has for it."""

    name: str
    roster_phone: str | None


class GivenGrantOut(BaseModel):
    """The grant."""

    id: UUID


class KeptGrantOut(Output):
    """A grant as its keepers see it."""

    id: UUID
    person_id: UUID
    role: str
    scope_kind: str
    scope_id: UUID | None
    scope_name: str | None
    granted_by: UUID | None
    granted_at: Moment
    valid_until: Moment | None


@routes.get(
    "/owner-verifications",
    auth="person",
    answers={200: Page[OpenVerificationOut], 304: None},
    refuses=("not_found role_required",),
)
def open_verifications(query: PageQuery) -> Response:
    """等待核验的身份申请"""
    rows = roster.open_verifications(context(), actor(), query.after(), query.page_size + 1)
    items = [OpenVerificationOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[OpenVerificationOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/owner-verifications/<verification_id>/unmask",
    auth="person",
    answers={200: UnmaskedVerificationOut},
    refuses=(WRITTEN, "not_found role_required"),
)
def unmask_verification(path: VerificationPath, body: ReasonIn) -> Response:
    """说明理由后查看完整姓名，查看会被记录

    由经办办理。每次查看连同理由写入审计链。
    """
    shown = roster.unmask(context(), actor(), path.verification_id, body.reason)
    return present(UnmaskedVerificationOut.model_validate(shown))


@routes.post(
    "/owner-verifications/<verification_id>/decision",
    auth="person",
    answers={204: None},
    refuses=(
        WRITTEN,
        "already_bound manager_and_member name_not_on_roster name_of_several not_found",
        "own_verification role_required verification_closed",
    ),
)
def close_verification(path: VerificationPath, body: VerificationDecisionIn) -> Response:
    """核验通过或不予通过

    由经办办理，不能办理自己的。名册上没有这个姓名的，只能不予通过。
    """
    roster.close_verification(context(), actor(), path.verification_id, body.verified, body.reason)
    return nothing()


@routes.get(
    "/grants",
    auth="person",
    answers={200: Page[KeptGrantOut], 304: None},
    refuses=("not_found role_required",),
)
def list_grants(query: PageQuery) -> Response:
    """全部授权，包括已终止的"""
    rows = grants.list_grants(context(), actor(), query.after(), query.page_size + 1)
    items = [KeptGrantOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[KeptGrantOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/grants",
    auth="person",
    answers={201: GivenGrantOut},
    creates=True,
    refuses=(
        "grant_to_self manager_and_member not_found role_not_granted role_required",
        "scope_mismatch until_past",
    ),
)
def give_grant(body: GrantIn) -> Response:
    """授权

    系统管理员授予中心和监督的角色，经办授予物业经理（限小区）和保险机构（限保险机构）。
    重复授予同一角色不会多出一项，只改截止时间。
    """
    given = grants.grant(context(), actor(), body.person_id, body.role, body.scope_id, body.until)
    return present(GivenGrantOut(id=given), 201)


@routes.delete(
    "/grants/<grant_id>",
    auth="person",
    answers={204: None},
    refuses=("not_found role_not_granted role_required",),
)
def end_grant(path: GrantPath) -> Response:
    """立即终止授权"""
    grants.revoke(context(), actor(), path.grant_id)
    return nothing()
