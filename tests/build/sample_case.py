"""One estate with a lift, its pool and a purchase, as rows that a test can build on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.ledger import AccountKind, PurchaseAccounts, income_booked
from backend.domain.subject import PURCHASE, Subject
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.store.base import Base
from backend.store.city import CityProfileRecord
from backend.store.notices import PublicNotice
from backend.store.people import Person
from backend.store.purchases import Plan, PlanLift, Purchase, PurchaseSource
from backend.store.registry import Building, Estate, Insurer, Lift, Unit

NOW = datetime(2025, 3, 3, 1, tzinfo=UTC)
TODAY = date(2025, 3, 3)
NOTICE_ENDS_BEFORE = datetime(2025, 3, 10, 16, tzinfo=UTC)
NUMBERS = count(1)
Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class SampleCase:
    """Ids of the rows; every sample has its own, so that samples live side by side."""

    person: UUID
    estate: UUID
    unit: UUID
    lift: UUID
    insurer: UUID
    pool: UUID
    bank: UUID
    purchase: UUID
    accounts: PurchaseAccounts

    @property
    def subject(self) -> Subject:
        """The purchase, as what holds, limits and messages are of."""
        return Subject(PURCHASE, self.purchase)


def sample_case(tx: Session) -> SampleCase:
    """Add a case; its pool is empty."""
    number = next(NUMBERS)
    profile = tx.get(CityProfileRecord, "test") or _added(
        tx, CityProfileRecord(version="test", code="test", text="", loaded_at=NOW)
    )
    person = _added(tx, Person(name_sealed=None, created_at=NOW))
    estate = _added(
        tx, Estate(code=f"E{number}", name="示例小区", address="示例路1号", district="示例区")
    )
    building = _added(tx, Building(estate_id=estate.id, name="1栋"))
    unit = _added(tx, Unit(building_id=building.id, name="1单元"))
    lift = _added(
        tx,
        Lift(unit_id=unit.id, registration_code=f"L{number}", name="1号梯", installed_on=TODAY),
    )
    insurer = _added(
        tx, Insurer(name=f"示例保险{number}", bank_name="示例银行", bank_account=f"B{number}")
    )
    bank = ledger.open_account(tx, AccountKind.BANK, "BANK", "银行存款")
    pool = ledger.open_account(
        tx, AccountKind.POOLED_INCOME, f"P{number}", "1栋统筹账户", building_id=building.id
    )
    purchase = sample_purchase(tx, estate.id, {pool: 1}, insurer.id, person.id, profile.version)
    return SampleCase(
        person=person.id,
        estate=estate.id,
        unit=unit.id,
        lift=lift.id,
        insurer=insurer.id,
        pool=pool,
        bank=bank,
        purchase=purchase.id,
        accounts=ledger.purchase_accounts(tx, insurer.id),
    )


def sample_purchase(
    tx: Session,
    estate: UUID,
    source: Mapping[UUID, int],
    insurer: UUID | None,
    person: UUID,
    profile: str = "test",
) -> Purchase:
    """Add an R1 purchase that draws on the accounts of `source`, each by its weight."""
    purchase = _added(
        tx,
        Purchase(
            number=f"SQ-{next(NUMBERS)}",
            route="R1",
            state="drafted",
            version=1,
            profile_version=profile,
            estate_id=estate,
            applicant="committee",
            applied_by=person,
            insurer_id=insurer,
            started_at=NOW,
            updated_at=NOW,
        ),
    )
    rows = [
        {"purchase_id": purchase.id, "account_id": account_id, "weight": weight}
        for account_id, weight in source.items()
    ]
    if rows:
        tx.execute(insert(PurchaseSource).values(rows))
    return purchase


def sample_plan(tx: Session, case: SampleCase, premium_fen: int, parts_fen: int) -> Plan:
    """Add a plan over `premium_fen` whose only lift carries `parts_fen`."""
    plan = _added(
        tx,
        Plan(
            purchase_id=case.purchase,
            revision=next(NUMBERS),
            insurer_id=case.insurer,
            premium_fen=premium_fen,
            sum_insured_fen=1,
            deductible_fen=0,
            cover_from=TODAY,
            cover_ends_before=date(2026, 3, 3),
            scope_of_cover="",
            exclusions="",
            service_commitments="",
            content_hash="",
            made_by=case.person,
            made_at=NOW,
        ),
    )
    _added(tx, PlanLift(plan_id=plan.id, lift_id=case.lift, premium_fen=parts_fen))
    return plan


def sample_notice(tx: Session, case: SampleCase) -> PublicNotice:
    """Add a notice that runs until 10 March 2025 24:00."""
    plan = sample_plan(tx, case, 100, 100)
    return _added(
        tx,
        PublicNotice(
            number=f"GS-{next(NUMBERS)}",
            purchase_id=case.purchase,
            plan_id=plan.id,
            content={"text": "公示"},
            content_hash="hash",
            places=[],
            state="open",
            drafted_at=NOW,
            starts_on=TODAY,
            ends_on=date(2025, 3, 10),
            ends_before=NOTICE_ENDS_BEFORE,
            provisional=False,
            explanation=[],
            days_left=None,
        ),
    )


def fill_pool(tx: Session, case: SampleCase, amount_fen: int) -> None:
    """Book interest into the case's pool."""
    ledger.post(
        tx,
        NewEntry(
            f"income:{next(NUMBERS)}",
            "income",
            TODAY,
            income_booked(
                case.bank,
                ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE),
                0,
                {case.pool: amount_fen},
            ),
        ),
        NOW,
    )


@dataclass
class Refusal:
    """What the database said when it refused."""

    rule: str = ""


@contextmanager
def refused_by_database(tx: Session) -> Iterator[Refusal]:
    """The block must break a rule, at the latest when deferred rules are checked; it leaves
    nothing behind. `rule` is the constraint's or trigger's name."""
    refusal = Refusal()
    point = tx.begin_nested()
    try:
        yield refusal
        tx.flush()
        tx.connection().exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        refusal.rule = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    else:
        raise AssertionError("the database let it pass")
    finally:
        point.rollback()
        tx.connection().exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")


def _added(tx: Session, row: Row) -> Row:
    tx.add(row)
    tx.flush()
    return row
