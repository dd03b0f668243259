"""For the centre: what clerk and reviewer do, up to the registration and on objections."""

from typing import Annotated, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from backend.api.cases.cases import CaseOut, CasePath, acting, case_fields, present_case
from backend.api.cases.objections import (
    OBJECTION_LIMIT,
    FiledObjectionOut,
    ObjectionPath,
    ObjectionStatusOut,
    present_filed,
)
from backend.http.bodies import NoticeIdPath, ReasonIn
from backend.http.fields import (
    Answer,
    Reason,
    Sha256,
    Statement,
    When,
)
from backend.http.parts import actor, context
from backend.http.present import Input, Moment, Output, present
from backend.http.routes import STEP, WRITTEN, Routes
from backend.services.public_notice import moderation, notices, objections
from backend.services.public_notice.objections import PaperObjection
from backend.services.purchase import applications, registrations
from backend.services.reads.cases import unmask_objection

routes = Routes("centre", "中心：经办、复核")


class UpkeepIn(Input):
    """The dated statement that the estate is managed and upkept, and the paper of those who keep
    the lifts that it rests on."""

    upkeep_statement: Statement
    upkeep_record_sha256: Sha256


class ClearanceIn(Input):
    """That nobody objected on paper; and, where the end photos are late, what makes it certain that
    the notice hung to its last day."""

    statement: Statement
    late_photos_statement: Statement | None = None


class PaperObjectionIn(Input):
    """An objection handed in on paper, with the time it was received."""

    kind: str = Field(max_length=20, description="price、insurer、need、procedure、lift 或 other")
    text: str = Field(max_length=50_000)
    objector: Annotated[str, Field(min_length=1, max_length=50)]
    received_at: When
    owner_id: UUID | None = None
    file_sha256: Sha256


class VerificationIn(Input):
    """The affected owner that the author is, or an answer to somebody who is none."""

    owner_id: UUID | None = None
    answer: Answer | None = None
    checked: bool = False


class PublicationIn(Input):
    """Whether the words are published; a refusal says why."""

    decision: Literal["publish", "refuse"]
    reason: Reason = ""


class PublicationOut(Output):
    """Whether the words of an objection are published, and why not."""

    id: UUID
    number: str
    publication: str
    publication_reason: str | None
    published_text: str | None


class FundsOut(CaseOut):
    """The case, and what the account can spend on it today."""

    available_fen: int


class RegistrationOut(Output):
    """使用登记备案."""

    number: str
    plan_id: UUID
    registered_at: Moment


class UnmaskedObjectionOut(Output):
    """The words, the name behind them, and the signature's picture; the look is recorded."""

    text: str
    objector: str | None
    signature_sha256: str | None


