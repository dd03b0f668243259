"""Generated histories in which people come and go, lifts and accounts change, and every way back
is walked: nobody without a part is written to about it, a case that nobody can see to is known to
the administrators, and the rules of the house hold all the while.

`TIBAO_DEEP=20` tries twenty times as many.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.domain.roles import GRANT_SCOPES, Role
from backend.domain.routes.catalogue import closed_states
from backend.domain.states import State
from backend.services.base import audit
from backend.services.base.access import granted_roles, roles_in_estate
from backend.services.base.context import Actor
from backend.services.case import handover, reminders
from backend.services.case import steps as case_steps
from backend.services.messages import leases
from backend.services.people import delegations, grants, lockouts, ownership
from backend.services.people.ownership import OwnerAt
from backend.services.reads import todos
from backend.store.database import make_sessions
from backend.store.messages import DeadlineRecord, Outbox
from backend.store.people import AccessGrant, Lockout, Person
from backend.store.purchases import Purchase
from backend.store.registry import Committee, CommitteeMember
from tests.build import machine_rows
from tests.build.clock import ManualClock
from tests.build.databases import Database, Databases, SharedEngine
from tests.build.insurers import add_insurer
from tests.build.looking import R1, add_person, application
from tests.build.machine_acts import ACTS
from tests.build.machine_truths import everything_holds
from tests.build.machine_try import APPLICANTS, Try
from tests.build.machine_ways import ASIDE, CLOSING, NEXT
from tests.build.machine_world import CHANGES
from tests.build.proving import proved
from tests.build.village import Village, called

logger = logging.getLogger(__name__)
DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
OFFICES = ("manager", "insurer", "clerk", "reviewer", "cashier")
OBJECTING = (
    *("file_objection", "enter_paper", "verify", "answer_objection"),
    *("dismiss_objection", "undo_dismissal", "withdraw_objection"),
)
ROLES = {
    "manager": Role.PROPERTY_MANAGER,
    "insurer": Role.INSURER,
    "clerk": Role.CLERK,
    "reviewer": Role.REVIEWER,
    "cashier": Role.CASHIER,
}


class PeopleComeAndGo(RuleBasedStateMachine):
    """One case goes on as far as there is somebody to take its next step."""

    new_village: ClassVar[Callable[[], tuple[Village, Callable[[], None]]]]
    reached: ClassVar[Counter[machine_rows.Row]]
    insurers: ClassVar[tuple[UUID, ...]]

    @initialize(
        applicant=st.sampled_from(sorted(APPLICANTS)),
        depth=st.sampled_from([0, 3, 5, 6, 8, 9, 11, 13, 14]),
    )
    def settle(self, applicant: str, depth: int) -> None:
        self.village, self.leave = type(self).new_village()
        self.everybody = set(self.village.people.values())
        self.case = self.village.drafted(applicant, APPLICANTS[applicant]).id
        for _ in range(depth):
            self.go_on(1)

    def teardown(self) -> None:
        if hasattr(self, "leave"):
            with self.village.ctx.sessions() as tx:
                self.reached.update(machine_rows.taken(tx))
            self.leave()

    def purchase(self) -> Purchase:
        with self.village.ctx.sessions() as tx:
            return tx.get_one(Purchase, self.case)

    def attempt(self, act: Callable[[], object]) -> None:
        with suppress(Refused):
            act()

    @rule(number=st.integers(0, 59))
    def go_on(self, number: int) -> None:
        """Whoever is there now takes the next step."""
        state = State(self.purchase().state)
        if state in NEXT and state not in closed_states():
            this = Try(self.village, self.purchase(), "manager", number)
            self.attempt(lambda: NEXT[state](this))
        elif state in closed_states():
            self.attempt(self.begin_anew)

    def begin_anew(self) -> None:
        lifts = {"lift_ids": self.village.lifts, "insurer_id": self.village.insurer}
        wanted = application(self.village, **lifts)
        self.case = self.village.manager.drafts(wanted).id

    @rule(pick=st.integers(0, 59), number=st.integers(0, 59))
    def it_goes_aside(self, pick: int, number: int) -> None:
        """A way back or aside that the table offers from here; now and then the case is closed."""
        this = Try(self.village, self.purchase(), "manager", number)
        ways = CLOSING if pick % 12 == 11 else ASIDE
        offered = R1.steps_from(State(this.case.state))
        actions = [str(step.action) for step in offered if step.action in ways]
        if actions:
            self.attempt(lambda: ways[actions[pick % len(actions)]](this))

    @rule(action=st.sampled_from(OBJECTING), number=st.integers(0, 59))
    def somebody_objects(self, action: str, number: int) -> None:
        name = "owner0" if action in ("file_objection", "withdraw_objection") else "clerk"
        name = "reviewer" if action == "dismiss_objection" else name
        this = Try(self.village, self.purchase(), name, number)
        self.attempt(lambda: ACTS[action](this))

    @rule(change=st.sampled_from(sorted(CHANGES)), number=st.integers(0, 1))
    def something_changes(self, change: str, number: int) -> None:
        self.attempt(lambda: CHANGES[change](self.village, number))

    @rule(name=st.sampled_from(OFFICES), days=st.integers(1, 30))
    def somebody_stands_in(self, name: str, days: int) -> None:
        """A right is lent to another officer, until a day."""
        actor, until = self.village.actor(name), self.village.clock() + timedelta(days=days)
        with self.village.ctx.sessions() as tx:
            mine = AccessGrant.person_id == actor.person_id
            rights = tx.scalars(select(AccessGrant.id).where(mine)).all()
        other = self.village.actor("cashier" if name != "cashier" else "clerk").person_id
        for right in rights:
            lend = partial(delegations.delegate, self.village.ctx, actor, right, other, until)
            self.attempt(lend)

    @rule(name=st.sampled_from(OFFICES))
    def somebody_goes(self, name: str) -> None:
        with self.village.ctx.sessions() as tx:
            mine = AccessGrant.person_id == self.village.actor(name).person_id
            rights = tx.scalars(select(AccessGrant.id).where(mine)).all()
        for right in rights:
            grants.revoke(self.village.ctx, None, right)

    @rule(name=st.sampled_from(OFFICES))
    def somebody_comes(self, name: str) -> None:
        """Beside those who are there, if any; from now on this one acts."""
        kind = GRANT_SCOPES[ROLES[name]]
        scopes = {"estate": self.village.estate, "insurer": self.village.insurer, "city": None}
        new = add_person(self.village, name)
        self.everybody.add(new)
        grants.grant(self.village.ctx, None, new.person_id, ROLES[name], scopes[kind])

    @rule(name=st.sampled_from(OFFICES))
    def somebody_falls_ill(self, name: str) -> None:
        lockouts.lock_out(self.village.ctx, None, self.village.actor(name).person_id, "住院")

    @rule()
    def all_are_well_again(self) -> None:
        with self.village.ctx.sessions() as tx:
            ids = tx.scalars(select(Lockout.id).where(Lockout.lifted_at.is_(None))).all()
        for lockout_id in ids:
            lockouts.let_in(self.village.ctx, None, lockout_id, "康复")

    @rule(number=st.integers(0, 3))
    def an_owner_sells(self, number: int) -> None:
        flat = OwnerAt(
            "E1", "1栋", f"{number % 2 + 1}单元", f"{number + 1}01", called("冯样", number)
        )
        clerk = self.village.actor("clerk")
        self.attempt(lambda: ownership.end_ownership(self.village.ctx, clerk, flat, "已过户"))

    @rule(number=st.integers(0, 2))
    def a_member_leaves(self, number: int) -> None:
        person_id = self.village.actor(f"member{number}").person_id
        with self.village.ctx.sessions() as tx:
            tx.execute(
                update(CommitteeMember)
                .where(CommitteeMember.person_id == person_id)
                .values(left_on=local_date(self.village.clock()))
            )
            tx.commit()

    @rule(follows=st.booleans())
    def a_term_ends(self, follows: bool) -> None:
        """Another committee follows, or for now none."""
        today = local_date(self.village.clock())
        with self.village.ctx.sessions() as tx:
            before = Committee.in_office(today) & (Committee.term_from < today)
            tx.execute(update(Committee).where(before).values(term_until=today))
            running = tx.scalar(select(Committee.id).where(Committee.in_office(today)))
            if follows and running is None:
                self.elect(tx, today)
            estate = ("estate", self.village.estate)
            audit.append(tx, self.village.clock(), None, AuditAction.REGISTRY_IMPORT, estate, {})
            tx.commit()

    def elect(self, tx: Session, today: date) -> None:
        """Three members whom the centre has bound; from now on they are the village's members."""
        committee = Committee(
            estate_id=self.village.estate, term_from=today, term_until=date(2035, 1, 1)
        )
        tx.add(committee)
        tx.flush()
        for number in range(3):
            person = Person(name_sealed=None, created_at=self.village.clock())
            tx.add(person)
            tx.flush()
            self.village.people[f"member{number}"] = proved(person.id)
            self.everybody.add(proved(person.id))
            name = called("郑样", number)
            member_id = uuid7()
            tx.add(
                CommitteeMember(
                    id=member_id,
                    committee_id=committee.id,
                    position="委员",
                    name_sealed=self.village.ctx.cipher.seal(
                        CommitteeMember.name_sealed, member_id, name
                    ),
                    name_hash=self.village.ctx.cipher.digest("name", name),
                    recused=False,
                    person_id=person.id,
                )
            )

    @rule(hours=st.sampled_from([1, 24, 72, 240]))
    def time_passes(self, hours: int) -> None:
        self.village.clock.advance(hours=hours)
        case_steps.sweep(self.village.ctx)
        reminders.sweep(self.village.ctx)

    @invariant()
    def nobody_without_the_part_is_written_to(self) -> None:
        ctx, purchase = self.village.ctx, self.purchase()
        handover.invite_who_came(ctx)
        handover.sweep(ctx)
        taken = [each.id for each in leases.take_due(ctx, 1000)]
        with ctx.sessions() as tx:
            for row in tx.scalars(select(Outbox).where(Outbox.id.in_(taken))):
                actor = Actor(row.person_id)
                held = roles_in_estate(tx, ctx, actor, purchase.estate_id)
                for insurer in self.insurers:  # the former one hears that another took over
                    held |= granted_roles(tx, ctx, actor, None, insurer)
                assert row.role == "resident" or Role(row.role) in held, (row.role, row.template)
            tx.execute(update(Outbox).where(Outbox.id.in_(taken)).values(state="sent"))
            tx.commit()

    @invariant()
    def everything_holds(self) -> None:
        with self.village.ctx.sessions() as tx:
            everything_holds(tx)

    def waits_for_time_alone(self, purchase: Purchase) -> bool:
        """Whether the house takes the next step by itself, and nothing else is owed."""
        row = R1.row(purchase.state, R1.awaited(purchase.state) or "")
        owed = select(DeadlineRecord.id).where(
            DeadlineRecord.purchase_id == purchase.id, DeadlineRecord.state == "open"
        )
        with self.village.ctx.sessions() as tx:
            return row is not None and row.roles == (Role.SYSTEM,) and not tx.scalars(owed).all()

    @invariant()
    def somebody_has_the_case_to_do_or_the_administrators_know(self) -> None:
        ctx = self.village.ctx
        purchase = self.purchase()
        if purchase.state in closed_states() or self.waits_for_time_alone(purchase):
            return
        with ctx.sessions() as tx:
            out = set(tx.scalars(select(Lockout.person_id).where(Lockout.lifted_at.is_(None))))
        here = [actor for actor in self.everybody if actor.person_id not in out]
        if any(todo.mine for actor in here for todo in todos.my_todos(ctx, actor).items):
            return
        administrator = self.village.actor("administrator")
        assert todos.my_todos(ctx, administrator).unattended, self.purchase().state
        with ctx.sessions() as tx:
            told = Outbox.natural_key.startswith("unattended/")
            mine = Outbox.person_id == administrator.person_id
            assert tx.scalar(select(Outbox.id).where(told, mine).limit(1)) is not None


@pytest.mark.deep
@pytest.mark.usefixtures("cases_from_before")
def test_people_come_and_go_and_no_case_is_left_alone(
    databases: Databases, database: Database, village: Village
) -> None:
    """Each history has a database of its own, copied from one settled village."""
    add_person(village, "administrator", "administrator")
    PeopleComeAndGo.insurers = (village.insurer, add_insurer(village))
    village.ctx.sessions.kw["bind"].dispose()
    shared = SharedEngine(databases)

    def new_village() -> tuple[Village, Callable[[], None]]:
        leave = ExitStack()
        own = databases.new(template=database.name)
        leave.callback(own.drop)
        engine = leave.enter_context(shared.on(own))
        clock = ManualClock(village.clock())
        ctx = replace(village.ctx, sessions=make_sessions(engine), clock=clock)
        return village.copied(ctx, clock), leave.close

    PeopleComeAndGo.new_village = new_village
    PeopleComeAndGo.reached = Counter()
    run_state_machine_as_test(
        PeopleComeAndGo,
        settings=settings(
            max_examples=6 * DEEP,
            stateful_step_count=12 if DEEP == 1 else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    logger.info("%s", machine_rows.told(PeopleComeAndGo.reached))
