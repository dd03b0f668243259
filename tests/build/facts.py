"""Facts of an invented case, complete for every step; tests change what they are about."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.domain.approval import Tally
from backend.domain.cover import SurveyResult
from backend.domain.errors import Refusal
from backend.domain.facts import ContractFact, Facts, InvoiceFact, LiftFact, NoticeFact, PlanFact
from backend.domain.local_time import SHANGHAI
from backend.domain.steps import Guard

NOW = datetime(2025, 3, 11, 9, tzinfo=SHANGHAI)
INSURER, OTHER_INSURER = UUID(int=1), UUID(int=2)
PERSON, CLERK, REVIEWER, CASHIER = (UUID(int=number) for number in range(10, 14))
LIFTS = (
    LiftFact(UUID(int=20), "31104331002024000001", in_circle=True, survey=SurveyResult.PASSED),
    LiftFact(UUID(int=21), "31104331002024000002", in_circle=True, survey=SurveyResult.PASSED),
)
PLAN = PlanFact(
    UUID(int=30),
    INSURER,
    premium_fen=260_000,
    lift_premiums={lift.lift_id: 130_000 for lift in LIFTS},
    cover_from=date(2025, 4, 1),
    cover_ends_before=date(2026, 4, 1),
)
NOTICE = NoticeFact(NOW - timedelta(hours=9), missing_start=(), missing_end=())
CONTRACT = ContractFact(INSURER, 260_000, frozenset(lift.registration_code for lift in LIFTS))
INVOICE = InvoiceFact(INSURER, 260_000)

# Nothing stands in the way of any step that people take.
SOUND = Facts(
    now=NOW,
    today=NOW.date(),
    applicant="property_company",
    actor_id=PERSON,
    actor_is_applicant=True,
    actor_is_party=False,
    minimum_cosigners=3,
    approval_asked=True,
    committee_in_office=True,
    mandate_valid=True,
    managed=True,
    lifts=LIFTS,
    available_fen=1_000_000,
    insurer_selected=True,
    insurer_id=INSURER,
    plan=PLAN,
    tally=Tally(approvals=2, refusals=0, in_office=3),
    notice=NOTICE,
    contract=CONTRACT,
    invoice=INVOICE,
    refund_fen=100_000,
)


def facts(**changed: Any) -> Facts:
    """The sound case with some facts changed."""
    return replace(SOUND, **changed)


def codes(refusals: list[Refusal]) -> list[str]:
    """The codes of refusals, in order."""
    return [refusal.code for refusal in refusals]


def refused(guard: Guard, **changed: Any) -> list[str]:
    """The codes that a condition has against the sound case with some facts changed."""
    return codes(guard(facts(**changed)))
