"""Everything that people can try to do with a case, right or wrong, for the generated histories."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from backend.domain.approval import Answer
from backend.domain.letters import Given, How
from backend.domain.refund import RefundKind
from backend.services.public_notice import answers, dismissals, letters, notices, objections
from backend.services.public_notice.notices import SubmittedPhoto
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import (
    applications,
    approvals,
    changes,
    cosignatures,
    minutes,
    on_paper,
    payments,
    plans,
    refunds,
    registrations,
)
from backend.services.purchase.approvals import MemberAnswer
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes, SeatAnswer
from tests.build.comparing import compare, entered_with_scan, withdrawn_on_paper
from tests.build.looking import today
from tests.build.machine_money import confirm, contract, invoice, issue, on_refund, order, propose
from tests.build.machine_try import Act, Try
from tests.build.village import called


def terms(this: Try) -> plans.PlanTerms:
    """Premiums from one fen to more than there is; cover from the past to next month."""
    begins = today(this.village) + timedelta(days=(-1, 0, 3, 30)[this.number % 4])
    days = (1, 5, 200, 365, 367)[this.number % 5]
    premium = (1, 130_000, 333_333, 500_000, 1_000_001)[this.number % 5]
    return this.village.terms(
        lift_premiums=dict.fromkeys(this.lifts(), premium),
        cover_from=begins,
        cover_ends_before=begins + timedelta(days=days),
    )


def sound_terms(this: Try) -> plans.PlanTerms:
    """A plan that fits: each case covers three days of its own, so that it also ends, and so cheap
    that the account could pay for a whole year at that rate (JS annex 一.2) in each of three cases.
    It follows on the cover that its lifts have, where there is time for that.
    """
    earliest = today(this.village) + timedelta(days=9)
    begins = today(this.village) + timedelta(days=12 + 4 * int(this.case.number[-3:]))
    if (ends := this.covered_until()) and ends >= earliest:
        begins = ends
    return this.village.terms(
        lift_premiums=dict.fromkeys(this.lifts(), 1_000 + this.number),
        cover_from=begins,
        cover_ends_before=begins + timedelta(days=3),
    )


def survey(this: Try) -> None:
    for lift in this.lifts():
        result = "failed" if this.number % 4 == 0 else "passed"
        plans.record_survey(this.village.ctx, this.actor, this.case.id, lift, result, "查勘")


def drop_lift(this: Try) -> None:
    lifts = sorted(this.lifts())
    lift = lifts[this.number % len(lifts)]
    changes.drop_lift(this.village.ctx, this.actor, this.case.id, lift, "无法修复")


def answer(this: Try) -> None:
    assert this.case.plan_id
    choice = "refuse" if this.number % 3 == 0 else "approve"
    person = this.actor.person_id
    approvals.answer(
        this.village.ctx,
        person,
        this.case.plan_id,
        MemberAnswer(choice, "理由", "chat", str(uuid4())),
    )


def photo(this: Try) -> None:
    notice = this.notice()
    if notice is None:
        return
    unit = this.village.units[this.number % 2]
    moment = ("start", "end")[this.number // 2 % 2]
    framing = ("wide", "close")[this.number // 4 % 2]
    taken = SubmittedPhoto(unit, moment, framing, this.paper(), this.village.clock())
    notices.add_photo(this.village.ctx, this.actor, notice.id, taken)


def file_objection(this: Try) -> None:
    notice = this.notice()
    if notice is not None:
        objections.file_objection(this.village.ctx, this.actor, notice.id, "price", "保费偏高")


def enter_paper(this: Try) -> None:
    notice = this.notice()
    if notice is None:
        return
    received = this.village.clock() - timedelta(hours=this.number * 7 % 100)
    owner = [None, *this.village.owners][this.number % 5]
    paper = PaperObjection("need", "不同意", "某业主", received, owner)
    entered_with_scan(this.village.ctx, this.actor, notice.id, paper)


def on_objection(act: Callable[[Try, UUID], object]) -> Act:
    """Do something with one of the case's objections, if there is any."""

    def chosen(this: Try) -> None:
        found = this.objections()
        if found:
            act(this, found[this.number % len(found)].id)

    return chosen


