"""For the centre: up to which day the books are locked, changed by two officers."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.income import PeriodLockOut
from backend.http.bodies import ReasonIn
from backend.http.fields import Day
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import present
from backend.http.routes import WRITTEN, Routes
from backend.services.income import locking

routes = Routes("period_locks", "锁账：哪一天以前的账不再记")
DECIDED = "lock_decided not_found role_required"


class LockPath(BaseModel):
    """A change of the lock."""

    lock_id: UUID


class LockIn(ReasonIn):
    """Up to which month's end the books are to be locked, or that they are to be open, and why."""

    until_on: Day | None


@routes.get(
    "/period-locks",
    auth="person",
    answers={200: Page[PeriodLockOut], 304: None},
    refuses=("not_found role_required",),
)
def list_period_locks(query: PageQuery) -> Response:
    """锁账的登记

    中心经办、复核、出纳和监督、审计可以看。最后确认的一项算数；年度分配入账时，那一年的账随之锁上。
    """
    found = locking.list_locks(context(), actor(), query.after(), query.page_size + 1)
    items = [PeriodLockOut.model_validate(each) for each in found[: query.page_size]]
    next_cursor = cursor_after(found, query.page_size, lambda each: each.id)
    return present(Page[PeriodLockOut](items=items, next_cursor=next_cursor))


@routes.post(
    "/period-locks",
    auth="person",
    answers={201: PeriodLockOut},
    creates=True,
    refuses=(
        WRITTEN,
        "lock_not_month_end lock_not_over lock_unchanged lock_waiting not_found role_required",
    ),
)
def ask_period_lock(body: LockIn) -> Response:
    """登记锁账或打开

    由经办、复核或出纳登记：账锁到某个月末，以前的日子不再记账；写空值是全部打开，写更早的月末是打开后来的。
    另一位工作人员确认之前什么也不改。
    """
    made = locking.ask(context(), actor(), body.until_on, body.reason)
    return present(PeriodLockOut.model_validate(made), 201)


@routes.post(
    "/period-locks/<lock_id>/confirmation",
    auth="person",
    answers={200: PeriodLockOut},
    refuses=(DECIDED, "lock_moved own_lock"),
)
def confirm_period_lock(path: LockPath) -> Response:
    """确认锁账

    由登记人以外的经办、复核或出纳办理。登记以后锁账的日子变了的，请退回重新登记。
    """
    made = locking.confirm(context(), actor(), path.lock_id)
    return present(PeriodLockOut.model_validate(made))


@routes.post(
    "/period-locks/<lock_id>/refusal",
    auth="person",
    answers={200: PeriodLockOut},
    refuses=(WRITTEN, DECIDED),
)
def turn_down_period_lock(path: LockPath, body: ReasonIn) -> Response:
    """退回锁账的登记

    由经办、复核或出纳办理，写明原因；登记人也可以自己撤回。锁账的日子照旧。
    """
    made = locking.turn_down(context(), actor(), path.lock_id, body.reason)
    return present(PeriodLockOut.model_validate(made))