@routes.post(
    "/purchases/<purchase_id>/return",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def return_application(path: CasePath, body: ReasonIn) -> Response:
    """退回补正

    由经办办理，受理之前。须写明要补正什么；联名仍然有效，申请人补正后再次提交。
    """
    return present_case(
        applications.return_application(context(), acting(), path.purchase_id, body.reason)
    )


@routes.post(
    "/purchases/<purchase_id>/rejection",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown"),
)
def reject(path: CasePath, body: ReasonIn) -> Response:
    """不予受理

    由经办办理，提交申请之后、提出方案之前。须写理由。
    """
    return present_case(applications.reject(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/rejection-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "lift_in_open_case"),
)
def undo_rejection(path: CasePath, body: ReasonIn) -> Response:
    """撤销不予受理

    误办时由复核办理，须写理由；受理期限重新起算，由经办重新受理或退回补正。电梯已在另一件申请里
    办理的，不能撤销。
    """
    return present_case(
        applications.undo_rejection(context(), acting(), path.purchase_id, body.reason)
    )


@routes.post(
    "/purchases/<purchase_id>/funds-query",
    auth="person",
    answers={200: FundsOut},
    refuses=(STEP, WRITTEN, "account_empty file_unknown inspection_overdue"),
)
def query_funds(path: CasePath, body: UpkeepIn) -> Response:
    """受理并查询统筹账户可用资金

    由经办办理，须看过维保单位的说明或最近一次维保记录（附件一3）并上传；电梯的定期检验过期的不予受理。
    答复里的 available_fen 是账户现在能用于本案的金额。
    """
    purchase, available_fen = applications.query_funds(
        context(), acting(), path.purchase_id, body.upkeep_statement, body.upkeep_record_sha256
    )
    return present(FundsOut(**case_fields(purchase), available_fen=available_fen))


@routes.post(
    "/purchases/<purchase_id>/shortage",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown"),
)
def mark_short(path: CasePath, body: ReasonIn) -> Response:
    """资金不足

    由经办办理。须写理由；账户有了收益，可以再查询资金。
    """
    return present_case(applications.mark_short(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/termination",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN, "file_unknown"),
)
def terminate(path: CasePath, body: ReasonIn) -> Response:
    """终止办理

    由复核办理，拨付之前。须写理由；预留的保费回到账户。
    """
    return present_case(applications.terminate(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/clearance",
    auth="person",
    answers={200: CaseOut},
    refuses=(
        STEP,
        WRITTEN,
        "end_photo_missing file_unknown late_photos_unexplained notice_still_open objection_open",
    ),
)
def clear(path: CasePath, body: ClearanceIn) -> Response:
    """确认公示无异议

    由经办办理。公示期满、结束照片齐全、没有未了结的异议，才能确认。
    结束照片拍晚了的（late_end），须另写明怎样查明公示一直张贴到最后一日，登记备案的人会看到。
    """
    cleared = notices.clear(
        context(), acting(), path.purchase_id, body.statement, body.late_photos_statement
    )
    return present_case(cleared)


@routes.post(
    "/purchases/<purchase_id>/clearance-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def undo_clear(path: CasePath, body: ReasonIn) -> Response:
    """撤销公示无异议

    误办时由复核办理，登记备案之前。须写理由；公示照原来的期限继续，由经办重新核对。
    """
    return present_case(notices.undo_clear(context(), acting(), path.purchase_id, body.reason))


@routes.post(
    "/purchases/<purchase_id>/registration",
    auth="person",
    answers={201: RegistrationOut},
    creates=True,
    refuses=(STEP, "objection_open"),
)
def register(path: CasePath) -> Response:
    """使用登记备案"""
    record = registrations.register(context(), acting(), path.purchase_id)
    return present(RegistrationOut.model_validate(record), 201)


@routes.post(
    "/purchases/<purchase_id>/registration-reversal",
    auth="person",
    answers={200: CaseOut},
    refuses=(STEP, WRITTEN),
)
def undo_register(path: CasePath, body: ReasonIn) -> Response:
    """撤销登记备案

    误办时由复核或经办办理，签订合同之前。须写理由；案件回到公示无异议，登记期限接着原来的算，
    再次登记沿用原编号。
    """
    undone = registrations.undo_register(context(), acting(), path.purchase_id, body.reason)
    return present_case(undone)


@routes.post(
    "/notices/<notice_id>/paper-objections",
    auth="person",
    answers={201: FiledObjectionOut},
    creates=True,
    max_body=OBJECTION_LIMIT,
    refuses=(
        WRITTEN,
        "file_unknown not_found notice_not_running objection_already_filed objection_kind_unknown",
        "paper_reused name_invalid officer_is_party owner_unknown received_at_invalid",
        "role_required same_officer",
        "version_conflict objection_channel_closed",
    ),
)
def enter_paper_objection(path: NoticeIdPath, body: PaperObjectionIn) -> Response:
    """录入纸质异议，注明收到时间

    由经办办理。received_at 是中心收到的时刻，决定它是否在公示期内。
    """
    paper = PaperObjection(body.kind, body.text, body.objector, body.received_at, body.owner_id)
    filed = objections.enter_paper(context(), actor(), path.notice_id, paper, body.file_sha256)
    return present_filed(filed)


@routes.post(
    "/objections/<objection_id>/verification",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "not_found objection_already_filed objection_closed officer_is_party",
        "answer_not_checked owner_is_not_the_author owner_unknown role_required",
        "same_officer version_conflict",
    ),
)
def verify_objection(path: ObjectionPath, body: VerificationIn) -> Response:
    """核实异议人是否相关业主

    由经办办理。填 owner_id 表示异议人就是名册上这位相关业主，异议生效；
    不填则说明为什么不是，并答复本人。
    """
    checked = objections.verify(
        context(), actor(), path.objection_id, body.owner_id, body.answer, body.checked
    )
    return present(ObjectionStatusOut.model_validate(checked))


@routes.post(
    "/objections/<objection_id>/publication",
    auth="person",
    answers={200: PublicationOut},
    refuses=(
        WRITTEN,
        "author_not_verified not_found officer_is_party publication_decided",
        "publication_not_asked same_officer version_conflict",
    ),
)
def decide_publication(path: ObjectionPath, body: PublicationIn) -> Response:
    """决定是否公布异议原文（隐去姓名、房号、电话）；不予公布须说明理由

    由经办办理，只限异议人愿意公布、平台没有拦下的原文。
    """
    decided = moderation.decide_publication(
        context(), actor(), path.objection_id, body.decision == "publish", body.reason
    )
    return present(PublicationOut.model_validate(decided))


@routes.post(
    "/objections/<objection_id>/unmask",
    auth="person",
    answers={200: UnmaskedObjectionOut},
    refuses=(WRITTEN, "not_found officer_is_party same_officer"),
)
def unmask_objector(path: ObjectionPath, body: ReasonIn) -> Response:
    """说明理由后查看异议人，查看会被记录

    由本案经办办理。每次查看连同理由写入审计链。
    """
    shown = unmask_objection(context(), actor(), path.objection_id, body.reason)
    return present(UnmaskedObjectionOut.model_validate(shown))
