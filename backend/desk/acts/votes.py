"""业主表决 at the desk: it is opened and undone, its paper is entered, its count confirmed."""

from collections.abc import Mapping
from uuid import UUID

from backend.desk.acts.act import PHOTO_OR_PDF, RECEIVED, Act, with_reason
from backend.desk.acts.counter import FLAT, NAME, scanned, signed
from backend.desk.forms import Field, Given, Known
from backend.desk.values import Kind
from backend.domain.actions import Action
from backend.domain.voting import CHOICE_NAMES
from backend.services.base.context import Actor, Context
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.reads.cases import CaseView
from backend.services.votes import counting, opening, paper, reading, withdrawing
from backend.services.votes.paper import PaperBallot

PROXY = (
    Field("proxy_building", "受托人楼栋", Kind.WORDS, optional=True),
    Field("proxy_unit", "受托人单元", Kind.WORDS, optional=True),
    Field("proxy_room", "受托人房号", Kind.WORDS, optional=True),
    Field("proxy_name", "受托人姓名", Kind.WORDS, optional=True),
)
BALLOTS = (
    Field("vote_id", "表决", Kind.HIDDEN),
    Field(
        "ballots",
        "表决票",
        Kind.TABLE,
        "照票抄写房号、业主全名和选择；有一张不对，一张也不录入。业主本人投的不填受托人。",
        columns=(
            *FLAT,
            NAME,
            Field("choice", "选择", Kind.CHOICE, choices=tuple(CHOICE_NAMES.items())),
            *PROXY,
        ),
    ),
    Field("file_sha256", "表决票扫描件", Kind.FILE, f"要有业主签名。{PHOTO_OR_PDF}"),
    RECEIVED,
)
UNSOLD = Field(
    "unsold_confirmed",
    "名册里没有业主的房屋，都是建设单位没有卖出或没有交付的",
    Kind.YES,
    "只在提示有房屋没有业主时勾选；这些房屋合计按一人。",
)
ALL_IN = Field(
    "statement",
    "票已收齐的说明",
    hint="写明票箱在哪里、由谁开箱，按时收到的纸质票共几张，都已录入并核对。",
)


def _open(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return opening.open_vote(ctx, actor, case, given["unsold_confirmed"])


def _enter(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    ballots = [PaperBallot(signed(row), row["choice"], _proxy(row)) for row in given["ballots"]]
    return paper.enter(ctx, actor, given["vote_id"], ballots, scanned(given))


def _proxy(row: Given) -> SignedOnPaper | None:
    words = [row[field.name] or "" for field in PROXY]
    return SignedOnPaper(*words) if any(words) else None


def _confirm(ctx: Context, actor: Actor, case: UUID, given: Given) -> object:
    return counting.confirm_count(ctx, actor, case, given["statement"])


def _at_hand(ctx: Context, actor: Actor, view: CaseView) -> Known:
    vote = reading.vote_of_case(ctx, actor, view.purchase.id)
    return Known({"vote_id": str(vote.id)} if vote else {})


VOTES: Mapping[str, Act] = {
    Action.OPEN_VOTE: Act((UNSOLD,), _open),
    Action.WITHDRAW_VOTE: with_reason(withdrawing.withdraw_vote),
    Action.VOID_VOTE: with_reason(withdrawing.void_vote),
    Action.ENTER_BALLOTS: Act(BALLOTS, _enter, _at_hand),
    Action.CONFIRM_COUNT: Act((ALL_IN,), _confirm),
}
