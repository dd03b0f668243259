"""Segments of routes: from the application to a plan that may be posted.

A segment is a function of its joints: what stands before it, what follows, and what the city's
profile asks for. Its rows go into a table in the order in which a case walks them.
"""

from collections.abc import Sequence

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import CityProfile, LimitKind, Route
from backend.domain.errors import Refusal
from backend.domain.roles import Role
from backend.domain.routes.gates import asked
from backend.domain.states import AFTER_A_VOTE, State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, EvidenceKind, Guard, Row, Step

AT_A_DESK = "请在电脑上办理，或到中心窗口。"
MENDED_OR_OUT = (
    "整改好的，由申请人写明整改了什么，再次查勘；修不好的电梯可由申请人移出，其余的继续。"
    f"{AT_A_DESK}"
)
MONEY_OR_LESS = f"收益入账后由中心重新查询资金；申请人也可以移出部分电梯，少用一些。{AT_A_DESK}"
ANOTHER_PLAN = f"由保险机构修改方案；申请人也可以写明理由，请它另拟方案。{AT_A_DESK}"

# Who keeps the lifts says that their upkeep is normal; the clerk looks at it, and says so too.
UPKEEP = (EvidenceKind.UPKEEP_STATEMENT, EvidenceKind.UPKEEP_RECORD)


