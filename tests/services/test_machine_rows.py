"""Each row of the table is reached by what the generated histories do, from each of its states.

Chance reaches a third of them in a run; here each is brought about on purpose, with the same acts,
and the same rules hold afterwards. So no rule of the house can cut the histories short unseen.
"""

import json
from collections.abc import Callable, Set
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.audit_actions import of_step
from backend.domain.roles import Role
from backend.domain.states import State
from backend.services.purchase import applications
from backend.store.audit import AuditEntry
from backend.store.messages import Outbox
from backend.store.purchases import Purchase, Transition
from tests.build.insurers import add_insurer, delist
from tests.build.looking import R1, application
from tests.build.machine_acts import ACTS, survey
from tests.build.machine_rows import ACTIVITIES, STEPS, UNCOUNTED, Row, taken
from tests.build.machine_truths import everything_holds
from tests.build.machine_try import APPLICANTS, Act, Try
from tests.build.machine_ways import ASIDE, CLOSING, NEXT, fail_survey, settle
from tests.build.residents import without_account
from tests.build.village import Village, stage

pytestmark = [pytest.mark.deep, pytest.mark.usefixtures("cases_from_before")]

STRAIGHT = (
    *(State.DRAFTED, State.APPLIED, State.FUNDS_QUERIED, State.PLANNED, State.APPROVED),
    *(State.POSTED, State.CLEARED, State.REGISTERED, State.CONTRACTED, State.PAYMENT_REQUESTED),
    *(State.PAYMENT_REVIEWED, State.PAYING, State.PAID, State.POLICY_ISSUED, State.IN_FORCE),
)
# How a case comes into each state: from which, and by what.
WAY_INTO: dict[str, tuple[State, Act]] = {
    **{after: (before, NEXT[before]) for before, after in pairwise(STRAIGHT)},
    State.REJECTED: (State.APPLIED, ASIDE["reject"]),
    State.SHORT_OF_FUNDS: (State.APPLIED, ASIDE["mark_short"]),
    State.SURVEY_FAILED: (State.FUNDS_QUERIED, fail_survey),
    State.REFUSED: (State.PLANNED, ASIDE["refuse"]),
    State.SUSPENDED: (State.POSTED, ASIDE["suspend"]),
    State.EXPIRED: (State.IN_FORCE, NEXT[State.IN_FORCE]),
    State.CANCELLED: (State.PAID, ASIDE["cancel"]),
}
# Where the insurer is changed only once the city selects it no more.
POSTED_ALREADY = {State.POSTED, State.SUSPENDED, State.CLEARED, State.REGISTERED}


def begun(village: Village, applicant: str = "property_company") -> Purchase:
    actor, wanted = village.actor(APPLICANTS[applicant]), application(village, applicant=applicant)
    return applications.draft(village.ctx, actor, wanted)


@stage
def brought_to(village: Village, applicant: str, state: str) -> Purchase:
    """A case in this state."""
    if state == State.DRAFTED:
        add_insurer(village)
        return begun(village, applicant)
    before, act = WAY_INTO[state]
    case = brought_to(village, applicant, before)
    act(now(village, case))
    return case


def now(village: Village, case: Purchase) -> Try:
    """The case as it stands, for the next act."""
    with village.ctx.sessions() as tx:
        return Try(village, tx.get_one(Purchase, case.id), "manager", 1)


def goes_on(village: Village, case: Purchase, state: State) -> None:
    """Step by step to this state."""
    while (here := State(now(village, case).case.state)) != state:
        NEXT[here](now(village, case))


def signed_before(village: Village) -> Purchase:
    """Cleared once more with the contract in hand: an objection came in between."""
    case = brought_to(village, "property_company", State.CONTRACTED)
    ASIDE["reopen"](now(village, case))
    goes_on(village, case, State.CLEARED)
    return case


def paid_before(village: Village) -> Purchase:
    """The bank sent the premium back after the policy, and it is being paid once more."""
    case = brought_to(village, "property_company", State.POLICY_ISSUED)
    ASIDE["return_payment"](now(village, case))
    goes_on(village, case, State.PAYING)
    return case


def followed(village: Village) -> Purchase:
    """In force, and another case has the next policy."""
    case = brought_to(village, "property_company", State.POLICY_ISSUED)
    goes_on(village, begun(village), State.POLICY_ISSUED)
    goes_on(village, case, State.IN_FORCE)
    return case


def renewed(village: Village) -> Purchase:
    """Over, and followed by another policy."""
    case = followed(village)
    NEXT[State.IN_FORCE](now(village, case))
    return case


# Who is written to in each part; the applicant is whoever applied.
WHO_IS = {
    Role.COMMITTEE_MEMBER: ("member0", "member1", "member2"),
    Role.INSURER: ("insurer", "other"),
    Role.CLERK: ("clerk",),
    Role.REVIEWER: ("reviewer",),
    Role.CASHIER: ("cashier",),
}
# What the house takes by itself as soon as a case is there: up to the act before.
WAY_BEFORE: dict[str, Callable[[Village], Purchase]] = {
    "waive_approval": lambda village: brought_to(village, "owners", State.FUNDS_QUERIED),
    "keep_contract": signed_before,
    "keep_policy": paid_before,
    "renew": followed,
}


