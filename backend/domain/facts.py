"""The facts of a case that rules look at, as plain values. Services load them, rules judge them.

They come in groups, and only the groups that a rule declares (`rules.reads`) are loaded. Looking
at another one fails at once, so that no rule can mistake “not loaded” for “nothing there”.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, Self, get_args
from uuid import UUID

from backend.domain.approval import Tally
from backend.domain.city.schema import CityProfile, Route
from backend.domain.cover import LiftUse, SurveyResult, year_premium
from backend.domain.deposit_facts import Deposit, PaidIn, Shares
from backend.domain.ledger import HoldState
from backend.domain.objection import ObjectionStatus
from backend.domain.roles import Role, applicant_role
from backend.domain.voting import Result

Group = Literal[
    "applying",
    "lifts",
    "terms",
    "money",
    "votes",
    "vote",
    "notice",
    "objections",
    "succession",
    "waiting",
    "deposit",
    "shares",
]


class NotLoaded(LookupError):
    """A rule looked at a group of facts that it does not declare."""


NOT_LOADED: Any = object()


@dataclass(frozen=True)
class ActorFact:
    """Who acts (None: the house), and whom the separation of duties compares them with.

    `is_party`: applicant, co-signer, objector, property manager or insurer of this very case, now
    or in a step that was taken; owner of a flat in its circle, member of the estate's committee.
    `has_interest`: the same without whoever only began it, as a district does that screened.
    `officers`: everybody who acted for the centre in it so far. `stands_in_for`: for whom this
    person does the work of an officer (代办), by role.
    """

    person_id: UUID | None = None
    is_party: bool = False
    officers: Mapping[Role, frozenset[UUID]] = field(default_factory=dict)
    stands_in_for: Mapping[Role, UUID] = field(default_factory=dict)
    has_interest: bool = False

    def acting_as(self, role: Role) -> frozenset[UUID]:
        """Whose work it is that this person does in a role: the own, and that of the one for whom
        they stand in."""
        people = (self.person_id, self.stands_in_for.get(role))
        return frozenset(person_id for person_id in people if person_id)

    def is_own(self, *people: UUID | None) -> bool:
        """Whether what one of those did counts as done by this person, in whatever role: whoever
        did it, and the one in whose stead it was done."""
        own = {self.person_id, *self.stands_in_for.values()} - {None}
        return not own.isdisjoint(people)


@dataclass(frozen=True)
class Applying:
    """Who stands behind the application: people who signed, a committee, a valid mandate; and
    whether the estate is managed, by a company or by one owner alone. `paid_before`: the bank paid
    the premium and got it back. `account_open`: the account that is to pay was not closed.

    `inspection_due` are the lifts whose periodic inspection is overdue: code and the day it was
    due.
    """

    cosigners: int = 0
    committee_in_office: bool = False
    mandate_valid: bool = False
    managed: bool = False
    inspection_due: Mapping[str, date] = field(default_factory=dict)
    paid_before: bool = False
    account_open: bool = True


@dataclass(frozen=True)
class LiftFact:
    """One lift of the application.

    `in_reach`: what pays for the case pays for this lift. `use`: whether it runs.
    `taken_until`: within the planned period another purchase covers it until before this day.
    `kept`: it is kept free for this case, or insured by it. `lacks`: what of its data nobody has
    registered yet, in words.
    """

    lift_id: UUID
    registration_code: str
    in_reach: bool
    use: LiftUse = LiftUse.RUNNING
    survey: SurveyResult | None = None
    taken_until: date | None = None
    kept: bool = False
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanFact:
    """The current plan: premium in fen, per lift; cover half-open."""

    plan_id: UUID
    revision: int
    insurer_id: UUID
    premium_fen: int
    lift_premiums: Mapping[UUID, int]
    cover_from: date
    cover_ends_before: date

    @property
    def year_premium_fen(self) -> int:
        """What a whole year costs at this premium, in fen, rounded up."""
        return year_premium(self.premium_fen, self.cover_from, self.cover_ends_before)


@dataclass(frozen=True)
class ContractFact:
    """The signed contract, as handed in."""

    insurer_id: UUID
    premium_fen: int
    lift_codes: frozenset[str]


@dataclass(frozen=True)
class InvoiceFact:
    """The premium invoice, as handed in."""

    insurer_id: UUID
    amount_fen: int


@dataclass(frozen=True)
class PolicyFact:
    """The policy, as handed in: premium in fen; cover half-open. `answers_for_days_before`: the
    insurer says that it covers the days before the issue too."""

    cover_from: date
    cover_ends_before: date
    issued_on: date
    premium_fen: int
    lift_codes: frozenset[str]
    number: str
    answers_for_days_before: bool = False


@dataclass(frozen=True)
class Terms:
    """What is bought of whom: the plan, then the contract, the invoice, the policy.

    `given_back_fen` is what the insurer has paid back of the premium (退费, 退保), `policy_since`
    the day on which a policy was first handed in.
    """

    insurer_selected: bool = False
    plan: PlanFact | None = None
    contract: ContractFact | None = None
    invoice: InvoiceFact | None = None
    policy: PolicyFact | None = None
    given_back_fen: int = 0
    policy_since: date | None = None

    @property
    def cover(self) -> PlanFact | PolicyFact | None:
        """What says from when to when there is cover: the policy, until there is one the plan."""
        return self.policy or self.plan

    @property
    def premium_fen(self) -> int:
        """The premium of the current plan; 0 when there is none yet."""
        return self.plan.premium_fen if self.plan else 0

    @property
    def due_fen(self) -> int:
        """What the insurer is owed: the contract's premium, at most the plan's."""
        return self.contract.premium_fen if self.contract else self.premium_fen

    @property
    def paid_fen(self) -> int:
        """Once paid: what the insurer has of it."""
        return self.due_fen - self.given_back_fen


@dataclass(frozen=True)
class Money:
    """What the source can spend in fen, with what this case itself has set aside still in it.

    `hold` is the state of the case's hold (pending, posted) and `hold_fen` what is pending.
    """

    available_fen: int = 0
    hold: HoldState | None = None
    hold_fen: int = 0


@dataclass(frozen=True)
class NoticeFact:
    """The live notice: when it ends, which photos are missing and which of its end were taken too
    late (in words).

    Not `drafted`: there is none yet.
    """

    ends_before: datetime | None = None
    missing_start: tuple[str, ...] = ()
    missing_end: tuple[str, ...] = ()
    late_end: tuple[str, ...] = ()
    drafted: bool = True


@dataclass(frozen=True)
class Waiting:
    """Until when the case may stay where it is (the first moment too late; None: for ever), and how
    many objections to it the centre has not answered."""

    until: datetime | None = None
    unanswered: int = 0


NO_NOTICE = NoticeFact(drafted=False)


@dataclass(frozen=True)
class VoteFact:
    """The owners' vote on the current plan: the first moment too late to cast a ballot (None: there
    is no vote), how many ballots were cast, how many papers with ballots wait to be compared, and
    what they come to once the count was confirmed."""

    closes_at: datetime | None = None
    ballots: int = 0
    papers_waiting: int = 0
    result: Result | None = None


@dataclass(frozen=True)
class RollFact:
    """The roll with which a vote is opened: how many flats, which have no owner on the roster (in
    words), and whether it is said that these are the developer's."""

    flats: int
    without_owner: tuple[str, ...] = ()
    unsold_confirmed: bool = False


