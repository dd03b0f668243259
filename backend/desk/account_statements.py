"""对账单: an account of the ledger, or a flat's, in a period, to be read here or taken away."""

import re
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from backend.desk import gate, lists
from backend.desk.pages import leads_elsewhere, page
from backend.desk.values import Kind, value_of
from backend.domain.account_statement import WholeStatement
from backend.domain.errors import Refused
from backend.domain.wording import plain_day
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.lists.account_statements import as_workbook
from backend.services.reads import account_statements as statements
from backend.services.reads import income_pages
from backend.services.workbooks.lists import XLSX

routes = Blueprint("account_statements", __name__, url_prefix=f"{gate.PREFIX}/accounts")
PDF = "application/pdf"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@routes.get("/<uuid:account_id>")
def statement(account_id: UUID) -> Response:
    """An account in a period, fifty movements a page; without days this year until today."""
    try:
        found = statements.page_of(
            context(), gate.me(), account_id, _days(request.args), lists.page_number()
        )
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        status = STATUS_OF_KIND[refused.kind]
        return _page(account_id, status=status, found=None, refusals=refused.refusals)
    period = found.period
    days: dict[str, Any] = {"from_on": period.from_on, "until_on": period.until_on}
    return _page(
        account_id,
        found=found,
        refusals=(),
        pdf=url_for("account_statements.pdf", account_id=account_id, **days),
        workbook=url_for("account_statements.workbook", account_id=account_id, **days),
    )


@routes.get("/<uuid:account_id>/pdf")
def pdf(account_id: UUID) -> Response:
    """The same as a PDF."""
    found = statements.whole(context(), gate.me(), account_id, _days(request.args))
    return _file(found, statements.as_pdf(context(), found), PDF, "pdf")


@routes.get("/<uuid:account_id>/workbook")
def workbook(account_id: UUID) -> Response:
    """The same as a workbook."""
    found = statements.whole(context(), gate.me(), account_id, _days(request.args))
    return _file(found, as_workbook(context(), found), XLSX, "xlsx")


@routes.post("/flat")
def flat() -> Response:
    """A flat's statement as a file. The look is written down, so that it is asked for by a button;
    who only watches has none."""
    gate.check_form()
    income_pages.check_works(context(), gate.me())
    try:
        household_id = UUID(request.form.get("household", ""))
    except ValueError:
        raise nothing_there("房屋") from None
    found = statements.look_at_flat(context(), gate.me(), household_id, _days(request.form))
    if request.form.get("take") == "workbook":
        return _file(found, as_workbook(context(), found), XLSX, "xlsx")
    return _file(found, statements.as_pdf(context(), found), PDF, "pdf")


def _days(given: Any) -> tuple[date | None, date | None]:
    first = value_of(Kind.DAY, given.get("from_on", ""), "起始日", "from_on")
    last = value_of(Kind.DAY, given.get("until_on", ""), "截止日", "until_on")
    return first, last


def _kept(name: str) -> str:
    """What was typed, to be shown again: a field of a day takes nothing else."""
    text = request.args.get(name, "")
    return text if DAY.fullmatch(text) else ""


def _page(account_id: UUID, status: int = 200, **values: Any) -> Response:
    estate = statements.estate_of(context(), gate.me(), account_id)
    of_books = estate is None and gate.holds(*income_pages.READERS)
    return page(
        "account_statement.html",
        status,
        "income.accounts" if of_books else "estates.estates",
        estate=estate,
        of_books=of_books,
        here=url_for("account_statements.statement", account_id=account_id),
        typed={name: _kept(name) for name in ("from_on", "until_on")},
        plain_day=plain_day,
        **values,
    )


def _file(found: WholeStatement, content: bytes, media_type: str, ending: str) -> Response:
    response = Response(content, mimetype=media_type)
    period = found.period
    days = f"{period.from_on:%Y%m%d}-{period.until_on:%Y%m%d}"
    name = quote(f"对账单-{found.number or found.name}-{days}.{ending}", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
