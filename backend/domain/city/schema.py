"""A city is data: the rules of its plan, each value with its source.

`parse_city` reads a file of `backend/cities`. Where the plan is silent the value carries the source
`default` or `borrowed from …`, and whoever shows the value shows that too.

Every value is read by some rule, so that a change of it changes something (`tests/test_values.py`).
What a plan says and leaves no choice stands with the rule that follows it, citing its clause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from backend.domain.typed_table import DEFAULT, Pattern, Range, Sourced, Text

Code = Annotated[str, Pattern(r"[a-z][a-z0-9_]*", "小写字母开头的代码")]
MonthDay = Annotated[str, Pattern(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "月日，如 09-20")]
Days = Annotated[int, Range(1, 366)]
Years = Annotated[int, Range(1, 30)]
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
Place = Literal["building_entrance", "unit_lobby", "lift_cab"]
Framing = Literal["wide", "close"]
Remedy = Literal["reconsideration", "litigation", "revocation"]
BankColumn = Literal["position", "account", "payee", "bank", "amount", "purpose"]
ObjectionChannel = Literal["mini_program", "paper"]
VoteOpener = Literal["clerk", "committee_member"]
Share = Annotated[
    str, Pattern("[≥>][1-9][0-9]?/[1-9][0-9]?", "比例，≥2/3 为三分之二以上，>1/2 为过半数")
]

DEFAULT_PHONE = Sourced("119", DEFAULT)
DEFAULT_ADVICE = Sourced(
    "先按轿厢里的报警按钮，与值守人员通话；没有人应答，就拨打这个电话。"
    "不要扒门，不要跳动，靠着厢壁站稳，等候救援。",
    DEFAULT,
)
# As long as a claim may be brought: 《民法典》188.
DEFAULT_YEARS = Sourced(3, DEFAULT)
DEFAULT_PREMIUM = Sourced(200_000, DEFAULT)
DEFAULT_REMEDIES: Sourced[tuple[Remedy, ...]] = Sourced(
    ("reconsideration", "litigation", "revocation"), DEFAULT
)


@dataclass(frozen=True)
class PlanDocument:
    """The plan that the city follows."""

    title: Text
    issued_on: date
    number: Text | None = None


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
class Target:
    """How many lifts the plan wants insured, and by which day, the last one included."""

    name: Text
    lifts: Sourced[Annotated[int, Range(1, 1_000_000)]]
    until: Sourced[date]


@dataclass(frozen=True)
class PublicNoticeRules:
    """公示: where, and which photos prove it. How long is `limits["public_notice_period"]`.

    `places` are the kinds of place in which people find it; everybody is told so. Which units it
    hangs in follows from the case (its circle), and each of these needs every framing in `photos`,
    at the start and at the end. Phones always show it. An end photo that is taken more than
    `end_photo_days` after the last day proves less; without that number none comes too late.
    """

    places: Sourced[tuple[Place, ...]]
    photos: Sourced[tuple[Framing, ...]]
    end_photo_days: Sourced[Annotated[int, Range(0, 30)]] | None = None


@dataclass(frozen=True)
class ObjectionRules:
    """书面反对意见: how it may come in, how long it may be, whether one whose author is not
    verified yet holds the case, and which remedies (救济途径) are told when it is dismissed."""

    channels: Sourced[tuple[ObjectionChannel, ...]]
    unverified_blocks_clearing: Sourced[bool]
    max_characters: Sourced[Annotated[int, Range(100, 10000)]]
    remedies: Sourced[tuple[Remedy, ...]] = DEFAULT_REMEDIES


@dataclass(frozen=True)
class ApprovalRules:
    """The committee's approval in chat, asked of these applicants' purchases."""

    asked_for: Sourced[tuple[ApplicantKind, ...]]


@dataclass(frozen=True)
class VotingRules:
    """业主表决 (Civil Code 278): what part of all owners must take part and what part of those
    agree, each by area and by heads; who opens a vote, and for how many owners one proxy casts (0:
    nobody casts for another)."""

    participation: Sourced[Share]
    agreement: Sourced[Share]
    openers: Sourced[tuple[VoteOpener, ...]]
    proxies_at_most: Sourced[Annotated[int, Range(0, 50)]]


@dataclass(frozen=True)
class ReminderRules:
    """When people are reminded of a limit: before it, and once it is overdue the supervisor too."""

    days_before: Sourced[tuple[Annotated[int, Range(0, 30)], ...]]
    at: Sourced[time]
    escalate_after_days: Sourced[Annotated[int, Range(1, 30)]]


@dataclass(frozen=True)
class RetentionRules:
    """保存期限: for how many years personal data stays once what it is for is over (个人信息保护法
    19, 47).

    `objections` counts from the end of the case; `former_people` from the day an owner sold or a
    member left; `requests` (更正请求、停用记录) from the day they were settled; `messages` from the
    day they were sent; `accounts` from the last visit of somebody who has no part here any more.
    """

    objections: Sourced[Years] = DEFAULT_YEARS
    former_people: Sourced[Years] = DEFAULT_YEARS
    requests: Sourced[Years] = DEFAULT_YEARS
    messages: Sourced[Years] = DEFAULT_YEARS
    accounts: Sourced[Years] = DEFAULT_YEARS


@dataclass(frozen=True)
class InsurerRules:
    """How insurers are chosen: by which criteria, in which procedure."""

    criteria: Sourced[tuple[Text, ...]]
    procedure: Sourced[tuple[Text, ...]]


@dataclass(frozen=True)
class MarketSeen:
    """Premiums seen in other cities, for hints only: fen per lift and year.

    `typical_premium_fen` is what the lift page reckons with before there is a plan.
    """

    premium_low_fen: Sourced[Fen]
    premium_high_fen: Sourced[Fen]
    typical_premium_fen: Sourced[Fen] = DEFAULT_PREMIUM


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


DEFAULT_PAID: Sourced[tuple[str, ...]] = Sourced(
    (
        "成功",
        "交易成功",
        "支付成功",
        "付款成功",
        "转账成功",
        "汇款成功",
        "处理成功",
        "已付款",
        "已支付",
        "已入账",
    ),
    DEFAULT,
)


@dataclass(frozen=True)
class BankFileRules:
    """拨付: the file that the cashier's bank takes for many payments, its columns in this order
    under the bank's own headings (`head_…`), amounts with two decimals as figures or as text; and
    under which headings its statement (明细、电子回单) answers (`answer_…`). What came back holds
    one of the words `failed`; an outcome that is none of `paid` does not mean that it was paid.
    """

    columns: Sourced[tuple[BankColumn, ...]]
    head_position: Sourced[Text]
    head_account: Sourced[Text]
    head_payee: Sourced[Text]
    head_bank: Sourced[Text]
    head_amount: Sourced[Text]
    head_purpose: Sourced[Text]
    amount_as: Sourced[Literal["number", "text"]]
    answer_reference: Sourced[Text]
    answer_amount: Sourced[Text]
    answer_payee: Sourced[Text]
    answer_purpose: Sourced[Text]
    answer_outcome: Sourced[Text]
    answer_reason: Sourced[Text]
    failed: Sourced[tuple[Text, ...]]
    # Cases keep the text of their rules; those of older cases do not name it.
    paid: Sourced[tuple[Text, ...]] = DEFAULT_PAID


DEFAULT_BANK_FILE = BankFileRules(
    columns=Sourced(("position", "account", "payee", "bank", "amount", "purpose"), DEFAULT),
    head_position=Sourced("序号", DEFAULT),
    head_account=Sourced("收款账号", DEFAULT),
    head_payee=Sourced("收款户名", DEFAULT),
    head_bank=Sourced("收款银行", DEFAULT),
    head_amount=Sourced("金额", DEFAULT),
    head_purpose=Sourced("用途", DEFAULT),
    amount_as=Sourced("number", DEFAULT),
    answer_reference=Sourced("交易流水号", DEFAULT),
    answer_amount=Sourced("金额", DEFAULT),
    answer_payee=Sourced("收款户名", DEFAULT),
    answer_purpose=Sourced("用途", DEFAULT),
    answer_outcome=Sourced("处理结果", DEFAULT),
    answer_reason=Sourced("失败原因", DEFAULT),
    failed=Sourced(("失败", "退回", "退汇", "退票", "冲正"), DEFAULT),
)


@dataclass(frozen=True)
class StatementFileRules:
    """银行流水: under which headings the statement of an account names what it says; `other` are
    columns that are left out, any further one is a fault."""

    day: Sourced[Text]
    reference: Sourced[Text]
    paid: Sourced[Text]
    received: Sourced[Text]
    counterparty: Sourced[Text]
    account: Sourced[Text]
    purpose: Sourced[Text]
    other: Sourced[tuple[Text, ...]]


DEFAULT_STATEMENT_FILE = StatementFileRules(
    day=Sourced("交易日期", DEFAULT),
    reference=Sourced("交易流水号", DEFAULT),
    paid=Sourced("支出金额", DEFAULT),
    received=Sourced("收入金额", DEFAULT),
    counterparty=Sourced("对方户名", DEFAULT),
    account=Sourced("对方账号", DEFAULT),
    purpose=Sourced("用途", DEFAULT),
    other=Sourced(
        ("序号", "交易时间", "余额", "账户余额", "币种", "凭证号", "摘要", "备注", "对方开户行"),
        DEFAULT,
    ),
)


@dataclass(frozen=True)
class CityProfile:
    """One city's rules. `version` is the hash of the content, `text` the file it was read from."""

    code: Code
    name: Text
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
    different_officers: Sourced[tuple[Literal["clerk", "reviewer", "cashier"], ...]]
    reminders: ReminderRules
    insurer: InsurerRules
    market: MarketSeen
    oversight: Sourced[tuple[Text, ...]]
    version: str
    text: str
    local_holiday: LocalHolidayRules | None = None
    # Cases keep the text of their rules; those of older cases do not name it.
    emergency: EmergencyRules = EmergencyRules()
    retention: RetentionRules = RetentionRules()
    pilot_targets: Mapping[Code, Target] | None = None
    voting: VotingRules | None = None
    bank_file: BankFileRules = DEFAULT_BANK_FILE
    bank_statement: StatementFileRules = DEFAULT_STATEMENT_FILE
