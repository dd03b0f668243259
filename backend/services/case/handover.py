"""People come and go while cases wait: a successor hears what is open, and where nobody is left the
administrators hear of it, once and then once a week, and see it in their to-dos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.domain import pages
from backend.domain.actions import Action
from backend.domain.channels import TEMPLATE
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import local_date
from backend.domain.roles import ROLE_NAMES, Role
from backend.domain.routes.catalogue import closed_states, offered, table_of
from backend.domain.wording import located, until
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.case.case import open_for_the_house
from backend.services.case.committees import recusal
from backend.services.case.facts import load_facts
from backend.services.case.notifications import invite_committee
from backend.services.case.recipients import holders
from backend.services.case.waiting import Waiting, waiting_cases
from backend.services.messages import outbox
from backend.services.messages.outbox import Message
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.people import AccessGrant, Lockout
from backend.store.purchases import Purchase
from backend.store.queries import area
from backend.store.registry import Committee, CommitteeMember, Estate

logger = logger_of(__name__)

AGAIN = timedelta(days=7)
PLACES_NAMED = 3


@dataclass(frozen=True)
class Unattended:
    """Open cases that wait for a role in which nobody can act: how many, where, and until when the
    most urgent one is to be done (None: no limit runs)."""

    role: Role
    role_name: str
    cases: int
    places: Sequence[str]
    due: datetime | None
    due_words: str


def tell_successor(
    tx: Session,
    ctx: Context,
    person_id: UUID,
    role: Role,
    cause: str,
    *,
    estate_id: UUID | None = None,
) -> None:
    """One message of what waits for somebody who has this role now; none where nothing does.

    `cause` names the occasion in the message's natural key, `estate_id` narrows the search. Of
    owners the open cases that concern their flat. Does not commit.
    """
    if role is Role.OWNER:
        waits = _concerning(tx, person_id)
    else:
        which = [Purchase.estate_id == estate_id] if estate_id else []
        found = waiting_cases(tx, ctx, *which)
        waits = [each for each in found if each.role is role and person_id in each.people]
    if waits:
        outbox.write(tx, ctx.clock(), _handed_over(cause, person_id, role, waits))


def _handed_over(cause: str, person_id: UUID, role: Role, waits: Sequence[Waiting]) -> Message:
    concerned = role is Role.OWNER
    words, then = ("正在办理", "点此查看") if concerned else ("待办理", "请接手办理，点此查看")
    return Message(
        natural_key=f"handover/{cause}/{person_id}",
        person_id=person_id,
        role=str(role),
        channel=TEMPLATE,
        template="handover",
        data=_data(role, waits, words, then) | {"page": pages.of_role(role)},
    )


def _concerning(tx: Session, person_id: UUID) -> list[Waiting]:
    rows = tx.execute(
        select(Purchase, Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Purchase.id.in_(area.concerning(person_id)), Purchase.state.not_in(closed_states()))
        .order_by(Purchase.id)
    )
    return [Waiting(case, name, Role.OWNER, frozenset(), None) for case, name in rows]


def _data(role: Role, waits: Sequence[Waiting], words: str, then: str) -> dict[str, str]:
    due = min((each.due for each in waits if each.due), default=None)
    return {
        "estate": _places([each.estate for each in waits]),
        "role": ROLE_NAMES[role],
        "count": f"{len(waits)}件{words}",
        "until": until(due) if due else "没有截止时间",
        "next": then,
    }


def _places(estates: Sequence[str]) -> str:
    places = len(set(estates))
    return located(estates[0], f"等{places}处") if places > 1 else estates[0]


def tell_without_company(tx: Session, ctx: Context, estate_id: UUID, cause: str) -> None:
    """The clerks hear which open applications of its property company nobody goes on with.

    None where there is no such application. Does not commit.
    """
    left = (
        select(func.count(Purchase.id), Estate.name)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(
            Purchase.estate_id == estate_id,
            Purchase.applicant == "property_company",
            Purchase.state.not_in(closed_states()),
        )
        .group_by(Estate.name)
    )
    for count, estate in tx.execute(left):
        data = {
            "estate": estate,
            "role": ROLE_NAMES[Role.PROPERTY_MANAGER],
            "count": f"{count}件无人办理",
            "until": "没有截止时间",
            "next": "物业已更换或撤出，请联系业委会",
            "page": pages.of_role(Role.CLERK),
        }
        messages = [
            Message(
                natural_key=f"without_company/{cause}/{person_id}",
                person_id=person_id,
                role=str(Role.CLERK),
                channel=TEMPLATE,
                template="handover",
                data=data,
            )
            for person_id in holders(tx, ctx, Role.CLERK)
        ]
        outbox.write_each(tx, ctx.clock(), messages)


def unattended(tx: Session, ctx: Context) -> list[Unattended]:
    """What waits for nobody, by role: cases without an officer, without anybody who applied, …"""
    return [_view(role, waits) for role, waits in _by_role(waiting_cases(tx, ctx)).items()]


def sweep(ctx: Context) -> int:
    """Tell those who are left with a role what waits for them, and the administrators (where there
    is none, the supervisors) for which roles nobody is left.

    Of the latter one message for each role, however many cases wait; the same again after a week.
    Returns how many messages were written.
    """
    with ctx.sessions() as tx:
        waits = waiting_cases(tx, ctx)
        messages = [*_to_heirs(tx, ctx, waits), *_to_administrators(tx, ctx, _by_role(waits))]
        written = outbox.write_each(tx, ctx.clock(), messages)
        tx.commit()
        return len(written)


def _to_heirs(tx: Session, ctx: Context, waits: Sequence[Waiting]) -> Iterator[Message]:
    """Others with the role of somebody whose grant ended, or who is kept out, within a week."""
    now = ctx.clock()
    ended = tx.execute(
        select(AccessGrant, func.coalesce(Lockout.locked_at, AccessGrant.valid_until))
        .outerjoin(
            Lockout,
            and_(Lockout.person_id == AccessGrant.person_id, Lockout.lifted_at.is_(None)),
        )
        .where(
            or_(
                and_(~AccessGrant.valid(now), AccessGrant.valid(now - AGAIN)),
                and_(AccessGrant.valid(now), Lockout.locked_at > now - AGAIN),
            )
        )
        .order_by(AccessGrant.id)
    )
    for grant, at in ended:
        role = Role(grant.role)
        left = select(AccessGrant.person_id).where(
            AccessGrant.role == role,
            AccessGrant.scope_id.is_not_distinct_from(grant.scope_id),
            AccessGrant.valid(now),
            AccessGrant.granted_at <= at,  # who came later heard of everything then
            AccessGrant.person_id != grant.person_id,
        )
        for person_id in tx.scalars(left.order_by(AccessGrant.person_id)):
            mine = [each for each in waits if each.role is role and person_id in each.people]
            if mine:
                yield _handed_over(f"{grant.id}/{at.isoformat()}", person_id, role, mine)


def _to_administrators(
    tx: Session, ctx: Context, for_nobody: Mapping[Role, Sequence[Waiting]]
) -> Iterator[Message]:
    if not for_nobody:
        return
    keeper, people = keepers(tx, ctx)
    if not people:
        logger.error("cases wait for nobody, and there is no administrator: grant the role")
    for role, waits in for_nobody.items():
        data = _data(role, waits, "无人办理", "请尽快授权或换人办理")
        for person_id in people:
            if not _told_this_week(tx, ctx, role, person_id):
                yield Message(
                    natural_key=f"unattended/{role}/{local_date(ctx.clock())}/{person_id}",
                    person_id=person_id,
                    role=str(keeper),
                    channel=TEMPLATE,
                    template="handover",
                    data=data | {"page": pages.of_role(keeper)},
                )


def invite_who_came(ctx: Context) -> int:
    """Invite members who took office, or were verified, after a plan was put to their committee.

    Returns how many cases had such members. Each in its own transaction, locked like any step.
    """
    limits = {table_of(route, ctx.city).limit_of(Action.ANSWER_PLAN) for route in offered(ctx.city)}
    with ctx.sessions() as tx:
        due = tx.execute(_with_members_not_invited(ctx, {limit for limit in limits if limit})).all()
    for purchase_id, record_id in due:
        with ctx.sessions() as tx:
            case = open_for_the_house(tx, ctx, purchase_id)
            record = tx.get_one(DeadlineRecord, record_id)
            plan = load_facts(case, {"terms"}).terms.plan
            if plan is not None and record.state == DeadlineState.OPEN:
                invite_committee(case, plan, record)
                tx.commit()
    return len(due)


def _with_members_not_invited(ctx: Context, limits: set[str]) -> Select[UUID, UUID]:
    now = ctx.clock()
    key = func.concat(
        "invitation/", cast(DeadlineRecord.id, String), "/", cast(CommitteeMember.id, String)
    )
    invited = exists().where(Outbox.natural_key == key)
    came = exists().where(
        CommitteeMember.committee_id == Committee.id,
        Committee.estate_id == Purchase.estate_id,
        Committee.in_office(local_date(now)),
        CommitteeMember.sits(local_date(now)),
        CommitteeMember.person_id.is_not(None),
        ~recusal(now),
        ~invited.correlate(DeadlineRecord, CommitteeMember),
    )
    return (
        select(Purchase.id, DeadlineRecord.id)
        .join(DeadlineRecord, DeadlineRecord.purchase_id == Purchase.id)
        .where(
            DeadlineRecord.state == DeadlineState.OPEN,
            DeadlineRecord.kind.in_(limits),
            came.correlate(Purchase, DeadlineRecord),
        )
        .order_by(DeadlineRecord.id)
    )


def _by_role(waits: Sequence[Waiting]) -> dict[Role, list[Waiting]]:
    """What waits for nobody."""
    by_role: dict[Role, list[Waiting]] = {}
    for each in waits:
        if not each.people:
            by_role.setdefault(each.role, []).append(each)
    return {role: by_role[role] for role in sorted(by_role)}


def _view(role: Role, waits: Sequence[Waiting]) -> Unattended:
    due = min((each.due for each in waits if each.due), default=None)
    places = list(dict.fromkeys(each.estate for each in waits))[:PLACES_NAMED]
    words = f"截至{until(due)}" if due else ""
    return Unattended(role, ROLE_NAMES[role], len(waits), places, due, words)


def keepers(tx: Session, ctx: Context) -> tuple[Role, Sequence[UUID]]:
    """Who sees to it that cases have officers, as far as they are not kept out (停用)."""
    for role in (Role.ADMINISTRATOR, Role.SUPERVISOR):
        people = holders(tx, ctx, role)
        kept_out = select(Lockout.person_id).where(
            Lockout.person_id.in_(people), Lockout.lifted_at.is_(None)
        )
        if here := sorted(set(people) - set(tx.scalars(kept_out))):
            return role, here
    return Role.ADMINISTRATOR, []


def _told_this_week(tx: Session, ctx: Context, role: Role, person_id: UUID) -> bool:
    heard = exists().where(
        Outbox.person_id == person_id,
        Outbox.natural_key.startswith(f"unattended/{role}/"),
        Outbox.written_at > ctx.clock() - AGAIN,
    )
    return bool(tx.scalar(select(heard)))
