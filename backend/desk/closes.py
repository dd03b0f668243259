"""年度分配: a year's preview with every account's figure, posted by another officer."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, once
from backend.desk.exports import export as export_of
from backend.desk.forms import Field, Known
from backend.desk.income_tabs import TABS
from backend.desk.one_form import OneForm
from backend.desk.pages import go, page
from backend.desk.values import Kind
from backend.domain.closing import CLOSE_STATE_NAMES, CloseState, explain
from backend.domain.errors import Refusal
from backend.domain.households import explain as explain_flat
from backend.domain.local_time import local_date
from backend.domain.wording import calendar_year, plain_day
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.income import closing
from backend.services.lists.income import AskedShares, shares_asked
from backend.services.reads import income_pages
from backend.services.reads.flat_accounts import look

routes = Blueprint("closes", __name__, url_prefix=f"{gate.PREFIX}/income")
MARKS = {CloseState.PREVIEW: "soon", CloseState.POSTED: "good"}
MOVED = "close_basis_moved"
YEARS = 10  # that can be chosen
YEAR_TYPED = re.compile(r"[0-9]{4}")
YEAR = Field("year", "哪一年", Kind.CHOICE, "1月1日到12月31日的利息。")
DONE = {"previewed": "生成预览，等另一位人员入账", "booked": "年度分配入账"}


@routes.get("/closes")
def closes() -> Response:
    """The latest year first."""
    ctx, me = context(), gate.me()
    return page(
        "closes.html",
        found=income_pages.page_of_closes(ctx, me, lists.page_number()),
        may_work=income_pages.may_work(ctx, me),
        states=CLOSE_STATE_NAMES,
        marks=MARKS,
        tabs=TABS,
    )


@routes.get("/closes/new")
def begin() -> Response:
    """Which year is to be closed."""
    return _year().begun()


@routes.post("/closes/new")
def preview() -> Response | Redirect:
    """Make the preview, in the place of an earlier one."""
    me = gate.me()
    found: list[UUID] = []
    wrong = _year().done(
        lambda part, given: found.append(closing.preview(part, me, int(given["year"])).id)
    )
    if wrong:
        return wrong
    if not found:  # sent again: it was made then
        return go("closes.closes")
    return redirect(url_for("closes.shares", close=found[0], done="previewed"), 303)


@routes.get("/shares")
def shares() -> Response:
    """A close with each account's figure, fifty a page; without one in the address the latest."""
    return _shares(shares_asked(lists.address()), 200, ())


@routes.get("/shares/workbook")
def export() -> Response:
    """Exactly these shares, as a workbook."""
    return export_of("shares")


@routes.get("/closes/<uuid:close_id>/flats")
def flats(close_id: UUID) -> Response:
    """What every flat gets of a close, fifty a page, narrowed to estates of a name."""
    ctx, me, words = context(), gate.me(), lists.words()
    return page(
        "flat_shares.html",
        view=income_pages.read_flat_shares(ctx, me, close_id, words, lists.page_number()),
        words=words,
        explain=explain_flat,
    )


@routes.post("/flats")
def flat() -> Response:
    """One flat's account in a year (without one the latest). The look is written down, so that it
    is asked for by a button and never by an address, which a browser may open by itself; who only
    watches has no button."""
    gate.check_form()
    income_pages.check_works(context(), gate.me())
    asked = request.form.get("year", "")
    year = int(asked) if YEAR_TYPED.fullmatch(asked) else None
    try:
        household_id = UUID(request.form.get("household", ""))
    except ValueError:
        raise nothing_there("房屋") from None
    view = look(context(), gate.me(), household_id, year)
    return page("flat.html", view=view, plain_day=plain_day)


@routes.post("/closes/<uuid:close_id>/posting")
def post(close_id: UUID) -> Response | Redirect:
    """Post the preview, once."""
    me = gate.me()
    wrong = asking.done(
        (),
        lambda part, _: closing.post(part, me, close_id),
        lambda _, refusals, status: _shares(AskedShares(close_id, ""), status, refusals),
    )
    return wrong or redirect(url_for("closes.shares", close=close_id, done="booked"), 303)


def _year() -> OneForm:
    ctx = context()
    last = local_date(ctx.clock()).year - 1
    income_pages.check_works(ctx, gate.me())
    years = [(str(year), calendar_year(year)) for year in range(last, last - YEARS, -1)]
    return OneForm(
        "预览年度分配",
        [(url_for("closes.closes"), "年度分配")],
        [replace(YEAR, choices=years)],
        "生成分配表：该年已入账的法定利息按各户余额乘以天数分给各户，增值收益分到每个统筹账户（收益归户的"
        "城市分给各户），一分不多一分不少［方案四（二）］。预览不入账，代替这一年以前的预览；由另一位人员核对后入账。"
        "分配过的年份，后来有收入或余额更正的，只分差额。",
        known=Known({"year": request.args.get("year", str(last))}),
        verb="生成预览",
    )


def _shares(this: AskedShares, status: int, refusals: Sequence[Refusal]) -> Response:
    view = income_pages.read_shares(
        context(), gate.me(), this.close_id, this.words, lists.page_number()
    )
    return page(
        "shares.html",
        status,
        view=view,
        asked=this,
        refusals=refusals,
        moved=any(each.code == MOVED for each in refusals),
        key=once.key_of(refusals),
        states=CLOSE_STATE_NAMES,
        marks=MARKS,
        explain=explain,
        done=DONE.get(request.args.get("done", "")),
        export=url_for("closes.export", **dict[str, Any](this.narrowing)),
        **filters.shown_at("shares", this.narrowing),
    )
