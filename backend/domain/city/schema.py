"""A city is data: the rules of its plan, each value with its source.

`parse_city` reads a file of `backend/cities`. Where the plan is silent the value carries the source
`default` or `borrowed from …`, and whoever shows the value shows that too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from backend.domain.typed_table import DEFAULT, Pattern, Range, Sourced, Text

Code = Annotated[str, Pattern(r"[a-z][a-z0-9_]*", "小写字母开头的代码")]
Month = Annotated[str, Pattern(r"20[0-9]{2}-(0[1-9]|1[0-2])", "年月，如 2025-01")]
MonthDay = Annotated[str, Pattern(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "月日，如 09-20")]
Days = Annotated[int, Range(1, 60)]
Fen = Annotated[int, Range(1, 10**12)]
Phone = Annotated[str, Pattern(r"[0-9][0-9-]{2,19}", "电话号码")]
# A limit belongs to the procedure that starts it; a city names those of its routes (`parse_city`).
LimitKind = Code
# The routes that the two plans describe; which of them the house can walk: `routes.catalogue`.
PLANNED_ROUTES = ("R1", "R2", "R3", "R4", "SG")
RouteCode = Annotated[str, Pattern("[A-Z][A-Z0-9]{0,7}", "大写字母开头的路线代码，如 R1")]
ApplicantKind = Literal["owners", "committee", "property_company", "independent_owner"]
Paper = Literal["contract", "invoice", "public_notice_images"]
SourceAccount = Literal["pooled_income", "city_pool", "maintenance_fund", "special_account"]
Place = Literal["building_entrance", "unit_lobby", "lift_cab", "mini_program"]
Framing = Literal["wide", "close"]
ObjectionChannel = Literal["mini_program", "paper"]

DEFAULT_PHONE = Sourced("119", DEFAULT)
DEFAULT_ADVICE = Sourced(
    "先按轿厢里的报警按钮，与值守人员通话；没有人应答，就拨打这个电话。"
    "不要扒门，不要跳动，靠着厢壁站稳，等候救援。",
    DEFAULT,
)
DEFAULT_PREMIUM = Sourced(200_000, DEFAULT)


@dataclass(frozen=True)
class PlanDocument:
    """The plan that the city follows; `errata` are its known mistakes, in Chinese."""

    title: Text
    issued_on: date
    number: Text | None = None
    errata: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Centre:
    """Who keeps the accounts; sentences say “中心”, since its name differs by city. Its phone."""

    name: Sourced[Text]
    phone: Sourced[Annotated[str, Pattern(r"[0-9][0-9-]{4,19}", "电话号码")]]


@dataclass(frozen=True)
class EmergencyRules:
    """Whom to call when people are trapped in a lift, and what to do until help comes."""

    phone: Sourced[Phone] = DEFAULT_PHONE
    text: Sourced[Text] = DEFAULT_ADVICE


@dataclass(frozen=True)
class Benchmark:
    """The central bank's rate for a term in months (0: demand), as an exact fraction of one."""

    months: Annotated[int, Range(0, 60)]
    rate: Decimal
    since: date
    source: Text


@dataclass(frozen=True)
class IncomeRules:
    """Whose the value-added income is, in which accounts it lies, and how it is reckoned."""

    mode: Sourced[Literal["pooled", "household"]]
    account_holders: Sourced[tuple[Literal["building", "unit", "city"], ...]]
    booked: Sourced[Literal["when_bank_posts", "at_year_end"]]
    period_from: Sourced[MonthDay]
    period_to: Sourced[MonthDay]
    past_interest: Sourced[Literal["households", "rolls_over"]]
    past_value_added: Sourced[Literal["pooled", "households"]]
    day_count_basis: Sourced[Literal[360, 365]]
    benchmarks: tuple[Benchmark, ...]


@dataclass(frozen=True)
class Gate:
    """A condition that must hold before a purchase may be applied for."""

    text: Text
    source: Text


@dataclass(frozen=True)
class Applicants:
    """Who may apply on every route: owners only so many together (“以上” includes the number)."""

    minimum_cosigners: Sourced[Annotated[int, Range(1, 100)]]


@dataclass(frozen=True)
class Route:
    """One way to buy: who may apply, what must hold, which steps it has.

    `vote` asks for a vote under Civil Code 278; `warning` is shown wherever the route is offered.
    `deposit_years` are the years' premium paid in beforehand, `invoice_years` those of one invoice.
    """

    name: Text
    source: Text
    account: Sourced[SourceAccount]
    applicants: Sourced[tuple[ApplicantKind, ...]]
    gates: Sourced[tuple[Code, ...]]
    vote: Sourced[bool]
    public_notice: Sourced[bool]
    registration: Sourced[bool]
    payment_papers: Sourced[tuple[Paper, ...]]
    deposit_years: Sourced[Annotated[int, Range(1, 10)]] | None = None
    invoice_years: Sourced[Annotated[int, Range(1, 10)]] | None = None
    warning: Text | None = None


@dataclass(frozen=True)
class Limit:
    """A time limit in calendar days (Civil Code 200–204) or working days, start day not counted."""

    name: Text
    days: Sourced[Days]
    counted_in: Sourced[Literal["days", "working_days"]]


