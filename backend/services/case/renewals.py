"""Those who applied are told in time that the next application must begin (续保), and the district
where it screens: once when there is a month left, and once when the latest day for cover without a
gap has passed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, String, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from backend.domain.channels import TEMPLATE
from backend.domain.cover import CoverState
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import midnight_after
from backend.domain.pages import of_role
from backend.domain.renewal import LatestStart, latest_start
from backend.domain.roles import Role
from backend.domain.routes.catalogue import offered, table_of
from backend.domain.wording import last_minute
from backend.services.base.context import Context
from backend.services.case.calendars import work_calendar
from backend.services.case.case import Case, at_hand
from backend.services.case.last_looks import note, since_last_look
from backend.services.case.recipients import people_for_each
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import Outbox
from backend.store.purchases import CoveragePeriod, Purchase, PurchaseLift
from backend.store.queries.estates import at_work
from backend.store.registry import Lift

TASK = "提出下一年度投保申请"
SCREENING = "摸底筛选，办理下一年度投保"
HEAR = (Role.APPLICANT, Role.COMMITTEE_MEMBER, Role.CLERK)
# Nobody need be told of cover that ends later than this.
AHEAD = timedelta(days=400)


def next_start(ctx: Context, calendar: WorkCalendar, route: str, ends: date) -> LatestStart | None:
    """Until when the next application begins, by the city's rules of today; None where the city
    does not offer the route any more. `ends` is the first day without cover."""
    if route not in offered(ctx.city):
        return None
    return latest_start(ctx.city, calendar, table_of(route, ctx.city), ends)


def sweep(ctx: Context) -> int:
    """Tell whoever has not been told yet; how many messages. Running twice tells nobody twice.

    Looks at all that is in force once a day, and at what others moved that insure the same lifts.
    """
    with ctx.sessions() as tx:
        changes = since_last_look(tx, ctx, "renewals")
        if not changes.is_new:
            return 0
        ending = _ending(tx, changes.today, None if changes.day_began else changes.cases)
        note(tx, changes)
        messages = _tell_of(tx, ctx, ending, changes.today) if ending else 0
        tx.commit()
        return messages


def _tell_of(
    tx: Session, ctx: Context, ending: Sequence[tuple[Purchase, date]], today: date
) -> int:
    calendar = work_calendar(tx, ctx)
    starts: dict[tuple[str, date], LatestStart | None] = {}
    messages = 0
    for purchase, ends in ending:
        what = (purchase.route, ends)
        if what not in starts:
            starts[what] = next_start(ctx, calendar, *what)
        start = starts[what]
        if start is not None and start.due_to_be_told(today):
            messages += _tell(at_hand(tx, ctx, purchase, calendar=calendar), start)
    return messages


def to_follow(case: Case) -> LatestStart | None:
    """Until when the next application for a case in force begins; None once other cases see to all
    of its lifts, or where the city does not offer the route any more."""
    found = case.tx.execute(_unfollowed().where(CoveragePeriod.purchase_id == case.purchase.id))
    row = found.one_or_none()
    return next_start(case.ctx, case.calendar, case.purchase.route, row[1]) if row else None


def _ending(
    tx: Session, today: date, beside: Sequence[UUID] | None
) -> Sequence[tuple[Purchase, date]]:
    """Cases in force with a lift that no other case sees to, and the first day without cover; of
    all, or with a lift of one of these."""
    soon = func.max(func.upper(CoveragePeriod.period)) <= today + AHEAD
    ending = _unfollowed().having(soon)
    if beside is not None:
        ending = ending.where(CoveragePeriod.purchase_id.in_(_cases_with_lifts_of(beside)))
    return [(purchase, end) for purchase, end in tx.execute(ending)]


def _unfollowed() -> Select[Purchase, date]:
    other = aliased(Purchase)
    seen_to = (
        exists()
        .where(PurchaseLift.lift_id == CoveragePeriod.lift_id)
        .where(PurchaseLift.purchase_id == Purchase.id)
        .where(at_work())
    )
    ends = func.max(func.upper(CoveragePeriod.period))
    return (
        select(other, ends)
        .join(CoveragePeriod, CoveragePeriod.purchase_id == other.id)
        .join(Lift, Lift.id == CoveragePeriod.lift_id)
        .where(
            CoveragePeriod.state == CoverState.IN_FORCE,
            Lift.retired_on.is_(None),
            ~seen_to,
        )
        .group_by(other.id)
        .order_by(other.id)
    )


def _cases_with_lifts_of(cases: Sequence[UUID]) -> Select[UUID]:
    lifts = select(PurchaseLift.lift_id).where(PurchaseLift.purchase_id.in_(cases))
    return select(CoveragePeriod.purchase_id).where(CoveragePeriod.lift_id.in_(lifts))


def _tell(case: Case, start: LatestStart) -> int:
    """One message to each, of each of the two occasions once."""
    late = start.is_late(case.today)
    key = f"renewal/{case.purchase.id}/{start.cover_last_day}/{'late' if late else 'early'}"
    written = cast(Outbox.natural_key, String).startswith(f"{key}/", autoescape=True)
    if case.tx.scalar(select(exists().where(Outbox.subject == case.subject, written))):
        return 0
    data: Mapping[str, str] = {
        "estate": case.place,
        "task": SCREENING if start.screened else TASK,
        "number": case.purchase.number,
        "due": last_minute(midnight_after(start.on)),
        "left": start.left(case.today),
    }
    hear = (*HEAR, Role.DISTRICT) if start.screened else HEAR
    people = people_for_each(case, hear)
    messages = {
        person_id: Message(
            f"{key}/{person_id}",
            person_id,
            str(case.on_record.get(role, role)),
            TEMPLATE,
            "deadline_reminder",
            {**data, "page": of_role(case.on_record.get(role, role))},
            case.subject,
        )
        for role in hear
        for person_id in people[role]
    }
    outbox.write_each(case.tx, case.now, list(messages.values()))
    return len(messages)