@dataclass(frozen=True)
class InsurerFact:
    """The insurer that is chosen with a step, and whether the city has selected it."""

    insurer_id: UUID
    selected: bool
    is_another: bool


@dataclass(frozen=True)
class Finding:
    """What was found of one criterion of a screening: whether the estate meets it, and why."""

    met: bool
    words: str


@dataclass(frozen=True)
class StepFacts:
    """What is handed in with a step and is not a document: the contract's terms, a refund (fen),
    what was paid in, the lift that leaves the case, the insurer that takes over, what a screening
    found by the code of each criterion, the roll of a vote, whether it is explained why the end
    photos are late, and whether whoever pays knows that the cover has begun."""

    contract: ContractFact | None = None
    refund_fen: int = 0
    paid_in: PaidIn | None = None
    lift_id: UUID | None = None
    insurer: InsurerFact | None = None
    screening: Mapping[str, Finding] = field(default_factory=dict)
    roll: RollFact | None = None
    late_photos_explained: bool = False
    begun_cover_known: bool = False


NOTHING_MORE = StepFacts()


@dataclass(frozen=True, eq=False)
class Facts:
    """What a guard, a check or an effect may ask about one case at one moment.

    The first fields are always there, `entered_by` where owners applied on paper: who entered it,
    and for whom; `refund_fen`, `paid_in`, `lift_id`, `insurer`, `screening`, `roll`,
    `late_photos_explained` and `begun_cover_known` come with the step. The groups below them are
    there when they were loaded, else looking at them raises `NotLoaded`. `votes` is the tally of
    the committee's answers, `vote` that of all owners, `objections` how each one to the live
    notice stands, and `succession` whether another policy follows this one.
    """

    now: datetime
    today: date
    city: CityProfile
    route: Route
    applicant: str
    actor: ActorFact = ActorFact()
    entered_by: tuple[UUID, ...] = ()
    refund_fen: int = 0
    paid_in: PaidIn | None = None
    lift_id: UUID | None = None
    insurer: InsurerFact | None = None
    screening: Mapping[str, Finding] = field(default_factory=dict)
    roll: RollFact | None = None
    late_photos_explained: bool = False
    begun_cover_known: bool = False
    applying: Applying = NOT_LOADED
    lifts: tuple[LiftFact, ...] = NOT_LOADED
    terms: Terms = NOT_LOADED
    money: Money = NOT_LOADED
    votes: Tally = NOT_LOADED
    vote: VoteFact = NOT_LOADED
    notice: NoticeFact = NOT_LOADED
    objections: tuple[ObjectionStatus, ...] = NOT_LOADED
    succession: bool = NOT_LOADED
    waiting: Waiting = NOT_LOADED
    deposit: Deposit = NOT_LOADED
    shares: Shares = NOT_LOADED

    @property
    def applicant_role(self) -> Role:
        """The part that acts for those who applied."""
        return applicant_role(self.applicant, bool(self.entered_by))

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if value is NOT_LOADED:
            raise NotLoaded(f"facts.{name} is not loaded; does the rule declare it with @reads?")
        return value

    @property
    def approval_asked(self) -> bool:
        """Whether the city asks the committee about applications of this kind."""
        return self.applicant in self.city.approval.asked_for.value

    @property
    def loaded(self) -> frozenset[Group]:
        """The groups that are loaded."""
        return frozenset(group for group in GROUPS if vars(self)[group] is not NOT_LOADED)

    def having(self, **groups: Any) -> Self:
        """The same with these groups loaded (or, as `NOT_LOADED`, forgotten)."""
        return type(self)(**{**vars(self), **groups})

    def forgetting(self, groups: Iterable[Group]) -> Self:
        """The same without the groups that have changed since."""
        return self.having(**dict.fromkeys(groups, NOT_LOADED))

    def with_step(self, given: StepFacts) -> Self:
        """The same with what is handed in with the step in its place."""
        known = self.having(
            refund_fen=given.refund_fen,
            paid_in=given.paid_in,
            lift_id=given.lift_id,
            insurer=given.insurer,
            screening=given.screening,
            roll=given.roll,
            late_photos_explained=given.late_photos_explained,
            begun_cover_known=given.begun_cover_known,
        )
        if given.contract is None:
            return known
        return known.having(terms=replace(known.terms, contract=given.contract))


GROUPS: frozenset[Group] = frozenset(get_args(Group))
