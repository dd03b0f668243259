"""Tells the people concerned that a case moved. Messages are rows; delivery comes later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.clock import SHANGHAI
from backend.domain.effects import InviteCommittee
from backend.domain.facts import PlanFact
from backend.domain.money import yuan
from backend.domain.purchase import Decision
from backend.domain.roles import Role
from backend.domain.routes.catalogue import state_name
from backend.services.case.case import Case
from backend.services.case.committees import members_in_office
from backend.services.case.recipients import people_for_each
from backend.services.messages import outbox
from backend.store.messages import DeadlineRecord
from backend.store.notices import Notice, Objection
from backend.store.purchases import Transition

# What an objection asks of whom when it arrives, by how it stands.
OBJECTION_TASKS = {
    "received": {Role.CLERK: "核实异议人身份", Role.PROPERTY_MANAGER: "等待中心核实"},
    "verified": {Role.CLERK: "处理并答复异议", Role.PROPERTY_MANAGER: "等待中心处理"},
    "late": {Role.CLERK: "逾期提出，登记并答复", Role.PROPERTY_MANAGER: "逾期提出，公示不受影响"},
}


def minute(moment: datetime) -> str:
    """A moment as a template's time field wants it: 2025年1月27日 15:01, Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).strftime("%Y年%-m月%-d日 %H:%M")


def last_minute(ends_before: datetime) -> str:
    """The end of a limit as people read it: its last day and 23:59, never the next day's 00:00."""
    return minute(ends_before - timedelta(minutes=1))


@dataclass(frozen=True)
class Taken:
    """A step that was taken in this act, and what was decided of it."""

    transition: Transition
    decision: Decision


def tell_progress(case: Case, steps: Sequence[Taken]) -> None:
    """What was done, to each person once: of several steps in one act the last they hear of.

    Members of the committee who are invited to a new plan hear of it by their invitation.
    """
    hears = [_who_hears(case, taken) for taken in steps]
    people = people_for_each(case, [role for roles in hears for role in roles])
    messages: dict[UUID, outbox.Message] = {}
    for taken, roles in zip(steps, hears, strict=True):
        key, data = f"progress/{taken.transition.id}", _progress(case, taken.transition)
        messages |= {
            person_id: outbox.Message(
                natural_key=f"{key}/{person_id}",
                person_id=person_id,
                role=str(case.on_record.get(role, role)),
                channel="template",
                data=data,
            )
            for role in roles
            for person_id in people[role]
        }
    outbox.write_each(
        case.tx,
        list(messages.values()),
        at=case.now,
        template="purchase_progress",
        purchase_id=case.purchase.id,
    )


def _who_hears(case: Case, taken: Taken) -> list[Role]:
    decision = taken.decision
    asked = any(isinstance(order, InviteCommittee) for order in decision.orders)
    invited = {Role.APPLICANT} if asked and case.purchase.applicant == "committee" else set()
    return [role for role in decision.step.tell if role not in invited]


def _progress(case: Case, transition: Transition) -> dict[str, str]:
    return {
        "estate": case.estate.name,
        "number": case.purchase.number,
        "state": state_name(transition.to_state),
        "at": minute(transition.at),
        "next": case.table.next_words(transition.to_state),
    }


def invite_committee(case: Case, plan: PlanFact, due: DeadlineRecord) -> None:
    """Invite every member who may decide; the conversation itself happens in chat."""
    data = {
        "estate": case.estate.name,
        "subject": "电梯维修保险方案",
        "number": f"{case.purchase.number}-{plan.revision}",
        "amount": yuan(plan.premium_fen),
        "due": last_minute(due.ends_before),
    }
    messages = [
        outbox.Message(
            natural_key=f"invitation/{plan.plan_id}/{member.id}",
            person_id=member.person_id,
            role=str(Role.COMMITTEE_MEMBER),
            channel="template",
            data=data,
        )
        for member in members_in_office(case.tx, case.purchase.estate_id, case.today)
        if member.person_id is not None and not member.conflicted
    ]
    outbox.write_each(
        case.tx,
        messages,
        at=case.now,
        template="approval_invitation",
        purchase_id=case.purchase.id,
    )


def tell_objection(case: Case, notice: Notice, objection: Objection, count: int) -> None:
    """The clerk must see to it; the property manager only learns that there is one, never whose.

    When it suspends the notice at once, that news tells the property manager.
    """
    tasks = OBJECTION_TASKS[objection.standing]
    if objection.standing == "verified" and notice.state == "open":
        tasks = {Role.CLERK: tasks[Role.CLERK]}
    people = people_for_each(case, tasks)
    messages = [
        outbox.Message(
            natural_key=f"objection/{objection.id}/{person_id}",
            person_id=person_id,
            role=str(role),
            channel="template",
            data={
                "estate": case.estate.name,
                "number": case.purchase.number,
                "received": minute(objection.received_at),
                "count": f"共{count}件",
                "task": task,
            },
        )
        for role, task in tasks.items()
        for person_id in people[role]
    ]
    outbox.write_each(
        case.tx,
        messages,
        at=objection.entered_at,
        template="objection_received",
        purchase_id=case.purchase.id,
    )
