"""城市参数: every value that the house goes by, and what it holds of calendars and versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from backend.domain.city.named import NamedValue, named_values
from backend.domain.city.schema import Gate, PlanDocument
from backend.domain.local_time import local_date
from backend.domain.roles import OFFICERS
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.calendars import work_calendar
from backend.store.city import CityProfileRecord
from backend.store.purchases import Purchase

READERS = sorted(OFFICERS)
YEARS = 3  # that are looked at: the one before, this one, the one that comes


@dataclass(frozen=True)
class CalendarYear:
    """What is known of a year's days off; None where no notice came yet."""

    year: int
    source: str | None
    local_source: str | None


@dataclass(frozen=True)
class ProfileVersion:
    """A version of the rules, since when it is known here, and how many cases go by it."""

    version: str
    since: datetime | None
    cases: int
    is_in_force: bool


@dataclass(frozen=True)
class CityPage:
    """All of it; `holiday` is the name of the local one, if there is one."""

    plan: PlanDocument
    values: Sequence[NamedValue]
    gates: Sequence[Gate]
    calendar: Sequence[CalendarYear]
    holiday: str | None
    versions: Sequence[ProfileVersion]
    today: date


def read_city(ctx: Context, actor: Actor) -> CityPage:
    """What this city goes by. Raises Refused `not_found`, `role_required`."""
    city = ctx.city
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        calendar = work_calendar(tx, ctx)
        cases = dict(
            tx.execute(
                select(Purchase.profile_version, func.count()).group_by(Purchase.profile_version)
            ).all()
        )
        known = tx.execute(
            select(CityProfileRecord.version, CityProfileRecord.loaded_at)
            .where(CityProfileRecord.code == city.code)
            .order_by(CityProfileRecord.loaded_at.desc())
        ).all()
    versions = [
        ProfileVersion(version, since, cases.get(version, 0), version == city.version)
        for version, since in known
    ]
    if all(not each.is_in_force for each in versions):
        versions.insert(0, ProfileVersion(city.version, None, 0, is_in_force=True))
    today = local_date(ctx.clock())
    first = today.year - 1
    notices = calendar.notices or {}
    years = [
        CalendarYear(
            year,
            calendar.national[year].source if year in calendar.national else None,
            notices[year].source if year in notices else None,
        )
        for year in range(first, first + YEARS)
    ]
    holiday = city.local_holiday.name if city.local_holiday else None
    gates = list(city.gates.values())
    return CityPage(city.plan, list(named_values(city)), gates, years, holiday, versions, today)
