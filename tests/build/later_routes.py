"""A route of later, as far as its own conditions need no facts that nobody loads yet."""

from backend.domain import effects as do
from backend.domain import guards as must
from backend.domain.errors import Refusal
from backend.domain.facts import Facts
from backend.domain.roles import Role
from backend.domain.routes.catalogue import (
    table_of,
)
from backend.domain.rules import reads
from backend.domain.states import State
from backend.domain.steps import EVERY_LIMIT, EvidenceKind, Step
from tests.build.facts import (
    JISHOU,
)

R1 = table_of("R1", JISHOU)


@reads("terms", "money")
def three_years_deposited(facts: Facts) -> list[Refusal]:
    """JS annex 二（三）3: three years' premium in one deposit."""
    lacking = 3 * facts.terms.premium_fen - facts.money.available_fen
    return [Refusal("deposit_short", f"还差{lacking}分。")] if lacking > 0 else []


# R3 独立产权人 (JS annex 二（三）): no public notice, no objection, no registration.
R3 = (
    Step("draft", (), State.DRAFTED, (Role.APPLICANT,), "JS附件二（三）1"),
    Step(
        "submit_plan",
        (State.DRAFTED,),
        State.PLANNED,
        (Role.INSURER,),
        "JS附件二（三）1",
        guards=(must.insurer_selected, must.every_lift_surveyed),
        checks=(must.plan_covers_lifts,),
    ),
    Step(
        "open_account",
        (State.PLANNED,),
        State.SPECIAL_ACCOUNT_OPENED,
        (Role.CLERK,),
        "JS附件二（三）2",
        evidence=(EvidenceKind.APPLICATION_FORM,),
    ),
    Step(
        "fund",
        (State.SPECIAL_ACCOUNT_OPENED,),
        State.FUNDED,
        (Role.CLERK,),
        "JS附件二（三）3",
        evidence=(EvidenceKind.BANK_RECEIPT,),
        guards=(three_years_deposited,),
        limit="payment_request",
    ),
    Step(
        "request_payment",
        (State.FUNDED,),
        State.PAYMENT_REQUESTED,
        (Role.APPLICANT,),
        "JS附件二（三）4",
        guards=(must.invoice_matches_contract,),
        effects=(do.premium_due,),
        limit="payment",
        meets="payment_request",
    ),
    Step(
        "pay",
        (State.PAYMENT_REQUESTED,),
        State.PAID,
        (Role.CASHIER,),
        "JS附件二（三）4",
        evidence=(EvidenceKind.BANK_RECEIPT,),
        effects=(do.payment_ordered, do.payment_confirmed),
        meets=EVERY_LIMIT,
    ),
)
