"""Segment of routes: the public notice is made, hangs, is objected to, and is cleared."""

from collections.abc import Sequence

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import Route
from backend.domain.roles import Role
from backend.domain.routes.gates import asked
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, EvidenceKind, Guard, Row, Step

# Who posts a notice: those who applied, else the manager of the house, else the centre itself.
POSTERS = (Role.APPLICANT, Role.PROPERTY_MANAGER, Role.CLERK)
MAY_OBJECT = "公示期内可提书面异议"


def public_notice(route: Route, *, after: str, also: tuple[Guard, ...] = ()) -> Sequence[Row]:
    """The notice hangs, waits for objections, and is cleared (JS annex 二（一）4). `also`: what
    else must hold on this route when it is made."""
    return (
        *_posting(route, after=after, also=also),
        *_objecting(),
        *_clearing(route),
        *_clearing_undone(),
    )


def _posting(route: Route, *, after: str, also: tuple[Guard, ...]) -> Sequence[Row]:
    """The notice is made, hung and photographed (JS annex 二（一）4, 7)."""
    return (
        Await(after, "张贴公示并上传照片", Action.POST_NOTICE),
        Step(
            Action.DRAFT_NOTICE,
            (after,),
            after,
            POSTERS,
            "JS附件二（一）4",
            guards=(
                *asked(
                    route,
                    must.insurer_selected,
                    must.lifts_in_circle,
                    must.lifts_running,
                    must.cover_ahead,
                    must.covers_one_year,
                    must.not_covered_twice,
                ),
                *also,
            ),
            effects=(do.hold_premium, do.reserve_cover),
        ),
        _draft_undone(after),
        Activity(
            Action.PHOTOGRAPH,
            (after, State.POSTED, State.SUSPENDED),
            POSTERS,
            "JS附件二（一）7",
            meets="public_notice_period",
        ),
        Step(
            Action.POST_NOTICE,
            (after,),
            State.POSTED,
            POSTERS,
            "JS附件二（一）4",
            guards=asked(
                route,
                must.insurer_selected,
                must.lifts_in_circle,
                must.lifts_running,
                must.start_photos_complete,
                must.cover_ahead,
                must.not_covered_twice,
            ),
            effects=(do.open_notice,),
            limit="public_notice_period",
            meets="posting",
            warns=(Role.CLERK,),
            notify=(Role.CLERK, Role.APPLICANT, Role.COMMITTEE_MEMBER),
            news=MAY_OBJECT,
        ),
    )


def _draft_undone(at: str) -> Step:
    """A notice that nobody posts, or that was drafted by mistake, holds money and lifts for
    nothing: those who applied, or the centre, take it back; nobody else undoes their work [D]."""
    return Step(
        Action.UNDO_DRAFT_NOTICE,
        (at,),
        at,
        (Role.APPLICANT, Role.CLERK),
        "本平台默认",
        guards=(must.notice_drafted, must.no_open_objection),
        effects=(do.release,),
        notify=(Role.CLERK, Role.APPLICANT),
        needs_reason=True,
        news="待张贴的公示已撤回",
    )


def _objecting() -> Sequence[Row]:
    """A verified objection suspends the notice until it is settled (JS annex 二（一）4)."""
    return (
        Await(State.POSTED, "公示期满后由中心核对结果", Action.CLEAR),
        Activity(
            Action.ANSWER_OBJECTION,
            (),
            (Role.CLERK,),
            "JS附件二（一）4",
            meets="objection_answer",
        ),
        Activity(
            Action.DELIVER_ANSWER,
            (),
            (Role.CLERK,),
            "JS附件二（一）4",
            meets="objection_answer",
        ),
        Step(
            Action.SUSPEND,
            (State.POSTED,),
            State.SUSPENDED,
            (Role.SYSTEM,),
            "JS附件二（一）4",
            guards=(must.verified_objection,),
            effects=(do.suspend_notice,),
            notify=(Role.APPLICANT, Role.INSURER, Role.COMMITTEE_MEMBER),
        ),
        Await(State.SUSPENDED, "处理异议后再实施", Action.ANSWER_OBJECTION),
        Step(
            Action.RESUME,
            (State.SUSPENDED,),
            State.POSTED,
            (Role.SYSTEM,),
            "JS附件二（一）4",
            guards=(must.no_open_objection,),
            effects=(do.resume_notice,),
            notify=(Role.APPLICANT, Role.CLERK),
            news=MAY_OBJECT,
        ),
    )


def _clearing(route: Route) -> Sequence[Row]:
    """The notice is over and nobody objects (JS annex 二（一）5)."""
    return (
        Step(
            Action.CLEAR,
            (State.POSTED,),
            State.CLEARED,
            (Role.CLERK,),
            "JS附件二（一）5",
            evidence=(EvidenceKind.NO_PAPER_OBJECTION,),
            guards=(must.notice_ended, must.no_open_objection, must.end_photos_complete),
            checks=(must.late_photos_explained,),
            effects=(do.end_notice,),
            limit="registration" if route.registration.value else "contract",
            meets="public_notice_period",
            notify=(Role.REVIEWER,) if route.registration.value else (Role.APPLICANT, Role.INSURER),
        ),
    )


def _clearing_undone() -> Sequence[Row]:
    """The notice was cleared by mistake: it hangs on [D]."""
    return (
        Step(
            Action.UNDO_CLEAR,
            (State.CLEARED,),
            State.POSTED,
            (Role.REVIEWER,),
            "本平台默认",
            effects=(do.hang_again,),
            meets=EVERY_LIMIT,
            takes_up="public_notice_period",
            notify=(Role.CLERK, Role.APPLICANT),
            needs_reason=True,
            news="由中心重新核对公示结果",
        ),
    )
