"""Segments of routes: an owner begins alone, and pays years in beforehand (JS 四（四）, annex
二（三）)."""

from collections.abc import Sequence
from dataclasses import replace

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import Route
from backend.domain.roles import Role
from backend.domain.routes.gates import asked
from backend.domain.routes.preparing import planning
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, EvidenceKind, Row, Step

OPENING = "account_opening"
# How a case ends that never came to be paid; its deposit may be there.
ENDED_UNPAID = (State.WITHDRAWN, State.TERMINATED, State.LAPSED)


def beginning_alone(route: Route) -> Sequence[Row]:
    """The owner names lifts and insurer, and asks for the survey with the papers that show whose
    the house is and that its lifts are looked after. The plan has no form for this road."""
    upkept = "managed_and_upkept" in route.gates.value
    return (
        Step(
            Action.DRAFT,
            (),
            State.DRAFTED,
            (Role.APPLICANT,),
            "JS附件二（三）1",
            checks=(
                must.owned_alone,
                must.lifts_in_circle,
                must.lifts_running,
                must.insurer_selected,
            ),
        ),
        Await(State.DRAFTED, "上传产权证明，请保险机构查勘", Action.APPLY),
        Step(
            Action.APPLY,
            (State.DRAFTED,),
            State.SURVEYING,
            (Role.APPLICANT,),
            "JS附件二（三）1",
            evidence=(
                EvidenceKind.TITLE_PROOF,
                *((EvidenceKind.UPKEEP_RECORD,) if upkept else ()),
            ),
            guards=(must.owned_alone, *asked(route, must.managed_normally, must.inspected)),
            limit="planning",
            notify=(Role.INSURER, Role.CLERK),
        ),
        Await(State.SURVEYING, "保险机构查勘并拟方案", Action.SUBMIT_PLAN),
    )


def planning_alone(route: Route) -> Sequence[Row]:
    """The insurer's plan, on which nobody else is asked; until the deposit is there it may be
    changed (JS annex 二（三）1)."""
    found = planning(route, reviewed=False, posted_from=State.PLAN_READY, ready=State.SURVEYING)
    changed_from = (State.PLAN_READY, State.SPECIAL_ACCOUNT_OPENED)
    return [
        replace(
            step,
            sources=changed_from if step.action == Action.REVISE_PLAN else step.sources,
            target=State.PLAN_READY,
            limit=OPENING,
            notify=(*step.notify, Role.CLERK),
        )
        for step in found
        if isinstance(step, Step)
    ]


def special_account() -> Sequence[Row]:
    """The clerk compares the title and opens the special account of the owner (JS 四（四）, annex
    二（三）2), or sends the papers back [D]."""
    return (
        Await(State.PLAN_READY, "核对产权，开立专户", Action.OPEN_ACCOUNT),
        Step(
            Action.OPEN_ACCOUNT,
            (State.PLAN_READY,),
            State.SPECIAL_ACCOUNT_OPENED,
            (Role.CLERK,),
            "JS四（四）、附件二（三）2",
            evidence=(EvidenceKind.TITLE_CHECK,),
            guards=(must.owned_alone, must.insurer_selected, must.cover_ahead),
            meets=OPENING,
            warns=(Role.APPLICANT,),
            notify=(Role.APPLICANT, Role.CASHIER),
        ),
        Step(
            Action.RETURN_APPLICATION,
            (State.PLAN_READY,),
            State.DRAFTED,
            (Role.CLERK,),
            "本平台默认",
            effects=(do.void_plan,),
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT, Role.INSURER),
            needs_reason=True,
        ),
    )


def deposit() -> Sequence[Row]:
    """The years' premium comes in one sum; one year of it is set aside, and the lifts are kept
    free. A later year is bought from what is left (JS annex 二（三）3)."""
    guards = (
        must.owned_alone,
        must.insurer_selected,
        must.lifts_in_circle,
        must.lifts_running,
        must.cover_ahead,
        must.not_covered_twice,
    )
    fund = Step(
        Action.FUND,
        (State.SPECIAL_ACCOUNT_OPENED,),
        State.FUNDED,
        (Role.CASHIER,),
        "JS附件二（三）3",
        evidence=(EvidenceKind.BANK_RECEIPT,),
        guards=guards,
        checks=(must.deposit_in_one,),
        effects=(do.book_deposit, do.hold_premium, do.reserve_cover),
        limit="contract",
        notify=(Role.APPLICANT, Role.INSURER),
    )
    return (
        Await(State.SPECIAL_ACCOUNT_OPENED, "一次性缴存专户保费", Action.FUND),
        fund,
        replace(
            fund,
            action=Action.KEEP_DEPOSIT,
            roles=(Role.SYSTEM,),
            evidence=(),
            guards=(must.deposit_reaches, *guards),
            checks=(),
            effects=(do.hold_premium, do.reserve_cover),
        ),
        Step(
            Action.UNDO_FUND,
            (State.FUNDED,),
            State.SPECIAL_ACCOUNT_OPENED,
            (Role.REVIEWER,),
            "本平台默认",
            guards=(must.deposit_booked,),
            effects=(do.unbook_deposit,),
            meets=EVERY_LIMIT,
            notify=(Role.CASHIER, Role.APPLICANT, Role.INSURER),
            needs_reason=True,
        ),
    )


def with_rests(found: Sequence[Row]) -> Sequence[Row]:
    """The same rows, and what is left on the account paid back in the end: entered as money that an
    insurer pays back is, also where nothing was ever paid on."""
    entered = (Action.PROPOSE_REFUND, Action.REFUSE_REFUND)
    wider = [
        replace(row, while_=(*row.while_, *ENDED_UNPAID))
        if isinstance(row, Activity) and row.action in entered
        else row
        for row in found
    ]
    return (*wider, *_rest_returned())


def _rest_returned() -> Sequence[Row]:
    """A case is over, and no other one is paid from the account: what is left is paid back by two
    officers, as refunds are (`cover`) [D]."""
    return [
        Step(
            Action.CLOSE_ACCOUNT,
            (state,),
            state,
            (Role.REVIEWER,),
            "本平台默认",
            evidence=(EvidenceKind.BANK_RECEIPT,),
            guards=(must.account_unused,),
            checks=(must.whole_rest,),
            effects=(do.pay_back,),
            notify=(Role.APPLICANT, Role.CASHIER),
            needs_reason=True,
            news="专户余款已退还",
        )
        for state in (State.EXPIRED, State.RENEWED, *ENDED_UNPAID, State.CANCELLED)
    ]
