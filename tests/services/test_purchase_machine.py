"""Generated histories of cases over the real services: whatever people try, the rules hold.

`TIBAO_DEEP=20` tries twenty times as many histories, each twice as long.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from backend.domain.errors import Refusal, Refused
from backend.domain.states import State
from backend.services.case import reminders
from backend.services.case import steps as case_steps
from backend.services.purchase import applications
from backend.store.database import make_sessions
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from tests.build import machine_rows
from tests.build.clock import ManualClock
from tests.build.databases import Database, Databases, SharedEngine
from tests.build.insurers import add_insurer
from tests.build.looking import BEFORE_PAYMENT, R1, add_building, add_person, also, application
from tests.build.machine_acts import ACTS
from tests.build.machine_truths import everything_holds
from tests.build.machine_try import APPLICANTS, Try
from tests.build.machine_ways import ASIDE, CLOSING, NEXT
from tests.build.machine_world import Change, correct_opening, second_bank
from tests.build.on_paper import signed
from tests.build.residents import without_account
from tests.build.village import Village

logger = logging.getLogger(__name__)
DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
CASES = 3
ON_PAPER = "owners on paper"
KINDS = sorted([*APPLICANTS, ON_PAPER])
PEOPLE = (
    *(
        "manager",
        "insurer",
        "other",
        "clerk",
        "clerk2",
        "reviewer",
        "cashier",
        "supervisor",
        "jack of all offices",
    ),
    *("owner0", "owner1", "owner2", "owner3", "member0", "member1", "member2"),
    *("neighbour", "stranger"),
)
BEFORE_POSTING = BEFORE_PAYMENT[: BEFORE_PAYMENT.index(State.POSTED)]
which = st.integers(0, CASES - 1)
numbers = st.integers(0, 59)


class Complaints(logging.Handler):
    """What the sweeps log as an error instead of raising it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


