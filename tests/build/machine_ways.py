"""The ways on from each state and aside, by the right people, for the generated histories."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from backend.domain.objection import OPEN, ObjectionStatus
from backend.domain.states import State
from backend.services.case import steps
from backend.services.public_notice import notices
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import (
    plans,
)
from backend.store.purchases import (
    Policy,
)
from tests.build.comparing import entered_with_scan
from tests.build.looking import today
from tests.build.machine_acts import ACTS, answer, asked, deliver, drop_lift, sound_terms, survey
from tests.build.machine_money import cancel, confirm, contract, give_back, invoice, issue, order
from tests.build.machine_try import Act, Try

# The way on from each state, by the right people; may still be refused for want of money.


def apply(this: Try) -> None:
    if this.case.applicant == "owners" and not this.case.on_paper:
        for name in ("owner0", "owner1", "owner2"):
            ACTS["cosign"](this.by(name))
    ACTS["apply"](this.by(this.applicant))


def plan(this: Try) -> None:
    insurer = this.by(this.insurer)
    survey(Try(this.village, this.case, this.insurer, 1))
    plans.submit_plan(this.village.ctx, insurer.actor, this.case.id, sound_terms(this))


def revise(this: Try) -> None:
    insurer = this.village.actor(this.insurer)
    changed = replace(sound_terms(this), scope_of_cover=f"第{this.case.version}步后的保障")
    plans.revise_plan(this.village.ctx, insurer, this.case.id, changed, "修改")


def vote(this: Try) -> None:
    for name in ("member0", "member1"):
        answer(Try(this.village, this.case, name, 1))


def post(this: Try) -> None:
    manager = this.village.actor("manager")
    notice = notices.draft_notice(this.village.ctx, manager, this.case.id)
    this.village.photograph(notice.id, "start")


def clear(this: Try) -> None:
    settle(this)
    notice = this.notice()
    assert notice
    assert notice.ends_before
    this.village.clock.set(max(this.village.clock(), notice.ends_before))
    this.village.photograph(notice.id, "end")
    clerk = this.village.actor("clerk")
    notices.clear(this.village.ctx, clerk, this.case.id, "无", "每日巡查有记录")


def settle(this: Try) -> None:
    """Every open objection to the live notice is dismissed, or found to be nobody's."""
    notice = this.notice()
    for objection in this.objections():
        if notice and objection.notice_id == notice.id and objection.status in OPEN:
            if objection.status == ObjectionStatus.RECEIVED:
                this.village.clerk.verifies(objection.id, None, "名册中没有此人")
                continue
            if objection.answer is None:
                this.village.clerk.answers(objection.id, "已说明")
            if this.letter_due(objection.id):
                deliver(this.by("clerk").numbered(0), objection.id)
            this.village.reviewer.dismisses(objection.id, "理由不成立")


def after_settling(act: Act) -> Act:
    """An objection on time that turned up late holds the later steps too."""

    def both(this: Try) -> None:
        settle(this)
        act(this)

    return both


def request(this: Try) -> None:
    settle(this)
    applicant = this.applicant
    invoice(Try(this.village, this.case, applicant, 1))
    asked(ACTS["request_payment"])(this)


def wait_for(day: Callable[[Policy], date]) -> Act:
    """Time passes until that day of the policy, and the sweep runs."""

    def wait(this: Try) -> None:
        with this.village.ctx.sessions() as tx:
            policy = tx.get_one(Policy, this.case.policy_id)
        missing = (day(policy) - today(this.village)).days
        this.village.clock.advance(days=max(0, missing))
        steps.sweep(this.village.ctx)

    return wait


