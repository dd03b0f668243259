"""For committee members who answer in the mini-program instead of in chat."""

from typing import Literal
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases import TallyOut
from backend.api.fields import Reason
from backend.api.parts import actor, context
from backend.api.present import Input, present
from backend.api.routes import Routes
from backend.services import approvals

routes = Routes("committee", "业委会委员：审议")


class PlanPath(BaseModel):
    """A plan by its id; every revision has its own."""

    plan_id: UUID


class AnswerIn(Input):
    """The member's word; refusing needs a reason."""

    answer: Literal["approve", "refuse"]
    reason: Reason | None = None


@routes.post("/plans/<plan_id>/answers", auth="person", answers={200: TallyOut})
def answer_plan(path: PlanPath, body: AnswerIn) -> Response:
    """审议方案：同意或不同意"""
    tally = approvals.answer(
        context(),
        actor().person_id,
        path.plan_id,
        body.answer,
        body.reason,
        "mini_program",
        None,
    )
    return present(TallyOut.model_validate(tally))
