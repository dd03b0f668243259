"""资金系统: files of the fund's own system that were booked, and those that went back to it."""

from flask import Blueprint, Response

from backend.desk import gate, lists
from backend.desk.income_tabs import TABS
from backend.desk.pages import page
from backend.domain.fund_books import BATCH_NAMES
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.reads.fund_batch_pages import read_batches

routes = Blueprint("fund_batches", __name__, url_prefix=f"{gate.PREFIX}/income/fund-batches")


@routes.get("")
def batches() -> Response:
    """The latest first, fifty a page."""
    return page(
        "fund_batches.html",
        view=read_batches(context(), gate.me(), lists.page_number()),
        tabs=TABS,
        names=BATCH_NAMES,
        plain_day=plain_day,
    )
