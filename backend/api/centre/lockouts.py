"""For administrators: keeping people out, letting them in again, ending their sessions."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.http.bodies import ReasonIn
from backend.http.fields import Reason
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, nothing, present
from backend.http.routes import PROVED, WRITTEN, Routes
from backend.services.people import lockouts

routes = Routes("lockouts", "停用账号")


class LockoutPath(BaseModel):
    """A lockout by its id."""

    lockout_id: UUID


class PersonPath(BaseModel):
    """A person by their id."""

    person_id: UUID


class LockoutIn(Input):
    """Who is kept out, and why."""

    person_id: UUID
    reason: Reason


class GivenLockoutOut(BaseModel):
    """The lockout."""

    id: UUID


class LockoutOut(Output):
    """A lockout as its keepers see it."""

    id: UUID
    person_id: UUID
    reason: str
    locked_by: UUID | None
    locked_at: Moment
    lift_reason: str | None
    lifted_by: UUID | None
    lifted_at: Moment | None


@routes.get(
    "/lockouts",
    auth="person",
    answers={200: Page[LockoutOut], 304: None},
    refuses=("not_found role_required",),
)
def list_lockouts(query: PageQuery) -> Response:
    """停用过的账号，包括已恢复的

    由系统管理员和审计查看。
    """
    rows = lockouts.list_lockouts(context(), actor(), query.after(), query.page_size + 1)
    items = [LockoutOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[LockoutOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/lockouts",
    auth="person",
    answers={200: GivenLockoutOut},
    refuses=(WRITTEN, "last_administrator lockout_of_self not_found role_required"),
)
def lock_out(body: LockoutIn) -> Response:
    """停用账号：结束全部登录，恢复前不能登录，也不能在服务号里办理

    由系统管理员办理，不能停用自己，也不能停用最后一位系统管理员。已停用的再次停用，不会多出一条。公开页面和救援电话不受影响。
    """
    given = lockouts.lock_out(context(), actor(), body.person_id, body.reason)
    return present(GivenLockoutOut(id=given))


@routes.post(
    "/lockouts/<lockout_id>/end",
    auth="person",
    answers={204: None},
    refuses=(WRITTEN, PROVED, "role_required"),
)
def let_in(path: LockoutPath, body: ReasonIn) -> Response:
    """恢复账号，本人重新登录即可

    由系统管理员办理。授权和名册上的身份在停用期间不变。
    """
    lockouts.let_in(context(), actor(), path.lockout_id, body.reason)
    return nothing()


@routes.delete(
    "/people/<person_id>/sessions",
    auth="person",
    answers={204: None},
    refuses=("role_required",),
)
def end_sessions_of(path: PersonPath) -> Response:
    """结束一个人的全部登录，本人可以重新登录

    由系统管理员办理，例如本人报失手机时。
    """
    lockouts.end_sessions(context(), actor(), path.person_id)
    return nothing()
