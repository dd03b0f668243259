"""Imports the inventory that the property company hands in: all of it, or nothing.

One workbook is one estate. Records are found again by natural key, updated when a value changed and
never deleted, so the same workbook twice changes nothing.
"""

import secrets
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.normal import normal_name, normal_place
from backend.domain.texts import tidy
from backend.domain.tokens import RANDOM_BYTES, token_text
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.case.estates import lock_cases_of, settle_cases
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import Record, one_of
from backend.services.workbooks.registry_checks import check_registry
from backend.services.workbooks.registry_committees import write_committees
from backend.services.workbooks.registry_known import check_against_database
from backend.services.workbooks.registry_managers import check_mandates
from backend.services.workbooks.registry_work import PHONE_KEEPS, Key, Work, personal
from backend.services.workbooks.workbook import (
    Counts,
    ImportReport,
    in_reading_order,
    read_workbook,
)
from backend.store.registry import (
    Building,
    Estate,
    Household,
    Lift,
    LiftToken,
    LiftUnit,
    Maintainer,
    Owner,
    PropertyCompany,
    Unit,
)

# One import at a time: two would not see each other's new rows. Any fixed number serves.
IMPORT_LOCK = 7_001

Place = tuple[str, ...]
Served = tuple[UUID, UUID]  # a lift and a unit that it serves


def import_registry(
    ctx: Context, content: bytes, dry_run: bool, filed: bool = False, mandate_paper: str = ""
) -> ImportReport:
    """Import an .xlsx file of one estate, or with `dry_run` only say what would happen.

    `filed`: the centre has compared the committee in it with what the committee filed (备案表).
    `mandate_paper` names the committee's own paper (委托书、物业服务合同) with which the centre has
    compared the mandates; without one no mandate is new and none changes.

    Whatever is wrong with the file is in the report, with its place; then nothing was written.
    """
    with ctx.sessions() as tx:
        report = bring_registry(
            tx, ctx, content, dry_run=dry_run, filed=filed, mandate_paper=mandate_paper
        )
        if report.applied and report.changes:
            tx.commit()
        return report


def bring_registry(
    tx: Session,
    ctx: Context,
    content: bytes,
    *,
    dry_run: bool,
    filed: bool = False,
    mandate_paper: str = "",
    by: UUID | None = None,
) -> ImportReport:
    """The same within a transaction, which the caller commits, or lets go of after a dry run; `by`
    is who brings it, None on the server's command line."""
    book = read_workbook(content, sheets.REGISTRY_SHEETS)
    if book.readable:
        check_registry(book)
    work = Work(tx, ctx, book, filed=filed)
    if book.readable:
        lock_imports(tx)
        check_against_database(tx, ctx, book, filed)
        if not tidy(mandate_paper):
            check_mandates(tx, book)
    if not book.problems:
        cases = () if dry_run else lock_cases_of(tx, work.estate[sheets.ESTATE_CODE])
        estate_id = _write(work)
        if not dry_run and any(c.added or c.changed for c in work.counts.values()):
            facts: dict[str, object] = {
                name: [c.added, c.changed] for name, c in work.counts.items()
            }
            facts |= {"mandate_paper": paper} if (paper := tidy(mandate_paper)) else {}
            subject = ("estate", estate_id)
            audit.append(tx, ctx.clock(), by, AuditAction.REGISTRY_IMPORT, subject, facts)
            settle_cases(tx, ctx, cases)
    problems = in_reading_order(book.problems, sheets.REGISTRY_SHEETS)
    return ImportReport("registry", dry_run, problems, work.counts, book.raw)


def lock_imports(tx: Session) -> None:
    """Wait until no other import runs; held until the transaction ends."""
    tx.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def _write(work: Work) -> UUID:
    """Merge the estate and all that stands in it; returns the estate's id."""
    company_id = _write_company(work)
    row = work.estate
    code = row[sheets.ESTATE_CODE]
    values = {
        "code": code,
        "name": row[sheets.ESTATE_NAME],
        "address": row[sheets.ADDRESS],
        "district": row[sheets.DISTRICT],
        "property_company_id": company_id,
    }
    key = (Estate.code,)
    estate_id = work.merge("小区", Estate, key, Estate.code == code, {(code,): values})[(code,)]
    units = _write_units(work, estate_id)
    _write_households(work, estate_id, units)
    _write_lifts(work, estate_id, units)
    write_committees(work, estate_id, company_id)
    return estate_id


def _write_company(work: Work) -> UUID | None:
    row = work.estate
    name = row[sheets.COMPANY]
    if name is None:
        return None
    values = {
        "name": name,
        "credit_code": row[sheets.CREDIT_CODE],
        "phone": row[sheets.COMPANY_PHONE],
    }
    key = (normal_name(name),)
    return work.merge_companies("物业公司", PropertyCompany, {key: values})[key]


def _write_units(work: Work, estate_id: UUID) -> dict[Place, UUID]:
    names: dict[str, str] = {}
    for row in work.rows(sheets.UNITS):
        names.setdefault(normal_place(row[sheets.BUILDING]), row[sheets.BUILDING])
    buildings = work.merge(
        "楼栋",
        Building,
        (Building.name,),
        Building.estate_id == estate_id,
        {(key,): {"estate_id": estate_id, "name": name} for key, name in names.items()},
    )
    wanted: dict[Key, Record] = {}
    for row in work.rows(sheets.UNITS):
        building_id = buildings[sheets.place(row, sheets.BUILDING)]
        key = (building_id, normal_place(row[sheets.UNIT]))
        wanted[key] = {"building_id": building_id, "name": row[sheets.UNIT]}
    here = Unit.building_id.in_(select(Building.id).where(Building.estate_id == estate_id))
    units = work.merge("单元", Unit, (Unit.building_id, Unit.name), here, wanted)
    return {
        (building, unit): units[building_id, unit]
        for (building,), building_id in buildings.items()
        for of, unit in units
        if of == building_id
    }


