"""Segments of routes: the registration, cover and its end, and the ways out."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.city.schema import LimitKind
from backend.domain.errors import Refusal
from backend.domain.roles import Role
from backend.domain.states import CLOSED, State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, EvidenceKind, Row, Step

POLICY_CHECKS = (
    must.policy_as_agreed,
    must.begins_when_issued,
    must.policy_premium_is_what_was_paid,
)

# The premium is paid, and cover is not over.
PAID = (State.PAID, State.POLICY_ISSUED, State.IN_FORCE)

# Cover is over, by itself or by 退保; a part of the premium may be owed still.
COVER_OVER = (State.EXPIRED, State.RENEWED, State.CANCELLED)


# What waits for money of the insurer's is not over with the cover.
OF_REFUNDS: tuple[LimitKind, ...] = ("lift_return", "refund_review")


def registration(*, after: str) -> Sequence[Row]:
    """使用登记备案 (JS annex 二（一）5), and its way back until the contract is signed [D]."""
    return (
        Await(after, "中心登记备案", Action.REGISTER),
        Step(
            Action.REGISTER,
            (after,),
            State.REGISTERED,
            (Role.REVIEWER,),
            "JS附件二（一）5",
            guards=(must.no_open_objection,),
            limit="contract",
            meets="registration",
            notify=(Role.APPLICANT, Role.INSURER),
        ),
        Step(
            Action.UNDO_REGISTER,
            (State.REGISTERED,),
            after,
            (Role.REVIEWER, Role.CLERK),
            "本平台默认",
            meets=EVERY_LIMIT,
            takes_up="registration",
            notify=(Role.REVIEWER, Role.CLERK, Role.APPLICANT, Role.INSURER),
            needs_reason=True,
            news="登记已撤销，待中心重新登记",
        ),
    )


def cover() -> Sequence[Row]:
    """The policy, and the cover that it gives (JS 四（三）)."""
    return (
        Await(State.PAID, "保险机构出具保单", Action.ISSUE_POLICY),
        Step(
            Action.ISSUE_POLICY,
            (State.PAID,),
            State.POLICY_ISSUED,
            (Role.INSURER,),
            "JS四（三）",
            evidence=(EvidenceKind.POLICY_DOCUMENT,),
            checks=POLICY_CHECKS,
            effects=(do.cover_as_policy_says,),
            meets="policy",
            warns=(Role.APPLICANT,),
            notify=(Role.APPLICANT,),
        ),
        Step(
            Action.KEEP_POLICY,
            (State.PAID,),
            State.POLICY_ISSUED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.policy_in_hand,),
            effects=(do.cover_paid,),
            meets="policy",
            notify=(Role.APPLICANT, Role.INSURER),
        ),
        *_policy_put_right(),
        *_insured(),
    )


def _insured() -> Sequence[Row]:
    """The first day of cover, its end and what follows it (JS 四（三）)."""
    return (
        Await(
            State.POLICY_ISSUED,
            "等待保障开始",
            Action.BEGIN_COVER,
            advice="保障到日子自己开始，您不用操作。",
        ),
        Step(
            Action.BEGIN_COVER,
            (State.POLICY_ISSUED,),
            State.IN_FORCE,
            (Role.SYSTEM,),
            "JS四（三）",
            guards=(must.cover_begun,),
            effects=(do.activate_cover,),
            notify=(Role.APPLICANT, Role.COMMITTEE_MEMBER),
        ),
        Await(
            State.IN_FORCE,
            "扫码可查保障信息",
            None,
            advice="保障期间不用办什么；电梯有故障，照扫码看到的电话联系维保单位和保险机构。",
        ),
        Step(
            Action.RENEW,
            (State.IN_FORCE,),
            State.RENEWED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.cover_over, must.has_successor),
            effects=(do.end_cover,),
            meets=EVERY_LIMIT,
            spares=OF_REFUNDS,
        ),
        Step(
            Action.EXPIRE,
            (State.IN_FORCE,),
            State.EXPIRED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.cover_over,),
            effects=(do.end_cover,),
            meets=EVERY_LIMIT,
            spares=OF_REFUNDS,
            notify=(Role.APPLICANT,),
        ),
    )


def _policy_put_right() -> Sequence[Row]:
    """A policy that was entered wrongly is handed in once more, and its days count from then on;
    a part of the premium may come back while it stays, or all that the insurer still has of it once
    cover is over [D]."""
    return (
        Step(
            Action.SET_POLICY,
            (State.POLICY_ISSUED, State.IN_FORCE),
            State.POLICY_ISSUED,
            (Role.INSURER,),
            "本平台默认",
            evidence=(EvidenceKind.POLICY_DOCUMENT,),
            checks=(*POLICY_CHECKS, must.corrects_the_same_policy),
            effects=(do.cover_as_policy_says,),
            notify=(Role.APPLICANT, Role.COMMITTEE_MEMBER, Role.REVIEWER),
            needs_reason=True,
        ),
        *(
            Step(
                Action.GIVE_BACK,
                (state,),
                state,
                (Role.REVIEWER,),
                "本平台默认",
                evidence=(EvidenceKind.BANK_RECEIPT,),
                checks=(check,),
                effects=(do.give_back,),
                notify=(Role.APPLICANT, Role.INSURER, Role.CASHIER, *others),
                needs_reason=True,
                news="退回的保费已记回原账户",
            )
            for states, check, others in (
                (PAID, must.part_of_premium, ()),
                (COVER_OVER, must.refund_within_premium, (Role.COMMITTEE_MEMBER,)),
            )
            for state in states
        ),
        *_refunds(),
    )


def _refunds() -> Sequence[Row]:
    """Two officers stand behind money that comes back: the cashier enters it by the bank's receipt,
    the reviewer confirms it by the step itself; either says no, with a reason [D]."""
    clause = "本平台默认"
    paid = (*PAID, *COVER_OVER)
    unpaid = Refusal("refund_not_possible", "保费还没有付清，不能退费或退保。")
    return (
        *(
            Activity(action, paid, (Role.CASHIER,), clause, closed=unpaid, meets="lift_return")
            for action in (Action.PROPOSE_REFUND, Action.WAIVE_REFUND)
        ),
        Activity(
            Action.REFUSE_REFUND,
            paid,
            (Role.REVIEWER, Role.CASHIER),
            clause,
            closed=unpaid,
            meets="refund_review",
        ),
    )


def late_objections(way: Iterable[Row]) -> Sequence[Row]:
    """An objection that came in time is entered or verified only after the clearing: until the bank
    is told to pay, the notice is suspended once more (JS annex 二（一）4)."""
    before = _before_the_payment(way)
    cleared = before[before.index(State.CLEARED) :]
    owing = tuple(
        state for state in cleared if state in (State.PAYMENT_REQUESTED, State.PAYMENT_REVIEWED)
    )
    return tuple(
        Step(
            Action.REOPEN,
            sources,
            State.SUSPENDED,
            (Role.SYSTEM,),
            "JS附件二（一）4",
            guards=(must.verified_objection,),
            effects=(*money, do.suspend_notice),
            meets=EVERY_LIMIT,
            takes_up="public_notice_period",
            notify=(Role.APPLICANT, Role.INSURER, Role.COMMITTEE_MEMBER, Role.REVIEWER, *others),
        )
        for sources, money, others in (
            (tuple(state for state in cleared if state not in owing), (), ()),
            (owing, (do.premium_held_again,), (Role.CASHIER,)),
        )
        if sources
    )


def dismissals(way: Iterable[Row]) -> Sequence[Row]:
    """Nobody holds a case for ever: the reviewer dismisses an answered objection, with reasons and
    the remedy told; until the bank is told to pay, another officer undoes that [D]. The first
    objection may come while the notice is still being posted."""
    unpaid = _before_the_payment(way)
    post = next(row for row in way if isinstance(row, Step) and row.target == State.POSTED)
    hanging = (*post.sources, State.SUSPENDED, *unpaid[unpaid.index(State.POSTED) :])
    while_ = tuple(dict.fromkeys(hanging))
    clause = "JS附件二（一）4"
    return (
        Activity(
            Action.DISMISS_OBJECTION,
            while_,
            (Role.REVIEWER,),
            clause,
            closed=Refusal("dismissal_not_possible", "本案已不在公示到拨付之间，不能再复核异议。"),
            meets="objection_review",
        ),
        Activity(
            Action.UNDO_DISMISSAL,
            while_,
            (Role.REVIEWER, Role.CLERK),
            clause,
            closed=Refusal("dismissal_final", "保费已经拨付或方案已经修改，不能再撤销复核决定。"),
        ),
    )


def _before_the_payment(way: Iterable[Row]) -> tuple[str, ...]:
    """The states that a case passes until the payment is ordered, in the order of the rows."""
    steps = (row for row in way if isinstance(row, Step))
    reached = [step.target for step in takewhile(lambda step: step.target != State.PAYING, steps)]
    return tuple(state for state in dict.fromkeys(reached) if state not in CLOSED)


def exits(way: Iterable[Row]) -> Sequence[Step]:
    """The ways out: withdrawn or terminated until the payment is ordered, cancelled after it."""
    unpaid = _before_the_payment(way)
    return (
        Step(
            Action.WITHDRAW,
            unpaid,
            State.WITHDRAWN,
            (Role.APPLICANT,),
            "本平台默认",
            effects=(do.release,),
            meets=EVERY_LIMIT,
            notify=(Role.CLERK, Role.INSURER),
            needs_reason=True,
        ),
        Step(
            Action.TERMINATE,
            unpaid[1:],
            State.TERMINATED,
            (Role.REVIEWER,),
            "JS四（二）、附件二（一）4",
            effects=(do.release,),
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT, Role.INSURER, Role.COMMITTEE_MEMBER),
            needs_reason=True,
        ),
        *(
            Step(
                Action.CANCEL,
                sources,
                State.CANCELLED,
                (Role.REVIEWER,),
                "本平台默认",
                evidence=(EvidenceKind.BANK_RECEIPT,),
                guards=guards,
                checks=(must.refund_within_premium,),
                effects=(do.refund,),
                meets=EVERY_LIMIT,
                notify=(Role.APPLICANT, Role.INSURER, Role.CASHIER),
                needs_reason=True,
            )
            for sources, guards in (
                ((State.PAID,), ()),
                ((State.POLICY_ISSUED, State.IN_FORCE), (must.cover_not_over,)),
            )
        ),
    )
