"""For auditors the audit chain; for supervisors too its soundness and the books; for officers,
every time limit."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from backend.domain.deadlines import DeadlineState
from backend.http.pages import CountedPageQuery, Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Moment, Output, present
from backend.http.routes import Routes
from backend.services.reads import audit_views, deadline_list

routes = Routes("oversight", "监督与审计")


class DeadlineQuery(PageQuery):
    """Which time limits to list."""

    state: DeadlineState | None = None


class ChainLinkOut(Output):
    """One link. `body` is what was hashed, as text, so that anyone can check it offline."""

    seq: int
    version: int
    at: Moment
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: str
    facts: dict[str, Any]
    body: str
    previous_hash: str
    hash: str


class VerificationOut(Output):
    """`entries` good links; `first_bad_seq` is where the chain breaks, null when it does not."""

    ok: bool
    entries: int
    first_bad_seq: int | None
    head: str


class CheckpointOut(Output):
    """Where the chain stood on a day; `line` is what to keep somewhere else, as it stands."""

    day: date
    seq: int
    line: str


class CheckpointsOut(Output):
    """The latest first."""

    checkpoints: list[CheckpointOut]


class KindBalanceOut(Output):
    """All accounts of one kind together."""

    kind: str
    name: str
    balance_fen: int


class TrialBalanceOut(Output):
    """Debits less credits: zero in a sound ledger."""

    total_fen: int
    kinds: list[KindBalanceOut]


class RunningDeadlineOut(Output):
    """A time limit and what it is of, such as a `purchase` by its id.

    `ends_before` is the first moment too late, unless the limit stands still: `pause_words` say
    since when and why, and `days_left` (as the limit is counted) run on afterwards.
    """

    id: UUID
    subject_kind: str
    subject_id: UUID
    number: str
    estate: str
    kind: str
    task: str
    started_on: date
    ends_on: date
    ends_before: Moment
    provisional: bool
    state: str
    paused_on: date | None
    days_left: int | None
    pause_words: str | None


@routes.get(
    "/audit/entries",
    auth="person",
    answers={200: Page[ChainLinkOut], 304: None},
    refuses=("not_found role_required",),
)
def audit_entries(query: CountedPageQuery) -> Response:
    """审计链的记录"""
    rows = audit_views.list_links(context(), actor(), query.after(), query.page_size + 1)
    items = [ChainLinkOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.seq)
    return present(Page[ChainLinkOut](items=items, next_cursor=next_cursor))


@routes.get(
    "/audit/verification",
    auth="person",
    answers={200: VerificationOut, 304: None},
    refuses=("not_found role_required",),
)
def audit_verification() -> Response:
    """从头核对整条审计链"""
    return present(VerificationOut.model_validate(audit_views.verify_chain(context(), actor())))


@routes.get(
    "/audit/checkpoints",
    auth="person",
    answers={200: CheckpointsOut, 304: None},
    refuses=("not_found role_required",),
)
def audit_checkpoints() -> Response:
    """审计链最近一个月的检查点"""
    found = audit_views.list_checkpoints(context(), actor())
    points = [CheckpointOut.model_validate(each) for each in found]
    return present(CheckpointsOut(checkpoints=points))


@routes.get(
    "/ledger/trial-balance",
    auth="person",
    answers={200: TrialBalanceOut, 304: None},
    refuses=("not_found role_required",),
)
def trial_balance() -> Response:
    """试算平衡"""
    return present(
        TrialBalanceOut.model_validate(audit_views.read_trial_balance(context(), actor()))
    )


@routes.get(
    "/deadlines",
    auth="person",
    answers={200: Page[RunningDeadlineOut], 304: None},
    refuses=("not_found role_required",),
)
def list_deadlines(query: DeadlineQuery) -> Response:
    """全部期限"""
    rows = deadline_list.list_deadlines(
        context(), actor(), query.state, query.after(), query.page_size + 1
    )
    items = [RunningDeadlineOut.model_validate(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[RunningDeadlineOut](items=items, next_cursor=next_cursor))
