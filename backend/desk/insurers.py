"""保险机构: who may insure until when, what they filed, whether they keep limits, where they are
paid; entered by their keepers, an account by two officers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from backend.desk import asking, filters, gate, lists, shown
from backend.desk.acts.act import PHOTO_OR_PDF, REASON
from backend.desk.exports import export as export_of
from backend.desk.forms import NOTHING, Field, Given
from backend.desk.pages import page
from backend.desk.values import Kind
from backend.domain.errors import Refusal
from backend.domain.selection import LOOK_BEFORE, SELECTED, TERM_STATUS_NAMES, TermStatus
from backend.domain.wording import plain_day
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.lists.insurers import Asked, asked_of
from backend.services.purchase import payees
from backend.services.reads.insurer_pages import (
    InsurerPage,
    may_add_insurers,
    page_of_insurers,
    read_insurer,
)
from backend.services.registry import insurers as registry

routes = Blueprint("insurers", __name__, url_prefix=f"{gate.PREFIX}/insurers")
MARKS = {TermStatus.RUNNING: "good", TermStatus.ENDING: "soon", TermStatus.OVER: "late"}
ADD = (
    Field("name", "保险机构的全称", Kind.WORDS, "照营业执照填写；共保体填首席承保人和“共保体”。"),
    Field("phone", "电话", Kind.LINE, optional=True),
)


@dataclass(frozen=True)
class InsurerForm:
    """What is entered of an insurer: its fields, what follows, whether it is open now to whoever
    looks, the service; `about_cases` where cases at work are to be looked at first."""

    title: str
    follows: str
    fields: tuple[Field, ...]
    open: Callable[[InsurerPage], bool]
    take: Callable[[Context, Actor, UUID, Given], object]
    about_cases: bool = False


FORMS: Mapping[str, InsurerForm] = {
    "selection": InsurerForm(
        "登记入选",
        "入选期限内可以承保；现在的入选没有到期的，与新的期限连起来算。保险机构会收到通知。",
        (
            Field("first", "入选开始", Kind.DAY),
            Field("last", "入选截止", Kind.DAY, "含当日；没有截止日期的不填。", True),
            Field("basis", "入选的依据", hint="遴选公告的名称和编号。"),
        ),
        lambda view: view.keeps,
        lambda ctx, me, of, given: registry.select(
            ctx, me, of, given["first"], given["last"], given["basis"]
        ),
    ),
    "end": InsurerForm(
        "提前结束入选",
        "最后一日以后不能再签新合同；已签的合同和保险单照旧。没有签合同的案件要换一家保险机构，"
        "办理时会提示。保险机构会收到通知。",
        (
            Field("last", "入选的最后一日", Kind.DAY, "含当日。"),
            Field("basis", "提前结束的依据", hint="公告或处理决定的名称和编号。"),
        ),
        lambda view: view.keeps and view.line.status in (*SELECTED, TermStatus.COMING),
        lambda ctx, me, of, given: registry.end_selection(
            ctx, me, of, given["last"], given["basis"]
        ),
        about_cases=True,
    ),
    "account": InsurerForm(
        "登记收款账户",
        "现在什么也不改：由另一位工作人员电话核实、确认以后才生效，合同和拨付以后用新账户。"
        "其他工作人员和保险机构马上收到通知。",
        (
            Field("bank_name", "开户银行", Kind.WORDS),
            Field("bank_account", "银行账号", Kind.LINE, "空格可以照写。"),
            Field("file_sha256", "保险机构的函件", Kind.FILE, PHOTO_OR_PDF),
            Field("reason", "登记的缘由", hint="例如“原账户已销户”。"),
        ),
        lambda view: view.changes_account and not view.line.change_waits,
        lambda ctx, me, of, given: payees.enter(
            ctx,
            me,
            of,
            given["bank_name"],
            given["bank_account"],
            given["file_sha256"],
            given["reason"],
        ),
    ),
    "clause": InsurerForm(
        "登记备案条款",
        "条款列在这家机构下面，各岗位都可以下载核对。",
        (
            Field("name", "条款的名称", Kind.WORDS, "例如“电梯维修保险条款（2024版）”。"),
            Field("number", "备案编号", Kind.LINE),
            Field("filed_on", "备案日期", Kind.DAY),
            Field("file_sha256", "条款全文", Kind.FILE, PHOTO_OR_PDF),
        ),
        lambda view: view.keeps,
        lambda ctx, me, of, given: registry.add_clause(ctx, me, of, **given),
    ),
}


def asked() -> Asked:
    """The list that this address asks for."""
    return asked_of(lists.address())


@routes.get("")
def insurers() -> Response:
    """By name, fifty a page; those that end soon are said first."""
    this, ctx, me = asked(), context(), gate.me()
    found = page_of_insurers(ctx, me, this.words, this.status, lists.page_number())
    return page(
        "insurers.html",
        found=found,
        asked=this,
        statuses=TERM_STATUS_NAMES,
        marks=MARKS,
        soon=[row for row in found.rows if row.status is TermStatus.ENDING],
        look_before=LOOK_BEFORE.days,
        plain_day=plain_day,
        may_add=may_add_insurers(ctx, me),
        export=url_for("insurers.export", **dict[str, Any](this.narrowing)),
        **filters.shown_at("insurers", this.narrowing),
    )


@routes.get("/workbook")
def export() -> Response:
    """Exactly what was narrowed down, as a workbook."""
    return export_of("insurers")


@routes.get("/new")
def new() -> Response:
    """The form for an insurer that is not in the list."""
    return _new(shown.begun(ADD, NOTHING), 200)


@routes.post("/new")
def add() -> Response | Redirect:
    """Enter it, once; then its account and its selection are entered on its page."""
    me = gate.me()
    found: list[UUID] = []

    def write(part: Context, given: Given) -> None:
        found.append(registry.add(part, me, given["name"], given["phone"]))

    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _new(shown.Form(ADD, NOTHING, typed, refusals), status)

    wrong = asking.done(ADD, write, again)
    if wrong:
        return wrong
    if not found:  # sent again: it was entered then
        return redirect(url_for("insurers.insurers", words=request.form["name"].strip()), 303)
    return redirect(url_for("insurers.one", insurer_id=found[0], done="new"), 303)


@routes.get("/<uuid:insurer_id>")
def one(insurer_id: UUID) -> Response:
    """All that is kept of one."""
    view = read_insurer(context(), gate.me(), insurer_id)
    done = request.args.get("done", "")
    known = bool(view.line.bank_account)
    opened = [(what, each.title) for what, each in FORMS.items() if each.open(view)]
    titles = {what: entry.title for what, entry in FORMS.items()}
    return page(
        "insurer.html",
        view=view,
        marks=MARKS,
        # Without an account nothing else leads on.
        forms=sorted(opened, key=lambda each: each[0] != "account" and not known),
        done=(titles | {"new": "登记保险机构", "clause-end": "停用条款"}).get(done, ""),
        plain_day=plain_day,
    )


@routes.get("/<uuid:insurer_id>/<what>")
def begin(insurer_id: UUID, what: str) -> Response:
    """The form of one thing that is entered of it."""
    view, entry = _found(insurer_id, what)
    return _form(view, entry, shown.begun(entry.fields, NOTHING), 200)


@routes.post("/<uuid:insurer_id>/<what>")
def enter(insurer_id: UUID, what: str) -> Response | Redirect:
    """Enter it, once."""
    view, entry = _found(insurer_id, what)
    return _taken(
        view, entry, what, lambda part, me, given: entry.take(part, me, insurer_id, given)
    )


@routes.get("/<uuid:insurer_id>/clauses/<uuid:clause_id>/end")
def clause_end(insurer_id: UUID, clause_id: UUID) -> Response:
    """The form that takes clauses out of use."""
    view, entry = _clause(insurer_id, clause_id)
    return _form(view, entry, shown.begun(entry.fields, NOTHING), 200)


@routes.post("/<uuid:insurer_id>/clauses/<uuid:clause_id>/end")
def end_clause(insurer_id: UUID, clause_id: UUID) -> Response | Redirect:
    """They are in use no more."""
    view, entry = _clause(insurer_id, clause_id)
    return _taken(
        view, entry, "clause-end", lambda part, me, given: entry.take(part, me, clause_id, given)
    )


def _taken(
    view: InsurerPage,
    entry: InsurerForm,
    what: str,
    take: Callable[[Context, Actor, Given], object],
) -> Response | Redirect:
    def again(typed: Mapping[str, str], refusals: Sequence[Refusal], status: int) -> Response:
        return _form(view, entry, shown.Form(entry.fields, NOTHING, typed, refusals), status)

    me = gate.me()
    wrong = asking.done(entry.fields, lambda part, given: take(part, me, given), again)
    done = url_for("insurers.one", insurer_id=view.line.id, done=what)
    return wrong or redirect(done, 303)


def _found(insurer_id: UUID, what: str) -> tuple[InsurerPage, InsurerForm]:
    view = read_insurer(context(), gate.me(), insurer_id)
    if what not in FORMS:
        raise nothing_there("表单")
    return view, FORMS[what]


def _clause(insurer_id: UUID, clause_id: UUID) -> tuple[InsurerPage, InsurerForm]:
    view = read_insurer(context(), gate.me(), insurer_id)
    for clause in view.clauses:
        if clause.id == clause_id:
            entry = InsurerForm(
                f"停用条款 {clause.number}",
                f"“{clause.name}”从今天起不再使用；已经定下的方案和合同照旧。",
                (REASON,),
                lambda view: view.keeps,
                lambda ctx, me, of, given: registry.end_clause(ctx, me, of, given["reason"]),
            )
            return view, entry
    raise nothing_there("条款")


def _form(view: InsurerPage, entry: InsurerForm, form: shown.Form, status: int) -> Response:
    return page(
        "insurer_form.html",
        status,
        view=view,
        entry=entry,
        form=form,
        is_open=entry.open(view),
        plain_day=plain_day,
    )


def _new(form: shown.Form, status: int) -> Response:
    return page(
        "insurer_new.html", status, form=form, may_add=may_add_insurers(context(), gate.me())
    )
