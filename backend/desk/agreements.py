"""存款协议: what was agreed with banks for the fund's deposits, and what others had offered."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.forms import Field, Given, Known
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.agreements import AGREEMENT_NAMES, AgreementKind, Offer
from backend.domain.city.benchmarks import known_terms
from backend.domain.deposits import term_words
from backend.domain.errors import Refusal, Refused
from backend.domain.income import parse_rate, percent
from backend.domain.normal import plain
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.base.context import Context
from backend.services.income import agreements as registry
from backend.services.income.agreements import Document
from backend.services.reads import income_pages
from backend.services.reads.agreement_pages import read_agreement, read_agreements

routes = Blueprint("agreements", __name__, url_prefix=f"{gate.PREFIX}/income/agreements")
AGREED = "agreed"
MONTHS = Field("months", "存期", Kind.CHOICE)
OFFERS = (
    Field("bank", "报价的银行", Kind.WORDS),
    MONTHS,
    Field("rate", "年利率（%）", Kind.WORDS),
    Field(
        AGREED,
        "结果",
        Kind.CHOICE,
        choices=((AGREED, "约定"), ("not_chosen", "没有选上")),
    ),
)
DOCUMENT = (
    Field("bank_id", "与哪个专户的银行约定", Kind.ID),
    Field("number", "协议编号", Kind.LINE),
    Field("kind", "怎样选的", Kind.CHOICE, choices=tuple(AGREEMENT_NAMES.items())),
    Field("from_on", "协议的第一天", Kind.DAY),
    Field("until_on", "协议的最后一天", Kind.DAY, "当天仍然有效。"),
    Field("note", "说明", hint="没有选最高报价的，写明原因。", optional=True),
    Field("file_sha256", "协议、报价的扫描件", Kind.FILE, PHOTO_OR_PDF),
)
WHY = Field("reason", "撤销的原因", hint="例如“利率录错，应为1.95%”。")


@routes.get("")
def agreements() -> Response:
    """The latest first, fifty a page."""
    return page(
        "agreements.html",
        view=read_agreements(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        names=AGREEMENT_NAMES,
        plain_day=plain_day,
        percent=percent,
        term_words=term_words,
        done={"new": "登记存款协议", "taken-back": "撤销登记"}.get(
            request.args.get("done", ""), ""
        ),
    )


@routes.get("/new")
def begin() -> Response:
    """The form for a document."""
    return _form().begun()


@routes.post("/new")
def enter() -> Response | Redirect:
    """Enter it, once."""
    me = gate.me()
    wrong = _form().done(
        lambda part, given: registry.enter(part, me, _document(given), given["file_sha256"])
    )
    return wrong or go("agreements.agreements", done="new")


@routes.get("/<uuid:agreement_id>/withdrawal")
def begin_withdrawal(agreement_id: UUID) -> Response:
    """The form that takes it back."""
    return _withdrawal(agreement_id).begun()


@routes.post("/<uuid:agreement_id>/withdrawal")
def withdraw(agreement_id: UUID) -> Response | Redirect:
    """Take it back, once."""
    me = gate.me()

    def write(part: Context, given: Given) -> object:
        return registry.withdraw(part, me, agreement_id, given[WHY.name])

    return _withdrawal(agreement_id).done(write) or go("agreements.agreements", done="taken-back")


def _document(given: Given) -> Document:
    offers: list[Offer] = []
    wrong: list[Refusal] = []
    for number, row in enumerate(given["offers"]):
        try:
            rate = parse_rate(plain(row["rate"]), f"offers.{number}.rate")
        except Refused as refused:  # of every row at once
            wrong += refused.refusals
        else:
            offers.append(Offer(row["bank"], int(row["months"]), rate, row[AGREED] == AGREED))
    if wrong:
        raise Refused(*wrong)
    return Document(
        given["bank_id"],
        given["number"],
        AgreementKind(given["kind"]),
        given["from_on"],
        given["until_on"],
        offers,
        given["note"] or "",
    )


def _form() -> OneForm:
    income_pages.check_works(context(), gate.me())
    banks = income_pages.banks(context(), gate.me())
    terms = tuple((str(each), term_words(each)) for each in known_terms(context().city))
    columns = tuple(replace(each, choices=terms) if each is MONTHS else each for each in OFFERS)
    offers = Field(
        "offers",
        "报价",
        Kind.TABLE,
        "每家银行每个存期一行，没有选上的也写；约定的利率，以后登记存款时会对照。",
        columns=columns,
    )
    return OneForm(
        "登记存款协议",
        [(url_for("agreements.agreements"), "存款协议")],
        (*DOCUMENT[:-2], offers, *DOCUMENT[-2:]),
        "只是登记，不动账。以后这个专户的存款会与协议的利率对照。",
        known=Known(choices={"bank_id": [(str(it.id), f"{it.name} {it.number}") for it in banks]}),
    )


def _withdrawal(agreement_id: UUID) -> OneForm:
    income_pages.check_works(context(), gate.me())
    view = read_agreement(context(), gate.me(), agreement_id)
    return OneForm(
        "撤销登记",
        [(url_for("agreements.agreements"), "存款协议")],
        (WHY,),
        "这份登记不再算数，留在列表里；同一编号可以重新登记。",
        about=f"{view.bank}，{view.number}",
    )
