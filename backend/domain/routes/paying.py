"""Segments of routes: the contract and the payment of the premium (see `preparing`)."""

from collections.abc import Sequence

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.actions import Action
from backend.domain.errors import Refusal
from backend.domain.roles import Role
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, Activity, Await, EvidenceKind, Guard, Row, Step


def contract(*, after: str, mandated: bool = True, posted: bool = True) -> Sequence[Row]:
    """The applicant and the insurer sign (JS annex 二（一）6). `mandated`: a property company acts
    by the committee's mandate. `posted`: a notice hung before, which may be objected to, and by
    whose way back a case comes here once more."""
    mandate = (must.mandate_valid,) if mandated else ()
    heard = _heard(posted)
    return (
        Await(after, "签订保险服务合同", Action.SIGN_CONTRACT),
        Step(
            Action.SIGN_CONTRACT,
            (after,),
            State.CONTRACTED,
            (Role.APPLICANT,),
            "JS附件二（一）6",
            guards=(
                *mandate,
                must.insurer_selected,
                must.cover_not_over,
                *heard,
            ),
            checks=(must.contract_matches_plan,),
            limit="payment_request",
            meets="contract",
            notify=(Role.INSURER,),
        ),
        *(_kept_contract(after) if posted else ()),
        Step(
            Action.AMEND_CONTRACT,
            (State.CONTRACTED,),
            State.CONTRACTED,
            (Role.APPLICANT,),
            "JS附件二（一）6",
            guards=(*mandate, must.cover_not_over, *heard),
            checks=(must.contract_matches_plan,),
            notify=(Role.INSURER,),
            needs_reason=True,
        ),
    )


def _heard(posted: bool) -> tuple[Guard, ...]:
    """Where a notice hung, no objection to it is open."""
    return (must.no_open_objection,) if posted else ()


def _kept_contract(after: str) -> Sequence[Row]:
    """What was signed for this plan counts on after a way back [D]."""
    return (
        Step(
            Action.KEEP_CONTRACT,
            (after,),
            State.CONTRACTED,
            (Role.SYSTEM,),
            "本平台默认",
            guards=(must.contract_in_hand, must.no_open_objection),
            limit="payment_request",
            meets="contract",
            notify=(Role.APPLICANT, Role.INSURER),
        ),
    )


def payment(*, mandated: bool = True, posted: bool = True) -> Sequence[Row]:
    """A complete file is paid within the limit (JS annex 二（一）7); see `contract`."""
    return (
        *_payment_request(mandated=mandated, posted=posted),
        *_reviewing(posted=posted),
        *_paying(posted=posted),
        *_not_paid_after_all(),
    )


def _payment_request(*, mandated: bool, posted: bool) -> Sequence[Row]:
    """The file is complete and the premium is asked for (JS annex 二（一）7)."""
    return (
        Await(State.CONTRACTED, "备齐资料申请拨付", Action.REQUEST_PAYMENT),
        Activity(
            Action.ADD_INVOICE,
            (State.CONTRACTED,),
            (Role.APPLICANT,),
            "JS附件二（一）7",
            closed=Refusal("invoice_not_possible", "签订合同后、申请拨付前才能上传发票。"),
        ),
        Step(
            Action.REQUEST_PAYMENT,
            (State.CONTRACTED,),
            State.PAYMENT_REQUESTED,
            (Role.APPLICANT,),
            "JS附件二（一）7",
            guards=(
                *((must.mandate_valid,) if mandated else ()),
                must.lifts_in_circle,
                must.no_lift_retired,
                must.payment_file_complete,
                must.invoice_matches_contract,
                must.cover_not_over,
                *_heard(posted),
            ),
            effects=(do.premium_due,),
            limit="payment",
            meets="payment_request",
            notify=(Role.REVIEWER,),
        ),
    )


