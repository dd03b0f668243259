"""拨付: what is due, batches for the bank, what it answered; worked on by cashiers."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import drafts, gate, lists, once, ticks
from backend.desk.pages import go, leads_elsewhere, page
from backend.domain.bank_answers import PROPOSES, Verdict
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.local_time import local_date
from backend.domain.money import in_capitals
from backend.domain.wording import day_ends
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.batches import answers, batches, due
from backend.services.batches.answers import Taken
from backend.services.batches.batches import BatchView
from backend.services.workbooks.lists import XLSX

routes = Blueprint("payments", __name__, url_prefix=f"{gate.PREFIX}/payments")
BANK_FILE = "{}.xlsx"
# The boxes of a case, and of a line of the bank's answer; then its id.
CASE, ANSWER = "cases.", "answers."


@routes.get("")
def due_now() -> Response:
    """What the cashier may order, by its last day."""
    return _due(200, ())


@routes.post("")
def make() -> Response | Redirect:
    """A batch of what was ticked; the same form again leads to the same batch."""
    gate.check_form()
    try:
        batch_id = _id(request.form.get("key", ""))
        bank = request.form.get("bank_id", "")
        cases = [_id(each) for each in ticks.ticked(CASE)]
        batches.make(context(), gate.me(), batch_id, cases, _id(bank) if bank else None)
        drafts.drop()
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _due(STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("payments.batch", batch_id=batch_id)


@routes.get("/batches")
def made() -> Response:
    """Every batch, the latest first."""
    return page(
        "batches.html", found=due.page_of_batches(context(), gate.me(), lists.page_number())
    )


@routes.get("/batches/<uuid:batch_id>")
def batch(batch_id: UUID) -> Response:
    """One batch: its payments, what was left out, what the bank answered."""
    return _batch(batch_id, 200, ())


@routes.get("/batches/<uuid:batch_id>/file")
def file(batch_id: UUID) -> Response:
    """The file for the bank, always the same."""
    try:
        number, content = batches.bank_file(context(), gate.me(), batch_id)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _batch(batch_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    response = Response(content, mimetype=XLSX)
    name = quote(BANK_FILE.format(number))
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@routes.get("/batches/<uuid:batch_id>/sheet")
def sheet(batch_id: UUID) -> Response:
    """The batch on paper: its sum in capitals, and lines to sign on."""
    view = batches.read(context(), gate.me(), batch_id)
    return page("batch_sheet.html", view=view, capitals=in_capitals(view.amount_fen))


@routes.post("/batches/<uuid:batch_id>/submit")
def submit(batch_id: UUID) -> Response | Redirect:
    """已提交银行."""
    gate.check_form()
    try:
        batches.submit(context(), gate.me(), batch_id)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _batch(batch_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("payments.batch", batch_id=batch_id)


@routes.post("/batches/<uuid:batch_id>/void")
def void(batch_id: UUID) -> Response | Redirect:
    """作废整批: the bank never got the file."""
    gate.check_form()
    try:
        batches.void(context(), gate.me(), batch_id, request.form.get("reason", ""))
        drafts.drop()
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _batch(batch_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("payments.batch", batch_id=batch_id)


@routes.post("/batches/<uuid:batch_id>/answers")
def take(batch_id: UUID) -> Response | Redirect:
    """The bank's statement or receipts; nothing is booked by it."""
    gate.check_form()
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise refuse("field_missing", "请选择网银导出的 .xlsx 文件。", "file")
        taken = answers.take(context(), gate.me(), batch_id, given.filename, given.stream)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _batch(batch_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    counts = {"new": taken.new, "others": taken.others}
    return go("payments.batch", batch_id=batch_id, **counts, _anchor="answers")


@routes.post("/batches/<uuid:batch_id>/confirm")
def confirm(batch_id: UUID) -> Response | Redirect:
    """Confirm the lines that are ticked, each on its own."""
    gate.check_form()
    ticked = [_id(each) for each in ticks.ticked(ANSWER)]
    outcomes = answers.confirm(context(), gate.me(), batch_id, ticked)
    wrong = [
        Refusal("answer_proposes_nothing", f"{each.number}：{reason}")
        for each in outcomes
        for reason in each.reasons
    ]
    if wrong:
        return _batch(batch_id, 409, wrong)
    drafts.drop()
    return _back_to(batch_id)


@routes.post("/batches/<uuid:batch_id>/answers/<uuid:answer_id>/back")
def send_back(batch_id: UUID, answer_id: UUID) -> Response | Redirect:
    """退回: the bank did not pay."""
    gate.check_form()
    reason, unusable = request.form.get("reason", ""), request.form.get("account_unusable") == "yes"
    try:
        answers.send_back(
            context(), gate.me(), batch_id, answer_id, reason, account_unusable=unusable
        )
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _batch(batch_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return _back_to(batch_id)


def _back_to(batch_id: UUID) -> Redirect:
    """The batch, where the bank's answers stand."""
    return go("payments.batch", batch_id=batch_id, _anchor="answers")


def _taken() -> Taken | None:
    """What the import before this page brought."""
    new, others = (request.args.get(name, type=int) for name in ("new", "others"))
    return None if new is None or others is None else Taken(new, others)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refuse("field_invalid", "表单不完整，请重新打开这一页。") from None


def _due(status: int, refusals: Sequence[Refusal]) -> Response:
    found = due.page_of_due(context(), gate.me(), lists.page_number())
    return page(
        "payments.html",
        status,
        found=found,
        refusals=refusals,
        ticked=ticks.chosen(CASE) or (),
        key=once.key_of(refusals),
        today=local_date(context().clock()),
        day_ends=day_ends,
    )


def _batch(batch_id: UUID, status: int, refusals: Sequence[Refusal]) -> Response:
    view: BatchView = batches.read(context(), gate.me(), batch_id)
    counts = {
        verdict: sum(each.judged.verdict is verdict for each in view.answers) for verdict in Verdict
    }
    return page(
        "batch.html",
        status,
        view=view,
        counts=counts,
        proposes=PROPOSES,
        verdict=Verdict,
        refusals=refusals,
        ticked=ticks.chosen(ANSWER),
        taken=_taken(),
        sheet=url_for("payments.sheet", batch_id=batch_id),
    )
