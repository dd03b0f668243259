"""For the centre: ballots on paper, the count, and what was done by mistake."""

from flask import Response
from pydantic import Field

from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.api.cases.paper_entries import PaperEntryOut
from backend.api.cases.votes import VotePath
from backend.domain.voting import Choice
from backend.http.bodies import ReasonIn
from backend.http.fields import Place, Sha256, Statement, When
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.paper_entries import Scanned
from backend.services.votes import counting, paper, withdrawing
from backend.services.votes.paper import PaperBallot

routes = Routes("vote_counts", "中心：纸质表决票和计票")

MOST_BALLOTS = 500


class OwnerIn(Input):
    """A flat and the whole name of its owner, as they stand on the paper."""

    building: Place
    unit: Place
    room: Place
    name: Place

    def as_written(self) -> SignedOnPaper:
        """The same for the service."""
        return SignedOnPaper(self.building, self.unit, self.room, self.name)


class PaperBallotIn(OwnerIn):
    """A ballot on paper; `proxy` where another owner cast it for this one."""

    choice: Choice
    proxy: OwnerIn | None = None


class PaperBallotsIn(Input):
    """Ballots, their scan, and when the centre got them."""

    ballots: list[PaperBallotIn] = Field(min_length=1, max_length=MOST_BALLOTS)
    file_sha256: Sha256
    received_at: When


class CountIn(Input):
    """How it was made sure that every ballot that came in time is entered."""

    statement: Statement


class RecountOut(Output):
    """Whether a recount of what is on record comes to what was counted, of the same roll and the
    same ballots; `counted` and `again` say what they come to."""

    agrees: bool
    same_roll: bool
    same_ballots: bool
    counted: list[str]
    again: list[str]


@routes.post(
    "/votes/<vote_id>/paper-ballots",
    auth="person",
    answers={201: PaperEntryOut},
    creates=True,
    refuses=(
        "ballot_cast_here ballot_repeated ballot_too_late case_closed file_unknown",
        "flat_not_on_roll later_ballot_counted name_not_on_roster not_found officer_is_party",
        "paper_entry_waiting paper_reused proxy_for_too_many proxy_is_owner proxy_not_on_roll",
        "received_at_invalid role_required same_officer step_not_possible version_conflict",
        "vote_closed",
    ),
)
def enter_paper_ballots(path: VotePath, body: PaperBallotsIn) -> Response:
    """录入纸质表决票

    由经办办理，先上传票的扫描件；截止之前收到的，截止之后也可以录入，计票之前为止。房号、姓名与名册
    不符的，一次列出全部问题，一张也不录入。由另一位经办对照扫描件核对以后计入。业主已经在手机上投票的，以手机为准；
    交了两次纸质票的，以后收到的为准。
    受托人须是参加表决的业主，代几名业主投票有上限。
    """
    written = [
        PaperBallot(one.as_written(), one.choice, one.proxy.as_written() if one.proxy else None)
        for one in body.ballots
    ]
    scanned = Scanned(body.file_sha256, body.received_at)
    entry = paper.enter(context(), acting(), path.vote_id, written, scanned)
    return present(PaperEntryOut.model_validate(entry), 201)


@routes.post(
    "/purchases/<purchase_id>/vote-count",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "case_closed count_not_open not_found officer_is_party papers_not_compared role_required",
        "same_officer step_not_possible version_conflict",
        WRITTEN,
    ),
)
def confirm_count(path: CasePath, body: CountIn) -> Response:
    """确认按时收到的票都已录入，计票

    由经办办理，表决截止之后；还有纸质票等待核对的，先核对或退回。系统当即计票，通过或未通过。
    """
    return present_case(
        counting.confirm_count(context(), acting(), path.purchase_id, body.statement)
    )


@routes.post(
    "/purchases/<purchase_id>/vote-voiding",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def void_vote(path: CasePath, body: ReasonIn) -> Response:
    """表决作废，须重新发起

    由复核办理，公示张贴之前，须写理由。
    """
    return present_case(withdrawing.void_vote(context(), acting(), path.purchase_id, body.reason))


@routes.get(
    "/votes/<vote_id>/recount",
    auth="person",
    answers={200: RecountOut, 304: None},
    refuses=("not_found role_required vote_not_counted",),
)
def recount(path: VotePath) -> Response:
    """重新计票：按记录在案的名册和票再算一遍

    由中心、监督部门和审计查看。
    """
    done = counting.recount(context(), actor(), path.vote_id)
    return present(
        RecountOut(
            agrees=done.agrees,
            same_roll=done.same_roll,
            same_ballots=done.same_ballots,
            counted=list(done.counted.sentences),
            again=list(done.again.sentences),
        )
    )
