"""Generated situations of a case: what is true of it, who looks, what they hand in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from backend.domain.approval import Tally
from backend.domain.city.parse import parse_city
from backend.domain.city.schema import CityProfile
from backend.domain.deposit_facts import Deposit
from backend.domain.facts import (
    ActorFact,
    Applying,
    ContractFact,
    Facts,
    InsurerFact,
    InvoiceFact,
    LiftFact,
    Money,
    NoticeFact,
    PlanFact,
    PolicyFact,
    RollFact,
    Terms,
    VoteFact,
    Waiting,
)
from backend.domain.objection import ObjectionStatus
from backend.domain.roles import CASE_OFFICERS, Role
from backend.domain.routes.catalogue import table_of
from backend.domain.steps import EvidenceKind
from backend.domain.table import Table
from backend.domain.voting import Measured, Result, Threshold
from tests.build.facts import (
    CASHIER,
    CLERK,
    CONTRACT,
    INSURER,
    JISHOU,
    LIFTS,
    NOW,
    OTHER_INSURER,
    PERSON,
    PLAN,
    POLICY,
    SOUND,
)
from tests.build.third_city import YUNXI

T = TypeVar("T")

ASKED = 'asked_for = { value = ["committee", "property_company"]'
CITIES: Mapping[str, CityProfile] = {
    "jishou": JISHOU,
    "no committee asked": parse_city(JISHOU.text.replace(ASKED, "asked_for = { value = []")),
    "every committee asked": parse_city(
        JISHOU.text.replace(ASKED, ASKED.replace('["committee"', '["owners", "committee"'))
    ),
    "no registration": parse_city(
        JISHOU.text.replace("registration = { value = true,", "registration = { value = false,", 1)
    ),
    "owners vote": YUNXI,
}


@dataclass(frozen=True)
class Situation:
    """A case in a state, looked at by somebody, and what that person would hand in with a step.

    `planned_anew` is the case as it is once another plan was written, `insured` once a policy was.
    """

    table: Table
    state: str
    held: frozenset[Role]
    facts: Facts
    evidence: frozenset[EvidenceKind]
    reason: str | None
    contract: ContractFact
    refund_fen: int
    insurer: InsurerFact
    roll: RollFact
    planned_anew: Facts
    insured: Facts

    def in_every_state(self) -> Iterator["Situation"]:
        """The same facts in each state that steps lead out of: drawing facts costs thirty times
        what looking at them does."""
        for state in states_of(self.table):
            yield replace(self, state=state)


def states_of(table: Table) -> list[str]:
    """The states that steps of this table lead out of."""
    return sorted({state for step in table.steps for state in step.sources})


people = st.sampled_from([None, PERSON, CLERK, CASHIER])
fen = st.sampled_from([0, 1, 129_999, 130_000, 260_000, 260_001, 1_000_000])
days = st.integers(-40, 40).map(lambda count: NOW.date() + timedelta(days=count))
photos = st.lists(st.sampled_from(["甲", "乙"]), max_size=2).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> PlanFact:
    begins: date = draw(days)
    ends = begins + timedelta(days=draw(st.sampled_from([1, 30, 365])))
    lifts = draw(st.sampled_from([LIFTS, LIFTS[:1]]))
    insurer = draw(st.sampled_from([INSURER, OTHER_INSURER]))
    per_lift = {lift.lift_id: 130_000 for lift in lifts}
    return PlanFact(UUID(int=30), 1, insurer, sum(per_lift.values()), per_lift, begins, ends)


contracts = st.builds(
    ContractFact,
    st.sampled_from([INSURER, OTHER_INSURER]),
    fen,
    st.sampled_from([frozenset(lift.registration_code for lift in LIFTS), frozenset({"9"})]),
)
lifts = st.tuples(
    *(
        st.builds(
            LiftFact,
            st.just(lift.lift_id),
            st.just(lift.registration_code),
            in_reach=st.booleans(),
            survey=st.sampled_from([None, "passed", "passed", "failed"]),
            taken_until=st.none() | days,
        )
        for lift in LIFTS
    )
)
waits = st.builds(
    Waiting,
    st.none() | st.sampled_from([NOW - timedelta(hours=9), NOW + timedelta(days=30)]),
    st.integers(0, 1),
)
insurers = st.builds(InsurerFact, st.just(OTHER_INSURER), st.booleans(), st.booleans())
SOUND_INSURER = InsurerFact(OTHER_INSURER, selected=True, is_another=True)
rolls = st.builds(RollFact, st.integers(0, 4), photos, st.booleans())
results = st.sampled_from([0, 5, 10]).map(
    lambda agreed: Result(
        Measured(10, 10),
        Measured(10, 10),
        Measured(agreed, agreed),
        Measured(10 - agreed, 10 - agreed),
        Threshold.of("≥2/3"),
        Threshold.of(">1/2"),
    )
)
owners_votes = st.builds(
    VoteFact,
    st.none() | st.sampled_from([NOW - timedelta(hours=9), NOW + timedelta(hours=9)]),
    st.sampled_from([0, 3]),
    st.sampled_from([0, 0, 1]),
    st.none() | results,
)
SOUND_ROLL = RollFact(4)
notices = st.builds(
    NoticeFact,
    st.none() | st.sampled_from([NOW - timedelta(hours=9), NOW, NOW + timedelta(hours=9)]),
    photos,
    photos,
    photos,
    st.booleans(),
)
objections: st.SearchStrategy[tuple[ObjectionStatus, ...]] = st.lists(
    st.sampled_from([*ObjectionStatus, ObjectionStatus.VERIFIED]), max_size=2
).map(tuple)
actors = st.builds(
    ActorFact,
    people,
    st.booleans(),
    st.dictionaries(
        st.sampled_from([*sorted(CASE_OFFICERS), Role.SUPERVISOR]),
        st.frozensets(st.sampled_from([PERSON, CLERK, CASHIER]), max_size=2),
        max_size=2,
    ),
)


policies = st.builds(
    PolicyFact,
    days,
    days.map(lambda day: day + timedelta(days=365)),
    days,
    fen,
    st.sampled_from([CONTRACT.lift_codes, frozenset({"9"})]),
    st.just("PL-1"),
    st.booleans(),
)


def terms_of(plan: PlanFact) -> st.SearchStrategy[Terms]:
    """What was agreed under this plan."""
    invoices = st.builds(InvoiceFact, st.just(plan.insurer_id), fen)
    return st.builds(
        Terms,
        st.booleans(),
        st.just(plan),
        st.none() | contracts,
        st.none() | invoices,
        st.none() | policies,
        st.sampled_from([0, 1]),
    )


# Made once: a strategy that is made anew at each draw is checked anew at each draw.
any_plan = plans()
terms = any_plan.flatmap(terms_of)
applying = st.builds(Applying, st.integers(0, 4), *[st.booleans()] * 3)
money = st.builds(Money, fen, st.sampled_from([None, "pending", "posted"]), fen)
deposits = st.builds(Deposit, st.booleans(), st.sampled_from([0, 1, 3]), fen, st.booleans())
votes = st.builds(Tally, st.integers(0, 3), st.integers(0, 3), st.integers(1, 5))
taken_until = st.none() | days
roles = st.frozensets(st.sampled_from(sorted(Role)))
papers = st.frozensets(st.sampled_from(sorted(EvidenceKind)))


@st.composite
def situations(draw: st.DrawFn, likely: bool = False) -> Situation:
    """Any situation of R1, or of the independent owner's R3, in any of `CITIES`, with a plan.

    `likely`: somebody who holds every role looks and hands everything in, and most of what is
    true of the case is as it should be, so that more depends on the rest.
    """

    def some(anything: st.SearchStrategy[T], sound: T) -> T:
        return sound if likely and draw(st.integers(0, 3)) else draw(anything)

    city = CITIES[draw(st.sampled_from(sorted(CITIES)))]
    code = draw(st.sampled_from([code for code in ("R1", "R1", "R3") if code in city.routes]))
    table = table_of(code, city)
    now = draw(st.sampled_from([NOW, NOW, NOW, NOW + timedelta(days=400)]))
    facts = Facts(
        now,
        now.date(),
        city,
        city.routes[code],
        draw(st.sampled_from(city.routes[code].applicants.value)),
        some(actors, SOUND.actor),
        applying=some(applying, replace(SOUND.applying, cosigners=3)),
        lifts=some(lifts, SOUND.lifts),
        terms=some(terms, SOUND.terms),
        money=some(money, SOUND.money),
        votes=draw(votes),
        vote=draw(owners_votes) if city.voting else VoteFact(),
        notice=some(notices, SOUND.notice),
        objections=some(objections, ()),
        succession=draw(st.booleans()),
        waiting=draw(waits),
        deposit=some(deposits, SOUND.deposit),
    )
    return Situation(
        table,
        draw(st.sampled_from(states_of(table))),
        frozenset(Role) if likely else draw(roles),
        facts,
        frozenset(EvidenceKind) if likely else draw(papers),
        "理由" if likely else draw(st.sampled_from([None, " ", "理由", "因" * 501])),
        some(contracts, CONTRACT),
        some(fen, draw(st.sampled_from([1, facts.money.available_fen])) if code == "R3" else 1),
        some(insurers, SOUND_INSURER),
        some(rolls, SOUND_ROLL) if city.voting else SOUND_ROLL,
        facts.having(
            terms=replace(facts.terms, plan=some(any_plan, PLAN)),
            lifts=tuple(replace(lift, taken_until=some(taken_until, None)) for lift in facts.lifts),
        ),
        facts.having(terms=replace(facts.terms, policy=some(policies, POLICY))),
    )