def verify(this: Try, objection: UUID) -> None:
    owner = [None, *this.village.owners][this.number % 5]
    objections.verify(this.village.ctx, this.actor, objection, owner, "核实情况")


def deliver(this: Try, objection: UUID) -> None:
    how = list(How)[this.number % 4]
    given = Given(how, today(this.village) - timedelta(days=this.number % 5), this.paper())
    letters.deliver(this.village.ctx, this.actor, objection, given)


def asked(act: Act) -> Act:
    """Done for those who applied, who said so in writing where they applied on paper."""

    def by_them(this: Try) -> None:
        theirs = this.by(this.applicant)
        if this.case.on_paper:
            on_paper.enter_word(this.village.ctx, theirs.actor, this.case.id, theirs.paper())
        act(theirs)

    return by_them


def signed_on_paper(this: Try) -> SignedOnPaper:
    """One of the owners of the village, as they write themselves."""
    at = this.number % 4
    return SignedOnPaper("1栋", f"{at % 2 + 1}单元", f"{at + 1}01", called("冯样", at))


def enter_minutes(this: Try) -> None:
    if this.case.plan_id:
        choice = Answer.REFUSE if this.number % 3 == 0 else Answer.APPROVE
        said = [SeatAnswer(called("陈样", at), choice, "理由") for at in range(1 + this.number % 3)]
        written = Minutes(today(this.village), said, this.scanned())
        entry = minutes.enter(this.village.ctx, this.actor, this.case.plan_id, written)
        compare(this.village.ctx, entry.id)


def enter_cosignatures(this: Try) -> None:
    lines = [signed_on_paper(this)]
    entry = cosignatures.enter(
        this.village.ctx, this.actor, this.case.id, lines, this.scanned(), False
    )
    compare(this.village.ctx, entry.id)


def withdraw_objection(this: Try, objection: UUID) -> None:
    """By a clerk on paper, by everybody else as its author."""
    if this.name.startswith("clerk"):
        withdrawn_on_paper(this.village.ctx, this.actor, objection, this.paper())
    else:
        objections.withdraw(this.village.ctx, this.actor, objection)


