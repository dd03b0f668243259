"""What a person has to see to: open cases with their running limits, and estates.

The one home of 待办: the mini-program and chat show the same list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, exists, false, func, or_, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import midnight_after
from backend.domain.public_notice import NoticeState
from backend.domain.reminders import days_to_go, late_words, left_words
from backend.domain.roles import COMPANY_OFFICERS, ROLE_NAMES, Role
from backend.domain.routes.catalogue import (
    action_name,
    closed_states,
    limit_title,
    offered,
    state_name,
    table_of,
)
from backend.domain.standing_still import THE_NOTICE_ITSELF, left_after_pause
from backend.domain.subject import PURCHASE
from backend.domain.table import Table
from backend.domain.wording import until
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.case import Case, at_hand
from backend.services.case.committees import mandate_until
from backend.services.case.conflicts_of_interest import involvement
from backend.services.case.handover import Unattended, unattended
from backend.services.case.live_notice import notice_fact
from backend.services.case.profiles import profiles_in_use
from backend.services.case.recipients import people_to_act
from backend.services.reads.cases import possible_actions
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Purchase, Transition
from backend.store.queries import successions
from backend.store.queries.cases import Reach, Viewer, applied, granted, in_role, reach_of, visible
from backend.store.queries.estates import EstateAccount, accounts_in
from backend.store.queries.places import areas_of
from backend.store.queries.successions import SuccessionView
from backend.store.registry import Estate

SHOWN = 30
YOU = "您"
# They hear of every case of theirs; an office hears of what it must do.
CONCERNED = frozenset({Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER, Role.OWNER, Role.APPLICANT})


@dataclass(frozen=True)
class Todo:
    """An open case and what comes next in it.

    `area` says which buildings (6栋 · 4台). `mine` tells whether this person must act, `who` names
    those who must; `due` is the first moment too late, None when no time limit runs for it.
    `missing` are the photos that the notice still lacks, in words. `why` tells whoever must act by
    which step the case came here and for what reason (退回补正：缺第二页), where that step had to
    give one.
    """

    purchase_id: UUID
    number: str
    estate: str
    area: str
    state: str
    state_name: str
    task: str
    who: str
    advice: str
    mine: bool
    notice_id: UUID | None
    notice_number: str | None
    missing: Sequence[str]
    why: str
    due: datetime | None
    due_words: str
    left_words: str
    overdue: bool
    actions: Sequence[str]


@dataclass(frozen=True)
class ManagedEstate:
    """An estate that this person manages; `mandate_until` is the mandate's last day, if one runs.

    The accounts show what each can spend, before anyone applies.
    """

    estate_id: UUID
    name: str
    mandate_until: date | None
    mandate_words: str
    accounts: Sequence[EstateAccount]


@dataclass(frozen=True)
class MyTodos:
    """Cases, the most urgent first, and the estates that this person manages.

    An administrator also sees for which roles nobody is left to act (`unattended`), officers which
    succession of a company waits for a second one of them (`successions`).
    """

    items: Sequence[Todo]
    estates: Sequence[ManagedEstate]
    unattended: Sequence[Unattended]
    successions: Sequence[SuccessionView]


def my_todos(ctx: Context, actor: Actor) -> MyTodos:
    """What this person has to see to, and the estates that they manage."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    with ctx.sessions() as tx:
        todos = own_todos(tx, ctx, actor)
        managed = tx.scalars(
            select(Estate)
            .where(Estate.id.in_(granted(viewer, Role.PROPERTY_MANAGER)))
            .order_by(Estate.name)
        ).all()
        keeps, decides = tx.execute(
            select(
                granted(viewer, Role.ADMINISTRATOR).exists(),
                or_(*(granted(viewer, role).exists() for role in COMPANY_OFFICERS)),
            )
        ).one()
        return MyTodos(
            todos,
            [_managed(tx, estate, viewer.today) for estate in managed],
            unattended(tx, ctx) if keeps else [],
            successions.waiting(tx) if decides else [],
        )


