"""专户划转: money between the fund's own bank accounts; entered by one officer, confirmed by
another."""

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.forms import Field, Known
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.income import transfers as moving
from backend.services.income.transfers import Moved
from backend.services.reads import income_pages
from backend.services.reads.transfer_pages import read_transfers

routes = Blueprint("transfers", __name__, url_prefix=f"{gate.PREFIX}/income/transfers")
RECEIPT = (
    Field("from_bank_id", "从哪个专户转出", Kind.ID),
    Field("to_bank_id", "转入哪个专户", Kind.ID),
    Field("amount_fen", "金额", Kind.YUAN),
    Field("moved_on", "银行划转日", Kind.DAY, "回单上的那天。"),
    Field("bank_reference", "银行回单的流水号", Kind.LINE),
    Field("note", "用途", hint="例如“存入定期，利率竞优”。"),
    Field("file_sha256", "银行回单", Kind.FILE, PHOTO_OR_PDF),
)


@routes.get("")
def transfers() -> Response:
    """The latest first, fifty a page."""
    return page(
        "transfers.html",
        view=read_transfers(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        plain_day=plain_day,
        done="登记划转，等另一位人员确认" if request.args.get("done") else "",
    )


@routes.get("/new")
def begin() -> Response:
    """The form for a receipt."""
    return _form().begun()


@routes.post("/new")
def enter() -> Response | Redirect:
    """Enter it, once."""
    me = gate.me()
    names = [each.name for each in RECEIPT if each.kind is not Kind.FILE]
    wrong = _form().done(
        lambda part, given: moving.enter(
            part, me, Moved(*(given[name] for name in names)), given["file_sha256"]
        )
    )
    return wrong or go("transfers.transfers", done="1")


def _form() -> OneForm:
    income_pages.check_works(context(), gate.me())
    banks = income_pages.banks(context(), gate.me())
    choices = [(str(bank.id), f"{bank.name} {bank.number}") for bank in banks]
    return OneForm(
        "登记划转",
        [(url_for("transfers.transfers"), "划转")],
        RECEIPT,
        "现在不入账：另一位人员对照回单确认以后，一次记到两个专户。以后付保费，两个专户都可以选。",
        known=Known(choices={"from_bank_id": choices, "to_bank_id": choices}),
    )