def applying(route: Route) -> Sequence[Row]:
    """Draft, co-signatures, application, its return for correction and its refusal (JS annex 一.1,
    二（一）1)."""
    return (
        Step(
            Action.DRAFT,
            (),
            State.DRAFTED,
            (Role.APPLICANT,),
            "JS附件二（一）1",
            checks=(must.lifts_in_circle, must.lifts_running, must.insurer_selected),
        ),
        Await(State.DRAFTED, "备好申请表或联名，提交申请", Action.APPLY),
        *_signing(),
        *_speaking(),
        Step(
            Action.APPLY,
            (State.DRAFTED,),
            State.APPLIED,
            (Role.APPLICANT,),
            "JS附件一.1、二（一）1",
            evidence=(EvidenceKind.APPLICATION_FORM,),
            guards=asked(
                route,
                must.account_open,
                must.eligible_applicant,
                must.seen_by_another,
                must.managed_normally,
                must.inspected,
            ),
            limit="acceptance",
            notify=(Role.CLERK,),
        ),
        Await(State.APPLIED, "中心受理并查询资金", Action.QUERY_FUNDS),
        Step(
            Action.RETURN_APPLICATION,
            (State.APPLIED,),
            State.DRAFTED,
            (Role.CLERK,),
            "JS附件二（一）1",
            meets="acceptance",
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
        *_rejected(),
    )


def _signing() -> Sequence[Row]:
    """Owners sign together, on phones and on paper, and take it back (JS annex 一.1)."""
    return (
        Activity(
            Action.COSIGN,
            (State.DRAFTED,),
            (Role.OWNER,),
            "JS附件一.1",
            closed=Refusal("not_open_for_cosigning", "该申请不在联名阶段，无需再联名。"),
        ),
        Activity(
            Action.ENTER_COSIGNATURES,
            (State.DRAFTED,),
            (Role.CLERK,),
            "JS附件一.1",
            closed=Refusal("not_open_for_cosigning", "该申请不在联名阶段，无需再联名。"),
        ),
        Activity(
            Action.WITHDRAW_COSIGNATURE,
            (State.DRAFTED,),
            (Role.OWNER, Role.CLERK),
            "JS附件一.1",
            closed=Refusal(
                "cosignature_counted",
                "申请已经提交，联名不能再撤回。不是本人签的，请中心先退回补正；对方案有意见的，"
                "可以在公示期内提出异议。",
            ),
        ),
    )


def _speaking() -> Sequence[Row]:
    """Owners who applied on paper say on paper what they want next; a clerk enters it [D]."""
    return (
        Activity(
            Action.ENTER_WORD,
            (),
            (Role.CLERK,),
            "本平台默认",
        ),
    )


def _rejected() -> Sequence[Row]:
    """不予受理 (JS annex 一), and the way back from one by mistake [D]."""
    return (
        Step(
            Action.REJECT,
            (State.APPLIED, State.FUNDS_QUERIED),
            State.REJECTED,
            (Role.CLERK,),
            "JS附件一",
            effects=(do.release,),
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
        Step(
            Action.UNDO_REJECT,
            (State.REJECTED,),
            State.APPLIED,
            (Role.REVIEWER,),
            "本平台默认",
            guards=(must.account_open,),
            limit="acceptance",
            notify=(Role.CLERK, Role.APPLICANT),
            needs_reason=True,
            news="不予受理已撤销，重新受理",
            undoes=True,
        ),
    )


def funds(route: Route) -> Sequence[Row]:
    """What the account can spend, or that it cannot (JS annex 一.2–3, 二（一）2)."""
    upkept = "managed_and_upkept" in route.gates.value
    return (
        Step(
            Action.QUERY_FUNDS,
            (State.APPLIED, State.SHORT_OF_FUNDS),
            State.FUNDS_QUERIED,
            (Role.CLERK,),
            "JS附件一.2–3、二（一）2",
            evidence=UPKEEP if upkept else (),
            guards=asked(route, must.inspected, must.funds_available),
            limit="planning",
            meets="acceptance",
            notify=(Role.INSURER, Role.APPLICANT),
        ),
        Await(State.FUNDS_QUERIED, "保险机构查勘并拟方案", Action.SUBMIT_PLAN),
        Step(
            Action.MARK_SHORT,
            (State.APPLIED, State.FUNDS_QUERIED),
            State.SHORT_OF_FUNDS,
            (Role.CLERK,),
            "JS附件一.2",
            effects=(do.release,),
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
        Await(
            State.SHORT_OF_FUNDS, "等待收益入账或咨询中心", Action.QUERY_FUNDS, advice=MONEY_OR_LESS
        ),
    )


def surveying(ready: str = State.FUNDS_QUERIED) -> Sequence[Row]:
    """The insurer looks at each lift; what fails is mended and looked at again (JS annex 一.4).
    `ready`: where it does so."""
    return (
        Activity(
            Action.SURVEY,
            (ready, State.SURVEY_FAILED),
            (Role.INSURER,),
            "JS附件二（一）3",
            closed=Refusal("survey_not_open", "案件不在查勘阶段，请刷新后重试。"),
        ),
        Step(
            Action.FAIL_SURVEY,
            (ready,),
            State.SURVEY_FAILED,
            (Role.INSURER,),
            "JS附件一.4",
            guards=(must.some_lift_failed_survey,),
            meets="planning",
            warns=(Role.APPLICANT,),
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
        Await(State.SURVEY_FAILED, "整改后重新查勘", Action.RECTIFY, advice=MENDED_OR_OUT),
        Step(
            Action.RECTIFY,
            (State.SURVEY_FAILED,),
            ready,
            (Role.APPLICANT,),
            "JS附件一.4",
            evidence=(EvidenceKind.RECTIFICATION,),
            limit="planning",
            notify=(Role.INSURER,),
        ),
    )


# What must hold of a case for which an insurer makes a plan.
PLANNED_FOR = (
    must.insurer_selected,
    must.lifts_in_circle,
    must.lifts_running,
    must.every_lift_surveyed,
)


def planning(
    route: Route,
    *,
    reviewed: bool,
    posted_from: str,
    ready: str = State.FUNDS_QUERIED,
    also: tuple[Guard, ...] = (),
    voted: bool = False,
) -> Sequence[Row]:
    """The insurer's plan, and a changed one (JS annex 二（一）3–4).

    `reviewed`: a committee decides on it. `posted_from`: where its notice is posted from, or, where
    the owners have `voted` on it before, their vote is opened from. `ready`: where the insurer may
    make it. `also`: what else is checked of it on this route.
    """
    decided = (posted_from, State.REFUSED) if reviewed else ()
    before = (State.PLANNED, *decided, *(AFTER_A_VOTE if voted else ()))
    limit: LimitKind = "approval" if reviewed else "vote_opening" if voted else "posting"
    guards = asked(route, *PLANNED_FOR)
    checks = asked(route, must.plan_covers_lifts, must.covers_one_year, must.not_covered_twice)
    checks += also
    invited = (do.invite_committee,) if reviewed else ()
    return (
        Step(
            Action.SUBMIT_PLAN,
            (ready,),
            State.PLANNED,
            (Role.INSURER,),
            "JS附件二（一）3",
            guards=guards,
            checks=checks,
            effects=invited,
            limit=limit,
            meets="planning",
            warns=(Role.APPLICANT,),
            notify=(Role.APPLICANT,),
        ),
        Step(
            Action.REVISE_PLAN,
            (*before, State.POSTED, State.SUSPENDED),
            State.PLANNED,
            (Role.INSURER,),
            "JS附件二（一）3–4",
            guards=guards,
            checks=checks,
            effects=(do.release, *invited),
            limit=limit,
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
    )


def committee(
    city: CityProfile,
    route: Route,
    *,
    then: str,
    ready: str = State.FUNDS_QUERIED,
    limit: LimitKind = "posting",
) -> Sequence[Row]:
    """The committee decides on the plan; about applicants that the city does not ask it about it
    is only informed [D]. `ready`: where the insurer makes another plan; `limit`: what comes next is
    due within it."""
    unasked = set(route.applicants.value) - set(city.approval.asked_for.value)
    return (
        *_answering(),
        *_answered(then, limit, unasked=bool(unasked)),
        Await(State.REFUSED, "保险机构修改方案", Action.REVISE_PLAN, advice=ANOTHER_PLAN),
        _another_plan_asked_for(ready),
    )


def _answering() -> Sequence[Row]:
    """Members answer on their phones, or in a meeting whose minutes come to the counter [D]."""
    return (
        Await(
            State.PLANNED,
            "业委会委员审议",
            Action.ANSWER_PLAN,
            advice="由业委会委员在小程序或服务号里审议。请提醒他们按时答复。",
        ),
        Activity(
            Action.ANSWER_PLAN,
            (State.PLANNED,),
            (Role.COMMITTEE_MEMBER,),
            "本平台默认",
            closed=Refusal("already_decided", "该方案已不在审议阶段，无需再答复。"),
            meets="approval",
            warns=(Role.APPLICANT,),
        ),
        Activity(
            Action.ENTER_MINUTES,
            (State.PLANNED,),
            (Role.CLERK,),
            "本平台默认",
            closed=Refusal("already_decided", "该方案已不在审议阶段，无需再录入会议纪要。"),
        ),
    )


def _answered(then: str, limit: LimitKind, *, unasked: bool) -> Sequence[Row]:
    """More than half of those in office decide, or nobody has to be asked [D]."""
    hear = (Role.APPLICANT, Role.COMMITTEE_MEMBER)
    return (
        Step(
            Action.APPROVE,
            (State.PLANNED,),
            then,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.majority_approved,),
            limit=limit,
            meets="approval",
            notify=hear,
        ),
        *((_waived(then, hear, limit),) if unasked else ()),
        Step(
            Action.REFUSE,
            (State.PLANNED,),
            State.REFUSED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.majority_refused,),
            meets="approval",
            notify=(Role.INSURER, *hear),
        ),
    )


def _another_plan_asked_for(ready: str) -> Step:
    """The applicant need not wait until the insurer does something about a refusal [D]."""
    return Step(
        Action.REQUEST_PLAN,
        (State.REFUSED,),
        ready,
        (Role.APPLICANT,),
        "本平台默认",
        effects=(do.void_plan,),
        limit="planning",
        meets=EVERY_LIMIT,
        notify=(Role.INSURER, Role.CLERK, Role.COMMITTEE_MEMBER),
        needs_reason=True,
        news="申请人请保险机构另拟方案",
    )


def _waived(then: str, hear: Sequence[Role], limit: LimitKind) -> Step:
    """Nobody has to be asked about this applicant's plan."""
    return Step(
        Action.WAIVE_APPROVAL,
        (State.PLANNED,),
        then,
        (Role.SYSTEM,),
        "JS附件一.1",
        guards=(must.approval_not_needed,),
        limit=limit,
        meets="approval",
        notify=tuple(hear),
    )
