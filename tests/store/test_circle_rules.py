"""What the database keeps of a case's circle and source, and of the units that a lift serves."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.ledger import AccountKind, transfer
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.store.base import Base
from backend.store.database import make_sessions
from backend.store.ledger import Hold
from backend.store.purchases import Purchase, PurchaseSource, PurchaseUnit
from backend.store.registry import Building, Lift, LiftUnit, Unit
from tests.build.sample_case import (
    NOW,
    TODAY,
    SampleCase,
    fill_pool,
    refused_by_database,
    sample_case,
    sample_plan,
    sample_purchase,
)
from tests.build.waiting import eventually, somebody_waits_for_a_lock


@pytest.fixture
def case(tx: Session) -> SampleCase:
    return sample_case(tx)


def another_unit(tx: Session, case: SampleCase) -> UUID:
    building_id = tx.scalars(select(Building.id).where(Building.estate_id == case.estate)).one()
    unit = Unit(building_id=building_id, name="2单元")
    tx.add(unit)
    tx.flush()
    return unit.id


def served(tx: Session, case: SampleCase) -> set[UUID]:
    return set(tx.scalars(select(LiftUnit.unit_id).where(LiftUnit.lift_id == case.lift)))


def put(tx: Session, record: Base) -> None:
    tx.add(record)
    tx.flush()


def test_the_circle_changes_until_there_is_a_plan(tx: Session, case: SampleCase) -> None:
    put(tx, PurchaseUnit(purchase_id=case.purchase, unit_id=case.unit))
    other = another_unit(tx, case)
    put(tx, PurchaseUnit(purchase_id=case.purchase, unit_id=other))
    tx.execute(delete(PurchaseUnit).where(PurchaseUnit.unit_id == other))
    tx.get_one(Purchase, case.purchase).plan_id = sample_plan(tx, case, 100, 100).id
    tx.flush()
    for statement in (
        insert(PurchaseUnit).values(purchase_id=case.purchase, unit_id=other),
        update(PurchaseUnit).values(unit_id=other),
        delete(PurchaseUnit),
    ):
        with refused_by_database(tx) as refusal:
            tx.execute(statement)
        assert refusal.rule == "purchase_unit_fixed"
    with refused_by_database(tx) as refusal:
        tx.execute(text("TRUNCATE purchase_unit"))
    assert refusal.rule == "purchase_unit_stays"


def test_no_unit_slips_in_while_a_plan_is_being_made(engine: Engine) -> None:
    """Without the service's lock: the database alone must see to it."""
    sessions = make_sessions(engine)
    with sessions() as tx:
        case = sample_case(tx)
        tx.commit()

    def slip_in() -> None:
        with sessions() as tx:
            put(tx, PurchaseUnit(purchase_id=case.purchase, unit_id=case.unit))
            tx.commit()

    with sessions() as planning, ThreadPoolExecutor(1) as somebody:
        plan = sample_plan(planning, case, 100, 100)
        planning.get_one(Purchase, case.purchase).plan_id = plan.id
        planning.flush()
        slipping = somebody.submit(slip_in)
        eventually(lambda: somebody_waits_for_a_lock(sessions))
        planning.commit()
        with pytest.raises(IntegrityError, match="fixed with its plan"):
            slipping.result()


def test_a_source_is_set_once_and_stays(tx: Session, case: SampleCase) -> None:
    other = ledger.open_account(tx, AccountKind.POOLED_INCOME, "P-OTHER", "另一账户")
    with refused_by_database(tx) as refusal:
        put(tx, PurchaseSource(purchase_id=case.purchase, account_id=other, weight=1))
    assert refusal.rule == "purchase_source_set_once"
    with refused_by_database(tx) as refusal:
        tx.execute(update(PurchaseSource).values(weight=2))
    assert refusal.rule == "purchase_source_stays"


def test_a_source_is_named_anew_only_while_no_plan_stands(tx: Session, case: SampleCase) -> None:
    own = PurchaseSource.purchase_id == case.purchase
    tx.execute(delete(PurchaseSource).where(own))
    put(tx, PurchaseSource(purchase_id=case.purchase, account_id=case.pool, weight=3))
    plan = sample_plan(tx, case, 100, 100)
    tx.get_one(Purchase, case.purchase).plan_id = plan.id
    tx.flush()
    with refused_by_database(tx) as refusal:
        tx.execute(delete(PurchaseSource).where(own))
    assert refusal.rule == "purchase_source_fixed"


