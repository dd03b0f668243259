"""For the centre: what people hand in on paper at the counter, entered from its scan."""

from datetime import date
from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.cases.applicants import CosignersOut
from backend.api.cases.cases import CaseOut, CasePath, acting, present_case
from backend.api.cases.committee import PlanPath
from backend.api.cases.objections import ObjectionPath
from backend.api.cases.paper_entries import PaperEntryOut
from backend.domain.approval import Answer
from backend.domain.letters import Given, How
from backend.http.bodies import ReasonIn
from backend.http.fields import MOST_ITEMS, Day, Place, Reason, Sha256, When
from backend.http.parts import actor, context
from backend.http.present import PDF_FILE, Input, Moment, Output, present, present_pdf
from backend.http.routes import WRITTEN, Routes
from backend.services.public_notice import objections
from backend.services.purchase import applications, case_letters, cosignatures, minutes, on_paper
from backend.services.purchase.applications import ApplicationRequest
from backend.services.purchase.cosignatures import SignedOnPaper
from backend.services.purchase.minutes import Minutes, SeatAnswer
from backend.services.purchase.paper_entries import Scanned

routes = Routes("counter", "中心：窗口收到的纸质材料")

MOST_SIGNATURES = 200
MOST_MEMBERS = 50


class SignedOnPaperIn(Input):
    """The flat and the whole name, as they stand on the paper."""

    building: Place
    unit: Place
    room: Place
    name: Place

    def as_written(self) -> SignedOnPaper:
        """The same for the service."""
        return SignedOnPaper(self.building, self.unit, self.room, self.name)


class PaperSignaturesIn(Input):
    """Who signed, and the scan of what they signed."""

    signatures: list[SignedOnPaperIn] = Field(min_length=1, max_length=MOST_SIGNATURES)
    file_sha256: Sha256
    namesakes_checked: bool = False


class ReceivedSignaturesIn(PaperSignaturesIn):
    """The same, and when the centre got it."""

    received_at: When


class SeatAnswerIn(Input):
    """A member by the whole name, and what the minutes say of them."""

    name: Place
    answer: Answer
    reason: Reason | None = None


class MinutesIn(Input):
    """The minutes of a meeting about a plan, and their scan."""

    held_on: Day
    answers: list[SeatAnswerIn] = Field(min_length=1, max_length=MOST_MEMBERS)
    file_sha256: Sha256
    received_at: When


class PaperWithdrawalIn(SignedOnPaperIn):
    """Whose signature is taken back, and the scan of the letter that says so."""

    file_sha256: Sha256


class PaperApplicationIn(PaperSignaturesIn):
    """What owners without a phone apply for: lifts, account, insurer; who signed, and the scan."""

    route: str = Field(max_length=8, description="办理路线，例如 R1")
    estate_id: UUID
    account_id: UUID | None = None
    insurer_id: UUID | None = None
    lift_ids: list[UUID] = Field(min_length=1, max_length=MOST_ITEMS)


class PaperIn(Input):
    """The scan of a signed paper."""

    file_sha256: Sha256


class ReceivedPaperIn(PaperIn):
    """The same, and when the centre got it."""

    received_at: When


class CaseLetterPath(CasePath):
    """A letter by its case and its id."""

    letter_id: UUID


class CaseLetterDeliveryIn(Input):
    """How and when the letter was given, and the scan of what proves it."""

    how: How
    given_on: Day
    file_sha256: Sha256


class CaseLetterOut(Output):
    """A letter that was printed, and how it was given, if it was."""

    id: UUID
    version: int
    step_name: str
    state_name: str
    printed_by: str
    printed_at: Moment
    how: str | None
    how_name: str
    given_on: date | None
    file_sha256: str | None
    entered_by: str
    entered_at: Moment | None
    waits: bool


class CaseLettersOut(Output):
    """The latest first."""

    due: bool
    items: list[CaseLetterOut]


