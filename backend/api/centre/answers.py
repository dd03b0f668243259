"""For the centre: what it says to an objection: the clerk's answer, the reviewer's dismissal."""

from flask import Response

from backend.api.cases.objections import ObjectionPath, ObjectionStatusOut
from backend.http.bodies import ReasonIn
from backend.http.fields import Answer
from backend.http.parts import actor, context
from backend.http.present import Input, Output, present
from backend.http.routes import WRITTEN, Routes
from backend.services.public_notice import answers, dismissals

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
        "objection_not_answered objection_not_verified officer_is_party same_officer",
        "version_conflict",
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
