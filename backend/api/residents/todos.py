"""What concerns this person: todos, joint applications, verifications, the own part in a notice."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from backend.api.cases.estates import AccountOut
from backend.api.cases.income import (
    CloseOut,
    InterestOut,
    InterestUndoOut,
    PastIncomeOut,
    PeriodLockOut,
    TransferOut,
)
from backend.api.cases.openings import OpeningCorrectionOut
from backend.api.cases.paper_entries import PaperEntryOut
from backend.api.cases.payees import PayeeChangeOut
from backend.api.cases.successions import SuccessionOut
from backend.http.bodies import NoticeIdPath
from backend.http.parts import actor, context
from backend.http.present import Moment, Output, present
from backend.http.routes import Routes
from backend.services.people.own_verifications import own_verifications
from backend.services.public.lifts import place_of_lift
from backend.services.public_notice.eligibility import part_in_notice
from backend.services.reads.joint import joint_applications
from backend.services.reads.todos import my_todos

routes = Routes("todos", "本人的待办、联名、身份核验")


class TodoOut(Output):
    """An open case, its buildings (`area`) and what comes next, by whom (`who`) and before when
    (`due`); `mine` when that is for this person.

    `missing` are the photos that the notice still lacks, in words; `why` tells whoever must act for
    what reason the case came back to them.
    """

    purchase_id: UUID
    number: str
    estate: str
    area: str
    state: str
    state_name: str
    task: str
    who: str
    advice: str
    mine: bool
    notice_id: UUID | None
    notice_number: str | None
    missing: list[str]
    why: str
    due: Moment | None
    due_words: str
    left_words: str
    overdue: bool
    actions: list[str]


class ManagedEstateOut(Output):
    """An estate that this person manages, its mandate, and what its accounts can spend (fen)."""

    estate_id: UUID
    name: str
    mandate_until: date | None
    mandate_words: str
    accounts: list[AccountOut]


class UnattendedOut(Output):
    """A role in which nobody can act, how many cases wait for it, where, and until when."""

    role: str
    role_name: str
    cases: int
    places: list[str]
    due: Moment | None
    due_words: str


class RestOut(Output):
    """What is left on a special account that no case needs, and the last case of it (fen)."""

    purchase_id: UUID
    number: str
    estate: str
    rest_fen: int


class LetterDueOut(Output):
    """A case on paper whose applicants have not been told of its last step (`since`) by letter;
    `printed` once only the delivery is missing."""

    purchase_id: UUID
    number: str
    estate: str
    step_name: str
    state_name: str
    since: Moment
    printed: bool


class TodosOut(Output):
    """The most urgent first."""

    items: list[TodoOut]
    estates: list[ManagedEstateOut]
    unattended: list[UnattendedOut]
    successions: list[SuccessionOut]
    payee_changes: list[PayeeChangeOut]
    opening_corrections: list[OpeningCorrectionOut]
    deposit_interest: list[InterestOut]
    interest_undos: list[InterestUndoOut]
    period_lock: PeriodLockOut | None
    paper_entries: list[PaperEntryOut]
    letters_due: list[LetterDueOut]
    bank_transfers: list[TransferOut]
    past_income: PastIncomeOut | None
    year_closes: list[CloseOut]
    unpaid_deposits: int
    rests: list[RestOut]


class SignaturesOut(Output):
    """How many owners signed of those needed, when this person did, and whether they still may sign
    or take their signature back."""

    cosigners: int
    needed: int
    signed_at: Moment | None
    can_sign: bool
    can_withdraw: bool


class JointApplicationOut(Output):
    """An application by owners together, which this person signed or may sign."""

    purchase_id: UUID
    number: str
    estate: str
    account: str
    state: str
    state_name: str
    signed: SignaturesOut


class JointApplicationsOut(BaseModel):
    """Those that wait for signatures first, then the latest."""

    items: list[JointApplicationOut]


class CabPath(BaseModel):
    """The token of the code in a cab; any other text is simply unknown."""

    token: str = Field(description="电梯二维码里的 26 位字符")


class PlaceOut(Output):
    """A unit as one names it when claiming a flat there."""

    estate_code: str
    estate: str
    building: str
    unit: str


class FiledBeforeOut(Output):
    """The objection that this person has already filed against the notice."""

    id: UUID
    number: str
    status: str


class PartInNoticeOut(Output):
    """`eligibility`: affected, waiting, elsewhere or unknown; `words` say what that means,
    `effect` what an objection would bring about; `channels`: mini_program, paper or both."""

    notice_id: UUID
    number: str
    eligibility: str
    words: str
    effect: str
    channels: list[str]
    homes: list[str]
    places: list[PlaceOut]
    filed: FiledBeforeOut | None


class OwnVerificationOut(Output):
    """What this person said to be, and the centre's word on it."""

    id: UUID
    kind_name: str
    place: str
    state: str
    state_name: str
    made_at: Moment
    reason: str | None


class OwnVerificationsOut(BaseModel):
    """The latest first."""

    items: list[OwnVerificationOut]


@routes.get("/todos/mine", auth="person", answers={200: TodosOut, 304: None})
def todos_mine() -> Response:
    """本人的待办期限，以及所管理小区的委托和账户"""
    return present(TodosOut.model_validate(my_todos(context(), actor())))


@routes.get("/cosignatures/mine", auth="person", answers={200: JointApplicationsOut, 304: None})
def joint_mine() -> Response:
    """本人已联名或可以联名的申请"""
    rows = joint_applications(context(), actor())
    items = [JointApplicationOut.model_validate(row) for row in rows]
    return present(JointApplicationsOut(items=items))


@routes.get(
    "/notices/<notice_id>/my-part",
    auth="person",
    answers={200: PartInNoticeOut, 304: None},
    refuses=("not_found",),
)
def part(path: NoticeIdPath) -> Response:
    """本人能否对这份公示提出异议；还不能时，如何核验"""
    found = part_in_notice(context(), actor(), path.notice_id)
    return present(PartInNoticeOut.model_validate(found))


@routes.get(
    "/owner-verifications/mine", auth="person", answers={200: OwnVerificationsOut, 304: None}
)
def verifications_mine() -> Response:
    """本人提交的身份核验和结果"""
    rows = own_verifications(context(), actor())
    return present(
        OwnVerificationsOut(items=[OwnVerificationOut.model_validate(row) for row in rows])
    )


@routes.get(
    "/lifts/<token>/place",
    auth="person",
    answers={200: PlaceOut, 304: None},
    refuses=("not_found",),
)
def lift_place(path: CabPath) -> Response:
    """电梯所在的小区、楼栋、单元，用于申请业主核验"""
    return present(PlaceOut.model_validate(place_of_lift(context(), path.token)))
