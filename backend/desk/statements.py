"""银行流水: a statement is checked and imported, its lines are matched, and the bank's balance is
held against the books'."""

from base64 import b64decode, b64encode
from binascii import Error as NotEncoded
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import drafts, gate, ticks
from backend.desk.income_tabs import TABS
from backend.desk.lists import page_number
from backend.desk.pages import go, leads_elsewhere, page
from backend.desk.values import Kind, value_of
from backend.domain.bank_matching import FIT_NAMES, OF_DEPOSITS, Fit, ThingKind
from backend.domain.bank_statement import amount_fen
from backend.domain.errors import Refusal, Refused, refuse
from backend.domain.wording import plain_day
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.paging import Paged
from backend.services.reads import income_pages
from backend.services.reconciling import balance as balances
from backend.services.reconciling import bank_statements, matching, overview
from backend.services.reconciling.bank_statements import Checked, Heading
from backend.services.workbooks import statement_file
from backend.services.workbooks.package import MAX_FILE_BYTES

routes = Blueprint("statements", __name__, url_prefix=f"{gate.PREFIX}/statements")
# A checked file goes back with the page, so that it is imported without being chosen again; what is
# larger has to be chosen again, since forms carry half a megabyte.
CARRIED_BYTES = 300 * 1024
MOST_SHOWN = 200  # faults of one file
LINE = "lines."  # then a line and what it is to be
LINES_A_PAGE = 100


@dataclass(frozen=True)
class Tried:
    """A file that was checked: what an import would bring, and the file for the second step."""

    checked: Checked
    name: str
    carried: str


@routes.get("")
def statements() -> Response:
    """Every bank account, the form for a statement, and the latest ones."""
    return _list(200)


@routes.post("")
def hand_in() -> Response | Redirect:
    """Check a statement, or import it by the second button; nothing is written before."""
    gate.check_form()
    try:
        name, content = _file()
        heading = _heading(name)
        lines = statement_file.read(context(), gate.me(), content)
        if request.form.get("do") == "take":
            made = bank_statements.take(context(), gate.me(), heading, lines)
            return go("statements.statement", statement_id=made.id)
        checked = bank_statements.check(context(), gate.me(), heading, lines)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _list(STATUS_OF_KIND[refused.kind], refused.refusals)
    fits = len(content) <= CARRIED_BYTES and not checked.faults
    carried = b64encode(content).decode() if fits else ""
    return _list(422 if checked.faults else 200, tried=Tried(checked, name, carried))


@routes.get("/<uuid:statement_id>")
def statement(statement_id: UUID) -> Response:
    """One statement: each line with what it is, or what it may be."""
    return _statement(statement_id, 200, ())


@routes.post("/<uuid:statement_id>/match")
def match(statement_id: UUID) -> Response | Redirect:
    """What was ticked, each on its own: one that cannot be keeps no other back."""
    gate.check_form()
    rows = ticks.ticked(LINE)
    if not rows:
        nothing = refuse("field_missing", "请先勾选要核对的行，再提交。", "lines")
        return _statement(statement_id, STATUS_OF_KIND[nothing.kind], nothing.refusals)
    wrong: list[Refusal] = []
    for row in rows:
        line, kind, thing = _ticked(row)
        try:
            matching.match(context(), gate.me(), line, kind, thing)
        except Refused as refused:
            if leads_elsewhere(refused):
                raise
            wrong += refused.refusals
    if wrong:
        return _statement(statement_id, 409, wrong)
    drafts.drop()
    return go("statements.statement", statement_id=statement_id, page=_turned(page_number()))


