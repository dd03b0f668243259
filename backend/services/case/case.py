"""A case at hand: what every act on a case needs, opened once and passed on.

It holds the record and is no second one: whoever changes the case changes `case.purchase`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session, with_expression

from backend.domain.city.schema import CityProfile
from backend.domain.errors import Refused, refuse
from backend.domain.facts import ActorFact, Facts
from backend.domain.holidays import WorkCalendar
from backend.domain.local_time import local_date
from backend.domain.public_notice import LIVE
from backend.domain.purchase import officer_refusals, refuse_role, role_for
from backend.domain.roles import APPLICANT_ROLES, Role
from backend.domain.routes.catalogue import state_name, table_of
from backend.domain.subject import Subject
from backend.domain.table import Table
from backend.domain.wording import area, located
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.calendars import work_calendar
from backend.services.case.conflicts_of_interest import Involvement, involvement, note_officer
from backend.services.case.live_notice import live_notice
from backend.services.case.profiles import profile_of
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries.places import buildings_of
from backend.store.registry import Estate

# Keeps other steps out, but not rows that refer to the case, such as reminders of the sweep.
STEP_LOCK: dict[str, Any] = {"of": Purchase, "key_share": True}

# Brings along in which building each lift of a case is.
WITH_BUILDINGS = with_expression(Purchase.buildings, buildings_of())

# A case by its id, or by a query for it.
CaseId = UUID | ScalarSelect[UUID]

HOUSE = Involvement(frozenset({Role.SYSTEM}), ActorFact())


@dataclass(frozen=True, eq=False)
class Case:
    """One case in one transaction, with the person who acts (None: the house) and their roles.

    `profile` is the version of the city's rules that the case began with, `table` its route's.
    """

    tx: Session
    ctx: Context
    purchase: Purchase
    estate: Estate
    actor: Actor | None
    involved: Involvement
    profile: CityProfile
    table: Table
    known_calendar: WorkCalendar | None = None
    seen_notices: list[PublicNotice] = field(default_factory=list)

    @property
    def subject(self) -> Subject:
        """The case as limits, holds, messages and records name it."""
        return self.purchase.subject

    @property
    def held(self) -> frozenset[Role]:
        """The actor's roles in this case, `APPLICANT` among them."""
        return self.involved.held

    @property
    def person_id(self) -> UUID | None:
        """Who acts; None for the house."""
        return self.actor.person_id if self.actor else None

    @cached_property
    def area(self) -> str:
        """Which buildings it is about, and how many lifts: 6栋 · 4台."""
        buildings = self.purchase.buildings
        if buildings is None:  # the record was not read by one of the ways below
            of_case = select(buildings_of()).where(Purchase.id == self.purchase.id)
            buildings = self.tx.scalar(of_case)
        return area(buildings or ())

    @property
    def place(self) -> str:
        """The estate and the buildings, as a message names them: 示例小区 6栋 · 4台."""
        return located(self.estate.name, self.area)

    @cached_property
    def now(self) -> datetime:
        """Business time, the same for the whole act."""
        return self.ctx.clock()

    @property
    def on_record(self) -> Mapping[Role, Role]:
        """How a role is recorded that is not its own name: the applicant by their part."""
        return {Role.APPLICANT: APPLICANT_ROLES[self.purchase.applicant]}

    @cached_property
    def today(self) -> date:
        """The day in Shanghai."""
        return local_date(self.now)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working days, read when they are first needed."""
        return self.known_calendar or work_calendar(self.tx, self.ctx)

    @property
    def live_notice(self) -> PublicNotice | None:
        """The notice of the current plan, if there is one; looked for again once a step has taken
        it down."""
        if not self.seen_notices or self.seen_notices[-1].state not in LIVE:
            found = self.tx.scalar(live_notice(self.purchase))
            self.seen_notices[:] = [found] if found else []
        return self.seen_notices[-1] if self.seen_notices else None

    @property
    def state(self) -> str | None:
        """Where the case stands; None before its first step."""
        return self.purchase.state if self.purchase.version else None

    @property
    def is_closed(self) -> bool:
        """Whether no step leads on from here."""
        return self.table.is_final(self.purchase.state)

    @property
    def facts(self) -> Facts:
        """What is known of the case without asking: none of the groups is loaded."""
        purchase = self.purchase
        route = self.profile.routes[purchase.route]
        return Facts(
            self.now, self.today, self.profile, route, purchase.applicant, self.involved.fact
        )

    def require(self, action: str) -> Role:
        """The role in which this person may do this activity now.

        Raises Refused as `require_role` and `require_place`.
        """
        role = self.require_role(action)
        self.require_place(action)
        return role

    def require_role(self, action: str) -> Role:
        """The role in which this person may take this step or do this activity, whenever.

        Raises Refused `role_required`, `not_the_applicant`, and `step_not_possible` (conflict)
        where the route has no such row.
        """
        row = self.table.row(self.state, action)
        if row is None:
            raise self._no_such_row()
        role = role_for(row, self.held, self.purchase.applicant)
        if role is None:
            raise refuse_role(row, self.held)
        return role

    def require_place(self, action: str) -> None:
        """Raises Refused (conflict) where this activity has no place: see `out_of_place`."""
        if not self.table.allows(action, self.purchase.state):
            raise self.out_of_place(action)

    def out_of_place(self, action: str) -> Refused:
        """Why an activity has no place: the case is over (`case_closed`), or what its row says;
        `step_not_possible` where the route has no such row."""
        activity = self.table.activities.get(action)
        if self.is_closed:
            message = f"本案已经结束（{state_name(self.purchase.state)}），不能再办理。"
            return refuse("case_closed", message, kind="conflict")
        if activity is None or activity.closed is None:
            return self._no_such_row()
        return Refused(activity.closed, kind="conflict")

    def _no_such_row(self) -> Refused:
        message = "本案的办理路线没有这一步，无需办理。"
        return refuse("step_not_possible", message, kind="conflict")


def open_case(
    tx: Session, ctx: Context, actor: Actor, purchase_id: CaseId, what: str = "案件"
) -> Case:
    """The case, locked, for somebody who has a role in it.

    A refusal speaks of `what` the actor asked for, whether it exists or not. Raises Refused
    `not_found`, also for cases of others, and `version_conflict` when the case moved on since the
    actor looked at it.
    """
    case = _seen(tx, ctx, actor, _locked(purchase_id), what)
    if actor.seen_version not in (None, case.purchase.version):
        message = "案件在您查看之后有了新进展，请刷新后再办理。"
        raise refuse("version_conflict", message, "If-Match", "conflict")
    return case


def see_case(
    tx: Session, ctx: Context, actor: Actor, purchase_id: CaseId, what: str = "案件"
) -> Case:
    """The case as it is, for somebody who has a role in it; raises Refused `not_found`."""
    return _seen(tx, ctx, actor, _with_estate(purchase_id), what)


def open_for_the_house(
    tx: Session,
    ctx: Context,
    purchase_id: CaseId,
    calendar: WorkCalendar | None = None,
    what: str = "案件",
) -> Case:
    """The case as it stands now, locked against other steps; raises Refused `not_found`."""
    found = tx.execute(_locked(purchase_id)).one_or_none()
    if found is None:
        raise nothing_there(what)
    return at_hand(tx, ctx, *found, calendar=calendar)


def case_of_notice(notice_id: UUID) -> CaseId:
    """The case that a notice belongs to."""
    return select(PublicNotice.purchase_id).where(PublicNotice.id == notice_id).scalar_subquery()


def case_of_objection(objection_id: UUID) -> CaseId:
    """The case that an objection was made to."""
    notice = select(PublicNotice.purchase_id).join(
        Objection, Objection.notice_id == PublicNotice.id
    )
    return notice.where(Objection.id == objection_id).scalar_subquery()


def lock(tx: Session, purchase_id: CaseId) -> None:
    """Keep steps out of a case until this transaction ends."""
    tx.execute(_locked(purchase_id))


def at_hand(
    tx: Session,
    ctx: Context,
    purchase: Purchase,
    estate: Estate | None = None,
    actor: Actor | None = None,
    involved: Involvement = HOUSE,
    calendar: WorkCalendar | None = None,
) -> Case:
    """The handle on a record that was read or written in this transaction."""
    estate = estate or tx.get_one(Estate, purchase.estate_id)
    profile = profile_of(tx, ctx, purchase)
    table = table_of(purchase.route, profile)
    return Case(tx, ctx, purchase, estate, actor, involved, profile, table, calendar)


def table_for(tx: Session, ctx: Context, purchase: Purchase) -> Table:
    """The table that a case goes by: its route's, for the rules that it began with."""
    return table_of(purchase.route, profile_of(tx, ctx, purchase))


