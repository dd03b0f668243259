"""For everyone who has a part in a case: the list of them and one in detail."""

import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from backend.api.cases.refunds import RefundOut
from backend.domain.routes.catalogue import is_state, limit_title, state_name
from backend.http.bodies import CoverTermsOut
from backend.http.pages import Page, PageQuery, cursor_after
from backend.http.parts import actor, context
from backend.http.present import Moment, Output, etag_of, present
from backend.http.routes import Routes
from backend.services.base.context import Actor
from backend.services.reads.cases import CaseView, NoticeView, PlanView, list_cases, read_case
from backend.store.purchases import Purchase

routes = Routes(
    "cases",
    "案件。办理步骤可带 If-Match（上次查看所得的 ETag）：案件若已有新进展，则拒绝办理",
)

SEEN = re.compile(r'"?([0-9]{1,9})(?:-[0-9a-f]+)?"?')
NEVER = -1


def _known_state(value: object) -> object:
    """Of any route: its own states are no less a filter than the shared ones."""
    if not isinstance(value, str) or not is_state(value):
        raise ValueError("not a state")
    return value


KnownState = Annotated[str, BeforeValidator(_known_state)]


class CasePath(BaseModel):
    """A case by its id."""

    purchase_id: UUID


class CaseQuery(PageQuery):
    """Which cases to list."""

    state: KnownState | None = Field(default=None, description="只看处于该状态的案件")


class CaseOut(Output):
    """A case in short. `version` counts its steps."""

    id: UUID
    number: str
    route: str
    state: str
    state_name: str
    version: int
    estate_id: UUID
    insurer_id: UUID | None
    plan_id: UUID | None
    applicant: str
    started_at: Moment
    updated_at: Moment


class CaseLiftOut(Output):
    """A lift of the application; its premium in fen once there is a plan."""

    id: UUID
    registration_code: str
    name: str
    building: str
    unit: str
    unit_id: UUID
    survey: str | None
    findings: str | None
    premium_fen: int | None


class LiftPremiumOut(BaseModel):
    """What one lift costs."""

    lift_id: UUID
    premium_fen: int


class TallyOut(Output):
    """How the committee's answers stand; `decided` once more than half of those in office agree."""

    approvals: int
    refusals: int
    in_office: int
    decided: str | None


class CasePlanOut(Output):
    """The current plan; `content_hash` freezes its terms."""

    id: UUID
    revision: int
    insurer_id: UUID
    premium_fen: int
    terms: CoverTermsOut
    content_hash: str
    lifts: list[LiftPremiumOut]
    answers: TallyOut


class CasePolicyOut(Output):
    """The policy that counts: its days are the days of cover. Money in fen."""

    number: str
    cover_from: date
    cover_last_day: date
    issued_on: date
    premium_fen: int
    note: str | None


class CalendarDayOut(BaseModel):
    """A day that the reckoning speaks of: working, weekend, holiday or make-up workday."""

    on: date
    kind: str
    name: str


class CaseReasonOut(BaseModel):
    """One sentence of how a date was reckoned, the article behind it, and the days concerned."""

    rule: str
    text: str
    article: str | None
    days: list[CalendarDayOut]


class CaseNoticeOut(Output):
    """The live notice and which photos it lacks, in words."""

    id: UUID
    number: str
    state: str
    starts_on: date | None
    ends_on: date | None
    ends_before: Moment | None
    provisional: bool
    explanation: list[CaseReasonOut]
    content_hash: str
    missing_start: list[str]
    missing_end: list[str]
    late_end: list[str]


class CaseObjectionOut(Output):
    """Number, kind, status and answer; the other fields are filled for the clerk alone."""

    number: str
    notice_number: str
    kind: str
    status: str
    answer: str | None
    id: UUID | None
    source: str | None
    received_at: Moment | None
    text: str | None
    publication: str | None
    photos: list[str]
    letter_due: bool | None
    delivered_on: date | None


class CaseDeadlineOut(BaseModel):
    """A time limit of the case. `ends_before` is the first moment too late, unless the limit stands
    still: `pause_words` say since when and why, and `days_left` (as the limit is counted) run on
    afterwards."""

    kind: str
    task: str
    started_on: date
    ends_on: date
    ends_before: Moment
    provisional: bool
    explanation: list[CaseReasonOut]
    state: str
    paused_on: date | None
    days_left: int | None
    pause_words: str | None


class TransitionOut(BaseModel):
    """One step that was taken; `reason` is shown to those who take part."""

    model_config = ConfigDict(serialize_by_alias=True)

    seq: int
    action: str
    from_: str | None = Field(serialization_alias="from")
    to: str
    at: Moment
    role: str
    reason: str | None
    amount_fen: int | None


class CasePaperOut(Output):
    """What was handed in; shown to those who take part."""

    kind: str
    file_sha256: str | None
    statement: str | None
    number: str | None
    at: Moment | None


class SourceAccountOut(Output):
    """An account that pays for the case, in proportion to `weight` where there are several."""

    id: UUID
    number: str
    name: str
    weight: int


class CaseDetailOut(CaseOut):
    """A case with everything that this person may see of it.

    `available_fen`: what the accounts of its source can spend on this case. `refund`: shown to the
    centre's officers.
    """

    source: list[SourceAccountOut]
    available_fen: int
    lifts: list[CaseLiftOut]
    plan: CasePlanOut | None
    policy: CasePolicyOut | None
    notice: CaseNoticeOut | None
    objections: list[CaseObjectionOut]
    deadlines: list[CaseDeadlineOut]
    possible_actions: list[str]
    transitions: list[TransitionOut]
    papers: list[CasePaperOut]
    refund: RefundOut | None


