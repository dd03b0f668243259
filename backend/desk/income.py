"""收益与账户: where the income stands, deposits, and the interest that banks paid; entered by one
officer of the books, interest confirmed by another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, forms, gate, lists, shown
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.exports import export
from backend.desk.forms import NOTHING, Field, Given, Known
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, leads_elsewhere, page
from backend.desk.values import Kind
from backend.domain import leading_decisions
from backend.domain.city.benchmarks import known_terms
from backend.domain.deposits import (
    DEPOSIT_STATUS_NAMES,
    INTEREST_STATUS_NAMES,
    DepositStatus,
    InterestStatus,
    term_words,
)
from backend.domain.errors import Refusal, Refused
from backend.domain.income import parse_rate, percent
from backend.domain.money import yuan
from backend.domain.normal import plain
from backend.domain.wording import plain_day
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.income import deposits as registry
from backend.services.income import interest as paying
from backend.services.income import undoing
from backend.services.income.deposits import Certificate
from backend.services.income.foreseen import Foreseen, foresee
from backend.services.income.interest import Receipt
from backend.services.lists.income import deposits_asked, interest_asked
from backend.services.reads import income_pages
from backend.services.reads.income_accounts import read_accounts
from backend.services.reads.income_pages import DepositPage

routes = Blueprint("income", __name__, url_prefix=f"{gate.PREFIX}/income")
MARKS = {
    DepositStatus.RUNNING: "good",
    DepositStatus.UNPAID: "late",
    InterestStatus.WAITING: "soon",
    InterestStatus.CONFIRMED: "good",
}
MONTHS = Field("months", "存期", Kind.CHOICE, "这里列的是有基准利率的存期。")
CERTIFICATE = (
    Field("bank_id", "存在哪个专户", Kind.ID),
    Field("number", "存单或协议的编号", Kind.LINE),
    Field("principal_fen", "本金", Kind.YUAN),
    Field("rate", "年利率（%）", Kind.WORDS, "照存单写百分数：1.95% 写 1.95。"),
    MONTHS,
    Field("value_on", "起息日", Kind.DAY),
    Field("file_sha256", "存单、协议的扫描件", Kind.FILE, PHOTO_OR_PDF),
)
FIGURES = (
    Field("until_on", "止息日", Kind.DAY, "照回单写；当天不计息。到期结息的写到期日。"),
    Field("posted_on", "银行入账日", Kind.DAY, "回单上钱到专户的那天。"),
    Field("actual_fen", "实得利息", Kind.YUAN, "回单上的金额；没有付息的写 0。"),
)
PAPER = (
    Field("bank_reference", "银行回单的流水号", Kind.LINE),
    Field("note", "说明", hint="例如提前支取、利率调整；没有特别情况的不填。", optional=True),
    Field("file_sha256", "银行回单", Kind.FILE, PHOTO_OR_PDF),
)
WHY = Field("reason", "撤销的原因", hint="例如“本金录错，应为500,000元”。")
LOOK = "look"
DONE = {
    "new": "登记存款",
    "taken-back": "撤销登记",
    "interest": "登记结息，等另一位人员确认",
    "undo": "登记撤销，等另一位人员确认",
}


@routes.get("")
def accounts() -> Response:
    """Where the income stands: banks, years, what is owed to the owners and by accounts."""
    found = read_accounts(context(), gate.me(), lists.page_number())
    return page(
        "income_accounts.html",
        found=found,
        tabs=TABS,
        plain_day=plain_day,
        is_open=leading_decisions.is_open,
        decision_words=leading_decisions.words,
    )


@routes.get("/deposits")
def deposits() -> Response:
    """The latest first, fifty a page."""
    this, ctx, me = deposits_asked(lists.address()), context(), gate.me()
    return page(
        "deposits.html",
        found=income_pages.page_of_deposits(ctx, me, this.words, this.status, lists.page_number()),
        asked=this,
        statuses=DEPOSIT_STATUS_NAMES,
        marks=MARKS,
        tabs=TABS,
        plain_day=plain_day,
        may_work=income_pages.may_work(ctx, me),
        export=url_for("income.export_deposits", **dict[str, Any](this.narrowing)),
        **filters.shown_at("deposits", this.narrowing),
    )


@routes.get("/deposits/workbook")
def export_deposits() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export("deposits")


@routes.get("/deposits/new")
def begin() -> Response:
    """The form for a certificate."""
    return _certificate().begun()


@routes.post("/deposits/new")
def enter() -> Response | Redirect:
    """Enter it, once."""
    me = gate.me()
    found: list[UUID] = []

    def write(part: Context, given: Given) -> None:
        rate = parse_rate(plain(given["rate"]), "rate")
        paper = Certificate(
            given["bank_id"],
            given["number"],
            given["principal_fen"],
            rate,
            int(given["months"]),
            given["value_on"],
        )
        found.append(registry.enter(part, me, paper, given["file_sha256"]).id)

    wrong = _certificate().done(write)
    if wrong:
        return wrong
    if not found:  # sent again: it was entered then
        return go("income.deposits")
    return go("income.deposit", deposit_id=found[0], done="new")


@routes.get("/deposits/<uuid:deposit_id>")
def deposit(deposit_id: UUID) -> Response:
    """One deposit with its interest."""
    return page(
        "deposit.html",
        view=income_pages.read_deposit(context(), gate.me(), deposit_id),
        marks=MARKS,
        percent=percent,
        plain_day=plain_day,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/deposits/<uuid:deposit_id>/withdrawal")
def begin_withdrawal(deposit_id: UUID) -> Response:
    """The form that takes back what was entered by mistake."""
    return _withdrawal(deposit_id).begun()


@routes.post("/deposits/<uuid:deposit_id>/withdrawal")
def withdraw(deposit_id: UUID) -> Response | Redirect:
    """Take it back, once."""
    me = gate.me()
    wrong = _withdrawal(deposit_id).done(
        lambda part, given: registry.withdraw(part, me, deposit_id, given[WHY.name])
    )
    return wrong or go("income.deposit", deposit_id=deposit_id, done="taken-back")


@routes.get("/deposits/<uuid:deposit_id>/interest")
def begin_interest(deposit_id: UUID) -> Response:
    """First the figures of the receipt."""
    return _interest(deposit_id, shown.begun((*FIGURES, *PAPER), NOTHING), None, 200)


@routes.post("/deposits/<uuid:deposit_id>/interest")
def enter_interest(deposit_id: UUID) -> Response | Redirect:
    """Show how these figures are cut and ask for the paper; with it, enter the interest once."""
    if request.form.get(LOOK):
        return _look(deposit_id)
    me, fields = gate.me(), (*FIGURES, *PAPER)

    def write(part: Context, given: Given) -> None:
        receipt = _receipt(given)
        paying.enter(part, me, deposit_id, receipt, given["file_sha256"])

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        form = shown.Form(fields, NOTHING, typed, refusals)
        about_paper = {each.field for each in refusals} <= {each.name for each in PAPER}
        return _interest(deposit_id, form, _seen(deposit_id) if about_paper else None, status)

    wrong = asking.done(fields, write, again)
    return wrong or go("income.deposit", deposit_id=deposit_id, done="interest")


@routes.get("/interest")
def interest() -> Response:
    """The latest first, fifty a page."""
    this, ctx, me = interest_asked(lists.address()), context(), gate.me()
    return page(
        "interest_list.html",
        found=income_pages.page_of_interest(ctx, me, this.chosen, lists.page_number()),
        asked=this,
        statuses=INTEREST_STATUS_NAMES,
        marks=MARKS,
        tabs=TABS,
        plain_day=plain_day,
        export=url_for("income.export_interest", **dict[str, Any](this.narrowing)),
        **filters.shown_at("interest", this.narrowing),
    )


@routes.get("/interest/workbook")
def export_interest() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export("interest")


@routes.get("/interest/<uuid:interest_id>")
def one_interest(interest_id: UUID) -> Response:
    """One interest: every figure with the way it was reckoned, and its paper."""
    return page(
        "interest.html",
        view=income_pages.read_interest(context(), gate.me(), interest_id),
        marks=MARKS,
        plain_day=plain_day,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/interest/<uuid:interest_id>/undo")
def begin_undo(interest_id: UUID) -> Response:
    """The form that asks for confirmed interest to be undone."""
    return _undo(interest_id).begun()


@routes.post("/interest/<uuid:interest_id>/undo")
def ask_undo(interest_id: UUID) -> Response | Redirect:
    """Ask for it, once."""
    me = gate.me()
    wrong = _undo(interest_id).done(
        lambda part, given: undoing.ask(
            part, me, interest_id, given[WHY.name], given["file_sha256"]
        )
    )
    return wrong or go("income.one_interest", interest_id=interest_id, done="undo")


def _certificate() -> OneForm:
    ctx, me = context(), gate.me()
    banks = income_pages.banks(ctx, me)
    terms = [(str(months), term_words(months)) for months in known_terms(ctx.city)]
    return OneForm(
        "登记存款",
        [(url_for("income.deposits"), "存款")],
        [replace(each, choices=terms) if each is MONTHS else each for each in CERTIFICATE],
        "同期限的基准利率和来源随登记固定下来，以后每次结息的法定利息都按它算［方案四（一）］。"
        "本金不动账：钱还在这个专户里。",
        known=Known(
            choices={"bank_id": [(str(bank.id), f"{bank.name} {bank.number}") for bank in banks]}
        ),
    )


def _withdrawal(deposit_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    view = income_pages.read_deposit(context(), gate.me(), deposit_id).line.view
    return OneForm(
        "撤销登记",
        [
            (url_for("income.deposits"), "存款"),
            (url_for("income.deposit", deposit_id=deposit_id), view.number),
        ],
        (WHY,),
        "这笔登记不再算数，留在列表里；同一编号可以重新登记。已经登记利息的不能撤销。",
        about=f"{view.bank_name}，{view.number}",
    )


def _undo(interest_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    view = income_pages.read_interest(context(), gate.me(), interest_id).line.view
    return OneForm(
        "撤销入账",
        [
            (url_for("income.interest"), "结息"),
            (url_for("income.one_interest", interest_id=interest_id), view.deposit_number),
        ],
        (WHY, Field("file_sha256", "依据", Kind.FILE, PHOTO_OR_PDF)),
        "现在什么也不改：另一位人员确认以后，原分录红字冲销，这些天的利息按回单重新登记。"
        "这笔存款后来又有结息的，先撤销后面的；该年增值收益已经分配、这笔利息算在里面的，不能撤销。",
        about=f"{view.bank_name} {view.deposit_number}，{yuan(view.actual_fen)}",
    )


def _receipt(given: Given) -> Receipt:
    return Receipt(
        given.get("bank_reference", ""),
        given["posted_on"],
        given["until_on"],
        given["actual_fen"],
        given.get("note") or "",
    )


def _seen(deposit_id: UUID) -> Foreseen | None:
    """How the figures of this form are cut; None where they cannot be."""
    try:
        return foresee(context(), gate.me(), deposit_id, _receipt(forms.read(FIGURES)))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return None


def _look(deposit_id: UUID) -> Response:
    gate.check_form()
    fields = (*FIGURES, *PAPER)
    typed = forms.typed(fields)
    try:
        foreseen = foresee(context(), gate.me(), deposit_id, _receipt(forms.read(FIGURES)))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        form = shown.Form(fields, NOTHING, typed, refused.refusals)
        return _interest(deposit_id, form, None, STATUS_OF_KIND[refused.kind])
    return _interest(deposit_id, shown.Form(fields, NOTHING, typed), foreseen, 200)


def _interest(
    deposit_id: UUID, form: shown.Form, foreseen: Foreseen | None, status: int
) -> Response:
    view: DepositPage = income_pages.read_deposit(context(), gate.me(), deposit_id)
    return page(
        "interest_new.html",
        status,
        view=view,
        form=form,
        seen=foreseen,
        figures=FIGURES,
        paper=PAPER,
        look=LOOK,
        plain_day=plain_day,
    )