@routes.post("/<uuid:statement_id>/lines/<uuid:line_id>/unmatch")
def unmatch(statement_id: UUID, line_id: UUID) -> Response | Redirect:
    """取消核对."""
    gate.check_form()
    try:
        matching.unmatch(context(), gate.me(), line_id, request.form.get("reason", ""))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _statement(statement_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("statements.statement", statement_id=statement_id, page=_turned(page_number()))


@routes.post("/<uuid:statement_id>/taken-back")
def take_back(statement_id: UUID) -> Response | Redirect:
    """撤销: it was a wrong one."""
    gate.check_form()
    try:
        bank_statements.withdraw(context(), gate.me(), statement_id, request.form.get("reason", ""))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        return _statement(statement_id, STATUS_OF_KIND[refused.kind], refused.refusals)
    return go("statements.statements")


@routes.get("/balance/<uuid:bank_id>")
def balance(bank_id: UUID) -> Response:
    """余额调节表."""
    banks = overview.overview(context(), gate.me()).banks
    bank = next((each.bank for each in banks if each.bank.id == bank_id), None)
    try:
        on = _day("on", "日期") if request.args.get("on") else None
        found = balances.balance(context(), gate.me(), bank_id, on)
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        status, wrong = STATUS_OF_KIND[refused.kind], refused.refusals
        return page("bank_balance.html", status, found=None, bank=bank, refusals=wrong)
    return page(
        "bank_balance.html",
        found=found,
        bank=bank,
        refusals=(),
        plain_day=plain_day,
        of_deposits=OF_DEPOSITS,
    )


def _file() -> tuple[str, bytes]:
    """The file that was chosen, or that the page before carries."""
    given = request.files.get("file")
    if given is not None and given.filename:
        return given.filename, given.stream.read(MAX_FILE_BYTES + 1)
    try:
        content = b64decode(request.form.get("content", ""), validate=True)
    except (NotEncoded, ValueError):
        content = b""
    if not content:
        raise refuse("field_missing", "请选择网银导出的流水（.xlsx 或 .csv）。", "file")
    return request.form.get("name", ""), content


def _heading(name: str) -> Heading:
    first, last = _day("from_on", "起始日"), _day("until_on", "截止日")
    return Heading(
        _id(request.form.get("bank_id", ""), "请选择专户。", "bank_id"),
        first,
        last,
        _fen("opening", "期初余额"),
        _fen("closing", "期末余额"),
        name,
    )


def _day(name: str, label: str) -> date:
    found = value_of(Kind.DAY, request.values.get(name, ""), label, name)
    if not isinstance(found, date):
        raise refuse("field_missing", f"请填写{label}。", name)
    return found


def _fen(name: str, label: str) -> int:
    text = request.form.get(name, "")
    if not text.strip():
        raise refuse("field_missing", f"请填写{label}。", name)
    try:
        return amount_fen(text)
    except Refused as refused:
        message = f"{label}：{refused.refusals[0].message}"
        raise refuse("amount_invalid", message, name) from None


def _id(text: str, message: str, name: str | None = None) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refuse("field_invalid", message, name) from None


def _ticked(text: str) -> tuple[UUID, ThingKind, UUID]:
    line, _, thing = text.partition("/")
    kind, _, thing_id = thing.partition(":")
    message = "表单不完整，请重新打开这一页。"
    if kind not in list(ThingKind):
        raise refuse("field_invalid", message)
    return _id(line, message), ThingKind(kind), _id(thing_id, message)


def _list(status: int, refusals: Sequence[Refusal] = (), tried: Tried | None = None) -> Response:
    return page(
        "bank_statements.html",
        status,
        tabs=TABS,
        found=overview.overview(context(), gate.me()),
        refusals=refusals,
        tried=tried,
        given=request.form,
        plain_day=plain_day,
        most=MOST_SHOWN,
    )


def _statement(statement_id: UUID, status: int, refusals: Sequence[Refusal]) -> Response:
    view = matching.read(context(), gate.me(), statement_id)
    pages = max(1, -(-len(view.lines) // LINES_A_PAGE))
    here = min(max(page_number(), 1), pages) - 1
    lines = view.lines[here * LINES_A_PAGE :][:LINES_A_PAGE]
    return page(
        "bank_statement.html",
        status,
        view=view,
        found=Paged(lines, len(view.lines), False, here + 1, pages),
        may_work=income_pages.may_work(context(), gate.me()),
        turned=_turned,
        refusals=refusals,
        ticked=ticks.chosen(LINE),
        fits=FIT_NAMES,
        fit=Fit,
        plain_day=plain_day,
    )


def _turned(number: int) -> int | None:
    """The page as an address says it, which says nothing of the first."""
    return number if number > 1 else None
