"""Facts of an invented case, complete for every step; tests change what they are about."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.domain.approval import Tally
from backend.domain.cover import SurveyResult
from backend.domain.deposit_facts import Deposit, Shares
from backend.domain.errors import Refusal
from backend.domain.facts import (
    ActorFact,
    Applying,
    ContractFact,
    Facts,
    InsurerFact,
    InvoiceFact,
    LiftFact,
    Money,
    NoticeFact,
    PlanFact,
    PolicyFact,
    RollFact,
    Terms,
    VoteFact,
    Waiting,
)
from backend.domain.local_time import SHANGHAI
from backend.domain.steps import Guard
from backend.store.city_files import load_city

JISHOU = load_city("jishou")
NOW = datetime(2025, 3, 11, 9, tzinfo=SHANGHAI)
INSURER, OTHER_INSURER = UUID(int=1), UUID(int=2)
PERSON, CLERK, REVIEWER, CASHIER = (UUID(int=number) for number in range(10, 14))
LIFTS = (
    LiftFact(UUID(int=20), "31104331002024000001", in_reach=True, survey=SurveyResult.PASSED),
    LiftFact(UUID(int=21), "31104331002024000002", in_reach=True, survey=SurveyResult.PASSED),
)
PLAN = PlanFact(
    UUID(int=30),
    1,
    INSURER,
    premium_fen=260_000,
    lift_premiums={lift.lift_id: 130_000 for lift in LIFTS},
    cover_from=date(2025, 4, 1),
    cover_ends_before=date(2026, 4, 1),
)
NOTICE = NoticeFact(NOW - timedelta(hours=9), missing_start=(), missing_end=())
CONTRACT = ContractFact(INSURER, 260_000, frozenset(lift.registration_code for lift in LIFTS))
INVOICE = InvoiceFact(INSURER, 260_000)
POLICY = PolicyFact(
    PLAN.cover_from,
    PLAN.cover_ends_before,
    issued_on=NOW.date(),
    premium_fen=260_000,
    lift_codes=CONTRACT.lift_codes,
    number="PL-1",
)

# Nothing stands in the way of any step that people take.
SOUND = Facts(
    now=NOW,
    today=NOW.date(),
    city=JISHOU,
    route=JISHOU.routes["R1"],
    applicant="property_company",
    actor=ActorFact(PERSON),
    refund_fen=100_000,
    lift_id=LIFTS[0].lift_id,
    insurer=InsurerFact(OTHER_INSURER, selected=True, is_another=True),
    roll=RollFact(4),
    applying=Applying(committee_in_office=True, mandate_valid=True, managed=True),
    lifts=LIFTS,
    terms=Terms(
        insurer_selected=True, plan=PLAN, contract=CONTRACT, invoice=INVOICE, policy=POLICY
    ),
    money=Money(available_fen=1_000_000),
    votes=Tally(approvals=2, refusals=0, in_office=3),
    vote=VoteFact(NOW - timedelta(hours=9)),
    notice=NOTICE,
    objections=(),
    succession=False,
    waiting=Waiting(NOW + timedelta(days=30)),
    deposit=Deposit(owned_alone=True),
    shares=Shares(flats=4, outstanding=0, collected_fen=260_000),
)
GROUPED = ("actor", "applying", "terms", "money", "vote", "notice", "waiting")
GROUPED = ("actor", "applying", "terms", "money", "notice", "waiting", "deposit")


def facts(**changed: Any) -> Facts:
    """The sound case with some facts changed, each named alone or as a whole group."""
    whole = {name: value for name, value in changed.items() if name in vars(SOUND)}
    parts = changed.keys() - whole.keys()
    for group in GROUPED:
        known = whole.get(group, getattr(SOUND, group))
        mine = {field.name for field in fields(known)} & parts
        whole[group] = replace(known, **{name: changed[name] for name in mine})
        parts -= mine
    assert not parts, parts
    return SOUND.having(**whole)


def codes(refusals: list[Refusal]) -> list[str]:
    """The codes of refusals, in order."""
    return [refusal.code for refusal in refusals]


def refused(guard: Guard, **changed: Any) -> list[str]:
    """The codes that a condition has against the sound case with some facts changed."""
    return codes(guard(facts(**changed)))