NEXT: dict[State, Act] = {
    State.DRAFTED: apply,
    State.APPLIED: lambda this: ACTS["query_funds"](this.by("clerk")),
    State.SHORT_OF_FUNDS: lambda this: ACTS["query_funds"](this.by("clerk")),
    State.SURVEY_FAILED: asked(ACTS["rectify"]),
    State.FUNDS_QUERIED: plan,
    State.PLANNED: vote,
    State.REFUSED: revise,
    State.APPROVED: post,
    State.SUSPENDED: settle,
    State.POSTED: clear,
    State.CLEARED: after_settling(lambda this: ACTS["register"](this.by("reviewer"))),
    State.REGISTERED: after_settling(
        lambda this: contract(Try(this.village, this.case, this.applicant, 1))
    ),
    State.CONTRACTED: request,
    State.PAYMENT_REQUESTED: after_settling(
        lambda this: ACTS["review_payment"](this.by("reviewer"))
    ),
    State.PAYMENT_REVIEWED: after_settling(
        lambda this: order(this.by("cashier"), begun_cover_known=True)
    ),
    State.PAYING: lambda this: confirm(Try(this.village, this.case, "cashier", 1)),
    State.PAID: lambda this: issue(Try(this.village, this.case, this.insurer, 1)),
    State.POLICY_ISSUED: wait_for(lambda found: found.cover_from),
    State.IN_FORCE: wait_for(lambda found: found.cover_ends_before),
}


def revise_soundly(this: Try) -> None:
    """Every third changed plan is one that may not fit."""
    ACTS["revise_plan"](this) if this.number % 3 == 0 else revise(this)


def fail_survey(this: Try) -> None:
    survey(Try(this.village, this.case, this.insurer, 4))
    ACTS["fail_survey"](this.by(this.insurer))


def refuse_plan(this: Try) -> None:
    for name in ("member0", "member1"):
        answer(Try(this.village, this.case, name, 3))


def object_now(this: Try) -> None:
    """An owner objects to the notice that hangs."""
    ACTS["file_objection"](this.by("owner0"))


def object_in_time(this: Try) -> None:
    """A known owner's paper that came while the notice hung is entered only now."""
    notice = this.notice()
    assert notice
    assert notice.ends_before
    received = notice.ends_before - timedelta(hours=1)
    paper = PaperObjection("need", "不同意", "某业主", received, this.village.owners[1])
    clerk = this.village.actor("clerk")
    entered_with_scan(this.village.ctx, clerk, notice.id, paper)


def forget(this: Try) -> None:
    """Nobody sees to it until the limit of its state is over; the centre has answered."""
    for objection in this.objections():
        if objection.status in OPEN and objection.answer is None:
            this.village.clerk.answers(objection.id, "已说明")
    this.village.clock.advance(days=400)
    steps.sweep(this.village.ctx)


# The ways aside, by the table's action; each tried by somebody who may.
ASIDE: dict[str, Act] = {
    "return_application": lambda this: ACTS["return_application"](this.by("clerk")),
    "reject": lambda this: ACTS["reject"](this.by("clerk")),
    "undo_reject": lambda this: ACTS["undo_reject"](this.by("reviewer")),
    "request_plan": asked(ACTS["request_plan"]),
    "mark_short": lambda this: ACTS["mark_short"](this.by("clerk")),
    "fail_survey": fail_survey,
    "revise_plan": revise_soundly,
    "refuse": refuse_plan,
    "undo_draft_notice": lambda this: ACTS["undo_draft_notice"](this.by("clerk")),
    "suspend": object_now,
    "resume": settle,
    "reopen": object_in_time,
    "lapse": forget,
    "undo_clear": lambda this: ACTS["undo_clear"](this.by("reviewer")),
    "undo_register": lambda this: ACTS["undo_register"](
        this.by(("reviewer", "clerk")[this.number % 2])
    ),
    "drop_lift": asked(drop_lift),
    "change_insurer": asked(ACTS["change_insurer"]),
    "amend_contract": lambda this: contract(
        Try(this.village, this.case, this.applicant, this.number)
    ),
    "return_papers": lambda this: ACTS["return_papers"](
        this.by(("reviewer", "cashier")[this.number % 2])
    ),
    "undo_confirm_payment": lambda this: ACTS["undo_confirm_payment"](this.by("reviewer")),
    "return_payment": lambda this: ACTS["return_payment"](this.by("cashier")),
    "set_policy": lambda this: issue(this.by("insurer")),
    "give_back": lambda this: give_back(this.by("cashier")),
    "reject_payment": lambda this: ACTS["reject_payment"](this.by("cashier")),
    "cancel": lambda this: cancel(this.by("cashier")),
}


CLOSING: dict[str, Act] = {
    "withdraw": asked(ACTS["withdraw"]),
    "terminate": lambda this: ACTS["terminate"](this.by("reviewer")),
}
