"""What a person has to see to: open cases with their running limits, estates, co-signatures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.domain.deadlines import DeadlineState
from backend.domain.holidays import WorkCalendar
from backend.domain.limits import LIMIT_TITLES, RESPONSIBLE
from backend.domain.public_notice import NoticeState
from backend.domain.reminders import days_to_go, left_words
from backend.domain.roles import Role
from backend.domain.states import CLOSED, STATE_NAMES, State
from backend.domain.subject import PURCHASE
from backend.domain.wording import until, written
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.conflicts_of_interest import count_cosigners, has_cosigned, is_applicant
from backend.services.case.facts import live_notice, mandate_until, notice_fact
from backend.services.case.notifications import NEXT_STEP
from backend.services.case.profiles import profile_of
from backend.services.case.recipients import people_to_act
from backend.services.case.steps import case_roles
from backend.services.reads.cases import possible_actions
from backend.store.messages import DeadlineRecord
from backend.store.purchases import Cosignature, Purchase
from backend.store.queries import area
from backend.store.queries.cases import Viewer, applied, granted, visible
from backend.store.queries.estates import EstateAccount, accounts_in
from backend.store.queries.sources import source_of
from backend.store.registry import Estate, Owner

SHOWN = 30
# States in which a notice hangs or is about to.
WITH_NOTICE = (State.APPROVED, State.POSTED, State.SUSPENDED)


# What to do about a step that has no page in the mini-program.
PAPERS = "这一步要交盖章的合同、发票等资料，请在电脑上办理，或送到中心窗口。"
BY_OTHERS = "这一步由别人办理，您不用操作；快到期还没有办好，请催一催。"
ADVICE = {
    State.PLANNED: "由业委会委员在小程序或服务号里审议。请提醒他们按时答复。",
    State.REGISTERED: PAPERS,
    State.CONTRACTED: PAPERS,
}


@dataclass(frozen=True)
class Todo:
    """An open case and what comes next in it.

    `mine` tells whether this person must act; `due` is the first moment too late, None when nothing
    runs for this person. `missing` are the photos that the notice still lacks, in words.
    """

    purchase_id: UUID
    number: str
    estate: str
    state: str
    state_name: str
    task: str
    advice: str
    mine: bool
    notice_id: UUID | None
    notice_number: str | None
    missing: Sequence[str]
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
    """Cases, the most urgent first, and the estates that this person manages."""

    items: Sequence[Todo]
    estates: Sequence[ManagedEstate]


@dataclass(frozen=True)
class JointApplication:
    """An application by owners together, which this person signed or may sign."""

    purchase_id: UUID
    number: str
    estate: str
    account: str
    state: str
    state_name: str
    cosigners: int
    needed: int
    signed_at: datetime | None
    can_sign: bool


def my_todos(ctx: Context, actor: Actor) -> MyTodos:
    """What this property manager, committee member or applying owner has to see to."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    concerned = or_(
        visible(viewer, (Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER)), applied(viewer)
    )
    with ctx.sessions() as tx:
        cases = tx.execute(
            select(Purchase, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(concerned, Purchase.state.not_in(CLOSED))
            .order_by(Purchase.updated_at.desc())
            .limit(SHOWN)
        ).all()
        running = _running(tx, [purchase.id for purchase, _ in cases])
        calendar = work_calendar(tx, ctx)
        todos = [
            todo
            for purchase, estate in cases
            for todo in _todos(tx, ctx, actor, purchase, estate, running, calendar)
        ]
        managed = tx.scalars(
            select(Estate)
            .where(Estate.id.in_(granted(viewer, Role.PROPERTY_MANAGER)))
            .order_by(Estate.name)
        ).all()
        estates = [_managed(tx, estate, viewer.today) for estate in managed]
    todos.sort(key=lambda todo: (not todo.mine, todo.due is None, todo.due or ctx.clock()))
    return MyTodos(todos, estates)


def _running(tx: Session, cases: Sequence[UUID]) -> Sequence[DeadlineRecord]:
    return tx.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.subject_kind == PURCHASE,
            DeadlineRecord.subject_id.in_(cases),
            DeadlineRecord.state == DeadlineState.OPEN,
        )
        .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
    ).all()


