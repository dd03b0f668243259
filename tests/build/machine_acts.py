"""Everything that people can try to do with a case, right or wrong, for the generated histories."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from backend.domain.approval import Answer
from backend.domain.cover import CoverState
from backend.domain.letters import How
from backend.domain.objection import OPEN, ObjectionStatus
from backend.domain.refund import RefundKind
from backend.domain.states import State
from backend.services.base.context import Actor
from backend.services.case import steps
from backend.services.public_notice import answers, dismissals, letters, notices, objections
from backend.services.public_notice.letters import Given
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
    policies,
    refunds,
    registrations,
)
from backend.services.purchase.approvals import MemberAnswer
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.store.notices import Objection, PublicNotice
from backend.store.proposals import Refund
from backend.store.purchases import (
    Contract,
    CoveragePeriod,
    Plan,
    Policy,
    Purchase,
    PurchaseLift,
    Transition,
)
from backend.store.registry import Insurer, Lift
from tests.build.looking import today
from tests.build.village import Village, called

APPLICANTS = {"owners": "owner0", "committee": "member0", "property_company": "manager"}
LIVE = ("posting", "open", "suspended", "ended")


@dataclass
class Try:
    """One try at something: where, on which case, by whom, and numbers to vary it by."""

    village: Village
    case: Purchase
    name: str
    number: int

    @property
    def actor(self) -> Actor:
        return self.village.actor(self.name)

    def by(self, name: str) -> "Try":
        """The same by somebody else."""
        return Try(self.village, self.case, name, self.number)

    def numbered(self, number: int) -> "Try":
        """The same, done in that way."""
        return Try(self.village, self.case, self.name, number)

    def letter_due(self, objection: UUID) -> bool:
        """Whether its author must still be given the answer on paper."""
        with self.village.ctx.sessions() as tx:
            return tx.get_one(Objection, objection).letter_due_since is not None

    @property
    def applicant(self) -> str:
        """Who acts for those who applied: for owners on paper a clerk who did not enter it."""
        return "clerk2" if self.case.on_paper else APPLICANTS[self.case.applicant]

    def paper(self) -> str:
        return self.village.upload(self.name)

    def lifts(self) -> dict[UUID, str]:
        """The lifts of the case, id → registration code."""
        with self.village.ctx.sessions() as tx:
            rows = tx.execute(
                select(Lift.id, Lift.registration_code)
                .join(PurchaseLift, PurchaseLift.lift_id == Lift.id)
                .where(PurchaseLift.purchase_id == self.case.id)
            )
            return dict(rows.all())

    def notice(self) -> PublicNotice | None:
        with self.village.ctx.sessions() as tx:
            return tx.scalar(
                select(PublicNotice)
                .where(PublicNotice.purchase_id == self.case.id)
                .order_by(PublicNotice.id.desc())
                .limit(1)
            )

    def objections(self) -> list[Objection]:
        """All of the case, those to notices that were replaced too."""
        with self.village.ctx.sessions() as tx:
            return list(
                tx.scalars(
                    select(Objection)
                    .join(PublicNotice, PublicNotice.id == Objection.notice_id)
                    .where(PublicNotice.purchase_id == self.case.id)
                    .order_by(Objection.id)
                )
            )

    def refund(self) -> Refund | None:
        """What was entered as paid back and waits for a second officer."""
        of_case = Refund.purchase_id == self.case.id, Refund.outcome.is_(None)
        with self.village.ctx.sessions() as tx:
            return tx.scalar(select(Refund).where(*of_case))

    @property
    def insurer(self) -> str:
        """Who works for the insurer of the case."""
        return "insurer" if self.case.insurer_id == self.village.insurer else "other"

    def another_insurer(self) -> UUID:
        """One that the case is not with."""
        with self.village.ctx.sessions() as tx:
            others = select(Insurer.id).where(Insurer.id != self.case.insurer_id)
            return tx.scalars(others.order_by(Insurer.name)).first() or self.village.insurer

    def covered_until(self) -> date | None:
        """When the cover ends that another case has for the lifts."""
        with self.village.ctx.sessions() as tx:
            theirs = select(func.max(func.upper(CoveragePeriod.period))).where(
                CoveragePeriod.lift_id.in_(self.lifts()),
                CoveragePeriod.purchase_id != self.case.id,
                CoveragePeriod.state.in_((CoverState.RESERVED, CoverState.IN_FORCE)),
            )
            ends: date | None = tx.scalar(theirs)
            return ends

    def plan(self) -> Plan | None:
        with self.village.ctx.sessions() as tx:
            return tx.get(Plan, self.case.plan_id) if self.case.plan_id else None


Act = Callable[[Try], object]


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
    objections.enter_paper(this.village.ctx, this.actor, notice.id, paper)


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


def contract(this: Try, premium_fen: int | None = None) -> None:
    plan = this.plan()
    premium = (plan.premium_fen if plan else 1) - this.number % 3
    number = str(uuid4()) if this.number % 5 else "HT-same"
    village = this.village
    paper = village.contract(
        number=number,
        insurer_id=this.case.insurer_id,
        premium_fen=premium if premium_fen is None else premium_fen,
        lift_codes=list(this.lifts().values()),
        file_sha256=this.paper(),
    )
    if this.case.state == State.CONTRACTED:
        registrations.amend_contract(village.ctx, this.actor, this.case.id, paper, "更正")
    else:
        registrations.sign_contract(village.ctx, this.actor, this.case.id, paper)


def invoice(this: Try) -> None:
    with this.village.ctx.sessions() as tx:
        contract_id = tx.get_one(Purchase, this.case.id).contract_id
        signed = tx.scalar(select(Contract.premium_fen).where(Contract.id == contract_id))
    amount = (signed or 1) + (1 if this.number % 6 == 0 else 0)
    paper = this.village.invoice(
        number=str(uuid4()),
        insurer_id=this.case.insurer_id,
        amount_fen=amount,
        file_sha256=this.paper(),
    )
    payments.add_invoice(this.village.ctx, this.actor, this.case.id, paper)


def confirm(this: Try) -> None:
    reference = str(uuid4()) if this.number % 4 else "BANK-same"
    payments.confirm_payment(this.village.ctx, this.actor, this.case.id, reference, this.paper())


def issue(this: Try) -> None:
    """Mostly as agreed; now and then it begins late, is too short, or costs another amount."""
    plan = this.plan()
    if plan is None:
        return
    village, number = this.village, this.number
    begins = max(plan.cover_from, today(village)) if number % 3 == 2 else plan.cover_from
    days = (plan.cover_ends_before - plan.cover_from).days - (number % 13 == 7)
    with village.ctx.sessions() as tx:
        case = tx.get_one(Purchase, this.case.id)
        agreed = select(Contract.premium_fen).where(Contract.id == case.contract_id)
        back = select(func.coalesce(func.sum(Transition.amount_fen), 0)).where(
            Transition.purchase_id == case.id, Transition.action == "give_back"
        )
        given_back = tx.scalar(back) or 0
        premium = max(1, (tx.scalar(agreed) or plan.premium_fen) - given_back)
    paper = village.policy(
        number=str(uuid4()) if number % 4 else "PL-same",
        cover_from=begins,
        cover_ends_before=begins + timedelta(days=max(1, days)),
        premium_fen=premium,
        lift_codes=list(this.lifts().values()),
        file_sha256=this.paper(),
    )
    if this.case.state in (State.POLICY_ISSUED, State.IN_FORCE):
        with village.ctx.sessions() as tx:
            first = tx.get(Policy, this.case.policy_id)
        if first and number % 2:
            paper = replace(paper, issued_on=first.issued_on)
        policies.set_policy(village.ctx, this.actor, this.case.id, paper, "更正")
    else:
        policies.issue_policy(village.ctx, this.actor, this.case.id, paper)


def propose(this: Try, kind: RefundKind) -> Refund:
    fen = (1, 30 if kind is RefundKind.GIVE_BACK else 1_000, 10**9)[this.number % 3]
    return refunds.propose(
        this.village.ctx, this.actor, this.case.id, kind, fen, this.paper(), "退差额"
    )


def give_back(this: Try) -> None:
    """Entered by whoever tries it; every fourth is not confirmed."""
    refund_by_two(this, RefundKind.GIVE_BACK)


def cancel(this: Try) -> None:
    refund_by_two(this, RefundKind.CANCEL)


def refund_by_two(this: Try, kind: RefundKind) -> None:
    waiting = this.refund()
    refund = propose(this, kind) if waiting is None else waiting
    reviewer = this.by("reviewer").actor
    if this.number % 4 == 3:
        refunds.refuse_refund(this.village.ctx, reviewer, refund.id, "与回单不符")
    else:
        refunds.confirm(this.village.ctx, reviewer, refund.id)


def on_refund(act: Callable[[Try, UUID], object]) -> Act:
    """Do something with the refund that waits, if there is one."""

    def chosen(this: Try) -> None:
        if waiting := this.refund():
            act(this, waiting.id)

    return chosen


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
        written = Minutes(today(this.village), said, this.paper())
        minutes.enter(this.village.ctx, this.actor, this.case.plan_id, written)


# Every act that anybody may try at any time.
ACTS: dict[str, Act] = {
    "cosign": lambda this: cosignatures.cosign(this.village.ctx, this.actor, this.case.id),
    "enter_cosignatures": lambda this: cosignatures.enter(
        this.village.ctx, this.actor, this.case.id, [signed_on_paper(this)], this.paper(), False
    ),
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
    "withdraw_objection": on_objection(
        lambda this, objection: objections.withdraw(
            this.village.ctx, this.actor, objection, this.paper()
        )
    ),
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
    "order_payment": lambda this: payments.order_payment(
        this.village.ctx, this.actor, this.case.id, begun_cover_known=this.number % 3 == 0
    ),
    "confirm": confirm,
    "reject_payment": lambda this: payments.reject_payment(
        this.village.ctx, this.actor, this.case.id, "户名不符", this.number % 4 == 0
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
        lambda this: this.village.cashier.orders_payment(this.case.id, begun_cover_known=True)
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
    objections.enter_paper(this.village.ctx, clerk, notice.id, paper)


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
