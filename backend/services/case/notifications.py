"""Tells the people concerned that a case moved. Messages are rows; delivery comes later."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from backend.domain.channels import TEMPLATE
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.domain.roles import Role
from backend.domain.routes import APPLYING_SIDE
from backend.domain.states import STATE_NAMES, State
from backend.domain.wording import last_minute, minute
from backend.services.base.context import Context
from backend.services.case.facts import members_in_office
from backend.services.case.recipients import people_for
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Plan, Purchase, Transition
from backend.store.registry import Estate

NEXT_STEP = {
    State.APPLIED: "中心受理并查询资金",
    State.FUNDS_QUERIED: "保险机构查勘并拟方案",
    State.SHORT_OF_FUNDS: "等待收益入账或咨询中心",
    State.SURVEY_FAILED: "整改后重新查勘",
    State.PLANNED: "业委会委员审议",
    State.APPROVED: "张贴公示并上传照片",
    State.REFUSED: "保险机构修改方案",
    State.POSTED: "公示期内可提书面异议",
    State.SUSPENDED: "处理异议后再实施",
    State.CLEARED: "中心登记备案",
    State.REGISTERED: "签订保险服务合同",
    State.CONTRACTED: "备齐资料申请拨付",
    State.PAYMENT_REQUESTED: "中心出纳拨付保费",
    State.PAID: "保险机构出具保单",
    State.POLICY_ISSUED: "等待保障开始",
    State.IN_FORCE: "扫码可查保障信息",
}


# What an objection asks of whom when it arrives, by how it stands.
OBJECTION_TODOS = {
    ObjectionStatus.RECEIVED: {Role.CLERK: "核实异议人身份", Role.PROPERTY_MANAGER: "等待中心核实"},
    ObjectionStatus.VERIFIED: {Role.CLERK: "处理并答复异议", Role.PROPERTY_MANAGER: "等待中心处理"},
    ObjectionStatus.LATE: {
        Role.CLERK: "逾期提出，登记并答复",
        Role.PROPERTY_MANAGER: "逾期提出，公示不受影响",
    },
}


def notify_progress(
    tx: Session, ctx: Context, purchase: Purchase, transition: Transition, roles: Iterable[Role]
) -> None:
    """One progress message per person, however many of the roles they have.

    The committee member who applied hears what the applying side hears, except that a new plan
    waits for an answer: members are invited to that.
    """
    estate = tx.get_one(Estate, purchase.estate_id)
    state = State(transition.to_state)
    data = {
        "estate": estate.name,
        "number": purchase.number,
        "state": STATE_NAMES[state],
        "at": minute(transition.at),
        "next": NEXT_STEP.get(state, "本次办理已结束"),
    }
    roles = list(roles)
    told = {person: role for role in roles for person in people_for(tx, ctx, purchase, role)}
    of_committee = purchase.applicant == "committee" and set(APPLYING_SIDE) <= set(roles)
    if of_committee and state is not State.PLANNED:
        members = people_for(tx, ctx, purchase, Role.COMMITTEE_MEMBER)
        told |= {
            person: Role.COMMITTEE_MEMBER for person in members if person == purchase.applied_by
        }
    messages = [
        Message(
            natural_key=f"progress/{transition.id}/{person_id}",
            person_id=person_id,
            role=str(role),
            channel=TEMPLATE,
            template="purchase_progress",
            data=data,
            subject=purchase.subject,
        )
        for person_id, role in told.items()
    ]
    outbox.write_each(tx, transition.at, messages)


def invite_committee(
    tx: Session, ctx: Context, purchase: Purchase, plan: Plan, due: DeadlineRecord
) -> None:
    """Invite every member who may decide; the conversation itself happens in chat."""
    now = ctx.clock()
    estate = tx.get_one(Estate, purchase.estate_id)
    data = {
        "estate": estate.name,
        "subject": "电梯维修保险方案",
        "number": f"{purchase.number}-{plan.revision}",
        "amount": yuan(plan.premium_fen),
        "due": last_minute(due.ends_before),
    }
    messages = [
        Message(
            natural_key=f"invitation/{plan.id}/{member.id}",
            person_id=member.person_id,
            role=str(Role.COMMITTEE_MEMBER),
            channel=TEMPLATE,
            template="approval_invitation",
            data=data,
            subject=purchase.subject,
        )
        for member in members_in_office(tx, purchase.estate_id, local_date(now))
        if member.person_id is not None and not member.recused
    ]
    outbox.write_each(tx, now, messages)


def notify_objection(
    tx: Session,
    ctx: Context,
    purchase: Purchase,
    notice: PublicNotice,
    objection: Objection,
    count: int,
) -> None:
    """The clerk must see to it; the property manager only learns that there is one, never whose.

    When it suspends the notice at once, that news tells the property manager.
    """
    estate = tx.get_one(Estate, purchase.estate_id)
    todos = OBJECTION_TODOS[objection.status]
    if objection.status == ObjectionStatus.VERIFIED and notice.state == NoticeState.OPEN:
        todos = {Role.CLERK: todos[Role.CLERK]}
    common = {
        "estate": estate.name,
        "number": purchase.number,
        "received": minute(objection.received_at),
        "count": f"共{count}件",
    }
    messages = [
        Message(
            natural_key=f"objection/{objection.id}/{person_id}",
            person_id=person_id,
            role=str(role),
            channel=TEMPLATE,
            template="objection_received",
            data=common | {"task": todo},
            subject=purchase.subject,
        )
        for role, todo in todos.items()
        for person_id in people_for(tx, ctx, purchase, role)
    ]
    outbox.write_each(tx, objection.entered_at, messages)
