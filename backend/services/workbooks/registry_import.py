"""Imports the inventory that the property company hands in: all of it, or nothing.

One workbook is one estate. Records are found again by natural key, updated when a value changed and
never deleted, so the same workbook twice changes nothing.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.personal import normal_name
from backend.domain.tokens import RANDOM_BYTES, token_text
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.case.estates import settle_cases_of
from backend.services.workbooks import registry_sheets as sheets
from backend.services.workbooks.merge import Record, existing, merge, one_of
from backend.services.workbooks.registry_checks import check_registry
from backend.services.workbooks.registry_known import check_against_database
from backend.services.workbooks.workbook import (
    Counts,
    ImportReport,
    Row,
    Workbook,
    WorkbookSheet,
    in_reading_order,
    read_workbook,
)
from backend.store.cipher import Cipher
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Lift,
    LiftToken,
    LiftUnit,
    Maintainer,
    Mandate,
    Owner,
    PropertyCompany,
    Unit,
)

# One import at a time: two would not see each other's new rows. Any fixed number serves.
IMPORT_LOCK = 7_001
ONE_DAY = timedelta(days=1)
COMPANY_KEEPS = frozenset({"credit_code", "phone"})
PHONE_KEEPS = frozenset({"phone_sealed", "phone_hash"})

Place = tuple[str, str]
Key = tuple[Any, ...]
Served = tuple[UUID, UUID]  # a lift and a unit that it serves


@dataclass
class _Work:
    """An import under way."""

    tx: Session
    ctx: Context
    book: Workbook
    counts: dict[str, Counts] = field(default_factory=dict)

    def rows(self, sheet: WorkbookSheet) -> list[Row]:
        return self.book.rows[sheet.name]

    @property
    def estate(self) -> Row:
        return self.rows(sheets.ESTATE)[0]


def import_registry(ctx: Context, content: bytes, dry_run: bool) -> ImportReport:
    """Import an .xlsx file of one estate, or with `dry_run` only say what would happen.

    Whatever is wrong with the file is in the report, with its place; then nothing was written.
    """
    book = read_workbook(content, sheets.REGISTRY_SHEETS)
    if book.readable:
        check_registry(book)
    with ctx.sessions() as tx:
        work = _Work(tx, ctx, book)
        if book.readable:
            lock_imports(tx)
            check_against_database(tx, ctx, book)
        if not book.problems:
            estate_id = _write(work)
            if not dry_run and any(c.added or c.changed for c in work.counts.values()):
                facts = {name: [c.added, c.changed] for name, c in work.counts.items()}
                subject = ("estate", estate_id)
                audit.append(tx, ctx.clock(), None, AuditAction.REGISTRY_IMPORT, subject, facts)
                settle_cases_of(tx, ctx, estate_id)
                tx.commit()
        problems = in_reading_order(book.problems, sheets.REGISTRY_SHEETS)
        return ImportReport("registry", dry_run, problems, work.counts)


def lock_imports(tx: Session) -> None:
    """Wait until no other import runs; held until the transaction ends."""
    tx.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))


def _merge(
    work: _Work,
    what: str,
    model: type[Any],
    key: tuple[Any, ...],
    where: ColumnElement[bool],
    wanted: dict[Key, Record],
    keep: frozenset[str] = frozenset(),
) -> dict[Key, UUID]:
    old = existing(work.tx, model, key, where)
    ids, work.counts[what] = merge(work.tx, model, old, wanted, keep)
    return ids


def _write(work: _Work) -> UUID:
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
    estate_id = _merge(work, "小区", Estate, key, Estate.code == code, {(code,): values})[(code,)]
    units = _write_units(work, estate_id)
    _write_households(work, estate_id, units)
    _write_lifts(work, estate_id, units)
    _write_committees(work, estate_id, company_id)
    return estate_id


def _write_company(work: _Work) -> UUID | None:
    row = work.estate
    name = row[sheets.COMPANY]
    if name is None:
        return None
    values = {
        "name": name,
        "credit_code": row[sheets.CREDIT_CODE],
        "phone": row[sheets.COMPANY_PHONE],
    }
    where = PropertyCompany.name == name
    key = (PropertyCompany.name,)
    wanted = {(name,): values}
    return _merge(work, "物业公司", PropertyCompany, key, where, wanted, COMPANY_KEEPS)[(name,)]


def _write_units(work: _Work, estate_id: UUID) -> dict[Place, UUID]:
    places = [(row[sheets.BUILDING], row[sheets.UNIT]) for row in work.rows(sheets.UNITS)]
    buildings = _merge(
        work,
        "楼栋",
        Building,
        (Building.name,),
        Building.estate_id == estate_id,
        {(building,): {"estate_id": estate_id, "name": building} for building, _ in places},
    )
    units = _merge(
        work,
        "单元",
        Unit,
        (Unit.building_id, Unit.name),
        Unit.building_id.in_(select(Building.id).where(Building.estate_id == estate_id)),
        {
            (buildings[building,], unit): {"building_id": buildings[building,], "name": unit}
            for building, unit in places
        },
    )
    return {(building, unit): units[buildings[building,], unit] for building, unit in places}


def _write_households(work: _Work, estate_id: UUID, units: dict[Place, UUID]) -> None:
    wanted: dict[Key, Record] = {}
    for row in work.rows(sheets.HOUSEHOLDS):
        unit_id = units[row[sheets.BUILDING], row[sheets.UNIT]]
        room = row[sheets.ROOM]
        wanted[unit_id, room] = {"unit_id": unit_id, "room": room, "area_dm2": row[sheets.AREA]}
    key = (Household.unit_id, Household.room)
    here = Household.unit_id.in_(_units_of(estate_id))
    households = _merge(work, "房屋", Household, key, here, wanted)
    owners = {}
    for row in work.rows(sheets.HOUSEHOLDS):
        unit_id = units[row[sheets.BUILDING], row[sheets.UNIT]]
        household_id = households[unit_id, row[sheets.ROOM]]
        names = row[sheets.OWNER_NAMES] or ()
        phones = row[sheets.OWNER_PHONES] or (None,) * len(names)
        for name, phone in zip(names, phones, strict=True):
            person = _personal(work.ctx.cipher, name, phone)
            owners[household_id, person["name_hash"]] = {"household_id": household_id, **person}
    _merge(
        work,
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


def _personal(cipher: Cipher, name: str, phone: str | None) -> Record:
    return {
        "name_sealed": cipher.seal(name),
        "name_hash": cipher.digest("name", normal_name(name)),
        "phone_sealed": cipher.seal(phone) if phone else None,
        "phone_hash": cipher.digest("phone", phone) if phone else None,
    }


def _write_lifts(work: _Work, estate_id: UUID, units: dict[Place, UUID]) -> None:
    maintainers = _write_maintainers(work)
    before = _served_before(work)
    wanted, served = {}, {}
    for row in work.rows(sheets.LIFTS):
        code, maintainer = row[sheets.REGISTRATION_CODE], row[sheets.MAINTAINER]
        served[(code,)] = [units[row[sheets.BUILDING], unit] for unit in row[sheets.LIFT_UNITS]]
        wanted[(code,)] = {
            "registration_code": code,
            "unit_id": served[(code,)][0],
            "name": row[sheets.LIFT_NAME],
            "brand": row[sheets.BRAND],
            "installed_on": row[sheets.INSTALLED_ON],
            "next_inspection_on": row[sheets.INSPECTION_ON],
            "maintainer_id": maintainers[(maintainer,)] if maintainer else None,
        }
    here = Lift.unit_id.in_(_units_of(estate_id))
    lifts = _merge(work, "电梯", Lift, (Lift.registration_code,), here, wanted)
    now = {(lifts[code], unit_id) for code, unit_ids in served.items() for unit_id in unit_ids}
    _write_units_served(work, before, now)
    _issue_tokens(work, lifts.values())


def _served_before(work: _Work) -> set[Served]:
    """Which units the lifts serve that the workbook lists, before anything is written."""
    codes = [row[sheets.REGISTRATION_CODE] for row in work.rows(sheets.LIFTS)]
    rows = work.tx.execute(
        select(LiftUnit.lift_id, LiftUnit.unit_id)
        .join(Lift, Lift.id == LiftUnit.lift_id)
        .where(one_of(Lift.registration_code, codes))
    )
    return {(lift_id, unit_id) for lift_id, unit_id in rows}


def _write_units_served(work: _Work, before: set[Served], now: set[Served]) -> None:
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


def _write_maintainers(work: _Work) -> dict[Key, UUID]:
    wanted: dict[Key, Record] = {}
    for row in work.rows(sheets.LIFTS):
        if name := row[sheets.MAINTAINER]:
            values = wanted.setdefault((name,), {"name": name, "phone": None})
            values["phone"] = values["phone"] or row[sheets.MAINTAINER_PHONE]
    where = one_of(Maintainer.name, [name for (name,) in wanted])
    return _merge(work, "维保单位", Maintainer, (Maintainer.name,), where, wanted, COMPANY_KEEPS)


def _issue_tokens(work: _Work, lift_ids: Iterable[UUID]) -> None:
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


def _write_committees(work: _Work, estate_id: UUID, company_id: UUID | None) -> None:
    rows = work.rows(sheets.COMMITTEE)
    terms: dict[Key, Record] = {}
    for row in rows:
        terms[(row[sheets.TERM_FROM],)] = {
            "estate_id": estate_id,
            "term_from": row[sheets.TERM_FROM],
            "term_until": row[sheets.TERM_LAST] + ONE_DAY,
        }
    here = Committee.estate_id == estate_id
    committees = _merge(work, "业委会", Committee, (Committee.term_from,), here, terms)
    members = {}
    for row in rows:
        committee_id = committees[(row[sheets.TERM_FROM],)]
        person = _personal(work.ctx.cipher, row[sheets.MEMBER_NAME], row[sheets.MEMBER_PHONE])
        members[committee_id, person["name_hash"]] = {
            "committee_id": committee_id,
            "position": row[sheets.POSITION],
            "left_on": row[sheets.LEFT_ON],
            "recused": row[sheets.RECUSED] or False,
            **person,
        }
    here = one_of(CommitteeMember.committee_id, committees.values())
    key = (CommitteeMember.committee_id, CommitteeMember.name_hash)
    _merge(work, "委员", CommitteeMember, key, here, members, PHONE_KEEPS)
    if company_id:
        _write_mandates(work, company_id, terms, committees)


def _write_mandates(
    work: _Work,
    company_id: UUID,
    terms: dict[Key, Record],
    committees: dict[Key, UUID],
) -> None:
    wanted = {}
    for row in work.rows(sheets.MANDATES):
        committee_id = committees[(_term_of(terms, row[sheets.MANDATE_FROM]),)]
        wanted[committee_id, company_id, row[sheets.MANDATE_FROM]] = {
            "committee_id": committee_id,
            "property_company_id": company_id,
            "valid_from": row[sheets.MANDATE_FROM],
            "valid_until": row[sheets.MANDATE_LAST],
        }
    key = (Mandate.committee_id, Mandate.property_company_id, Mandate.valid_from)
    here = one_of(Mandate.committee_id, committees.values())
    _merge(work, "委托", Mandate, key, here, wanted)


def _term_of(terms: Iterable[Key], day: date) -> date:
    """The first day of the term that `day` falls into; the checks have seen to it that one does."""
    starts: list[date] = [start for (start,) in terms]
    return max(start for start in starts if start <= day)