def _todos(
    tx: Session,
    ctx: Context,
    actor: Actor,
    purchase: Purchase,
    estate: str,
    running: Sequence[DeadlineRecord],
    calendar: WorkCalendar,
) -> list[Todo]:
    """One per limit that this person hears of; otherwise one that says what the case waits for."""
    held = case_roles(tx, ctx, actor, purchase)
    warned = [
        record
        for record in running
        if record.subject_id == purchase.id and _is_warned(tx, ctx, actor, purchase, record, held)
    ]
    applicant = is_applicant(tx, ctx, purchase, actor.person_id, held)
    actions = possible_actions(tx, actor, purchase, held, applicant)
    notice = live_notice(tx, purchase) if purchase.state in WITH_NOTICE else None
    missing: list[str] = []
    if notice is not None:
        fact = notice_fact(tx, notice)
        missing = [
            *(fact.missing_start if notice.state == NoticeState.POSTING else fact.missing_end)
        ]
    state = State(purchase.state)
    own_next = state is State.DRAFTED and "apply" in actions

    def todo(record: DeadlineRecord | None) -> Todo:
        due_words, left, overdue = _time(tx, ctx, record, calendar)
        return Todo(
            purchase_id=purchase.id,
            number=purchase.number,
            estate=estate,
            state=purchase.state,
            state_name=STATE_NAMES[state],
            task=_next_step(state) if record is None else LIMIT_TITLES[record.kind],
            advice=ADVICE.get(state, BY_OTHERS),
            mine=own_next if record is None else RESPONSIBLE[record.kind][0] in held,
            notice_id=notice.id if notice else None,
            notice_number=notice.number if notice else None,
            missing=missing,
            due=record.ends_before if record else None,
            due_words=due_words,
            left_words=left,
            overdue=overdue,
            actions=actions,
        )

    return [todo(record) for record in warned] or [todo(None)]


def _next_step(state: State) -> str:
    return "上传签字盖章的申请表，提交申请" if state is State.DRAFTED else NEXT_STEP[state]


def _is_warned(
    tx: Session,
    ctx: Context,
    actor: Actor,
    purchase: Purchase,
    record: DeadlineRecord,
    held: Iterable[Role],
) -> bool:
    roles = [role for role in RESPONSIBLE[record.kind] if role in set(held)]
    return any(
        actor.person_id in people_to_act(tx, ctx, purchase, record.kind, role) for role in roles
    )


def _time(
    tx: Session, ctx: Context, record: DeadlineRecord | None, calendar: WorkCalendar
) -> tuple[str, str, bool]:
    """Until when and how long still, in words; and whether that is over."""
    if record is None:
        return "", "", False
    schedule = deadlines.schedule(tx, ctx, calendar, record)
    to_go = days_to_go(schedule, ctx.clock())
    words = f"截至{until(record.ends_before)}"
    if record.provisional:
        words += "（该年度放假安排公布前为暂定）"
    overdue = to_go < 0 and record.kind != "public_notice_period"
    return words, left_words(record.kind, to_go, schedule.unit), overdue


def _managed(tx: Session, estate: Estate, today: date) -> ManagedEstate:
    ends_on = mandate_until(tx, estate.id, today)
    words = (
        f"业主委员会的委托有效至{written(ends_on)}。"
        if ends_on
        else "没有有效的业主委员会委托，暂不能以物业名义申请，请联系业主委员会。"
    )
    return ManagedEstate(estate.id, estate.name, ends_on, words, accounts_in(tx, estate.id))


def joint_applications(ctx: Context, actor: Actor) -> Sequence[JointApplication]:
    """Applications of owners that this person signed, or may sign as an owner in the circle.

    The latest first; drafts that wait for signatures before the others.
    """
    viewer = Viewer.at(actor.person_id, ctx.clock())
    concerned = Purchase.id.in_(area.concerning(actor.person_id))
    open_to_sign = (Purchase.state == str(State.DRAFTED)) & concerned
    with ctx.sessions() as tx:
        rows = tx.execute(
            select(Purchase, Estate.name)
            .join(Estate, Estate.id == Purchase.estate_id)
            .where(Purchase.applicant == "owners", or_(applied(viewer), open_to_sign))
            .order_by((Purchase.state == str(State.DRAFTED)).desc(), Purchase.id.desc())
            .limit(SHOWN)
        ).all()
        return [_joint(tx, ctx, actor, *row) for row in rows]


def _joint(
    tx: Session, ctx: Context, actor: Actor, purchase: Purchase, estate: str
) -> JointApplication:
    signed_at = tx.scalar(
        select(Cosignature.signed_at)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(Cosignature.purchase_id == purchase.id, Owner.person_id == actor.person_id)
        .limit(1)
    )
    return JointApplication(
        purchase_id=purchase.id,
        number=purchase.number,
        estate=estate,
        account=source_of(tx, purchase.id).name,
        state=purchase.state,
        state_name=STATE_NAMES[State(purchase.state)],
        cosigners=tx.scalars(count_cosigners(purchase)).one(),
        needed=profile_of(tx, ctx, purchase).applicants.minimum_cosigners.value,
        signed_at=signed_at,
        can_sign=purchase.state == State.DRAFTED
        and not has_cosigned(tx, purchase, actor.person_id),
    )
