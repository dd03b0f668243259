"""People of a village, who act through the services: `village.clerk.answers(objection.id, …)`."""

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from backend.services.base.context import Actor, Context
from backend.services.public_notice import (
    answers,
    dismissals,
    letters,
    moderation,
    notices,
    objections,
    takedowns,
)
from backend.services.purchase import (
    applications,
    case_letters,
    changes,
    cosignatures,
    minutes,
    on_paper,
    payees,
    payments,
    plans,
    policies,
    refunds,
    registrations,
)
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes
from backend.services.purchase.paper_entries import Scanned
from backend.store.purchases import Purchase
from tests.build.comparing import compare, entered_with_scan, how_many_signed, withdrawn_on_paper
from tests.build.handing_in import handed_in

Options = ParamSpec("Options")
Result = TypeVar("Result")


def _act(
    service: Callable[Concatenate[Context, Actor, Options], Result],
) -> Callable[Concatenate["Acting", Options], Result]:
    """What a service does, done by a person."""

    def do(who: "Acting", /, *args: Options.args, **named: Options.kwargs) -> Result:
        return service(who.ctx, who.actor, *args, **named)

    return do


class Acting:
    """Somebody who plays a part, and what people of all parts may try."""

    def __init__(self, ctx: Context, actor: Actor) -> None:
        self.ctx = ctx
        self.actor = actor

    # whoever applies
    drafts = _act(applications.draft)
    cosigns = _act(cosignatures.cosign)
    withdraws_signature = _act(cosignatures.withdraw_own)
    applies = _act(applications.apply)
    withdraws = _act(applications.withdraw)
    drops_lift = _act(changes.drop_lift)
    changes_insurer = _act(changes.change_insurer)
    requests_plan = _act(changes.request_plan)
    signs_contract = _act(registrations.sign_contract)
    amends_contract = _act(registrations.amend_contract)
    adds_invoice = _act(payments.add_invoice)
    requests_payment = _act(payments.request_payment)

    # the insurer
    surveys = _act(plans.record_survey)
    fails_survey = _act(plans.fail_survey)
    submits_plan = _act(plans.submit_plan)
    revises_plan = _act(plans.revise_plan)
    issues_policy = _act(policies.issue_policy)
    sets_policy = _act(policies.set_policy)

    # whoever posts the notice
    drafts_notice = _act(notices.draft_notice)
    adds_photo = _act(notices.add_photo)

    # whoever objects
    objects = _act(objections.file_objection)
    withdraws_objection = _act(objections.withdraw)

    # the centre
    def queries_funds(self, purchase_id: UUID, words: str) -> tuple[Purchase, int]:
        """The clerk has seen the maintainer's paper, and hands it in."""
        record = handed_in(self.ctx, self.actor)
        return applications.query_funds(self.ctx, self.actor, purchase_id, words, record)

    marks_short = _act(applications.mark_short)
    terminates = _act(applications.terminate)
    rejects = _act(applications.reject)
    undoes_rejection = _act(applications.undo_rejection)
    returns_application = _act(applications.return_application)

    def enters_minutes(self, plan_id: UUID, written: Minutes) -> None:
        """The minutes are entered, and another clerk compares them."""
        entry = minutes.enter(self.ctx, self.actor, plan_id, written)
        compare(self.ctx, entry.id)

    def enters_signatures(
        self,
        purchase_id: UUID,
        lines: Sequence[SignedOnPaper],
        scan: str,
        namesakes_checked: bool = False,
    ) -> int:
        """The list is entered, and another clerk compares it; how many have signed."""
        paper = Scanned(scan, self.ctx.clock())
        entry = cosignatures.enter(
            self.ctx, self.actor, purchase_id, lines, paper, namesakes_checked
        )
        compare(self.ctx, entry.id)
        return how_many_signed(self.ctx, purchase_id)

    enters_withdrawal = _act(withdrawn_on_paper)
    withdraws_on_paper = _act(cosignatures.withdraw_on_paper)
    enters_paper = _act(entered_with_scan)
    verifies = _act(objections.verify)
    answers = _act(answers.answer)
    delivers = _act(letters.deliver)
    undoes_delivery = _act(letters.undo)
    prints_letter = _act(on_paper.letter_of)
    delivers_letter = _act(case_letters.deliver)
    undoes_letter = _act(case_letters.undo)
    dismisses = _act(dismissals.dismiss)
    takes_down_words = _act(takedowns.take_down_words)
    restores_words = _act(takedowns.restore_words)
    takes_down_photo = _act(takedowns.take_down_photo)
    restores_photo = _act(takedowns.restore_photo)
    undoes_dismissal = _act(dismissals.undo)
    decides_publication = _act(moderation.decide_publication)
    clears = _act(notices.clear)
    undoes_clearing = _act(notices.undo_clear)
    undoes_draft = _act(notices.undo_draft)
    registers = _act(registrations.register)
    undoes_registration = _act(registrations.undo_register)
    reviews_payment = _act(payments.review_payment)
    returns_papers = _act(payments.return_papers)
    orders_payment = _act(payments.order_payment)
    confirms_payment = _act(payments.confirm_payment)
    enters_payee = _act(payees.enter)
    confirms_payee = _act(payees.confirm)
    turns_down_payee = _act(payees.turn_down)
    proposes_refund = _act(refunds.propose)
    confirms_refund = _act(refunds.confirm)
    waives_refund = _act(refunds.waive)
    refuses_refund = _act(refunds.refuse_refund)
    rejects_payment = _act(payments.reject_payment)
    undoes_confirmation = _act(payments.undo_confirmation)
    returns_payment = _act(payments.return_payment)