def _reviewing(*, posted: bool) -> Sequence[Row]:
    """The reviewer looks at the papers before the cashier pays; either sends back what does not do
    (JS annex 二（一）7). The seven working days are for both of them together."""
    return (
        Await(State.PAYMENT_REQUESTED, "中心复核拨付资料", Action.REVIEW_PAYMENT),
        Step(
            Action.REVIEW_PAYMENT,
            (State.PAYMENT_REQUESTED,),
            State.PAYMENT_REVIEWED,
            (Role.REVIEWER,),
            "本平台默认",
            guards=(must.cover_not_over, *_heard(posted)),
            within="payment",
            notify=(Role.CASHIER,),
        ),
        Step(
            Action.RETURN_PAPERS,
            (State.PAYMENT_REQUESTED, State.PAYMENT_REVIEWED),
            State.CONTRACTED,
            (Role.REVIEWER, Role.CASHIER),
            "JS附件二（一）7",
            effects=(do.premium_held_again,),
            limit="payment_request",
            meets=EVERY_LIMIT,
            notify=(Role.APPLICANT,),
            needs_reason=True,
        ),
    )


def _paying(*, posted: bool) -> Sequence[Row]:
    """The bank is told to pay, and pays (JS annex 二（一）7)."""
    return (
        Await(State.PAYMENT_REVIEWED, "中心出纳拨付保费", Action.ORDER_PAYMENT),
        Step(
            Action.ORDER_PAYMENT,
            (State.PAYMENT_REVIEWED,),
            State.PAYING,
            (Role.CASHIER,),
            "JS附件二（一）7",
            guards=(must.cover_not_over, *_heard(posted)),
            checks=(must.begun_cover_known,),
            effects=(do.payment_ordered,),
            within="payment",
        ),
        Await(State.PAYING, "等待银行付款", Action.CONFIRM_PAYMENT),
        Step(
            Action.CONFIRM_PAYMENT,
            (State.PAYING,),
            State.PAID,
            (Role.CASHIER,),
            "JS附件二（一）7",
            evidence=(EvidenceKind.BANK_RECEIPT,),
            effects=(do.payment_confirmed,),
            limit="policy",
            meets="payment",
            warns=(Role.APPLICANT,),
            notify=(Role.INSURER, Role.APPLICANT),
        ),
    )


def _not_paid_after_all() -> Sequence[Row]:
    """The bank refuses, what it paid comes back (退票), or the confirmation was a mistake [D]."""
    return (
        Step(
            Action.REJECT_PAYMENT,
            (State.PAYING,),
            State.PAYMENT_REVIEWED,
            (Role.CASHIER,),
            "本平台默认",
            effects=(do.payment_rejected,),
            notify=(Role.INSURER,),
            needs_reason=True,
        ),
        Step(
            Action.UNDO_CONFIRM_PAYMENT,
            (State.PAID, State.POLICY_ISSUED, State.IN_FORCE),
            State.PAYING,
            (Role.REVIEWER,),
            "本平台默认",
            guards=(must.nothing_given_back,),
            effects=(do.payment_unconfirmed, do.cover_unpaid, do.end_refund),
            meets=EVERY_LIMIT,
            takes_up="payment",
            notify=(Role.CASHIER, Role.INSURER, Role.APPLICANT),
            needs_reason=True,
            news="确认有误，仍等银行付款",
        ),
        Step(
            Action.RETURN_PAYMENT,
            (State.PAID, State.POLICY_ISSUED, State.IN_FORCE),
            State.PAYMENT_REVIEWED,
            (Role.CASHIER,),
            "本平台默认",
            evidence=(EvidenceKind.BANK_RECEIPT,),
            guards=(must.nothing_given_back,),
            effects=(do.payment_returned, do.cover_unpaid, do.end_refund),
            limit="payment",
            meets=EVERY_LIMIT,
            notify=(Role.INSURER, Role.APPLICANT),
            needs_reason=True,
        ),
    )
