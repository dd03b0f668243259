"""以前年度收益: what the openings owe the owners, by the year whose close shares it; entered by one
officer, confirmed by another."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists
from backend.desk.acts.act import PHOTO_OR_PDF
from backend.desk.closes import YEARS
from backend.desk.forms import Field, Known
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.local_time import local_date
from backend.domain.money import yuan
from backend.domain.past_income import FOLLOWS, FOLLOWS_BACK
from backend.domain.wording import calendar_year
from backend.http.parts import context
from backend.services.income import past
from backend.services.income.past import Counted
from backend.services.reads import income_pages
from backend.services.reads.past_income_pages import read_past_income

routes = Blueprint("past_income", __name__, url_prefix=f"{gate.PREFIX}/income/past")
PAPER = Field("file_sha256", "依据", Kind.FILE, PHOTO_OR_PDF)
YEAR = Field("year", "记到哪一年", Kind.CHOICE, "按那一年各户的余额和天数分。")
FIELDS = (
    YEAR,
    Field("statutory_fen", "没有派发的法定利息", Kind.YUAN, "分给各户；没有填 0。"),
    Field("value_added_fen", "没有分配的增值收益", Kind.YUAN, "和那一年的一起分；没有填 0。"),
    Field("note", "说明", hint="原来是哪几年的、怎么算出来的。"),
    PAPER,
)
WHY = Field("reason", "撤销的原因")
DONE = {"new": "登记，等另一位人员确认", "back": "登记撤销，等另一位人员确认"}
LIST = "past_income.past_income"


@routes.get("")
def past_income() -> Response:
    """The latest first, fifty a page, with what counts for no year yet."""
    return page(
        "past_income.html",
        view=read_past_income(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        done=DONE.get(request.args.get("done", "")),
    )


@routes.get("/new")
def begin() -> Response:
    """The form for what a paper says."""
    return _form().begun()


@routes.post("/new")
def enter() -> Response | Redirect:
    """Enter it, once."""
    me = gate.me()
    wrong = _form().done(
        lambda part, given: past.enter(
            part,
            me,
            Counted(
                int(given["year"]),
                given["statutory_fen"],
                given["value_added_fen"],
                given["note"],
            ),
            given["file_sha256"],
        )
    )
    return wrong or go(LIST, done="new")


@routes.get("/<uuid:past_id>/back")
def begin_back(past_id: UUID) -> Response:
    """The form that asks for what was confirmed to count no more."""
    return _back().begun()


@routes.post("/<uuid:past_id>/back")
def ask_back(past_id: UUID) -> Response | Redirect:
    """Ask for it, once."""
    me = gate.me()
    wrong = _back().done(
        lambda part, given: past.ask_back(part, me, past_id, given["reason"], given["file_sha256"])
    )
    return wrong or go(LIST, done="back")


def _form() -> OneForm:
    income_pages.check_works(context(), gate.me())
    last = local_date(context().clock()).year - 1
    years = [(str(year), calendar_year(year)) for year in range(last, last - YEARS, -1)]
    left = read_past_income(context(), gate.me(), 1).left_fen
    return OneForm(
        "登记以前年度收益",
        [(url_for(LIST), "以前年度")],
        [replace(YEAR, choices=years), *FIELDS[1:]],
        f"现在不改账，由另一位人员确认。确认以后：{FOLLOWS}",
        about=f"应付法定利息里还没有记到年份的：{yuan(left)}",
        known=Known({"year": str(last), "statutory_fen": "0", "value_added_fen": "0"}),
    )


def _back() -> OneForm:
    income_pages.check_works(context(), gate.me())
    return OneForm(
        "撤销以前年度收益",
        [(url_for(LIST), "以前年度")],
        (WHY, PAPER),
        f"现在什么也不改，由另一位人员确认。确认以后：{FOLLOWS_BACK}那一年已经分配、余下的不够的，不能撤销。",
    )
