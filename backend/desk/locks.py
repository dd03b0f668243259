"""锁账: up to which day the books take nothing more; asked by one officer, confirmed by another."""

from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from backend.desk import gate, lists
from backend.desk.forms import Field
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.local_time import local_date
from backend.domain.period_locks import lock_change, lock_words, month_ends
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.income import locking
from backend.services.reads import income_pages
from backend.services.reads.lock_pages import read_locks

routes = Blueprint("locks", __name__, url_prefix=f"{gate.PREFIX}/income/locks")
NONE = "none"
UNTIL = Field(
    "until_on",
    "账锁到哪一天",
    Kind.CHOICE,
    "当天和以前的日子不再记账。选更早的一天，就是打开后来的日子。",
)
WHY = Field("reason", "原因", hint="例如“12月的账已经对完”，或者要补记、更正什么。")


@routes.get("")
def locks() -> Response:
    """Where the lock stands, and each change of it."""
    return page(
        "locks.html",
        found=read_locks(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        lock_words=lock_words,
        lock_change=lock_change,
        done="登记锁账，等另一位人员确认" if request.args.get("done") else "",
    )


@routes.get("/new")
def begin() -> Response:
    """Up to which month's end."""
    return _form().begun()


@routes.post("/new")
def ask() -> Response | Redirect:
    """Ask for it, once."""
    me = gate.me()

    def until_on(chosen: str) -> date | None:
        return None if chosen == NONE else date.fromisoformat(chosen)

    wrong = _form().done(
        lambda part, given: locking.ask(part, me, until_on(given[UNTIL.name]), given[WHY.name])
    )
    return wrong or go("locks.locks", done="1")


def _form() -> OneForm:
    ctx = context()
    income_pages.check_works(ctx, gate.me())
    ends = [(end.isoformat(), plain_day(end)) for end in month_ends(local_date(ctx.clock()))]
    stands = read_locks(ctx, gate.me(), 1).locked_until
    return OneForm(
        "锁账或打开",
        [(url_for("locks.locks"), "锁账")],
        (replace(UNTIL, choices=[*ends, (NONE, "全部打开，不锁")]), WHY),
        "现在什么也不改：另一位人员确认以后才锁上或打开，记入审计。年度分配入账的年份自动锁上。",
        about=f"现在账{lock_words(stands)}。",
    )