@pytest.mark.parametrize("row", [row for row in STEPS if row[0]], ids="-".join)
def test_each_step_is_taken_from_each_of_its_states(village: Village, row: Row) -> None:
    state, action = row
    assert state
    way = renewed if state == State.RENEWED else WAY_BEFORE.get(action)
    case = way(village) if way else brought_to(village, "property_company", state)
    if action == "change_insurer" and state in POSTED_ALREADY:
        delist(village)
    if action == "undo_draft_notice":
        ACTS["draft_notice"](now(village, case))
    this = now(village, case)
    known = written(village, case).keys()
    ((ASIDE | CLOSING).get(action) or NEXT[State(this.case.state)])(this)
    with village.ctx.sessions() as tx:
        assert taken(tx)[row]
        everything_holds(tx)
    all_is_told_and_on_record(village, this.case, known)


def written(village: Village, case: Purchase) -> dict[str, UUID]:
    """Each message about the case by its natural key: to whom."""
    with village.ctx.sessions() as tx:
        rows = select(Outbox.natural_key, Outbox.person_id).where(Outbox.purchase_id == case.id)
        return dict(tx.execute(rows).all())


def all_is_told_and_on_record(village: Village, before: Purchase, known: Set[str]) -> None:
    """Each step that was taken since has its link in the audit chain, and all whom its row names
    were written to: of several steps in one act once, of a plan by the invitation to it."""
    with village.ctx.sessions() as tx:
        since = Transition.purchase_id == before.id, Transition.seq > before.version
        steps = tx.scalars(select(Transition).where(*since)).all()
        chain = select(AuditEntry.body).where(AuditEntry.subject_id == str(before.id))
        links = [json.loads(body) for body in tx.scalars(chain)]
    on_record = {(link["action"], link["facts"].get("seq")) for link in links}
    assert {(of_step(step.action), step.seq) for step in steps} <= on_record
    told = {person for key, person in written(village, before).items() if key not in known}
    for step in steps:
        row = R1.find(step.from_state, step.action)
        assert row
        for role in row.notify:
            names = (APPLICANTS[before.applicant],) if role is Role.APPLICANT else WHO_IS[role]
            assert told & {village.actor(name).person_id for name in names}, (step.action, role)


def _entered_and_taken_back(this: Try) -> None:
    ACTS["enter_cosignatures"](this.by("clerk"))
    ACTS["withdraw_cosignature"](this.by("clerk"))


def _drafted_and_photographed(this: Try) -> None:
    ACTS["draft_notice"](this)
    ACTS["photo"](this)


def _dismissed_and_undone(this: Try) -> None:
    settle(this)
    ACTS["undo_dismissal"](this.by("clerk"))


def _answered_and_delivered(this: Try) -> None:
    """The paper of an owner without an account is answered, and the answer handed out today."""
    without_account(this.village, 2)
    ACTS["enter_paper"](replace(this, name="clerk", number=43))
    ACTS["answer_objection"](this.by("clerk"))
    ACTS["deliver_answer"](replace(this, name="clerk", number=5))


def _proposed_and_refused(this: Try) -> None:
    ACTS["propose_refund"](this.by("cashier"))
    ACTS["refuse_refund"](this.by("reviewer"))


# Where each activity is done, and how.
DONE: dict[str, tuple[State, Act]] = {
    "cosign": (State.DRAFTED, lambda this: ACTS["cosign"](this.by("owner1"))),
    "enter_cosignatures": (
        State.DRAFTED,
        lambda this: ACTS["enter_cosignatures"](this.by("clerk")),
    ),
    "withdraw_cosignature": (State.DRAFTED, _entered_and_taken_back),
    "survey": (State.FUNDS_QUERIED, lambda this: survey(this.by("insurer"))),
    "answer_plan": (State.PLANNED, lambda this: ACTS["answer"](this.by("member0"))),
    "photograph": (State.APPROVED, _drafted_and_photographed),
    "answer_objection": (
        State.SUSPENDED,
        lambda this: ACTS["answer_objection"](this.by("clerk")),
    ),
    "dismiss_objection": (State.SUSPENDED, settle),
    "undo_dismissal": (State.SUSPENDED, _dismissed_and_undone),
    "add_invoice": (State.CONTRACTED, ACTS["invoice"]),
    "deliver_answer": (State.POSTED, _answered_and_delivered),
    "propose_refund": (State.PAID, lambda this: ACTS["propose_refund"](this.by("cashier"))),
    "refuse_refund": (State.PAID, _proposed_and_refused),
}


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_each_activity_is_done(village: Village, activity: str) -> None:
    state, act = DONE[activity]
    applicant = "owners" if state == State.DRAFTED else "property_company"
    this = now(village, brought_to(village, applicant, state))
    with village.ctx.sessions() as tx:
        before = taken(tx)[None, activity]
    act(this)
    with village.ctx.sessions() as tx:
        assert taken(tx)[None, activity] > before
        everything_holds(tx)


def test_each_activity_of_the_table_is_counted_or_it_is_said_why_not() -> None:
    assert ACTIVITIES.keys() | UNCOUNTED.keys() == {str(action) for action in R1.activities}