# Every act that anybody may try at any time.
ACTS: dict[str, Act] = {
    "cosign": lambda this: cosignatures.cosign(this.village.ctx, this.actor, this.case.id),
    "enter_cosignatures": enter_cosignatures,
    "withdraw_cosignature": lambda this: cosignatures.withdraw_on_paper(
        this.village.ctx, this.actor, this.case.id, signed_on_paper(this), this.paper()
    ),
    "enter_word": lambda this: on_paper.enter_word(
        this.village.ctx, this.actor, this.case.id, this.paper()
    ),
    "enter_minutes": enter_minutes,
    "apply": lambda this: applications.apply(
        this.village.ctx, this.actor, this.case.id, this.paper()
    ),
    "query_funds": lambda this: applications.query_funds(
        this.village.ctx, this.actor, this.case.id, "维保正常", this.paper()
    ),
    "return_application": lambda this: applications.return_application(
        this.village.ctx, this.actor, this.case.id, "缺一页"
    ),
    "reject": lambda this: applications.reject(this.village.ctx, this.actor, this.case.id, "理由"),
    "undo_reject": lambda this: applications.undo_rejection(
        this.village.ctx, this.actor, this.case.id, "误办"
    ),
    "mark_short": lambda this: applications.mark_short(
        this.village.ctx, this.actor, this.case.id, "理由"
    ),
    "rectify": lambda this: applications.rectify(
        this.village.ctx, this.actor, this.case.id, "已整改"
    ),
    "withdraw": lambda this: applications.withdraw(
        this.village.ctx, this.actor, this.case.id, "理由"
    ),
    "terminate": lambda this: applications.terminate(
        this.village.ctx, this.actor, this.case.id, "理由"
    ),
    "drop_lift": drop_lift,
    "change_insurer": lambda this: changes.change_insurer(
        this.village.ctx, this.actor, this.case.id, this.another_insurer(), "报价过高"
    ),
    "request_plan": lambda this: changes.request_plan(
        this.village.ctx, this.actor, this.case.id, "委员嫌贵"
    ),
    "survey": survey,
    "fail_survey": lambda this: plans.fail_survey(
        this.village.ctx, this.actor, this.case.id, "理由"
    ),
    "submit_plan": lambda this: plans.submit_plan(
        this.village.ctx, this.actor, this.case.id, terms(this)
    ),
    "revise_plan": lambda this: plans.revise_plan(
        this.village.ctx, this.actor, this.case.id, terms(this), "理由"
    ),
    "answer": lambda this: answer(this) if this.case.plan_id else None,
    "draft_notice": lambda this: notices.draft_notice(this.village.ctx, this.actor, this.case.id),
    "undo_draft_notice": lambda this: notices.undo_draft(
        this.village.ctx, this.actor, this.case.id, "没有人张贴"
    ),
    "photo": photo,
    "file_objection": file_objection,
    "enter_paper": enter_paper,
    "verify": on_objection(verify),
    "answer_objection": on_objection(
        lambda this, objection: answers.answer(this.village.ctx, this.actor, objection, "答复")
    ),
    "deliver_answer": on_objection(deliver),
    "undo_delivery": on_objection(
        lambda this, objection: letters.undo(this.village.ctx, this.actor, objection, "送错了")
    ),
    "dismiss_objection": on_objection(
        lambda this, objection: dismissals.dismiss(
            this.village.ctx, this.actor, objection, "不成立"
        )
    ),
    "undo_dismissal": on_objection(
        lambda this, objection: dismissals.undo(this.village.ctx, this.actor, objection, "看错了")
    ),
    "withdraw_objection": on_objection(withdraw_objection),
    "clear": lambda this: notices.clear(
        this.village.ctx, this.actor, this.case.id, "无", "巡查有记录" if this.number % 2 else None
    ),
    "undo_clear": lambda this: notices.undo_clear(
        this.village.ctx, this.actor, this.case.id, "看错了"
    ),
    "register": lambda this: registrations.register(this.village.ctx, this.actor, this.case.id),
    "undo_register": lambda this: registrations.undo_register(
        this.village.ctx, this.actor, this.case.id, "登记错了"
    ),
    "contract": contract,
    "invoice": invoice,
    "request_payment": lambda this: payments.request_payment(
        this.village.ctx, this.actor, this.case.id
    ),
    "review_payment": lambda this: payments.review_payment(
        this.village.ctx, this.actor, this.case.id
    ),
    "return_papers": lambda this: payments.return_papers(
        this.village.ctx, this.actor, this.case.id, "发票看不清"
    ),
    "order_payment": lambda this: order(this, begun_cover_known=this.number % 3 == 0),
    "confirm": confirm,
    "reject_payment": lambda this: payments.reject_payment(
        this.village.ctx, this.actor, this.case.id, "户名不符", this.number % 4 == 0
    ),
    "undo_confirm_payment": lambda this: payments.undo_confirmation(
        this.village.ctx, this.actor, this.case.id, "凭的是另一笔的回单"
    ),
    "return_payment": lambda this: payments.return_payment(
        this.village.ctx, this.actor, this.case.id, this.paper(), "户名不符"
    ),
    "issue": issue,
    "propose_refund": lambda this: propose(this, tuple(RefundKind)[this.number % 2]),
    "waive_refund": lambda this: refunds.waive(
        this.village.ctx, this.actor, this.case.id, "责任已尽"
    ),
    "confirm_refund": on_refund(
        lambda this, refund: refunds.confirm(this.village.ctx, this.actor, refund)
    ),
    "refuse_refund": on_refund(
        lambda this, refund: refunds.refuse_refund(this.village.ctx, this.actor, refund, "不符")
    ),
}
