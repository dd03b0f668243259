"""异议: entered at the counter, verified, answered, delivered, reviewed. What somebody wrote is
shown only for a reason, as the answer to a form, and leaves its link in the audit chain once."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Redirect

from backend.desk import forms, gate, once, shown
from backend.desk.acts.act import REASON
from backend.desk.acts.objections import DEEDS, HELD_UP, PAPER, DeedForm, enter_paper
from backend.desk.case import seen
from backend.desk.pages import go, leads_elsewhere, page
from backend.domain.deeds import DEED_NAMES
from backend.domain.errors import Refused
from backend.domain.objection import PUBLICATION_NAMES, SOURCE_NAMES, Publication, Source
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.http.present import present_pdf
from backend.services.base.access import nothing_there
from backend.services.base.context import Context
from backend.services.public_notice import answers, letters
from backend.services.reads.cases import read_case, unmask_objection
from backend.services.reads.objections import (
    HandledObjection,
    may_enter_paper,
    read_objection,
    read_words,
)

routes = Blueprint("objections", __name__, url_prefix=gate.PREFIX)
LOOK = (REASON,)


@routes.get("/cases/<uuid:purchase_id>/paper-objection")
def paper(purchase_id: UUID) -> Response:
    """The form for an objection that came on paper."""
    _notice(purchase_id)
    return _paper(purchase_id, shown.begun(PAPER, forms.NOTHING), 200)


@routes.post("/cases/<uuid:purchase_id>/paper-objection")
def enter(purchase_id: UUID) -> Response | Redirect:
    """Put it on record, once."""
    gate.check_form()
    notice_id, me = _notice(purchase_id), gate.me()
    try:
        given = forms.read(PAPER)
        once.do_once(
            PAPER,
            lambda part, papers: enter_paper(part, me, purchase_id, notice_id, {**given, **papers}),
        )
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        form = shown.Form(PAPER, forms.NOTHING, forms.typed(PAPER), refused.refusals)
        return _paper(purchase_id, form, STATUS_OF_KIND[refused.kind])
    return go("case.case", purchase_id=purchase_id, _anchor="objections")


@routes.get("/objections/<uuid:objection_id>")
def objection(objection_id: UUID) -> Response:
    """How it stands and what may be done; without its words."""
    return _page(_of(objection_id), 200)


@routes.get("/objections/<uuid:objection_id>/<deed>")
def deed_form(objection_id: UUID, deed: str) -> Response:
    """The form of one deed."""
    return _deed(
        _of(objection_id),
        deed,
        shown.begun(_form(deed).fields, forms.NOTHING),
        200,
    )


@routes.post("/objections/<uuid:objection_id>/<deed>")
def do(objection_id: UUID, deed: str) -> Response | Redirect:
    """Do it, once."""
    asked = _form(deed)
    gate.check_form()
    of = _of(objection_id)
    try:
        given, me = forms.read(asked.fields), seen()
        once.do_once(asked.fields, lambda part, papers: asked.do(part, me, of, {**given, **papers}))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        typed = forms.typed(asked.fields)
        form = shown.Form(asked.fields, forms.NOTHING, typed, refused.refusals)
        return _deed(_of(objection_id), deed, form, STATUS_OF_KIND[refused.kind])
    return go("objections.objection", objection_id=objection_id)


@routes.post("/objections/<uuid:objection_id>/words")
def words(objection_id: UUID) -> Response:
    """What was written, to whoever says why they must read it."""
    me = gate.me()

    def look(part: Context, reason: str) -> Mapping[str, Any]:
        return asdict(read_words(part, me, objection_id, reason))

    return _look(objection_id, look)


@routes.post("/objections/<uuid:objection_id>/author")
def author(objection_id: UUID) -> Response:
    """Who wrote it, to a clerk who says why."""
    me = gate.me()

    def look(part: Context, reason: str) -> Mapping[str, Any]:
        return asdict(unmask_objection(part, me, objection_id, reason))

    return _look(objection_id, look)


@routes.post("/objections/<uuid:objection_id>/letter")
def letter(objection_id: UUID) -> Response:
    """The answer on paper with its slip (送达回证), as a PDF; that it was made is on record."""
    gate.check_form()
    return present_pdf(*letters.letter_of(context(), gate.me(), objection_id))


def _look(objection_id: UUID, look: Callable[[Context, str], Mapping[str, Any]]) -> Response:
    """Show what was looked at, once: no copy of it is kept, so that the form sent again leaves no
    other link and shows nothing."""
    gate.check_form()
    of = _of(objection_id)
    found: list[Mapping[str, Any]] = []
    try:
        reason = forms.read(LOOK)[REASON.name]
        once.do_once(LOOK, lambda part, _: found.append(look(part, reason)))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        form = shown.Form(LOOK, forms.NOTHING, forms.typed(LOOK), refused.refusals)
        return _page(of, STATUS_OF_KIND[refused.kind], form=form)
    return _page(of, 200, look=found[-1] if found else None, looked_before=not found)


def _of(objection_id: UUID) -> HandledObjection:
    return read_objection(context(), gate.me(), objection_id)


def _form(deed: str) -> DeedForm:
    if deed not in DEEDS:
        raise nothing_there("表单")
    return DEEDS[deed]


def _notice(purchase_id: UUID) -> UUID:
    notice_id = may_enter_paper(context(), gate.me(), purchase_id)
    if notice_id is None:
        raise nothing_there("公示")
    return notice_id


def _page(of: HandledObjection, status: int, **values: Any) -> Response:
    return page(
        "objection.html",
        status,
        objection=of,
        source=SOURCE_NAMES[Source(of.source)],
        publication=PUBLICATION_NAMES[Publication(of.publication)],
        deeds=[(deed, DEED_NAMES[deed]) for deed in of.deeds],
        keys=(once.key_of(), once.key_of()),
        held_up=HELD_UP,
        **values,
    )


def _deed(of: HandledObjection, deed: str, form: shown.Form, status: int) -> Response:
    unchecked = any(refusal.code == "answer_not_checked" for refusal in form.refusals)
    return page(
        "deed.html",
        status,
        objection=of,
        title=DEED_NAMES[deed],
        is_open=deed in of.deeds,
        form=form,
        preview=_preview(of, form.typed["answer"]) if unchecked else None,
    )


def _preview(of: HandledObjection, text: str) -> str:
    """How what was typed will be published."""
    return answers.preview(context(), gate.me(), of.id, text).text


def _paper(purchase_id: UUID, form: shown.Form, status: int) -> Response:
    view = read_case(context(), gate.me(), purchase_id, words=False)
    return page(
        "paper_objection.html",
        status,
        case=view.purchase,
        place=view.place,
        form=form,
        held_up=HELD_UP,
    )
