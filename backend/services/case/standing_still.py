"""Limits of a case stand still while an open objection keeps anybody from keeping them; one that
was over before stays late, and only its reminders wait."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.domain.deadlines import RUNNING, DeadlineState
from backend.domain.facts import Facts
from backend.domain.guards import no_open_objection
from backend.domain.objection import holding
from backend.domain.standing_still import limits_held
from backend.services.case import deadlines
from backend.services.case.case import Case
from backend.services.case.facts import load_facts
from backend.services.case.live_notice import live_notice
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice


def stop_or_run_on(case: Case, facts: Facts) -> None:
    """The case came to rest, or an objection to it changed: stop the limits that nobody can keep,
    let those run on that stood still for what is settled now."""
    held = limits_held(case.table, case.purchase.state)
    if not held:
        return
    facts = load_facts(case, ["objections"], facts)
    if not facts.objections:
        return  # nobody ever objected: nothing stands still
    blocked = bool(no_open_objection(facts))
    limits = _limits(case, held)
    numbers = _open_objections(case) if blocked and limits else ()
    for record in limits:
        if blocked:
            _stop(case, record, numbers)
        elif record.state == DeadlineState.PAUSED:
            deadlines.run_on(case, record)
        elif record.pause_words is not None:
            deadlines.remind_again(case, record)
    case.tx.flush()


def _stop(case: Case, record: DeadlineRecord, numbers: Sequence[str]) -> None:
    left = deadlines.remaining(case, record)
    if record.state == DeadlineState.OPEN and left.over:
        deadlines.hold_reminders(case, record, numbers)
    else:
        deadlines.pause(case, record, max(1, left.days), numbers)


def _limits(case: Case, kinds: frozenset[str]) -> Sequence[DeadlineRecord]:
    return case.tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject == case.subject,
            DeadlineRecord.kind.in_(kinds),
            DeadlineRecord.about_id.is_(None),
            DeadlineRecord.state.in_(RUNNING),
        )
        .order_by(DeadlineRecord.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _open_objections(case: Case) -> Sequence[str]:
    """The numbers of those that hold the case."""
    notice = live_notice(case.purchase).with_only_columns(PublicNotice.id).scalar_subquery()
    return case.tx.scalars(
        select(Objection.number)
        .where(
            Objection.notice_id == notice,
            Objection.status.in_(holding(case.profile.objection)),
        )
        .order_by(Objection.id)
    ).all()