def _write_households(work: Work, estate_id: UUID, units: dict[Place, UUID]) -> None:
    wanted: dict[Key, Record] = {}
    for row in work.rows(sheets.HOUSEHOLDS):
        unit_id = units[sheets.place(row, sheets.BUILDING, sheets.UNIT)]
        wanted[unit_id, normal_place(row[sheets.ROOM])] = {
            "unit_id": unit_id,
            "room": row[sheets.ROOM],
            "area_dm2": row[sheets.AREA],
        }
    key = (Household.unit_id, Household.room)
    here = Household.unit_id.in_(_units_of(estate_id))
    households = work.merge("房屋", Household, key, here, wanted)
    owners = {}
    for row in work.rows(sheets.HOUSEHOLDS):
        unit_id = units[sheets.place(row, sheets.BUILDING, sheets.UNIT)]
        household_id = households[unit_id, normal_place(row[sheets.ROOM])]
        names = row[sheets.OWNER_NAMES] or ()
        phones = row[sheets.OWNER_PHONES] or (None,) * len(names)
        for name, phone in zip(names, phones, strict=True):
            person = personal(work.ctx.cipher, name, phone)
            owners[household_id, person["name_hash"]] = {"household_id": household_id, **person}
    work.merge(
        "业主",
        Owner,
        (Owner.household_id, Owner.name_hash),
        Owner.household_id.in_(select(Household.id).where(here)),
        owners,
        PHONE_KEEPS,
    )


def _units_of(estate_id: UUID) -> Select[UUID]:
    return (
        select(Unit.id)
        .join(Building, Building.id == Unit.building_id)
        .where(Building.estate_id == estate_id)
    )


def _write_lifts(work: Work, estate_id: UUID, units: dict[Place, UUID]) -> None:
    maintainers = _write_maintainers(work)
    before = _served_before(work)
    wanted, served = {}, {}
    for row in work.rows(sheets.LIFTS):
        code, maintainer = row[sheets.REGISTRATION_CODE], row[sheets.MAINTAINER]
        building = sheets.place(row, sheets.BUILDING)
        served[(code,)] = [units[*building, normal_place(unit)] for unit in row[sheets.LIFT_UNITS]]
        wanted[(code,)] = {
            "registration_code": code,
            "unit_id": served[(code,)][0],
            "name": row[sheets.LIFT_NAME],
            "brand": row[sheets.BRAND],
            "installed_on": row[sheets.INSTALLED_ON],
            "next_inspection_on": row[sheets.INSPECTION_ON],
            "maintainer_id": maintainers[(normal_name(maintainer),)] if maintainer else None,
        }
    here = Lift.unit_id.in_(_units_of(estate_id))
    lifts = work.merge("电梯", Lift, (Lift.registration_code,), here, wanted)
    now = {(lifts[code], unit_id) for code, unit_ids in served.items() for unit_id in unit_ids}
    _write_units_served(work, before, now)
    _issue_tokens(work, lifts.values())


def _served_before(work: Work) -> set[Served]:
    """Which units the lifts serve that the workbook lists, before anything is written."""
    codes = [row[sheets.REGISTRATION_CODE] for row in work.rows(sheets.LIFTS)]
    rows = work.tx.execute(
        select(LiftUnit.lift_id, LiftUnit.unit_id)
        .join(Lift, Lift.id == LiftUnit.lift_id)
        .where(one_of(Lift.registration_code, codes))
    )
    return {(lift_id, unit_id) for lift_id, unit_id in rows}


def _write_units_served(work: Work, before: set[Served], now: set[Served]) -> None:
    """Which units a listed lift serves is what the workbook says: others are taken off it."""
    fresh, over = now - before, before - now
    if fresh:
        # The database has already added those where the lifts stand.
        values = [{"lift_id": lift_id, "unit_id": unit_id} for lift_id, unit_id in sorted(fresh)]
        work.tx.execute(insert(LiftUnit).on_conflict_do_nothing(), values)
    if over:
        pair = tuple_(LiftUnit.lift_id, LiftUnit.unit_id)
        work.tx.execute(delete(LiftUnit).where(pair.in_(sorted(over))))
    work.counts["电梯服务的单元"] = Counts(len(fresh), len(over), len(now & before))


def _write_maintainers(work: Work) -> dict[Key, UUID]:
    wanted: dict[Key, Record] = {}
    for row in work.rows(sheets.LIFTS):
        if name := row[sheets.MAINTAINER]:
            values = wanted.setdefault((normal_name(name),), {"name": name, "phone": None})
            values["phone"] = values["phone"] or row[sheets.MAINTAINER_PHONE]
    return work.merge_companies("维保单位", Maintainer, wanted)


def _issue_tokens(work: Work, lift_ids: Iterable[UUID]) -> None:
    """Give a QR token to every lift that never had one."""
    ids = list(lift_ids)
    have = set(work.tx.scalars(select(LiftToken.lift_id).where(one_of(LiftToken.lift_id, ids))))
    fresh = [
        {
            "token": token_text(secrets.token_bytes(RANDOM_BYTES)),
            "lift_id": lift_id,
            "issued_at": work.ctx.clock(),
        }
        for lift_id in ids
        if lift_id not in have
    ]
    if fresh:
        work.tx.execute(insert(LiftToken), fresh)
    work.counts["电梯二维码"] = Counts(added=len(fresh), same=len(have))
