"""The working calendar in force, and what follows when a year's days off are announced."""

import json

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.deadlines import city_calendar
from backend.domain.holiday_file import parse_holiday_year
from backend.domain.holidays import HolidayYear, WorkCalendar
from backend.services.base import audit
from backend.services.base.context import Context
from backend.store.city import HolidayYearRecord
from backend.store.holidays import official_years


def work_calendar(tx: Session, ctx: Context) -> WorkCalendar:
    """Built afresh, so that an imported year counts from the next computation on."""
    rows = tx.scalars(select(HolidayYearRecord).order_by(HolidayYearRecord.imported_at))
    imported = [parse_holiday_year(json.dumps(row.body)) for row in rows]
    return city_calendar(ctx.city, (*official_years(), *imported))


def put_year(tx: Session, ctx: Context, text: str) -> HolidayYear:
    """Store an officer's file, replacing an earlier one for the same year and scope.

    Raises Refused (`holiday_file_invalid`) naming every wrong key. Does not commit.
    """
    year = parse_holiday_year(text)
    now = ctx.clock()
    said = {"body": year.as_json(), "source": year.source, "imported_at": now}
    row = insert(HolidayYearRecord).values(year=year.year, scope=year.scope, **said)
    tx.execute(row.on_conflict_do_update(index_elements=["scope", "year"], set_=said))
    audit.append(
        tx,
        now,
        None,
        AuditAction.HOLIDAY_YEAR_IMPORT,
        ("holiday_year", f"{year.scope}-{year.year}"),
        year.as_json(),
    )
    return year