def act_as_officer(case: Case, role: Role) -> None:
    """Note that this person does an officer's work on this (locked) case, beside its steps.

    Raises Refused `same_officer`, `officer_is_party` (conflict).
    """
    check_officer(case, role)
    note_officer(case.tx, case.purchase, case.involved.fact, role, case.now)


def check_officer(case: Case, role: Role) -> None:
    """That this person may do an officer's work on the case, without doing any.

    Raises Refused `same_officer`, `officer_is_party` (conflict).
    """
    if refusals := officer_refusals(case.facts, role):
        raise Refused(*refusals, kind="conflict")


def _with_estate(purchase_id: CaseId) -> Select[Purchase, Estate]:
    return (
        select(Purchase, Estate)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Purchase.id == purchase_id)
        .options(WITH_BUILDINGS)
    )


def _locked(purchase_id: CaseId) -> Select[Purchase, Estate]:
    query = _with_estate(purchase_id).with_for_update(**STEP_LOCK)
    return query.execution_options(populate_existing=True)


def _seen(
    tx: Session, ctx: Context, actor: Actor, query: Select[Purchase, Estate], what: str
) -> Case:
    found = tx.execute(query).one_or_none()
    involved = involvement(tx, ctx, found[0], actor.person_id) if found else HOUSE
    if found is None or not involved.held:
        raise nothing_there(what)
    return at_hand(tx, ctx, *found, actor, involved)
