"""For committee members who answer in the mini-program instead of in chat."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.cases import TallyOut
from backend.domain.approval import Answer
from backend.http.bodies import CoverTermsOut
from backend.http.fields import Reason
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.purchase import approvals
from backend.services.purchase.approvals import MemberAnswer
from backend.services.reads.committee import answers_given, plans_to_answer

routes = Routes("committee", "业委会委员：审议")


class PlanPath(BaseModel):
    """A plan by its id; every revision has its own."""

    plan_id: UUID


class AnswerIn(Input):
    """The member's word; refusing needs a reason."""

    answer: Answer
    reason: Reason | None = None


class LiftInPlanOut(Output):
    """A lift that the plan covers, and what that costs in fen."""

    registration_code: str
    name: str
    place: str
    premium_fen: int


class TallySoFarOut(Output):
    """How the answers stand; `needed` answers of one kind decide."""

    approve: int
    refuse: int
    members: int
    needed: int


class ChangeOut(Output):
    """One term that differs from the former revision, in words."""

    field: str
    label: str
    before: str
    after: str


class PlanToAnswerOut(Output):
    """A frozen plan as a member decides on it. Money in fen; `due` is the first moment too late."""

    plan_id: UUID
    purchase_id: UUID
    number: str
    estate: str
    revision: int
    lifts: list[LiftInPlanOut]
    account: str
    available_fen: int
    premium_fen: int
    insurer: str
    terms: CoverTermsOut
    due: Moment | None
    due_words: str
    my_answer: str | None
    tally: TallySoFarOut
    changes: list[ChangeOut]
    content_hash: str


class PlansToAnswerOut(BaseModel):
    """The oldest first."""

    items: list[PlanToAnswerOut]


class GivenAnswerOut(Output):
    """An answer that this person gave; `counts` until a newer revision replaces the plan."""

    plan_id: UUID
    number: str
    estate: str
    revision: int
    answer: str
    answer_name: str
    reason: str | None
    answered_at: Moment
    medium: str
    state_name: str
    counts: bool


class GivenAnswersOut(BaseModel):
    """The latest first."""

    items: list[GivenAnswerOut]


@routes.get("/plans/waiting", auth="person", answers={200: PlansToAnswerOut, 304: None})
def waiting_plans() -> Response:
    """等待本人审议的方案，附与上一版的差别"""
    rows = plans_to_answer(context(), actor())
    return present(PlansToAnswerOut(items=[PlanToAnswerOut.model_validate(row) for row in rows]))


@routes.get("/plans/answered", auth="person", answers={200: GivenAnswersOut, 304: None})
def answered_plans() -> Response:
    """本人答复过的方案"""
    rows = answers_given(context(), actor())
    return present(GivenAnswersOut(items=[GivenAnswerOut.model_validate(row) for row in rows]))


@routes.post(
    "/plans/<plan_id>/answers",
    auth="person",
    answers={200: TallyOut},
    refuses=(
        WRITTEN,
        "answer_unknown answered_later not_a_member not_found officer_is_party plan_changed",
        "recused same_officer step_not_possible already_decided case_closed",
    ),
)
def answer_plan(path: PlanPath, body: AnswerIn) -> Response:
    """审议方案：同意或不同意

    由在任的业委会委员办理，有结果之前可以改。不同意须写理由。同意超过在任人数一半，方案通过。
    """
    tally = approvals.answer(
        context(),
        actor().person_id,
        path.plan_id,
        MemberAnswer(body.answer, body.reason, "mini_program"),
    )
    return present(TallyOut.model_validate(tally))
