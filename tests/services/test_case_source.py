"""Several accounts pay for one case, each its part: held, due, given back and refunded."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from backend.domain.effects import Booking
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, income_booked
from backend.domain.routes.catalogue import table_of
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.bookings import book
from backend.services.case.case import HOUSE, Case
from backend.store.purchases import Purchase, PurchaseSource, Transition
from backend.store.queries.sources import source_of
from backend.store.registry import Estate
from tests.build.sample_case import (
    NOW,
    TODAY,
    SampleCase,
    sample_case,
    sample_plan,
    sample_purchase,
)


@pytest.fixture
def tx(ctx: Context) -> Iterator[Session]:
    with ctx.sessions() as tx:
        yield tx


@pytest.fixture
def case(tx: Session) -> SampleCase:
    return sample_case(tx)


@pytest.fixture
def second(tx: Session, case: SampleCase) -> UUID:
    """Another pooled account of the estate."""
    return ledger.open_account(
        tx, AccountKind.POOLED_INCOME, "P-SECOND", "2栋统筹账户", unit_id=case.unit
    )


@pytest.fixture
def purchase(tx: Session, case: SampleCase, second: UUID) -> Purchase:
    """A case of which the second account pays two thirds."""
    weights = {case.pool: 1, second: 2}
    purchase = sample_purchase(tx, case.estate, weights, case.insurer, case.person)
    purchase.plan_id = sample_plan(tx, case, 100, 100).id
    tx.flush()
    return purchase


def fill(tx: Session, case: SampleCase, **accounts_fen: int) -> None:
    """Interest for both accounts."""
    statutory = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
    second = ledger.open_account(
        tx, AccountKind.POOLED_INCOME, "P-SECOND", "2栋统筹账户", unit_id=case.unit
    )
    pools = {case.pool: accounts_fen["first"], second: accounts_fen["second"]}
    lines = income_booked(case.bank, statutory, 0, pools)
    ledger.post(tx, NewEntry(f"income:{accounts_fen}", "income", TODAY, lines), NOW)


def step(ctx: Context, tx: Session, purchase: Purchase, booking: Booking, amount_fen: int) -> None:
    """Book as a step of the case does."""
    purchase.version += 1
    transition = Transition(
        subject=purchase.subject,
        seq=purchase.version,
        action=str(booking),
        to_state=purchase.state,
        role="system",
        at=NOW,
        evidence=[],
    )
    tx.add(transition)
    tx.flush()
    estate = tx.get_one(Estate, purchase.estate_id)
    table = table_of(purchase.route, ctx.city)
    case = Case(tx, ctx, purchase, estate, None, HOUSE, ctx.city, table)
    book(case, transition, booking, amount_fen)
    tx.expire_all()


def available(tx: Session, *accounts: UUID) -> list[int]:
    return [ledger.available(tx, account) for account in accounts]


def test_each_account_pays_its_part_and_gets_its_part_back(
    ctx: Context, tx: Session, case: SampleCase, second: UUID, purchase: Purchase
) -> None:
    fill(tx, case, first=100, second=100)
    assert source_of(tx, purchase.id).available_fen == 150
    step(ctx, tx, purchase, Booking.HOLD, 100)
    assert available(tx, case.pool, second) == [67, 33]
    assert source_of(tx, purchase.id).available_fen == 150, "its own holds count as there"
    step(ctx, tx, purchase, Booking.PREMIUM_DUE, 90)
    assert available(tx, case.pool, second) == [70, 40]
    step(ctx, tx, purchase, Booking.PAYMENT_ORDERED, 90)
    step(ctx, tx, purchase, Booking.PAYMENT_CONFIRMED, 90)
    step(ctx, tx, purchase, Booking.REFUND, 9)
    assert available(tx, case.pool, second) == [73, 46]
    assert ledger.trial_balance(tx).total_fen == 0
    assert ledger.drifted(tx) == []


@pytest.mark.parametrize("due_fen", [86, 89, 90, 100])
def test_a_premium_refunded_in_full_leaves_every_account_as_it_was(
    ctx: Context, tx: Session, case: SampleCase, second: UUID, purchase: Purchase, due_fen: int
) -> None:
    """Of 100 held, 86 due are not shared as 86 would be by the weights alone."""
    fill(tx, case, first=100, second=100)
    step(ctx, tx, purchase, Booking.HOLD, 100)
    step(ctx, tx, purchase, Booking.PREMIUM_DUE, due_fen)
    step(ctx, tx, purchase, Booking.PAYMENT_ORDERED, due_fen)
    step(ctx, tx, purchase, Booking.PAYMENT_CONFIRMED, due_fen)
    step(ctx, tx, purchase, Booking.REFUND, due_fen)
    assert available(tx, case.pool, second) == [100, 100]
    assert ledger.trial_balance(tx).total_fen == 0


def test_what_is_given_back_goes_to_every_account(
    ctx: Context, tx: Session, case: SampleCase, second: UUID, purchase: Purchase
) -> None:
    fill(tx, case, first=100, second=100)
    step(ctx, tx, purchase, Booking.HOLD, 100)
    step(ctx, tx, purchase, Booking.VOID_HOLD, 100)
    assert available(tx, case.pool, second) == [100, 100]
    step(ctx, tx, purchase, Booking.HOLD, 100)
    step(ctx, tx, purchase, Booking.PREMIUM_DUE, 100)
    step(ctx, tx, purchase, Booking.REVERSE_PREMIUM_DUE, 100)
    assert available(tx, case.pool, second) == [100, 100]
    assert ledger.drifted(tx) == []


def test_the_emptier_account_decides_what_can_be_held(
    ctx: Context, tx: Session, case: SampleCase, second: UUID, purchase: Purchase
) -> None:
    fill(tx, case, first=100, second=10)
    assert source_of(tx, purchase.id).available_fen == 15
    with pytest.raises(Refused, match="premium_above_available"):
        step(ctx, tx, purchase, Booking.HOLD, 16)


def test_a_source_has_the_names_of_all_its_accounts(
    tx: Session, case: SampleCase, purchase: Purchase
) -> None:
    assert source_of(tx, purchase.id).name == "1栋统筹账户、2栋统筹账户"
    assert source_of(tx, purchase.id).number.endswith("P-SECOND")


def test_an_account_that_is_set_later_pays_from_then_on(tx: Session, case: SampleCase) -> None:
    purchase = sample_purchase(tx, case.estate, {}, case.insurer, case.person)
    assert source_of(tx, purchase.id).accounts == []
    assert source_of(tx, purchase.id).available_fen == 0
    tx.add(PurchaseSource(purchase_id=purchase.id, account_id=case.pool, weight=1))
    tx.flush()
    assert source_of(tx, purchase.id).weights == {case.pool: 1}
