"""What everyone may see, as JSON: a lift, a notice, the city. The light pages show the same."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from backend.http.bodies import CoverTermsOut
from backend.http.present import Moment, Output


class LiftOut(Output):
    """The lift itself."""

    registration_code: str
    name: str
    estate: str
    address: str
    building: str
    unit: str
    installed_on: date
    maintainer: str | None
    maintainer_phone: str | None
    next_inspection_on: date | None


class CoverOut(Output):
    """Who insures the lift; `last_day` is still covered.

    `words` say the cover in plain sentences; `terms` are null when no plan is known.
    """

    insurer: str
    insurer_phone: str | None
    starts_on: date
    last_day: date
    policy_number: str | None
    terms: CoverTermsOut | None
    words: list[str]


class UpcomingOut(Output):
    """A cover whose policy is issued and whose first day has not come; not `paid`: the bank sent
    the premium back, and it is paid once more."""

    insurer: str
    starts_on: date
    last_day: date
    paid: bool


class EmergencyOut(Output):
    """What to do when people are trapped. `source` is small print: whose number it is, or null."""

    phone: str
    text: str
    source: str | None


class PastOut(Output):
    """A cover or notice that is over; `number` is the notice's."""

    kind: Literal["cover", "notice"]
    title: str
    starts_on: date
    last_day: date
    text: str
    number: str | None


class FundingOut(Output):
    """How a lift without cover gets one. `enough` is for this lift alone, null without account."""

    who_may_apply: list[str]
    how: str
    enough: bool | None
    text: str
    source: str | None


class ReasonOut(BaseModel):
    """One sentence of how a date was reckoned, and the article behind it."""

    text: str
    article: str | None = None


class ObjectionOut(Output):
    """Number, kind and answer (个人信息保护法 25, 28); `text` only if its author asked for that."""

    number: str
    kind: str
    kind_name: str
    status: str
    status_name: str
    answer: str | None
    text: str | None


class PlanOut(Output):
    """The plan in short. Money in fen; `premium_fen` is for all lifts of the plan."""

    insurer: str
    premium_fen: int
    lift_premium_fen: int
    terms: CoverTermsOut


class NoticeFacts(BaseModel):
    """When a notice hangs. `ends_before` is 24:00 of `ends_on`: too late to object.

    `id` is where to object; `state_name` says how far the purchase behind it has come.
    """

    id: UUID
    number: str
    state: str
    state_name: str
    starts_on: date
    ends_on: date
    ends_before: Moment
    open_to_objections: bool
    how_long: str
    provisional: bool
    explanation: list[ReasonOut]
    objections: list[ObjectionOut]


class NoticeOut(NoticeFacts):
    """A notice that hangs now, with its plan in short."""

    plan: PlanOut


class NoticePhotoOut(BaseModel):
    """A photo of the posted notice: `words` describe it, `url` is a path on this host. Pixels."""

    place: str
    moment: Literal["start", "end"]
    framing: Literal["wide", "close"]
    captured_at: Moment
    words: str
    url: str
    width: int
    height: int


class ObjectionCountsOut(BaseModel):
    """How many objections came, and how many still wait for an answer."""

    total: int
    open: int


class CentreOut(BaseModel):
    """Whom to ask."""

    name: str
    phone: str


class NoticeTextOut(NoticeFacts):
    """A notice with its whole frozen text; amounts in fen and in words."""

    estate: str
    content: dict[str, Any]
    photos: list[NoticePhotoOut]
    photos_taken_down: list[str]
    objection_counts: ObjectionCountsOut
    centre: CentreOut


class PublicLiftOut(BaseModel):
    """Everything that everyone may know of one lift.

    `headline` says whether it is insured, `payer` who pays today, `object_by` until when owners may
    object (null when nothing is open to that); `meaning` says more.
    """

    lift: LiftOut
    covered: bool
    headline: str
    payer: str
    object_by: str | None
    meaning: str
    cover: CoverOut | None
    upcoming: UpcomingOut | None
    emergency: EmergencyOut
    notices: list[NoticeOut]
    funding: FundingOut | None
    history: list[PastOut]
    centre: CentreOut


class FlowOut(Output):
    """What moved an account in a year; less than nothing when the balance fell."""

    flow: str
    name: str
    fen: int


class AccountYearOut(Output):
    """A year of a pooled account, in fen; of this year up to now."""

    year: int
    began_fen: int
    moved: list[FlowOut]
    ended_name: str
    ended_fen: int


class PublicPoolOut(Output):
    """A pooled account: `held_fen` of its balance is kept for cases that are under way."""

    name: str
    balance_fen: int
    held_fen: int
    years: list[AccountYearOut]


class PublicPolicyOut(Output):
    """A policy of the estate; `last_day` is still covered. `premium_fen` is null for one that was
    not bought here."""

    number: str
    insurer: str
    starts_on: date
    last_day: date
    lifts: int
    premium_fen: int | None


class AnsweredNoticeOut(Output):
    """A notice and how many objections to it came and still wait; its own page has the answers."""

    number: str
    days: str
    objection_counts: ObjectionCountsOut
    objection_words: str


class PublicAccountOut(BaseModel):
    """公开账目 of an estate (民法典 281): its pooled accounts by year, policies, notices. Nobody is
    named in it. `about` says in sentences whose money this is."""

    estate: str
    address: str
    about: list[str]
    pools: list[PublicPoolOut]
    policies: list[PublicPolicyOut]
    notices: list[AnsweredNoticeOut]
    centre: CentreOut


class ObjectionKindOut(BaseModel):
    """A kind of objection, and help on what makes one of it valid."""

    key: str
    name: str
    help: str


class PrivacyOut(BaseModel):
    """What is kept about people, in plain paragraphs."""

    title: str
    paragraphs: list[str]


class SubscriptionOut(BaseModel):
    """A subscribe message that people may ask for: its template and what it is good for."""

    key: str
    template_id: str
    title: str
    why: str


class CityOut(BaseModel):
    """What is the same for every lift of the city."""

    city: str
    centre: CentreOut
    emergency: EmergencyOut
    objection_kinds: list[ObjectionKindOut]
    objection_max_characters: int
    objection_channels: list[str]
    photo_hint: str
    about: list[str]
    privacy: PrivacyOut
    subscriptions: list[SubscriptionOut]
