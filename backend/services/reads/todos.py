"""What a person has to see to: open cases with their running limits, and estates.

The one home of 待办: the mini-program and chat show the same list.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.deadlines import DeadlineState
from backend.domain.public_notice import NoticeState
from backend.domain.roles import COMPANY_OFFICERS, PAYEE_OFFICERS, ROLE_NAMES, Role
from backend.domain.routes.catalogue import action_name, limit_title, state_name
from backend.domain.standing_still import THE_NOTICE_ITSELF
from backend.domain.subject import PURCHASE
from backend.domain.wording import until
from backend.services.base.context import Actor, Context
from backend.services.case import deadlines
from backend.services.case.calendars import work_calendar
from backend.services.case.case import Case, at_hand
from backend.services.case.conflicts_of_interest import involvements
from backend.services.case.handover import Unattended, unattended
from backend.services.case.live_notice import live_notices, notice_with, photos_of
from backend.services.case.recipients import people_to_act_in
from backend.services.purchase import paper_entries
from backend.services.purchase.paper_entries import PaperEntryView
from backend.services.reads.cases import left_of, possible_actions
from backend.services.reads.managed import ManagedEstate, managed
from backend.services.reads.whose_turn import SHOWN, cases_to_see_to
from backend.store.bank_transfers import BankTransfer
from backend.store.income import Deposit, DepositInterest, InterestUndo, YearClose
from backend.store.messages import DeadlineRecord
from backend.store.notices import Objection, PublicNotice
from backend.store.past_income import PastIncome
from backend.store.period_locks import PeriodLock
from backend.store.proposals import OpeningCorrection, PaperEntry, PayeeChange, Succession
from backend.store.purchases import Transition
from backend.store.queries import income_list, openings, payees, successions
from backend.store.queries.bank_transfers import TransferView, transfers_waiting
from backend.store.queries.case_letters import LetterDue, letters_due
from backend.store.queries.cases import Reach, Viewer, reach_of
from backend.store.queries.income import CloseView, InterestView
from backend.store.queries.openings import CorrectionView
from backend.store.queries.past_income import PastIncomeView, past_income_waiting
from backend.store.queries.payees import PayeeChangeView
from backend.store.queries.period_locks import LockView, lock_waiting
from backend.store.queries.special_accounts import Rest, rests
from backend.store.queries.successions import SuccessionView
from backend.store.queries.undos import UndoView, undos_waiting
from backend.store.queries.waiting import kinds_waiting
from backend.store.rulings import CaseLetter
from backend.store.special_accounts import SpecialDeposit

YOU = "您"
SETTLED_FIRST = "异议由中心处理，处理完再接着办；这段时间不计时，您不用操作。"
# They hear of every case of theirs; an office hears of what it must do.
CONCERNED = frozenset({Role.PROPERTY_MANAGER, Role.COMMITTEE_MEMBER, Role.OWNER, Role.APPLICANT})


@dataclass(frozen=True)
class Todo:
    """An open case and what comes next in it.

    `area` says which buildings (6栋 · 4台). `mine` tells whether this person must act, `who` names
    those who must; `due` is the first moment too late, None when no time limit runs for it.
    `task` names the objection that it is about. `missing` are the photos that the notice still
    lacks, in words, where they are part of what is to be done. `why` tells whoever must act by
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
class MyTodos:
    """Cases, the most urgent first, and the estates that this person manages.

    An administrator also sees for which roles nobody is left to act (`unattended`), officers which
    succession of a company, which other account of an insurer, which correction of an opening,
    which interest, which undoing of some, which change of the lock, which paper of the counter,
    which transfer, which income of before these books and which close of a year waits for a second
    one of them, and how many deposits ended whose last interest nobody entered (`unpaid_deposits`).
    The cashier sees what is left on special accounts that nobody needs any more (`rests`), clerks
    which cases on paper wait for a letter (`letters_due`).
    """

    items: Sequence[Todo]
    estates: Sequence[ManagedEstate]
    unattended: Sequence[Unattended]
    successions: Sequence[SuccessionView]
    payee_changes: Sequence[PayeeChangeView]
    opening_corrections: Sequence[CorrectionView]
    deposit_interest: Sequence[InterestView]
    interest_undos: Sequence[UndoView]
    period_lock: LockView | None
    paper_entries: Sequence[PaperEntryView]
    letters_due: Sequence[LetterDue]
    bank_transfers: Sequence[TransferView]
    past_income: PastIncomeView | None
    year_closes: Sequence[CloseView]
    unpaid_deposits: int
    rests: Sequence[Rest]