@routes.get("/purchases", auth="person", answers={200: Page[CaseOut], 304: None})
def cases(query: CaseQuery) -> Response:
    """本人可以查看的案件"""
    rows = list_cases(context(), actor(), query.state, query.after(), query.page_size + 1)
    items = [case_out(row) for row in rows[: query.page_size]]
    next_cursor = cursor_after(rows, query.page_size, lambda row: row.id)
    return present(Page[CaseOut](items=items, next_cursor=next_cursor))


@routes.get(
    "/purchases/<purchase_id>",
    auth="person",
    answers={200: CaseDetailOut, 304: None},
    refuses=("not_found",),
)
def case_detail(path: CasePath) -> Response:
    """一个案件的全部进展"""
    shown = _detail(read_case(context(), actor(), path.purchase_id))
    response = present(shown)
    if response.status_code == 200:
        # The version in front lets If-Match compare what was seen with what is there.
        response.set_etag(f"{shown.version}-{etag_of(response.get_data())}")
        response.make_conditional(request)
    return response


def acting() -> Actor:
    """The person behind this request, with the version of the case that If-Match names."""
    given = request.headers.get("If-Match", "*")
    if given == "*":
        return actor()
    match = SEEN.fullmatch(given)
    return replace(actor(), seen_version=int(match[1]) if match else NEVER)


def case_fields(purchase: Purchase) -> dict[str, Any]:
    """What `CaseOut` shows of a case."""
    return {
        "id": purchase.id,
        "number": purchase.number,
        "route": purchase.route,
        "state": purchase.state,
        "state_name": state_name(purchase.state),
        "version": purchase.version,
        "estate_id": purchase.estate_id,
        "insurer_id": purchase.insurer_id,
        "plan_id": purchase.plan_id,
        "applicant": purchase.applicant,
        "started_at": purchase.started_at,
        "updated_at": purchase.updated_at,
    }


def case_out(purchase: Purchase) -> CaseOut:
    """The case in short."""
    return CaseOut(**case_fields(purchase))


def present_case(purchase: Purchase, status: int = 200) -> Response:
    """The answer to a step: the case as it now stands."""
    return present(case_out(purchase), status)


def _detail(view: CaseView) -> CaseDetailOut:
    return CaseDetailOut(
        **case_fields(view.purchase),
        source=[SourceAccountOut.model_validate(each) for each in view.source.accounts],
        available_fen=view.source.available_fen,
        lifts=[CaseLiftOut.model_validate(lift) for lift in view.lifts],
        plan=_plan(view.plan) if view.plan else None,
        policy=CasePolicyOut.model_validate(view.policy) if view.policy else None,
        notice=_notice(view.notice) if view.notice else None,
        objections=[CaseObjectionOut.model_validate(row) for row in view.objections],
        deadlines=_deadlines(view),
        possible_actions=list(view.possible_actions),
        transitions=_transitions(view),
        papers=[CasePaperOut.model_validate(paper) for paper in view.papers],
        refund=RefundOut.model_validate(view.refund) if view.refund else None,
    )


def _plan(view: PlanView) -> CasePlanOut:
    plan = view.plan
    return CasePlanOut(
        id=plan.id,
        revision=plan.revision,
        insurer_id=plan.insurer_id,
        premium_fen=plan.premium_fen,
        terms=CoverTermsOut.model_validate(plan.terms),
        content_hash=plan.content_hash,
        lifts=[
            LiftPremiumOut(lift_id=lift_id, premium_fen=fen)
            for lift_id, fen in view.lift_premiums.items()
        ],
        answers=TallyOut.model_validate(view.answers),
    )


def _notice(view: NoticeView) -> CaseNoticeOut:
    notice = view.notice
    return CaseNoticeOut(
        id=notice.id,
        number=notice.number,
        state=notice.state,
        starts_on=notice.starts_on,
        ends_on=notice.ends_on,
        ends_before=notice.ends_before,
        provisional=notice.provisional,
        explanation=[CaseReasonOut(**reason) for reason in notice.explanation],
        content_hash=notice.content_hash,
        missing_start=list(view.missing_start),
        missing_end=list(view.missing_end),
        late_end=list(view.late_end),
    )


def _deadlines(view: CaseView) -> list[CaseDeadlineOut]:
    return [
        CaseDeadlineOut(
            kind=row.kind,
            task=limit_title(row.kind),
            started_on=row.started_on,
            ends_on=row.ends_on,
            ends_before=row.ends_before,
            provisional=row.provisional,
            explanation=[CaseReasonOut(**reason) for reason in row.explanation],
            paused_on=row.paused_on,
            days_left=row.days_left,
            pause_words=row.pause_words,
            state=row.state,
        )
        for row in view.deadlines
    ]


def _transitions(view: CaseView) -> list[TransitionOut]:
    return [
        TransitionOut(
            seq=row.seq,
            action=row.action,
            from_=row.from_state,
            to=row.to_state,
            at=row.at,
            role=row.role,
            reason=row.reason if view.full else None,
            amount_fen=row.amount_fen,
        )
        for row in view.transitions
    ]
