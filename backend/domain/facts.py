"""The facts of a case that rules look at, as plain values. Services load them, rules judge them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backend.domain.approval import Tally
from backend.domain.cover import SurveyResult
from backend.domain.ledger import HoldState
from backend.domain.objection import ObjectionStatus
from backend.domain.roles import Role


@dataclass(frozen=True)
class LiftFact:
    """One lift of the application.

    `in_circle`: it serves one of the units that the case concerns.
    `taken_until`: within the planned period another purchase covers it until before this day.
    """

    lift_id: UUID
    registration_code: str
    in_circle: bool
    survey: SurveyResult | None = None
    taken_until: date | None = None


@dataclass(frozen=True)
class PlanFact:
    """The current plan: premium in fen, per lift; cover half-open."""

    plan_id: UUID
    insurer_id: UUID
    premium_fen: int
    lift_premiums: Mapping[UUID, int]
    cover_from: date
    cover_ends_before: date


@dataclass(frozen=True)
class NoticeFact:
    """The live notice: when it ends and which photos are missing (in words)."""

    ends_before: datetime | None
    missing_start: tuple[str, ...]
    missing_end: tuple[str, ...]


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
class Facts:
    """Everything a guard or an effect may ask about one case at one moment.

    `available_fen` counts what this case itself has set aside as still there; `hold` is the state
    of its hold (pending, posted) and `hold_fen` the amount. `actor_is_party`: applicant, co-signer,
    objector, property manager or insurer of this very case.
    """

    now: datetime
    today: date
    applicant: str
    actor_id: UUID | None
    actor_is_applicant: bool
    actor_is_party: bool
    minimum_cosigners: int
    approval_asked: bool
    cosigners: int = 0
    committee_in_office: bool = False
    mandate_valid: bool = False
    managed: bool = False
    lifts: tuple[LiftFact, ...] = ()
    available_fen: int = 0
    hold: HoldState | None = None
    hold_fen: int = 0
    insurer_selected: bool = False
    insurer_id: UUID | None = None
    plan: PlanFact | None = None
    tally: Tally | None = None
    notice: NoticeFact | None = None
    objection_statuses: tuple[ObjectionStatus, ...] = ()
    contract: ContractFact | None = None
    invoice: InvoiceFact | None = None
    officers: Mapping[Role, frozenset[UUID]] = field(default_factory=dict)
    refund_fen: int = 0
    successor_in_force: bool = False

    @property
    def premium_fen(self) -> int:
        """The premium of the current plan; 0 when there is none yet."""
        return self.plan.premium_fen if self.plan else 0

    @property
    def due_fen(self) -> int:
        """What the insurer is owed: the contract's premium, at most the plan's."""
        return self.contract.premium_fen if self.contract else self.premium_fen