def my_todos(ctx: Context, actor: Actor) -> MyTodos:
    """What this person has to see to, and the estates that they manage."""
    viewer = Viewer.at(actor.person_id, ctx.clock())
    with ctx.sessions() as tx:
        reach = reach_of(tx, viewer)
        companies = bool(reach.offices.intersection(COMPANY_OFFICERS))
        money = bool(reach.offices.intersection(PAYEE_OFFICERS))
        clerk = Role.CLERK in reach.offices
        kinds = kinds_waiting(tx, viewer.today) if companies or money else ()
        return MyTodos(
            _within(tx, ctx, actor, reach),
            managed(tx, reach.scopes.get(Role.PROPERTY_MANAGER, ()), viewer.today),
            unattended(tx, ctx) if Role.ADMINISTRATOR in reach.offices else [],
            successions.waiting(tx) if companies and Succession in kinds else [],
            payees.waiting(tx) if money and PayeeChange in kinds else [],
            openings.waiting(tx) if money and OpeningCorrection in kinds else [],
            income_list.interest_waiting(tx) if money and DepositInterest in kinds else [],
            undos_waiting(tx) if money and InterestUndo in kinds else [],
            lock_waiting(tx) if money and PeriodLock in kinds else None,
            paper_entries.waiting(tx, ctx) if clerk and PaperEntry in kinds else [],
            letters_due(tx, SHOWN) if clerk and CaseLetter in kinds else [],
            transfers_waiting(tx) if money and BankTransfer in kinds else [],
            past_income_waiting(tx) if money and PastIncome in kinds else None,
            income_list.previews(tx) if money and YearClose in kinds else [],
            income_list.count_unpaid(tx, viewer.today) if money and Deposit in kinds else 0,
            rests(tx) if Role.CASHIER in reach.offices and SpecialDeposit in kinds else [],
        )


def own_todos(tx: Session, ctx: Context, actor: Actor) -> Sequence[Todo]:
    """What this person must do, the most urgent first; then what others must do in cases that the
    person applied for, manages or decides on."""
    return _within(tx, ctx, actor, reach_of(tx, Viewer.at(actor.person_id, ctx.clock())))


def _within(tx: Session, ctx: Context, actor: Actor, reach: Reach) -> Sequence[Todo]:
    rows = cases_to_see_to(tx, ctx, reach)
    if not rows:
        return []
    involved = involvements(tx, ctx, [row.purchase for row in rows], actor.person_id)
    calendar = work_calendar(tx, ctx)
    reasons = {
        at_hand(
            tx, ctx, row.purchase, row.estate, actor, involved[row.purchase.id], calendar
        ): _why(row.action, row.reason)
        for row in rows
    }
    found = _todos(reasons)
    todos = [each for case, own in found for each in own if each.mine or case.held & CONCERNED]
    todos.sort(key=lambda todo: (not todo.mine, todo.due is None, todo.due or ctx.clock()))
    return todos


def todos_of(case: Case) -> Sequence[Todo]:
    """What one case asks of somebody who takes part in it, and until when; their own first."""
    purchase = case.purchase
    last = select(Transition.action, Transition.reason).where(
        Transition.subject == purchase.subject, Transition.seq == purchase.version
    )
    ((_, todos),) = _todos({case: _why(*case.tx.execute(last).one())})
    return sorted(todos, key=lambda todo: not todo.mine)


def _why(action: str, reason: str | None) -> str:
    """By which step a case came here, where that step gave a reason."""
    return f"{action_name(action)}：{reason}" if reason else ""


@dataclass(frozen=True)
class Waits:
    """A case and what its list is made of; see `Todo`. `warned` are the limits that this person
    hears of, `running` all of them."""

    case: Case
    why: str
    running: Sequence[DeadlineRecord]
    warned: Sequence[DeadlineRecord]
    objections: Mapping[UUID, str]
    notice: PublicNotice | None
    missing: Sequence[str]


def _todos(reasons: Mapping[Case, str]) -> list[tuple[Case, list[Todo]]]:
    """What each of these cases waits for; by a fixed number of queries, however many they are."""
    cases = list(reasons)
    running, notices = _running(cases), _notices(cases)
    warned = _warned([(case, record) for case in cases for record in running[case]])
    numbers = _objections(cases[0].tx, [row for rows in warned.values() for row in rows])
    return [
        (
            case,
            _listed(Waits(case, why, running[case], warned.get(case, ()), numbers, *notices[case])),
        )
        for case, why in reasons.items()
    ]


def _objections(tx: Session, limits: Sequence[DeadlineRecord]) -> Mapping[UUID, str]:
    """The numbers of the objections that some of these limits are about."""
    about = [record.about_id for record in limits if record.about_id]
    if not about:
        return {}
    rows = tx.execute(select(Objection.id, Objection.number).where(Objection.id.in_(about)))
    return dict(rows.all())


def _running(cases: Sequence[Case]) -> Mapping[Case, Sequence[DeadlineRecord]]:
    """What runs, and what stands still beside it; of a notice in suspense the settlement tells."""
    notice = DeadlineRecord.kind == THE_NOTICE_ITSELF
    rows = (
        cases[0]
        .tx.scalars(
            select(DeadlineRecord)
            .where(
                DeadlineRecord.subject_kind == PURCHASE,
                DeadlineRecord.subject_id.in_([case.purchase.id for case in cases]),
                (DeadlineRecord.state == DeadlineState.OPEN)
                | ((DeadlineRecord.state == DeadlineState.PAUSED) & ~notice),
            )
            .order_by(DeadlineRecord.ends_before, DeadlineRecord.id)
        )
        .all()
    )
    return {case: [row for row in rows if row.subject_id == case.purchase.id] for case in cases}


