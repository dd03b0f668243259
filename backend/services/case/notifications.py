"""Tells the people concerned that a case moved. Messages are rows; delivery comes later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.domain import pages
from backend.domain.approval import ANSWER_NAMES, Answer
from backend.domain.channels import TEMPLATE
from backend.domain.effects import InviteCommittee
from backend.domain.facts import PlanFact
from backend.domain.money import yuan
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState
from backend.domain.purchase import Decision
from backend.domain.roles import Role
from backend.domain.routes.catalogue import state_name
from backend.domain.wording import last_minute, minute
from backend.services.case.case import Case
from backend.services.case.committees import members_to_ask
from backend.services.case.recipients import holders, people_for_each
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Transition
from backend.store.registry import Owner

# What an objection asks of whom when it arrives, by how it stands.
OBJECTION_TODOS = {
    ObjectionStatus.RECEIVED: {Role.CLERK: "核实异议人身份", Role.APPLICANT: "等待中心核实"},
    ObjectionStatus.VERIFIED: {Role.CLERK: "处理并答复异议", Role.APPLICANT: "等待中心处理"},
    ObjectionStatus.LATE: {
        Role.CLERK: "逾期提出，登记并答复",
        Role.APPLICANT: "逾期提出，公示不受影响",
    },
}


@dataclass(frozen=True)
class Taken:
    """A step that was taken in this act, and what was decided of it."""

    transition: Transition
    decision: Decision


@dataclass(frozen=True)
class News:
    """What is told beside the steps: what all read, and by role what each is to do. `key` makes it
    one message to each person."""

    key: str
    template: str
    data: Mapping[str, str]
    tasks: Mapping[Role, str]


def notify_progress(case: Case, steps: Sequence[Taken], beside: Sequence[News] = ()) -> None:
    """What was done, to each person once: of several steps in one act the last they hear of; and
    the news `beside`. Who hears is asked once, and all is written at once.

    Members of the committee who are invited to a new plan hear of it by their invitation.
    """
    hears = [_who_hears(case, taken) for taken in steps]
    by_news = [role for news in beside for role in news.tasks]
    people = people_for_each(case, [*by_news, *(role for roles in hears for role in roles)])
    messages: dict[UUID, Message] = {}
    for taken, roles in zip(steps, hears, strict=True):
        if not roles:
            continue
        key, data = f"progress/{taken.transition.id}", _progress(case, taken)
        messages |= {
            person_id: Message(
                natural_key=f"{key}/{person_id}",
                person_id=person_id,
                role=str(case.on_record.get(role, role)),
                channel=TEMPLATE,
                template="purchase_progress",
                data=data | {"page": pages.of_case(role, case.purchase.id)},
                subject=case.subject,
            )
            for role in roles
            for person_id in people[role]
        }
    news = [message for each in beside for message in _news(case, each, people)]
    outbox.write_each(case.tx, case.now, [*news, *messages.values()])


def _news(case: Case, news: News, people: Mapping[Role, Sequence[UUID]]) -> list[Message]:
    return [
        Message(
            natural_key=f"{news.key}/{person_id}",
            person_id=person_id,
            role=str(case.on_record.get(role, role)),
            channel=TEMPLATE,
            template=news.template,
            data={**news.data, "task": task, "page": pages.of_case(role, case.purchase.id)},
            subject=case.subject,
        )
        for role, task in news.tasks.items()
        for person_id in people[role]
    ]


def _who_hears(case: Case, taken: Taken) -> list[Role]:
    decision = taken.decision
    asked = any(isinstance(order, InviteCommittee) for order in decision.orders)
    invited = {Role.APPLICANT} if asked and case.purchase.applicant == "committee" else set()
    hearing = [case.told(role) for role in decision.step.notify if role not in invited]
    return list(dict.fromkeys(hearing))


def _progress(case: Case, taken: Taken) -> dict[str, str]:
    transition = taken.transition
    return {
        "estate": case.place,
        "number": case.purchase.number,
        "state": state_name(transition.to_state),
        "at": minute(transition.at),
        "next": taken.decision.step.news or case.table.next_words(transition.to_state),
    }


def tell_former_insurer(case: Case, transition: Transition, insurer_id: UUID) -> None:
    """Whoever was to insure is out: they hear it, and of what is not yet told them nothing more."""
    outbox.supersede_role(case.tx, case.subject, str(Role.INSURER))
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": "不再承办",
        "at": minute(transition.at),
        "next": "已由其他保险机构办理",
        "page": pages.of_role(Role.INSURER),
    }
    out = holders(case.tx, case.ctx, Role.INSURER, insurer_id)
    keys = {f"former_insurer/{transition.id}/{person_id}": person_id for person_id in out}
    _write_each(case, keys, Role.INSURER, "purchase_progress", data)


def invite_committee(case: Case, plan: PlanFact, due: DeadlineRecord) -> None:
    """Invite every member who may decide; the conversation itself happens in chat."""
    asked = members_to_ask(case.tx, case.purchase.estate_id, case.now)
    data = {
        "estate": case.place,
        "subject": "电梯维修保险方案",
        "number": f"{case.purchase.number}-{plan.revision}",
        "amount": yuan(plan.premium_fen),
        "due": last_minute(due.ends_before),
        "page": pages.COMMITTEE,
        "link": f"/p/{plan.plan_id}",
    }
    keys = {f"invitation/{due.id}/{member}": person_id for member, person_id in asked.items()}
    _write_each(case, keys, Role.COMMITTEE_MEMBER, "approval_invitation", data)


def tell_cosigner(case: Case, owner: Owner, *, withdrew: bool = False) -> None:
    """An owner whose signature came on paper, or was taken back so, and whom we know, hears of it:
    whose paper it was not can say so."""
    if owner.person_id is None:
        return
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": "录入了您书面撤回联名" if withdrew else "录入了您的纸质联名",
        "at": minute(case.now),
        "next": "不是您签的，请联系中心",
        "page": pages.joint(case.purchase.id),
    }
    cause = "gone" if withdrew else "entered"
    key = f"cosignature/{case.purchase.id}/{owner.id}/{cause}/{case.now.isoformat()}"
    _write_each(case, {key: owner.person_id}, Role.OWNER, "purchase_progress", data)


def ask_another_clerk(case: Case) -> None:
    """Somebody else compares with the scan what a clerk entered for owners without a phone."""
    others = set(holders(case.tx, case.ctx, Role.CLERK)) - set(case.purchase.entered_by)
    once = f"on_paper/{case.purchase.id}"
    tell_clerks(case, once, others, "纸质申请已录入", "请对照扫描件核对后提交")


def tell_clerks(case: Case, once: str, people: Iterable[UUID], state: str, what_next: str) -> None:
    """These clerks hear what became of a paper, by the key `once` and person one time."""
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": state,
        "at": minute(case.now),
        "next": what_next,
        "page": pages.of_role(Role.CLERK),
    }
    keys = {f"{once}/{person_id}": person_id for person_id in sorted(people)}
    _write_each(case, keys, Role.CLERK, "purchase_progress", data)


def tell_member(case: Case, person_id: UUID, answer: Answer, counts_from: date) -> None:
    """A member hears what the minutes say that they answered, and until when to say otherwise."""
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": f"会议纪要记您{ANSWER_NAMES[answer]}",
        "at": minute(case.now),
        "next": f"有误请在{counts_from.month}月{counts_from.day}日前改",
        "page": pages.COMMITTEE,
    }
    key = f"minutes/{case.purchase.plan_id}/{person_id}/{case.now.isoformat()}"
    _write_each(case, {key: person_id}, Role.COMMITTEE_MEMBER, "purchase_progress", data)


def tell_signature_gone(case: Case, left: int) -> None:
    """Those who applied hear that a signature was taken back."""
    needed = case.profile.applicants.minimum_cosigners.value
    people = people_for_each(case, [Role.APPLICANT])[Role.APPLICANT]
    role = case.on_record[Role.APPLICANT]
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "state": f"联名撤回1名，现有{left}名",
        "at": minute(case.now),
        "next": "仍可提交" if left >= needed else f"须有{needed}名，请继续征集",
        "page": pages.of_role(role),
    }
    key = f"cosignature/{case.purchase.id}/gone/{case.now.isoformat()}"
    keys = {f"{key}/{person_id}": person_id for person_id in people}
    _write_each(case, keys, role, "purchase_progress", data)


def notify_review(case: Case, objection: Objection) -> None:
    """The reviewer must see to an answered objection that nobody withdrew."""
    people = people_for_each(case, {Role.REVIEWER: ""})[Role.REVIEWER]
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "received": minute(objection.received_at),
        "count": "已答复，未撤回",
        "task": "请复核该异议",
        "page": pages.of_role(Role.REVIEWER),
    }
    once = f"objection/{objection.id}/review/{case.now.isoformat()}"
    keys = {f"{once}/{person_id}": person_id for person_id in people}
    _write_each(case, keys, Role.REVIEWER, "objection_received", data)


def tell_roles(case: Case, once: str, roles: Sequence[Role], state: str, what_next: str) -> None:
    """People of these roles hear what happened beside the steps, by the key `once` and person one
    time; whoever acts knows it already."""
    people = people_for_each(case, roles)
    for role in roles:
        on_record = case.on_record.get(role, role)
        data = {
            "estate": case.place,
            "number": case.purchase.number,
            "state": state,
            "at": minute(case.now),
            "next": what_next,
            "page": pages.of_case(role, case.purchase.id),
        }
        others = [person_id for person_id in people[role] if person_id != case.person_id]
        keys = {f"{once}/{person_id}": person_id for person_id in others}
        _write_each(case, keys, on_record, "purchase_progress", data)


def notify_letter_due(case: Case, objection: Objection) -> None:
    """The clerk must give the author on paper what the reviewer ruled."""
    people = people_for_each(case, {Role.CLERK: ""})[Role.CLERK]
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "received": minute(objection.received_at),
        "count": "已复核，待送达",
        "task": "请打印并送达书面答复",
        "page": pages.of_role(Role.CLERK),
    }
    once = f"objection/{objection.id}/letter/{case.now.isoformat()}"
    keys = {f"{once}/{person_id}": person_id for person_id in people}
    _write_each(case, keys, Role.CLERK, "objection_received", data)


def _write_each(
    case: Case, people: Mapping[str, UUID], role: Role, template: str, data: Mapping[str, str]
) -> None:
    """The same words to people of one role; each by the key that makes it one message."""
    messages = [
        Message(
            natural_key=key,
            person_id=person_id,
            role=str(role),
            channel=TEMPLATE,
            template=template,
            data=data,
            subject=case.subject,
        )
        for key, person_id in people.items()
    ]
    outbox.write_each(case.tx, case.now, messages)


def news_of_objection(case: Case, notice: PublicNotice, objection: Objection, count: int) -> News:
    """The clerk must see to it; who applied only learns that there is one, never whose.

    When it suspends the notice at once, that news tells who applied. The property company hears
    nothing where others applied: it may be against what they want.
    """
    tasks = OBJECTION_TODOS[objection.status]
    if objection.status == ObjectionStatus.VERIFIED and notice.state == NoticeState.OPEN:
        tasks = {Role.CLERK: tasks[Role.CLERK]}
    data = {
        "estate": case.place,
        "number": case.purchase.number,
        "received": minute(objection.received_at),
        "count": f"共{count}件",
    }
    by_role = {case.told(role): task for role, task in reversed(tasks.items())}
    return News(f"objection/{objection.id}", "objection_received", data, by_role)