@dataclass(frozen=True)
class PublicNoticeRules:
    """公示: where, and which photos prove it. How long is `limits["public_notice_period"]`."""

    places: Sourced[tuple[Place, ...]]
    photos: Sourced[tuple[Framing, ...]]
    starts: Sourced[Literal["last_place_has_start_photo"]]


@dataclass(frozen=True)
class ObjectionRules:
    """书面反对意见: who, how, and what it does to the notice."""

    by: Sourced[Literal["affected_owner"]]
    channels: Sourced[tuple[ObjectionChannel, ...]]
    effect: Sourced[Literal["suspends"]]
    unverified_blocks_clearing: Sourced[bool]
    resumes_with_days_left: Sourced[bool]
    max_characters: Sourced[Annotated[int, Range(100, 10000)]]


@dataclass(frozen=True)
class ApprovalRules:
    """The committee's approval in chat, asked of these applicants' purchases."""

    asked_for: Sourced[tuple[ApplicantKind, ...]]
    decided_by: Sourced[Literal["more_than_half_in_office"]]
    on_time_out: Sourced[Literal["escalate"]]
    may_change_until_decided: Sourced[bool]
    interested_are_recused: Sourced[bool]


@dataclass(frozen=True)
class PaymentRules:
    """拨付: when the limit begins to run, and to whom."""

    counted_from: Sourced[Literal["last_paper_arrived"]]
    payee: Sourced[Literal["insurer"]]


@dataclass(frozen=True)
class ReminderRules:
    """When people are reminded of a limit: before it, daily once overdue, then the supervisor."""

    days_before: Sourced[tuple[Annotated[int, Range(0, 30)], ...]]
    at: Sourced[time]
    overdue: Sourced[Literal["daily"]]
    escalate_after_days: Sourced[Annotated[int, Range(1, 30)]]
    escalate_to: Sourced[Literal["supervisor"]]
    renewal_days_before: Sourced[Annotated[int, Range(1, 180)]]


@dataclass(frozen=True)
class InsurerRules:
    """How insurers are chosen: criteria, procedure, and what decides among those who pass."""

    criteria: Sourced[tuple[Text, ...]]
    procedure: Sourced[tuple[Text, ...]]
    decided_by: Sourced[tuple[Text, ...]]


@dataclass(frozen=True)
class MarketSeen:
    """Figures seen in other cities, for hints only: fen per lift and year, minutes to respond.

    `typical_premium_fen` is what the lift page reckons with before there is a plan.
    """

    premium_low_fen: Sourced[Fen]
    premium_high_fen: Sourced[Fen]
    sum_insured_fen: Sourced[Fen]
    response_minutes_low: Sourced[Annotated[int, Range(1, 240)]]
    response_minutes_high: Sourced[Annotated[int, Range(1, 240)]]
    typical_premium_fen: Sourced[Fen] = DEFAULT_PREMIUM


@dataclass(frozen=True)
class Target:
    """So many lifts insured within these months (both included)."""

    lifts: Annotated[int, Range(1, 10**6)]
    last_month: Month
    source: Text
    first_month: Month | None = None


@dataclass(frozen=True)
class Milestone:
    """A dated task of the plan and the bodies responsible; no months when the plan gives none."""

    name: Text
    bodies: Sourced[tuple[Text, ...]]
    source: Text
    first_month: Month | None = None
    last_month: Month | None = None


@dataclass(frozen=True)
class LocalNotice:
    """A year's own notice of the local holiday: days off and make-up workdays it adds."""

    year: Annotated[int, Range(2004, 2100)]
    days_off: tuple[date, ...]
    workdays: tuple[date, ...]
    source: Text


@dataclass(frozen=True)
class LocalHolidayRules:
    """A holiday of the place (放假办法第四条); `notices` are the years that are known by date."""

    name: Text
    first_day: Sourced[MonthDay]
    days: Sourced[Annotated[int, Range(1, 7)]]
    uncertain_days: Sourced[Annotated[int, Range(0, 14)]]
    notices: tuple[LocalNotice, ...]


@dataclass(frozen=True)
class CityProfile:
    """One city's rules. `version` is the hash of the content, `text` the file it was read from."""

    code: Code
    name: Text
    kind: Sourced[Literal["county_level_city", "prefecture_level_city"]]
    plan: PlanDocument
    centre: Centre
    income: IncomeRules
    applicants: Applicants
    gates: Mapping[Code, Gate]
    routes: Mapping[RouteCode, Route]
    limits: Mapping[LimitKind, Limit]
    roll_weekends: Sourced[bool]
    public_notice: PublicNoticeRules
    objection: ObjectionRules
    approval: ApprovalRules
    payment: PaymentRules
    different_officers: Sourced[tuple[Literal["clerk", "reviewer", "cashier"], ...]]
    reminders: ReminderRules
    insurer: InsurerRules
    market: MarketSeen
    rescue_minutes: Sourced[Annotated[int, Range(1, 240)]]
    roles: Mapping[Code, Sourced[Text]]
    oversight: Sourced[tuple[Text, ...]]
    targets: tuple[Target, ...]
    milestones: tuple[Milestone, ...]
    version: str
    text: str
    local_holiday: LocalHolidayRules | None = None
    # Cases keep the text of their rules; those of older cases do not name it.
    emergency: EmergencyRules = EmergencyRules()