def _notices(cases: Sequence[Case]) -> Mapping[Case, tuple[PublicNotice | None, Sequence[str]]]:
    """The notice of each case that is being posted or hangs, and the photos that it still lacks."""
    tx = cases[0].tx
    posted = [case for case in cases if case.table.allows(Action.PHOTOGRAPH, case.purchase.state)]
    live = live_notices(tx, [case.purchase.id for case in posted]) if posted else {}
    photos = photos_of(tx, [notice.id for notice in live.values()]) if live else {}

    def lacking(case: Case) -> tuple[PublicNotice | None, Sequence[str]]:
        notice = live.get(case.purchase.id)
        if notice is None:
            return None, ()
        fact = notice_with(case.profile, notice, photos[notice.id])
        begins = notice.state == NoticeState.POSTING
        return notice, fact.missing_start if begins else fact.missing_end

    return {case: lacking(case) for case in cases}


def _warned(
    limits: Sequence[tuple[Case, DeadlineRecord]],
) -> Mapping[Case, Sequence[DeadlineRecord]]:
    """Of these limits those that this person hears of."""
    asked = [
        (case, record, role)
        for case, record in limits
        for role in case.table.reminded(record.kind, case.purchase.state)
        if role in case.held
    ]
    people = people_to_act_in([(case, record.kind, role) for case, record, role in asked])
    warned: dict[Case, list[DeadlineRecord]] = defaultdict(list)
    for (case, record, _), acting in zip(asked, people, strict=True):
        if case.person_id in acting and record not in warned[case]:
            warned[case].append(record)
    return warned


def _listed(waits: Waits) -> list[Todo]:
    """One per limit that this person hears of; otherwise one that says what the case waits for."""
    case, purchase, table, notice = waits.case, waits.case.purchase, waits.case.table, waits.notice
    actions = possible_actions(case)

    def todo(record: DeadlineRecord | None) -> Todo:
        answering = table.answering(record.kind, purchase.state) if record else ()
        waits_for_me = table.awaited(purchase.state) in actions
        told_of = record if record in waits.warned else None
        stands_still = record is not None and record.state == DeadlineState.PAUSED
        blocked = record is not None and record.pause_words is not None
        mine = bool(case.held & set(answering)) if told_of else waits_for_me
        mine = mine and not blocked  # nobody can act
        due_words, left, overdue = _time(case, record, mine) if record else ("", "", False)
        objection = waits.objections.get(told_of.about_id) if told_of and told_of.about_id else None
        return Todo(
            purchase_id=purchase.id,
            number=purchase.number,
            estate=case.estate.name,
            area=case.area,
            state=purchase.state,
            state_name=state_name(purchase.state),
            task=_task(told_of, objection) if told_of else table.next_words(purchase.state),
            who=YOU if mine else _who(case, answering),
            advice=SETTLED_FIRST if stands_still else table.advice(purchase.state),
            mine=mine,
            notice_id=notice.id if notice else None,
            notice_number=notice.number if notice else None,
            missing=() if objection else waits.missing,
            why=waits.why if mine else "",
            due=record.ends_before if record and not stands_still else None,
            due_words=due_words,
            left_words=left,
            overdue=overdue,
            actions=actions,
        )

    return [todo(record) for record in waits.warned] or [todo(_awaited(case, waits.running))]


def _task(limit: DeadlineRecord, objection: str | None) -> str:
    """What is to be done within this limit; of several objections, about which one."""
    title = limit_title(limit.kind)
    return f"{title}（{objection}）" if objection else title


def _awaited(case: Case, running: Sequence[DeadlineRecord]) -> DeadlineRecord | None:
    """The most urgent of the running limits within which the case's next step is to come."""
    limit = case.table.awaited_limit(case.purchase.state)
    return next((record for record in running if record.kind == limit), None)


def _who(case: Case, answering: Sequence[Role]) -> str:
    """Who must act, as people call them: those who answer for the limit, else for the next step."""
    row = case.table.awaited_row(case.purchase.state)
    roles = answering or (row.roles[:1] if row else ())
    return "、".join(ROLE_NAMES[case.on_record.get(role, role)] for role in roles)


def _time(case: Case, record: DeadlineRecord, mine: bool) -> tuple[str, str, bool]:
    """Until when and how long still, in words that ask only those to act who can; and whether
    somebody is late."""
    if record.pause_words is not None:
        held = left_of(case, record)
        return record.pause_words, held.words, held.late
    left = deadlines.remaining(case, record)
    words = f"截至{until(record.ends_before)}"
    if record.provisional:
        words += "（该年度放假安排公布前为暂定）"
    return words, left.words if mine else left.time_words, left.late