@routes.post(
    "/paper-applications",
    auth="person",
    answers={201: CaseOut},
    creates=True,
    refuses=(
        "account_closed account_not_of_estate account_required applicant_not_allowed",
        "evidence_missing file_unknown flat_already_signed income_of_households",
        "insurer_not_selected insurer_unknown",
        "lift_in_open_case lift_not_running lift_outside_circle lift_unknown lifts_missing",
        "lifts_repeated name_not_on_roster namesake_signed not_found not_in_circle",
        "officer_is_party paper_reused place_unknown role_required route_not_offered same_officer",
        "route_takes_no_applications",
        "step_not_possible",
    ),
)
def draft_on_paper(body: PaperApplicationIn) -> Response:
    """录入业主的纸质申请：三名以上业主联名，都没有手机的

    由经办办理，先上传签名表的扫描件；房号、姓名逐户与名册核对，有问题的一次列出，一条也不录入。
    录入以后由另一位经办对照扫描件核对，再提交申请（`/purchases/{id}/application`）。此后由经办替申请人
    办理，每一步都要有申请人签名的书面材料；办理情况打印成告知书交给他们。
    """
    request = ApplicationRequest(
        body.route, body.estate_id, body.account_id, body.insurer_id, "owners", body.lift_ids
    )
    signed = [one.as_written() for one in body.signatures]
    drafted = applications.draft_on_paper(
        context(), actor(), request, signed, body.file_sha256, body.namesakes_checked
    )
    return present_case(drafted, 201)


@routes.post(
    "/purchases/<purchase_id>/applicants-word",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        "case_closed file_unknown not_found not_on_paper officer_is_party paper_reused",
        "role_required same_officer step_not_possible version_conflict",
    ),
)
def enter_word(path: CasePath, body: PaperIn) -> Response:
    """录入申请人的书面要求

    由经办办理，只用于纸质申请：整改、移出电梯、更换保险机构、另拟方案、申请拨付、撤回申请，须先有
    申请人签名的书面要求。录入以后只能办下一步。
    """
    return present_case(
        on_paper.enter_word(context(), acting(), path.purchase_id, body.file_sha256)
    )


@routes.get(
    "/purchases/<purchase_id>/applicants-letter",
    auth="person",
    answers={200: PDF_FILE},
    refuses=("not_found not_on_paper officer_is_party role_required same_officer",),
)
def applicants_letter(path: CasePath) -> Response:
    """打印给申请人的办理情况告知书（PDF）

    由经办办理，只用于纸质申请。告知书上有申请人的姓名和房号，每次打印都有记录；下一步办理以前再打印，
    还是同一份。送到申请人手里以后，录入送达。
    """
    return present_pdf(*on_paper.letter_of(context(), actor(), path.purchase_id))


@routes.get(
    "/purchases/<purchase_id>/applicants-letters",
    auth="person",
    answers={200: CaseLettersOut, 304: None},
    refuses=("not_found",),
)
def applicants_letters(path: CasePath) -> Response:
    """打印过的办理情况告知书，怎样送达的

    经办看得到，只用于纸质申请。due 为 true 时，最近一步还没有送达申请人。
    """
    found = case_letters.read_letters(context(), actor(), path.purchase_id)
    return present(CaseLettersOut.model_validate(found))


@routes.post(
    "/purchases/<purchase_id>/applicants-letters/<letter_id>/delivery",
    auth="person",
    answers={200: CaseLetterOut},
    refuses=(
        "delivery_day_invalid delivery_way_invalid file_unknown letter_not_due not_found",
        "officer_is_party paper_reused role_required same_officer step_not_possible",
        "version_conflict",
    ),
)
def deliver_applicants_letter(path: CaseLetterPath, body: CaseLetterDeliveryIn) -> Response:
    """录入办理情况告知书已经送达

    由经办办理，先上传签好的送达回证、邮件回执或照片；不能公告送达。案件结束以后也可以录入。
    """
    given = Given(body.how, body.given_on, body.file_sha256)
    letter = case_letters.deliver(context(), acting(), path.purchase_id, path.letter_id, given)
    return present(CaseLetterOut.model_validate(letter))


@routes.post(
    "/purchases/<purchase_id>/applicants-letters/<letter_id>/delivery-reversal",
    auth="person",
    answers={200: CaseLetterOut},
    refuses=(
        WRITTEN,
        "not_delivered not_found officer_is_party role_required same_officer step_not_possible",
        "version_conflict",
    ),
)
def undo_applicants_letter(path: CaseLetterPath, body: ReasonIn) -> Response:
    """撤销录错的告知书送达

    由经办办理，须写明理由。以后的告知书也没有送达的，案件重新列在待办里。
    """
    letter = case_letters.undo(context(), acting(), path.purchase_id, path.letter_id, body.reason)
    return present(CaseLetterOut.model_validate(letter))


