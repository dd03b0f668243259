"""What the leading group decided about money that is owed: kept with its paper, never netted."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from backend.domain import leading_decisions
from backend.domain.errors import Refused
from backend.services.income import leading
from backend.services.income.leading import Decided
from backend.services.reads.decision_pages import read_decisions
from backend.services.reads.income_accounts import IncomeAccounts, read_accounts
from backend.services.reads.income_pages import read_interest
from backend.store.leading_decisions import LeadingDecision
from backend.store.messages import Outbox
from backend.store.queries.income import InterestView
from backend.store.queries.leading_decisions import DecisionView
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.looking import assert_sound
from tests.build.village import Village

MEETING = "领导小组2025年第1次会议"


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def decided(
    fund: Fund,
    act: Callable[..., DecisionView],
    of: UUID,
    day: date = date(2025, 3, 1),
    name: str = "clerk",
) -> DecisionView:
    village = fund.village
    what = Decided(day, MEETING, "由市财政在6月底以前补足", village.upload(name))
    return act(village.ctx, village.actor(name), of, what)


def low(fund: Fund) -> InterestView:
    """8,000,000.00 at 0.95 %: 44,000.00 less than the statutory interest."""
    deposit = fund.deposit(number="LOW", principal_fen=800_000_000, rate=Decimal("0.0095"))
    paid = fund.paid(deposit.id, until_on=date(2025, 1, 1), actual_fen=7_600_000)
    return fund.confirmed(paid.id)


def accounts(fund: Fund) -> IncomeAccounts:
    return read_accounts(fund.village.ctx, fund.village.actor("supervisor"), 1)


def test_what_a_bank_paid_less_stays_open_until_it_is_decided_and_nothing_is_netted(
    fund: Fund,
) -> None:
    village, ctx = fund.village, fund.village.ctx
    interest, better = low(fund), fund.earned()
    assert (accounts(fund).short, accounts(fund).undecided) == (1, 1)
    about_it = leading.decide_interest
    assert refusal(lambda: decided(fund, about_it, better.id)) == "nothing_owed"
    assert refusal(lambda: decided(fund, about_it, uuid4())) == "not_found"
    assert refusal(lambda: decided(fund, about_it, interest.id, date(2099, 1, 1))) == (
        "day_in_future"
    )
    assert refusal(lambda: decided(fund, about_it, interest.id, date(2024, 1, 1))) == (
        "decision_before_owed"
    )
    assert refusal(lambda: decided(fund, about_it, interest.id, name="supervisor")) == (
        "role_required"
    )
    one = decided(fund, about_it, interest.id)
    assert one.owed_fen == 4_400_000
    assert refusal(lambda: decided(fund, about_it, interest.id)) == "decision_known"
    found = accounts(fund)
    assert (found.short, found.short_fen, found.undecided) == (1, 4_400_000, 0), "it is still owed"
    shown = read_interest(ctx, village.actor("auditor"), interest.id).decision
    assert shown is not None
    about = f"老专户 LOW的结息（{interest.bank_reference}）低于法定利息"
    assert (shown.body, shown.about) == (MEETING, about)
    with ctx.sessions() as tx:
        supervisor = village.actor("supervisor").person_id
        its_messages = Outbox.natural_key.like(f"leading-decision/{one.id}/%")
        assert supervisor in set(tx.scalars(select(Outbox.person_id).where(its_messages)))
    assert_sound(village)


def test_a_decision_entered_by_mistake_is_withdrawn_once_and_entered_anew(fund: Fund) -> None:
    village, ctx = fund.village, fund.village.ctx
    interest = low(fund)
    one = decided(fund, leading.decide_interest, interest.id)
    clerk = village.actor("clerk")
    assert refusal(lambda: leading.withdraw(ctx, clerk, one.id, " ")) == "text_required"
    assert leading.withdraw(ctx, clerk, one.id, "会议写错").withdrawn_because == "会议写错"
    assert refusal(lambda: leading.withdraw(ctx, clerk, one.id, "又错")) == "decision_withdrawn"
    assert refusal(lambda: leading.withdraw(ctx, clerk, uuid4(), "错")) == "not_found"
    assert accounts(fund).undecided == 1
    again = decided(fund, leading.decide_interest, interest.id)
    lines = read_decisions(ctx, village.actor("supervisor"), 1)
    assert [line.view.id for line in lines.found.rows] == [again.id, one.id]
    assert not lines.may_work
    for forbidden in (update(LeadingDecision).values(decision="别的"), delete(LeadingDecision)):
        with ctx.sessions() as tx, pytest.raises(DBAPIError):
            tx.execute(forbidden)


def test_what_an_account_owes_more_after_a_decision_waits_for_another(fund: Fund) -> None:
    pool = fund.pools["A"]
    assert refusal(lambda: decided(fund, leading.decide_account, pool)) == "not_found"
    fund.earned()
    fund.closed()
    assert refusal(lambda: decided(fund, leading.decide_account, pool)) == "nothing_owed"
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    fund.closed()
    (owing,) = accounts(fund).owing.rows
    assert (owing.id, owing.decided_fen) == (pool, None)
    one = decided(fund, leading.decide_account, pool, fund.village.clock().date())
    assert one.owed_fen == owing.owed_fen
    (owing,) = accounts(fund).owing.rows
    assert owing.decided_fen == one.owed_fen
    fund.moved("A", -10_000_000, date(2024, 7, 4))
    fund.closed()
    (owing,) = accounts(fund).owing.rows
    assert owing.owed_fen > one.owed_fen
    assert owing.decided_fen == one.owed_fen
    assert_sound(fund.village)


def test_what_was_paid_back_since_leaves_nothing_decided_for_what_is_owed_next(fund: Fund) -> None:
    """The next is less than what was decided about then, and is another matter."""
    village = fund.village
    fund.earned()
    fund.closed()
    fund.spends("A", SHARED["A"])
    fund.moved("A", -20_400_000, date(2024, 7, 3))
    fund.closed()
    first = fund.decided(fund.pools["A"])
    village.clock.advance(days=1)
    fund.moved("A", 20_400_000, date(2024, 7, 3))
    fund.closed()
    assert not accounts(fund).owing.rows, "the close paid it back"
    fund.moved("A", -10_000_000, date(2024, 7, 3))
    fund.closed()
    (owing,) = accounts(fund).owing.rows
    assert owing.decided_fen == 0
    assert 0 < owing.owed_fen < first.owed_fen
    assert leading_decisions.is_open(owing.owed_fen, owing.decided_fen)
    assert_sound(village)
