"""For those who let people in: checking verifications on the roster, giving and ending rights."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.domain.roles import Role
from backend.http.bodies import ReasonIn
from backend.http.fields import Place, Reason, When, Yes
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import PROVED, WRITTEN, Routes
from backend.services.people import delegations, grants, ownership, roster

routes = Routes("rights", "身份核验与授权")


class OwnershipIn(Input):
    """The owner as the land register names them, and on what it rests."""

    estate_code: Place
    building: Place
    unit: Place
    room: Place
    name: Place
    reason: Reason

    def owner(self) -> ownership.OwnerAt:
        """Whom it names."""
        return ownership.OwnerAt(self.estate_code, self.building, self.unit, self.room, self.name)


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


class DelegationIn(Input):
    """Who does one's work, and until when."""

    person_id: UUID
    until: When


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
    stands_in_for: UUID | None


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
        PROVED,
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


@routes.post(
    "/ownership-endings",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, "name_not_on_roster not_found place_unknown role_required"),
)
def end_ownership(body: OwnershipIn) -> Response:
    """登记业主已转让房屋

    由经办凭不动产登记办理。该业主不再是相关业主，未提交的联名不再计数；已经办的照旧有效。
    """
    ownership.end_ownership(context(), actor(), body.owner(), body.reason)
    return nothing()


@routes.post(
    "/ownership-restorations",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, PROVED, "name_not_on_roster not_found place_unknown role_required"),
)
def restore_ownership(body: OwnershipIn) -> Response:
    """撤回转让登记

    由经办办理，用于登记错误或又购回。业委会席位不会自动恢复。
    """
    ownership.restore_ownership(context(), actor(), body.owner(), body.reason)
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
        "grant_to_self last_administrator manager_and_member not_found role_not_granted",
        PROVED,
        "role_required scope_mismatch until_past",
    ),
)
def give_grant(body: GrantIn) -> Response:
    """授权

    系统管理员授予中心和监督的角色，经办授予物业经理（限小区）和保险机构（限保险机构）。
    重复授予同一角色不会多出一项，只改截止时间。
    """
    given = grants.grant(context(), actor(), body.person_id, body.role, body.scope_id, body.until)
    return present(GivenGrantOut(id=given), 201)


@routes.post(
    "/grants/<grant_id>/delegation",
    auth="person",
    answers={201: GivenGrantOut},
    creates=True,
    refuses=(
        PROVED,
        "delegate_unfit manager_and_member not_delegable not_found until_past until_too_late",
    ),
)
def delegate(path: GrantPath, body: DelegationIn) -> Response:
    """委托他人代办

    中心经办、复核、出纳委托中心其他办理人员，物业委托本公司其他小区的物业人员，到期自动结束。
    代办人办理的，同时视为委托人办理：经办、复核、出纳仍须是不同的人。可随时终止该授权收回。
    """
    given = delegations.delegate(context(), actor(), path.grant_id, body.person_id, body.until)
    return present(GivenGrantOut(id=given), 201)


@routes.delete(
    "/grants/<grant_id>",
    auth="person",
    answers={204: None},
    refuses=("last_administrator not_found role_not_granted role_required",),
)
def end_grant(path: GrantPath) -> Response:
    """立即终止授权"""
    grants.revoke(context(), actor(), path.grant_id)
    return nothing()
