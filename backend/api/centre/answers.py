"""For the centre: what it says to an objection: the clerk's answer, the reviewer's dismissal, and
the letter to whom no message reaches."""

from datetime import date

from flask import Response

from backend.api.cases.objections import ObjectionPath, ObjectionStatusOut
from backend.domain.letters import Given, How
from backend.http.bodies import ReasonIn
from backend.http.fields import Answer, Day, Sha256
from backend.http.parts import actor, context
from backend.http.present import PDF_FILE, Input, Output, present, present_pdf
from backend.http.routes import WRITTEN, Routes
from backend.services.public_notice import answers, dismissals, letters

routes = Routes("answers", "中心：答复和复核异议")


class ObjectionAnswerIn(Input):
    """What is published, masked; `checked` once the officer saw how it will read."""

    answer: Answer
    checked: bool = False


class AnswerDraftIn(Input):
    """An answer that is not given yet."""

    answer: Answer


class AnswerPreviewOut(Output):
    """What everybody will read, whether something was masked, and whether something may be left."""

    text: str
    changed: bool
    telling: bool


class DeliveryIn(Input):
    """How and when the letter was given, and the scan of what proves it."""

    how: How
    given_on: Day
    file_sha256: Sha256


class DeliveryOut(Output):
    """From which day on the letter counts as given."""

    how: str
    given_on: date
    delivered_on: date


@routes.post(
    "/objections/<objection_id>/answer-preview",
    auth="person",
    answers={200: AnswerPreviewOut},
    refuses=(WRITTEN, "not_found officer_is_party same_officer version_conflict"),
)
def preview_answer(path: ObjectionPath, body: AnswerDraftIn) -> Response:
    """预览答复公布的样子：姓名、电话、门牌自动隐去

    由经办或复核办理，什么也不保存。telling 为 true 时文字里可能还有没有隐去的号码，请改写。
    """
    shown = answers.preview(context(), actor(), path.objection_id, body.answer)
    return present(AnswerPreviewOut.model_validate(shown))


@routes.post(
    "/objections/<objection_id>/answer",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "answer_not_checked not_found objection_answered objection_closed officer_is_party",
        "same_officer version_conflict",
    ),
)
def answer_objection(path: ObjectionPath, body: ObjectionAnswerIn) -> Response:
    """答复异议；答复会公布

    由经办办理。答复里的姓名、电话、门牌公布前隐去；有隐去的，先预览，再以 checked 为 true 提交。
    答复公布后不能再改；异议人不撤回的，由复核审查。
    """
    answered = answers.answer(context(), actor(), path.objection_id, body.answer, body.checked)
    return present(ObjectionStatusOut.model_validate(answered))


@routes.post(
    "/objections/<objection_id>/dismissal",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "answer_not_checked case_closed dismissal_not_possible not_found objection_closed",
        "answer_not_delivered objection_not_answered objection_not_verified officer_is_party",
        "same_officer version_conflict",
    ),
)
def dismiss_objection(path: ObjectionPath, body: ObjectionAnswerIn) -> Response:
    """复核异议：不予采纳

    由复核办理，经办答复之后。answer 是理由，隐去姓名、电话、门牌后公布；异议人同时看到
    本市告知的救济途径。异议不再挡住本案。
    """
    dismissed = dismissals.dismiss(context(), actor(), path.objection_id, body.answer, body.checked)
    return present(ObjectionStatusOut.model_validate(dismissed))


@routes.post(
    "/objections/<objection_id>/dismissal-reversal",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "case_closed dismissal_final not_dismissed not_found officer_is_party own_dismissal",
        "same_officer version_conflict",
    ),
)
def undo_dismissal(path: ObjectionPath, body: ReasonIn) -> Response:
    """撤销不予采纳

    拨付之前，由另一位经办或复核办理，须写明理由。异议恢复有效，本案重新暂缓。
    """
    undone = dismissals.undo(context(), actor(), path.objection_id, body.reason)
    return present(ObjectionStatusOut.model_validate(undone))


@routes.get(
    "/objections/<objection_id>/letter",
    auth="person",
    answers={200: PDF_FILE},
    refuses=("letter_not_due not_found officer_is_party same_officer",),
)
def answer_letter(path: ObjectionPath) -> Response:
    """打印书面答复和送达回证（PDF）

    由经办办理。异议人没有账号、收不到消息的，答复、复核决定要书面送达。答复书上有异议人的姓名，
    每次打印都有记录。
    """
    return present_pdf(*letters.letter_of(context(), actor(), path.objection_id))


@routes.post(
    "/objections/<objection_id>/delivery",
    auth="person",
    answers={200: DeliveryOut},
    refuses=(
        "delivery_day_invalid file_unknown letter_not_due not_found officer_is_party paper_reused",
        "same_officer version_conflict",
    ),
)
def deliver_answer(path: ObjectionPath, body: DeliveryIn) -> Response:
    """录入书面答复已经送达

    由经办办理，先上传签好的送达回证、邮件回执或照片。送达以后才算答复；复核不予采纳要在送达以后。
    公告送达的，张贴满 30 日再录入。
    """
    given = Given(body.how, body.given_on, body.file_sha256)
    delivery = letters.deliver(context(), actor(), path.objection_id, given)
    return present(DeliveryOut.model_validate(delivery))


@routes.post(
    "/objections/<objection_id>/delivery-reversal",
    auth="person",
    answers={200: ObjectionStatusOut},
    refuses=(
        WRITTEN,
        "delivery_final not_delivered not_found officer_is_party same_officer version_conflict",
    ),
)
def undo_delivery(path: ObjectionPath, body: ReasonIn) -> Response:
    """撤销录错的送达

    由经办办理，须写明理由；复核以后不能再撤销。书面答复重新待送达。
    """
    undone = letters.undo(context(), actor(), path.objection_id, body.reason)
    return present(ObjectionStatusOut.model_validate(undone))