class PurchaseHistory(RuleBasedStateMachine):
    """Random people try random things with up to three cases, while time runs on."""

    new_village: ClassVar[Callable[[], tuple[Village, Callable[[], None]]]]
    reached: ClassVar[Counter[machine_rows.Row]]
    complaints: ClassVar[Complaints]

    @initialize(
        applicants=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2),
        depth=st.sampled_from([0, 3, 5, 5, 5, 6, 9, 11]),
    )
    def settle(self, applicants: list[str], depth: int) -> None:
        self.village, self.leave = type(self).new_village()
        self.cases: list[UUID] = []
        self.ends: dict[UUID, datetime] = {}
        for applicant in applicants:
            self.begin(applicant, 3)
        for _ in range(depth):
            self.go_on(0, 1)

    def teardown(self) -> None:
        if hasattr(self, "leave"):
            with self.village.ctx.sessions() as tx:
                self.reached.update(machine_rows.taken(tx))
            self.leave()

    def this(self, case: int, name: str, number: int) -> Try:
        with self.village.ctx.sessions() as tx:
            purchase = tx.get_one(Purchase, self.cases[case % len(self.cases)])
        return Try(self.village, purchase, name, number)

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it; a refusal is fine and says in Chinese what to do, anything else is a fault."""
        refusals: Sequence[Refusal] = ()
        try:
            act()
        except Refused as refused:
            refusals = refused.refusals
        assert all(refusal.message.endswith("。") for refusal in refusals)

    @precondition(lambda self: len(self.cases) < CASES)
    @rule(applicant=st.sampled_from(KINDS), some=st.integers(1, 3))
    def begin(self, applicant: str, some: int) -> None:
        """A new case for the first lift, the second, or both."""
        lifts = [lift for place, lift in enumerate(self.village.lifts) if some >> place & 1]
        kind = "owners" if applicant == ON_PAPER else applicant
        wanted = application(self.village, applicant=kind, lift_ids=lifts)
        if applicant == ON_PAPER:
            clerk = self.village.actor("clerk")
            names = signed(0, 1, 2)
            scan = self.village.upload("clerk")
            drafted = applications.draft_on_paper(self.village.ctx, clerk, wanted, names, scan)
            self.cases.append(drafted.id)
            return
        actor = self.village.actor(APPLICANTS[applicant])
        self.cases.append(applications.draft(self.village.ctx, actor, wanted).id)

    @rule(case=which, number=numbers)
    def go_on(self, case: int, number: int) -> None:
        """The right people take the next step; a closed case makes room for another."""
        this = self.this(case, "manager", number)
        state = State(this.case.state)
        if R1.is_final(state):
            self.cases.remove(this.case.id)
            self.begin("property_company", 1 + number % 3)
            return
        self.attempt(lambda: NEXT[state](this))

    @rule(case=which, number=numbers, steps=st.integers(2, 4))
    def go_on_and_on(self, case: int, number: int, steps: int) -> None:
        for _ in range(steps):
            self.go_on(case, number)

    @rule(
        case=which,
        action=st.sampled_from(sorted(ACTS)),
        name=st.sampled_from(PEOPLE),
        number=numbers,
    )
    def somebody_tries(self, case: int, action: str, name: str, number: int) -> None:
        this = self.this(case, name, number)
        self.attempt(lambda: ACTS[action](this))
        after = self.this(case, name, number).case
        assert after.version >= this.case.version

    @rule(name=st.sampled_from(["owner0", "clerk", "owner1"]), number=numbers)
    def somebody_objects(self, name: str, number: int) -> None:
        """To a notice that is up; one is brought up for it if there is none."""
        case = self.place_of(State.POSTED, State.SUSPENDED)
        if case is None:
            case = self.place_of(*BEFORE_POSTING)
        if case is None:
            self.cases = self.cases[1 - CASES :]
            self.begin(KINDS[number % 4], 1 + number % 3)
            case = len(self.cases) - 1
        for _ in range(len(BEFORE_POSTING)):
            if self.this(case, name, number).case.state in BEFORE_POSTING:
                self.go_on(case, number)
        action = "enter_paper" if name == "clerk" else "file_objection"
        this = self.this(case, name, number)
        self.attempt(lambda: ACTS[action](this))

    def place_of(self, *states: str) -> int | None:
        """The place of a case in one of these states, or None."""
        for place in range(len(self.cases)):
            if self.this(place, "clerk", 0).case.state in states:
                return place
        return None

    @rule(
        case=which,
        action=st.sampled_from(
            [
                *("verify", "answer_objection", "withdraw_objection"),
                *("dismiss_objection", "undo_dismissal"),
            ]
        ),
        name=st.sampled_from(["clerk", "owner0", "reviewer"]),
        number=numbers,
    )
    def an_objection_is_handled(self, case: int, action: str, name: str, number: int) -> None:
        this = self.this(case, name, number)
        self.attempt(lambda: ACTS[action](this))

    @rule(case=which, pick=numbers, number=numbers)
    def it_goes_aside(self, case: int, pick: int, number: int) -> None:
        """A way aside that the table offers from here; now and then the case is closed."""
        this = self.this(case, "manager", number)
        ways = CLOSING if pick % 6 == 5 else ASIDE
        offered = R1.steps_from(this.case.state)
        actions = [str(step.action) for step in offered if step.action in ways]
        if actions:
            self.attempt(lambda: ways[actions[pick % len(actions)]](this))

    @rule(change=st.sampled_from([correct_opening, second_bank]), number=st.integers(0, 1))
    def the_books_change(self, change: Change, number: int) -> None:
        """Money turns out to lie at a second bank, or an opening to have been wrong."""
        self.attempt(lambda: change(self.village, number))

    @rule(case=which, number=numbers)
    def money_comes_once_it_is_over(self, case: int, number: int) -> None:
        """Where a case was paid, it ends, and the insurer still pays a part back."""
        this = self.this(case, "cashier", number)
        over = State.IN_FORCE, State.EXPIRED, State.RENEWED, State.CANCELLED
        if this.case.state not in over:
            return
        if this.case.state == State.IN_FORCE:
            if number % 2:
                self.attempt(lambda: ACTS["propose_refund"](this))
            NEXT[State.IN_FORCE](this)
        self.attempt(lambda: ASIDE["give_back"](this))

    @rule(hours=st.sampled_from([1, 9, 24, 72, 240]))
    def time_passes(self, hours: int) -> None:
        self.village.clock.advance(hours=hours)
        case_steps.sweep(self.village.ctx)
        reminders.sweep(self.village.ctx)

    @invariant()
    def everything_holds(self) -> None:
        with self.village.ctx.sessions() as tx:
            everything_holds(tx)
            for notice in tx.scalars(
                select(PublicNotice).where(PublicNotice.ends_before.is_not(None))
            ):
                assert notice.ends_before
                assert self.ends.get(notice.id, notice.ends_before) <= notice.ends_before
                self.ends[notice.id] = notice.ends_before
        assert self.complaints.texts == []


@pytest.mark.deep
@pytest.mark.usefixtures("cases_from_before")
def test_generated_histories_keep_to_the_rules(
    databases: Databases, database: Database, village: Village
) -> None:
    """Each history has a database of its own, copied from one settled village."""
    add_building(village)
    add_insurer(village)
    without_account(village, 3)
    add_person(village, "jack of all offices")
    add_person(village, "clerk2", "clerk")
    for office in ("clerk", "reviewer", "cashier"):
        also(village, "jack of all offices", office)
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

    PurchaseHistory.new_village = new_village
    PurchaseHistory.reached = Counter()
    PurchaseHistory.complaints = Complaints()
    logging.getLogger("backend").addHandler(PurchaseHistory.complaints)
    try:
        run_state_machine_as_test(
            PurchaseHistory,
            settings=settings(
                max_examples=8 * DEEP,
                stateful_step_count=16 if DEEP == 1 else 32,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        logging.getLogger("backend").removeHandler(PurchaseHistory.complaints)
        logger.info("%s", machine_rows.told(PurchaseHistory.reached))
