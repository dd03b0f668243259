"""办理情况告知书: printed for owners who applied on paper, given to them, and what was entered by
mistake taken back."""

from uuid import UUID

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate
from backend.desk.acts.counter import LETTER_GIVEN, LETTER_NOT_GIVEN, deliver_letter, undo_letter
from backend.desk.case_list import kept_list
from backend.desk.one_form import OneForm
from backend.domain.wording import minute, plain_day
from backend.http.parts import context
from backend.http.present import present_pdf
from backend.services.base.access import nothing_there
from backend.services.purchase import on_paper
from backend.services.purchase.case_letters import CaseLetterView, read_letters

routes = Blueprint("letters", __name__, url_prefix=f"{gate.PREFIX}/cases/<uuid:purchase_id>")


@routes.post("/applicants-letter")
def print_letter(purchase_id: UUID) -> Response:
    """How the case stands with its slip (送达回证), as a PDF; that it was made is on record."""
    gate.check_form()
    return present_pdf(*on_paper.letter_of(context(), gate.me(), purchase_id))


@routes.get("/letters/<uuid:letter_id>/delivery")
def begin_delivery(purchase_id: UUID, letter_id: UUID) -> Response:
    """The form for how it was given."""
    letter = _letter(purchase_id, letter_id)
    if not letter.waits:
        raise nothing_there("待送达的告知书")
    return _delivery(purchase_id, letter).begun()


@routes.post("/letters/<uuid:letter_id>/delivery")
def deliver(purchase_id: UUID, letter_id: UUID) -> Response | Redirect:
    """It was given, once."""
    form, me = _delivery(purchase_id, _letter(purchase_id, letter_id)), gate.me()
    wrong = form.done(lambda part, given: deliver_letter(part, me, purchase_id, letter_id, given))
    return wrong or redirect(_case(purchase_id), 303)


@routes.get("/letters/<uuid:letter_id>/undo-delivery")
def begin_undoing(purchase_id: UUID, letter_id: UUID) -> Response:
    """The form that takes back what was entered."""
    letter = _letter(purchase_id, letter_id)
    if letter.how is None:
        raise nothing_there("已送达的告知书")
    return _undoing(purchase_id, letter).begun()


@routes.post("/letters/<uuid:letter_id>/undo-delivery")
def undo(purchase_id: UUID, letter_id: UUID) -> Response | Redirect:
    """It was not given after all, once."""
    form, me = _undoing(purchase_id, _letter(purchase_id, letter_id)), gate.me()
    wrong = form.done(lambda part, given: undo_letter(part, me, purchase_id, letter_id, given))
    return wrong or redirect(_case(purchase_id), 303)


def _letter(purchase_id: UUID, letter_id: UUID) -> CaseLetterView:
    items = read_letters(context(), gate.me(), purchase_id).items
    found = next((each for each in items if each.id == letter_id), None)
    if found is None:
        raise nothing_there("告知书")
    return found


def _delivery(purchase_id: UUID, letter: CaseLetterView) -> OneForm:
    return OneForm(
        "录入告知书送达",
        [(_case(purchase_id), letter.number)],
        LETTER_GIVEN,
        "申请人知道办到了这一步。以后又办了一步的，再打印、再送达一份。",
        about=_about(letter),
    )


def _undoing(purchase_id: UUID, letter: CaseLetterView) -> OneForm:
    return OneForm(
        "撤销录错的送达",
        [(_case(purchase_id), letter.number)],
        LETTER_NOT_GIVEN,
        "这份告知书不再算送达；以后的告知书也没有送达的，案件重新列在今日待办里。",
        about=_about(letter),
    )


def _about(letter: CaseLetterView) -> str:
    stands = f"第{letter.version}步：{letter.step_name}，{letter.state_name}"
    printed = f"{stands}；{minute(letter.printed_at)}打印"
    given = f"，{plain_day(letter.given_on)}{letter.how_name}" if letter.given_on else ""
    return printed + given


def _case(purchase_id: UUID) -> str:
    return url_for("case.case", purchase_id=purchase_id, _anchor="letters", **kept_list())
