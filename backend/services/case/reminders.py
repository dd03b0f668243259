"""Reminders of running time limits: a sweep looks for those whose moment has come.

Each is an outbox row with a natural key, so running twice or in two places sends nothing twice. A
reminder that was missed, or is still undelivered, gives way to the next one.
"""

import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select

from backend.domain.limits import TASKS
from backend.domain.reminders import Stage, days_to_go, due_stage, left_words
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base.context import Context
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.case import Case, at_hand
from backend.services.case.notifications import last_minute
from backend.services.case.recipients import people_for, people_to_act
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase

logger = logging.getLogger(__name__)


def sweep(ctx: Context, limit: int = 500) -> int:
    """Write the reminders that are due now, of at most `limit` time limits; how many limits."""
    with ctx.sessions() as tx:
        now = ctx.clock()
        due = tx.scalars(
            select(DeadlineRecord)
            .where(DeadlineRecord.state == "open", DeadlineRecord.next_reminder_at <= now)
            .order_by(DeadlineRecord.next_reminder_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        if not due:
            return 0
        calendar = work_calendar(tx, ctx)
        for record in due:
            try:
                with tx.begin_nested():
                    purchase = tx.get_one(Purchase, record.purchase_id)
                    case = at_hand(tx, ctx, purchase, calendar=calendar)
                    _remind(case, record)
            except Exception:  # one case that cannot be told must not silence the others
                logger.exception("deadline %s cannot be reminded of", record.id)
        tx.commit()
    return len(due)


def _remind(case: Case, record: DeadlineRecord) -> None:
    schedule = deadlines.schedule(case, record)
    stage = due_stage(schedule, case.now)
    if stage is not None:
        outbox.supersede(case.tx, record.purchase_id, f"deadline/{record.id}/")
        _tell(case, record, stage, days_to_go(schedule, case.now), schedule.unit)
    deadlines.plan_reminder(case, record)
    case.tx.flush()


def _tell(case: Case, record: DeadlineRecord, stage: Stage, to_go: int, unit: str) -> None:
    """Those who must act, whoever waits with them, and, once it escalates, the supervisor."""
    roles = case.table.reminded(record.kind)
    common = {
        "estate": case.estate.name,
        "task": TASKS[record.kind],
        "due": last_minute(record.ends_before),
    }
    key = f"deadline/{record.id}/{record.ends_on}/{stage.name}"
    data = common | {"number": case.purchase.number, "left": left_words(record.kind, to_go, unit)}
    for role in roles:
        # Whoever acts in two of the roles is told once: the natural key is the same.
        people = people_to_act(case, record.kind, role)
        _write(case, key, people, role, "deadline_reminder", data)
    if stage.escalates:
        names = [ROLE_NAMES[case.on_record.get(role, role)] for role in roles]
        data = common | {"responsible": "、".join(names), "late": f"已逾期{-to_go}{unit}"}
        supervisors = people_for(case, Role.SUPERVISOR)
        _write(case, f"{key}/up", supervisors, Role.SUPERVISOR, "escalation", data)


def _write(
    case: Case,
    key: str,
    people: Iterable[UUID],
    role: Role,
    template: str,
    data: Mapping[str, str],
) -> None:
    concrete = case.on_record.get(role, role)
    messages = [
        outbox.Message(f"{key}/{person_id}", person_id, str(concrete), "template", data)
        for person_id in people
    ]
    outbox.write_each(
        case.tx, messages, at=case.now, template=template, purchase_id=case.purchase.id
    )
