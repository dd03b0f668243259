"""业主表决: owners vote on a plan; who organises it opens it, sees who took part, and reminds."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.domain.voting import Choice
from backend.http.bodies import CoverTermsOut, ReasonIn
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.votes import ballots, opening, reading, reminding, withdrawing

routes = Routes("votes", "业主表决")


class VotePath(BaseModel):
    """A vote by its id; another one on the same plan has another."""

    vote_id: UUID


class OpeningIn(Input):
    """Whether flats without an owner on the roster are the developer's."""

    unsold_confirmed: bool = False


class ChoiceIn(Input):
    """What the owner says."""

    choice: Choice


class CastOut(Output):
    """For how many flats it counts."""

    flats: int


class RemindedOut(Output):
    """How many owners were reminded."""

    owners: int


class FlatOnRollOut(Output):
    """A flat on the roll, whose it is by number, and how its ballot came in, if one did."""

    place: str
    area_dm2: int
    head: int
    voted_by: str


class VoteOut(Output):
    """A vote as those see it who organise it: who took part, never what for, until it is counted.
    Areas in 0.01 m²; `needed_…` is the least that must take part."""

    id: UUID
    purchase_id: UUID
    opened_at: Moment
    closes_at: Moment
    all_area_dm2: int
    all_heads: int
    voted_area_dm2: int
    voted_heads: int
    needed_area_dm2: int
    needed_heads: int
    papers_waiting: int
    outcome: str | None
    words: str
    sentences: list[str]
    flats: list[FlatOnRollOut]


class VoteOfCaseOut(Output):
    """The latest vote on the current plan; null where there is none."""

    vote: VoteOut | None


class MyVoteOut(Output):
    """A vote as one of its owners sees it. Money in fen; `silent`: of `flats` those for which the
    owner has not voted; `on_paper`: the own word came on paper."""

    id: UUID
    number: str
    estate: str
    premium_fen: int
    insurer: str
    terms: CoverTermsOut
    closes_at: Moment
    words: str
    is_open: bool
    flats: list[str]
    silent: list[str]
    choice: str | None
    choice_name: str | None
    on_paper: bool
    outcome: str | None
    sentences: list[str]


class MyVotesOut(BaseModel):
    """The latest first."""

    items: list[MyVoteOut]


@routes.get("/votes/mine", auth="person", answers={200: MyVotesOut, 304: None})
def my_votes() -> Response:
    """本人有房屋参加的表决，附本人投的票和结果"""
    rows = reading.my_votes(context(), actor())
    return present(MyVotesOut(items=[MyVoteOut.model_validate(row) for row in rows]))


@routes.post(
    "/votes/<vote_id>/ballots",
    auth="person",
    answers={200: CastOut},
    refuses=("case_closed not_found not_on_roll step_not_possible vote_closed",),
)
def cast_ballot(path: VotePath, body: ChoiceIn) -> Response:
    """投票：同意、不同意或弃权

    由业主本人办理，表决截止之前；本人名下参加表决的每套房屋各计一票。截止之前可以改，以最后一次为准；
    已有纸质票的，以在这里投的为准。
    """
    flats = ballots.cast(context(), actor(), path.vote_id, body.choice)
    return present(CastOut(flats=flats))


@routes.get(
    "/purchases/<purchase_id>/vote",
    auth="person",
    answers={200: VoteOfCaseOut, 304: None},
    refuses=("not_found role_required",),
)
def vote_of_case(path: CasePath) -> Response:
    """本案的业主表决：参与情况和结果

    由可以发起表决的一方和中心、审计查看。计票之前只有谁参加了表决，没有投了什么；逐户的只有中心和审计看得到。
    """
    view = reading.vote_of_case(context(), actor(), path.purchase_id)
    return present(VoteOfCaseOut(vote=VoteOut.model_validate(view) if view else None))


@routes.post(
    "/purchases/<purchase_id>/votes",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        STEP,
        "cover_begins_in_past flats_without_owner insurer_not_selected lift_already_covered",
        "lift_not_running lift_outside_circle roll_empty",
    ),
)
def open_vote(path: CasePath, body: OpeningIn) -> Response:
    """发起业主表决

    由本市方案规定的一方办理（业委会委员或中心经办），方案定下之后。名册在这时冻结：相关范围里每套房屋的
    面积和业主人数。名册里没有业主的房屋，确是建设单位没有卖出或没有交付的，unsold_confirmed
    填 true，合计按一人。有账号的业主会收到消息。
    """
    opened = opening.open_vote(context(), acting(), path.purchase_id, body.unsold_confirmed)
    return present_case(opened, 201)


@routes.post(
    "/purchases/<purchase_id>/vote-withdrawal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "ballots_cast"),
)
def withdraw_vote(path: CasePath, body: ReasonIn) -> Response:
    """撤回业主表决

    由可以发起表决的一方办理，第一张票之前，须写理由。可以重新发起。
    """
    return present_case(
        withdrawing.withdraw_vote(context(), acting(), path.purchase_id, body.reason)
    )


@routes.post(
    "/votes/<vote_id>/reminders",
    auth="person",
    answers={200: RemindedOut},
    refuses=("case_closed not_found role_required step_not_possible vote_closed",),
)
def remind_voters(path: VotePath) -> Response:
    """提醒还没有投票的业主

    由可以发起表决的一方办理，表决截止之前；每位业主一天最多收到一次。
    """
    return present(RemindedOut(owners=reminding.remind(context(), actor(), path.vote_id)))