@routes.post(
    "/purchases/<purchase_id>/paper-cosignatures",
    auth="person",
    answers={201: PaperEntryOut},
    creates=True,
    refuses=(
        "case_closed file_unknown flat_already_signed name_not_on_roster namesake_signed not_found",
        "not_in_circle not_open_for_cosigning officer_is_party paper_entry_waiting paper_reused",
        "place_unknown received_at_invalid role_required same_officer step_not_possible",
        "version_conflict",
    ),
)
def enter_paper_cosignatures(path: CasePath, body: ReceivedSignaturesIn) -> Response:
    """录入纸质联名：逐户与名册核对

    由经办办理，申请提交之前；先上传签名表的扫描件。房号、姓名与名册不符的，一次列出全部问题，
    一条也不录入。由另一位经办对照扫描件核对以后计入；一个人、一套房屋都只计一名。有账号的业主会收到
    消息，不是本人签的可以撤回。
    """
    entry = cosignatures.enter(
        context(),
        acting(),
        path.purchase_id,
        [one.as_written() for one in body.signatures],
        Scanned(body.file_sha256, body.received_at),
        body.namesakes_checked,
    )
    return present(PaperEntryOut.model_validate(entry), 201)


@routes.post(
    "/purchases/<purchase_id>/paper-cosignature-withdrawal",
    auth="person",
    answers={200: CosignersOut},
    refuses=(
        "case_closed cosignature_counted cosignature_unknown file_unknown name_not_on_roster",
        "not_found not_in_circle officer_is_party paper_reused place_unknown role_required",
        "same_officer step_not_possible version_conflict",
    ),
)
def withdraw_paper_cosignature(path: CasePath, body: PaperWithdrawalIn) -> Response:
    """录入书面撤回的联名

    由经办办理，申请提交之前（退回补正以后也可以），附业主签名的书面撤回；在手机上签的联名也可以书面撤回。
    """
    left = cosignatures.withdraw_on_paper(
        context(), acting(), path.purchase_id, body.as_written(), body.file_sha256
    )
    return present(CosignersOut(cosigners=left))


@routes.post(
    "/plans/<plan_id>/minutes",
    auth="person",
    answers={201: PaperEntryOut},
    creates=True,
    refuses=(
        WRITTEN,
        "already_decided answer_unknown case_closed file_unknown member_answered member_repeated",
        "member_stands_aside member_unknown minutes_date_invalid name_of_several not_found",
        "officer_is_party paper_entry_waiting paper_reused plan_changed received_at_invalid",
        "role_required same_officer step_not_possible version_conflict",
    ),
)
def enter_minutes(path: PlanPath, body: MinutesIn) -> Response:
    """录入业委会会议纪要（决议）：逐位委员的意见

    由经办办理，审议期间；先上传有委员签名的会议纪要。由另一位经办对照扫描件核对以后计入，仍须在任委员
    过半数同意，一席只计一次。没有账号的委员，意见当即计入；有账号的委员会收到消息，审议期满才计入，在那之前可以在手机上改。
    已经在手机上答复的，以本人答复为准。录错的，再录一次更正。
    """
    answers = [SeatAnswer(one.name, one.answer, one.reason) for one in body.answers]
    written = Minutes(body.held_on, answers, Scanned(body.file_sha256, body.received_at))
    entry = minutes.enter(context(), acting(), path.plan_id, written)
    return present(PaperEntryOut.model_validate(entry), 201)


@routes.post(
    "/objections/<objection_id>/paper-withdrawal",
    auth="person",
    answers={201: PaperEntryOut},
    creates=True,
    refuses=(
        "file_unknown not_found objection_closed officer_is_party paper_entry_waiting",
        "paper_reused received_at_invalid same_officer version_conflict",
    ),
)
def enter_paper_withdrawal(path: ObjectionPath, body: ReceivedPaperIn) -> Response:
    """录入异议人的书面撤回

    由经办办理，先上传异议人签名的书面撤回。由另一位经办对照扫描件核对以后，异议才撤回。
    """
    paper = Scanned(body.file_sha256, body.received_at)
    entry = objections.enter_withdrawal(context(), acting(), path.objection_id, paper)
    return present(PaperEntryOut.model_validate(entry), 201)