def own_todos(tx: Session, ctx: Context, actor: Actor) -> Sequence[Todo]:
    """What this person must do, the most urgent first; then what others must do in cases that the
    person applied for, manages or decides on."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    reach = reach_of(tx, viewer)
    concerned = visible(reach, (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER))
    cases = tx.execute(
        select(Purchase, Estate, Transition.action, Transition.reason)
        .join(Estate, Estate.id == Purchase.estate_id)
        .join(Transition, _last_step())
        .where(
            or_(concerned, applied(reach), _must_keep_a_limit(_tables_in_use(tx, ctx), reach)),
            Purchase.state.not_in(closed_states()),
        )
        .order_by(_first_end().nulls_last(), Purchase.updated_at.desc())
        .limit(SHOWN)
    ).all()
    ids = [purchase.id for purchase, *_ in cases]
    running, areas, calendar = _running(tx, ids), areas_of(tx, ids), work_calendar(tx, ctx)
    todos: list[Todo] = []
    for purchase, estate, action, reason in cases:
        involved = involvement(tx, ctx, purchase, actor.person_id)
        case = at_hand(tx, ctx, purchase, estate, actor, involved, calendar)
        limits = [each for each in running if each.purchase_id == purchase.id]
        found = _todos(case, areas.get(purchase.id, ""), _why(action, reason), limits)
        todos += [each for each in found if each.mine or case.held & CONCERNED]
    todos.sort(key=lambda todo: (not todo.mine, todo.due is None, todo.due or ctx.clock()))
    return todos


def todos_of(case: Case) -> Sequence[Todo]:
    """What one case asks of somebody who takes part in it, and until when; their own first."""
    purchase, tx = case.purchase, case.tx
    last = select(Transition.action, Transition.reason).where(
        Transition.subject == purchase.subject, Transition.seq == purchase.version
    )
    where = areas_of(tx, [purchase.id]).get(purchase.id, "")
    todos = _todos(case, where, _why(*tx.execute(last).one()), _running(tx, [purchase.id]))
    return sorted(todos, key=lambda todo: not todo.mine)


def _why(action: str, reason: str | None) -> str:
    """By which step a case came here, where that step gave a reason."""
    return f"{action_name(action)}：{reason}" if reason else ""


def _last_step() -> ColumnElement[bool]:
    """The step that brought the row's case where it stands."""
    return (Transition.subject_id == Purchase.id) & (Transition.seq == Purchase.version)


def _first_end() -> ScalarSelect[datetime]:
    """When the most urgent limit of the row's case ends."""
    return (
        select(func.min(DeadlineRecord.ends_before))
        .where(DeadlineRecord.purchase_id == Purchase.id, _open())
        .scalar_subquery()
    )


def _tables_in_use(tx: Session, ctx: Context) -> list[Table]:
    """The tables by which cases may go."""
    cities = profiles_in_use(tx, ctx)
    return [table_of(route, city) for city in cities for route in offered(city)]


def _must_keep_a_limit(tables: Iterable[Table], reach: Reach) -> ColumnElement[bool]:
    """Cases with a running limit that the person must keep, by one of these tables, in one of their
    roles."""
    turns: dict[Role, dict[frozenset[str], set[str]]] = {}
    for table in tables:
        for role, kinds in table.turns.items():
            for kind, states in kinds.items():
                turns.setdefault(role, {}).setdefault(states, set()).add(kind)
    return or_(
        false(),
        *(
            in_role(reach, role)
            & Purchase.state.in_(sorted(states))
            & exists().where(
                DeadlineRecord.purchase_id == Purchase.id, DeadlineRecord.kind.in_(kinds), _open()
            )
            for role, by_states in turns.items()
            for states, kinds in by_states.items()
        ),
    )


def _open() -> ColumnElement[bool]:
    return DeadlineRecord.state == DeadlineState.OPEN


def _running(tx: Session, cases: Sequence[UUID]) -> Sequence[DeadlineRecord]:
    """What runs, and what stands still beside it; of a notice in suspense the settlement tells."""
    notice = DeadlineRecord.kind == THE_NOTICE_ITSELF
    return tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id.in_(cases),
            _open() | ((DeadlineRecord.state == DeadlineState.PAUSED) & ~notice),
        )
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
    ).all()


