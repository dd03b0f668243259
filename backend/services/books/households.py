"""Control accounts of the household sub-ledger (分户账). Nothing here commits.

What flats had at their opening stands on the owners' principal, one account of the house; a
building gets its control account when it is first needed, and takes its flats' part over.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.errors import refuse
from backend.domain.ledger import ACCOUNT_NAMES, NORMAL_SIDES, AccountKind
from backend.domain.local_time import local_date
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.store.households import HouseholdControl
from backend.store.ledger import Account
from backend.store.queries.households import controls_off
from backend.store.registry import Building, Estate

PREFIX = "HOUSEHOLDS-"
KIND = AccountKind.HOUSEHOLD_FUND


def lock_flats(tx: Session) -> None:
    """Wait until nobody else books on flats; held until the transaction ends. Whoever does takes
    this before any account: the database's guards take it again."""
    key = func.hashtextextended("household_control", 0)
    tx.execute(select(func.pg_advisory_xact_lock(key)))


def take_over(tx: Session, buildings: Select[UUID], at: datetime) -> None:
    """See that each of these buildings has a control account with all that its flats had at their
    opening: what is missing there comes from the owners' principal, in one entry.

    Raises Refused `households_not_reconciled` (conflict) where flats had more than the books say.
    """
    _open(tx, buildings)
    missing = HouseholdControl.households_fen - Account.balance_fen
    controls = (
        select(Account.id.label("account_id"), (-missing).label("fen"))
        .join(HouseholdControl, HouseholdControl.account_id == Account.id)
        .where(HouseholdControl.building_id.in_(buildings), missing != 0)
    )
    lines = controls.subquery()
    total = -int(tx.scalar(select(func.coalesce(func.sum(lines.c.fen), 0))) or 0)
    if not total:
        return
    principal = ledger.house_account(tx, AccountKind.OWNERS_PRINCIPAL)
    if ledger.available(tx, principal) < total:
        message = "分户余额合计超过账面的业主交存本金，没有入账，请先核对期初。"
        raise refuse("households_not_reconciled", message, kind="conflict")
    head = NewEntry(
        f"households:{uuid7()}", "households", local_date(at), (), memo="本金转入各栋分户控制账户"
    )
    from_principal = select(literal(principal), literal(total))
    ledger.post_set(tx, head, union_all(controls, from_principal), at)


def drifted(tx: Session) -> list[str]:
    """Numbers of accounts whose flats' openings and movements are not what the ledger says; none,
    ever."""
    return sorted(tx.scalars(controls_off()))


def _open(tx: Session, buildings: Select[UUID]) -> None:
    without = ~(
        select(HouseholdControl.account_id)
        .where(HouseholdControl.building_id == Building.id)
        .exists()
    )
    new = (
        select(
            func.gen_random_uuid(),
            func.concat(PREFIX, Building.id),
            literal(KIND.value),
            literal(NORMAL_SIDES[KIND].value),
            func.concat(Estate.name, Building.name, ACCOUNT_NAMES[KIND]),
            Building.id,
            literal(0, BigInteger),
            literal(0, BigInteger),
        )
        .join(Estate, Estate.id == Building.estate_id)
        .where(Building.id.in_(buildings), without)
    )
    columns = ("id", "number", "kind", "normal", "name", "building_id", "balance_fen", "held_fen")
    tx.execute(insert(Account).from_select(columns, new).on_conflict_do_nothing())
    controls = (
        select(Account.id, Account.building_id, cast(literal(0), BigInteger))
        .join(Building, Building.id == Account.building_id)
        .where(Account.kind == KIND, Building.id.in_(buildings), without)
    )
    into = ("account_id", "building_id", "households_fen")
    tx.execute(insert(HouseholdControl).from_select(into, controls).on_conflict_do_nothing())