def test_a_source_may_be_set_after_the_draft(tx: Session, case: SampleCase) -> None:
    later = sample_purchase(tx, case.estate, {}, case.insurer, case.person)
    put(tx, PurchaseSource(purchase_id=later.id, account_id=case.pool, weight=1))
    with refused_by_database(tx) as refusal:
        put(tx, PurchaseSource(purchase_id=later.id, account_id=case.bank, weight=1))
    assert refusal.rule == "purchase_source_set_once"


def test_an_insurer_is_set_at_the_draft_or_later_and_changed_while_no_plan_stands(
    tx: Session, case: SampleCase
) -> None:
    later = sample_purchase(tx, case.estate, {case.pool: 1}, None, case.person)
    later.insurer_id = case.insurer
    tx.flush()
    other = sample_case(tx)
    own = update(Purchase).where(Purchase.id == later.id)
    tx.execute(own.values(insurer_id=other.insurer))
    with refused_by_database(tx) as refusal:
        tx.execute(own.values(insurer_id=None))
    assert refusal.rule == "purchase_insurer_of_plan"
    later.plan_id = sample_plan(tx, case, 100, 100).id
    tx.flush()
    with refused_by_database(tx) as refusal:
        tx.execute(own.values(insurer_id=case.insurer))
    assert refusal.rule == "purchase_insurer_of_plan"


def test_the_principal_pays_only_for_a_case_whose_source_it_is(
    tx: Session, case: SampleCase
) -> None:
    principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
    opening = transfer(case.bank, principal, 1000)
    ledger.post(tx, NewEntry("opening", "opening", TODAY, opening), NOW)
    spend = transfer(principal, case.accounts.held_premium, 10)
    for source in ({case.pool: 1}, {}):
        spared = sample_purchase(tx, case.estate, source, case.insurer, case.person)
        with refused_by_database(tx) as refusal:
            ledger.post(tx, NewEntry("spend", "test", TODAY, spend, subject=spared.subject), NOW)
        assert refusal.rule == "posting_spares_principal"
    paying = sample_purchase(tx, case.estate, {principal: 1}, case.insurer, case.person)
    ledger.post(tx, NewEntry("spend", "test", TODAY, spend, subject=paying.subject), NOW)
    # The owners' own business with their principal stays possible.
    ledger.post(tx, NewEntry("own business", "test", TODAY, spend), NOW)


def test_one_hold_for_each_account_of_a_source(tx: Session, case: SampleCase) -> None:
    fill_pool(tx, case, 100)
    other = sample_case(tx)
    fill_pool(tx, other, 100)
    rows = [
        {
            "account_id": account,
            "subject": case.subject,
            "amount_fen": 40,
            "state": "pending",
            "placed_at": NOW,
        }
        for account in (case.pool, other.pool)
    ]
    tx.execute(insert(Hold).values(rows))
    assert [ledger.available(tx, account) for account in (case.pool, other.pool)] == [60, 60]
    with refused_by_database(tx) as refusal:
        tx.execute(insert(Hold).values(rows[0]))
    assert refusal.rule == "uq_hold_pending"
    tx.execute(update(Hold).values(state="voided", settled_at=NOW))
    assert [ledger.available(tx, account) for account in (case.pool, other.pool)] == [100, 100]


def test_a_lift_serves_at_least_the_unit_where_it_stands(tx: Session, case: SampleCase) -> None:
    assert served(tx, case) == {case.unit}
    with refused_by_database(tx) as refusal:
        tx.execute(delete(LiftUnit).where(LiftUnit.lift_id == case.lift))
    assert refusal.rule == "fk_lift_serves_home"
    other = another_unit(tx, case)
    put(tx, LiftUnit(lift_id=case.lift, unit_id=other))
    assert served(tx, case) == {case.unit, other}
    tx.execute(delete(LiftUnit).where(LiftUnit.unit_id == other))
    tx.commit()


def test_a_lift_that_moves_serves_its_new_unit_instead(tx: Session, case: SampleCase) -> None:
    other = another_unit(tx, case)
    tx.execute(update(Lift).where(Lift.id == case.lift).values(unit_id=other))
    tx.commit()
    assert served(tx, case) == {other}