def _todos(case: Case, where: str, why: str, running: Sequence[DeadlineRecord]) -> list[Todo]:
    """One per limit that this person hears of; otherwise one that says what the case waits for."""
    purchase, table = case.purchase, case.table
    actions = possible_actions(case)
    posted = table.allows(Action.PHOTOGRAPH, purchase.state)
    notice = case.live_notice if posted else None
    missing: list[str] = []
    if notice is not None:
        fact = notice_fact(case.tx, case.profile, notice)
        missing = [
            *(fact.missing_start if notice.state == NoticeState.POSTING else fact.missing_end)
        ]

    def todo(record: DeadlineRecord | None) -> Todo:
        due_words, left, overdue = _time(case, record)
        answering = table.answering(record.kind, purchase.state) if record else ()
        waits_for_me = table.awaited(purchase.state) in actions
        told_of = record if record in warned else None
        stands_still = record is not None and record.state == DeadlineState.PAUSED
        blocked = record is not None and record.pause_words is not None
        mine = bool(case.held & set(answering)) if told_of else waits_for_me
        mine = mine and not blocked  # nobody can act
        return Todo(
            purchase_id=purchase.id,
            number=purchase.number,
            estate=case.estate.name,
            area=where,
            state=purchase.state,
            state_name=state_name(purchase.state),
            task=limit_title(told_of.kind) if told_of else table.next_words(purchase.state),
            who=YOU if mine else _who(case, answering),
            advice=table.advice(purchase.state),
            mine=mine,
            notice_id=notice.id if notice else None,
            notice_number=notice.number if notice else None,
            missing=missing,
            why=why if mine else "",
            due=record.ends_before if record and not stands_still else None,
            due_words=due_words,
            left_words=left,
            overdue=overdue,
            actions=actions,
        )

    warned = [record for record in running if _is_warned(case, record)]
    return [todo(record) for record in warned] or [todo(_awaited(case, running))]


def _awaited(case: Case, running: Sequence[DeadlineRecord]) -> DeadlineRecord | None:
    """The most urgent of the running limits within which the case's next step is to come."""
    limit = case.table.awaited_limit(case.purchase.state)
    return next((record for record in running if record.kind == limit), None)


def _who(case: Case, answering: Sequence[Role]) -> str:
    """Who must act, as people call them: those who answer for the limit, else for the next step."""
    row = case.table.awaited_row(case.purchase.state)
    roles = answering or (row.roles[:1] if row else ())
    return "、".join(ROLE_NAMES[case.on_record.get(role, role)] for role in roles)


def _is_warned(case: Case, record: DeadlineRecord) -> bool:
    reminded = case.table.reminded(record.kind, case.purchase.state)
    roles = [role for role in reminded if role in case.held]
    return any(case.person_id in people_to_act(case, record.kind, role) for role in roles)


def _time(case: Case, record: DeadlineRecord | None) -> tuple[str, str, bool]:
    """Until when and how long still, in words; and whether that is over."""
    if record is None:
        return "", "", False
    schedule = deadlines.schedule(case, record)
    if record.pause_words is not None and record.days_left is not None:
        return record.pause_words, left_after_pause(record.days_left, schedule.unit), False
    to_go = days_to_go(schedule, case.now)
    words = f"截至{until(record.ends_before)}"
    if record.provisional:
        words += "（该年度放假安排公布前为暂定）"
    overdue = to_go < 0 and record.kind != "public_notice_period"
    if record.pause_words is not None:
        return record.pause_words, late_words(to_go, schedule.unit), overdue
    return words, left_words(record.kind, to_go, schedule.unit), overdue


def _managed(tx: Session, estate: Estate, today: date) -> ManagedEstate:
    ends_on = mandate_until(tx, estate.id, today)
    words = (
        f"业主委员会的委托有效至{until(midnight_after(ends_on))}。"
        if ends_on
        else "没有有效的业主委员会委托，暂不能以物业名义申请，请联系业主委员会。"
    )
    return ManagedEstate(estate.id, estate.name, ends_on, words, accounts_in(tx, estate.id))
