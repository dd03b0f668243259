"""等另一位人员确认: what one officer entered and another decides (两人办理)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Redirect

from backend.desk import drafts, forms, gate, once
from backend.desk.acts.act import REASON
from backend.desk.pages import go, leads_elsewhere, page
from backend.domain import past_income
from backend.domain.errors import Refusal, Refused
from backend.domain.money import yuan
from backend.domain.paper_entries import FOLLOWS, PaperKind
from backend.domain.period_locks import lock_follows, lock_words
from backend.domain.refund import REFUND_NAMES, RefundKind
from backend.domain.wording import calendar_year, minute, plain_day
from backend.http.envelope import STATUS_OF_KIND
from backend.http.parts import context
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.income import interest, locking, past, transfers, undoing
from backend.services.people import successions
from backend.services.public_notice import second_looks
from backend.services.purchase import payees, refunds
from backend.services.reads.cases import read_case
from backend.services.reads.income_pages import read_interest
from backend.services.reads.payees import who_entered
from backend.services.reads.todos import my_todos
from backend.services.registry import openings

routes = Blueprint("proposals", __name__, url_prefix=f"{gate.PREFIX}/proposals")


@dataclass(frozen=True)
class Proposal:
    """What waits for another officer: what it says, its paper if there is one, what follows, both
    answers."""

    title: str
    says: Sequence[tuple[str, str]]
    file_sha256: str | None
    follows: str
    confirm: Callable[[Context, Actor], object]
    refuse: Callable[[Context, Actor, str], object]


def _succession(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).successions:
        if each.id == of:
            return Proposal(
                "物业服务企业承继",
                [
                    ("小区", each.estate),
                    ("原企业", each.former),
                    ("现企业", each.company),
                    ("理由", each.reason),
                ],
                each.file_sha256,
                "小区改由现企业管理，业主委员会对原企业的委托转给现企业。",
                lambda ctx, me: successions.confirm(ctx, me, of),
                lambda ctx, me, reason: successions.turn_down(ctx, me, of, reason),
            )
    return None


def _payee_change(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).payee_changes:
        if each.id == of:
            return Proposal(
                "更换保险机构的收款账户",
                [
                    ("保险机构", each.insurer),
                    ("原账户", f"{each.former_bank} {each.former_account}".strip() or "还没有"),
                    ("新账户", f"{each.bank_name} {each.bank_account}"),
                    ("登记", f"{who_entered(ctx, me, each)}，{minute(each.entered_at)}"),
                    ("理由", each.reason),
                ],
                each.file_sha256,
                "以后的拨付付到新账户。",
                lambda ctx, me: payees.confirm(ctx, me, of),
                lambda ctx, me, reason: payees.turn_down(ctx, me, of, reason),
            )
    return None


def _opening_correction(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).opening_corrections:
        if each.id == of:
            figures = [
                (
                    f"{figure.name} {figure.number}",
                    f"{yuan(figure.former_fen)} → {yuan(figure.fen)}",
                )
                for figure in each.figures
            ]
            return Proposal(
                "期初更正",
                [*figures, ("理由", each.reason)],
                each.file_sha256,
                "原期初红字冲销，按更正后的金额重新入账。",
                lambda ctx, me: openings.confirm(ctx, me, of),
                lambda ctx, me, reason: openings.turn_down(ctx, me, of, reason),
            )
    return None


def _books(kind: RefundKind, possible: Sequence[RefundKind]) -> str:
    """What follows once a refund is confirmed."""
    if kind is RefundKind.CLOSE_ACCOUNT:
        return "专户余款记为已付还缴款人，专户销户。"
    if kind is RefundKind.CANCEL and kind in possible:
        return "退回的金额入账，回到原账户；保障同时终止。"
    return "退回的金额入账，回到原账户；案件和保障不变。"


def _refund(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    view = read_case(ctx, me, of, words=False)
    refund = view.refund
    if refund is None:
        return None
    return Proposal(
        REFUND_NAMES[refund.kind],
        [
            ("案件", view.purchase.number),
            ("退回金额", yuan(refund.amount_fen)),
            ("理由", refund.reason),
        ],
        refund.receipt_sha256,
        _books(refund.kind, view.refund_kinds),
        lambda ctx, me: refunds.confirm(ctx, me, refund.id),
        lambda ctx, me, reason: refunds.refuse_refund(ctx, me, refund.id, reason),
    )


def _late(on: date) -> str:
    return f"{plain_day(on)}，银行入账那天的账已经锁了"


def _interest(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    found = read_interest(ctx, me, of)
    each = found.line.view
    if not found.may_decide:
        return None
    return Proposal(
        "存款利息",
        [
            ("存款", f"{each.bank_name} {each.deposit_number}，{found.deposit.term}"),
            *found.words,
            ("银行回单", f"{each.bank_reference}，{plain_day(each.posted_on)}入账"),
            *([("记账日", _late(found.late_on))] if found.late_on else []),
            ("登记", f"{found.entered_by}，{minute(each.entered_at)}"),
            *([("说明", each.note)] if each.note else []),
        ],
        each.file_sha256,
        "法定利息记为应付业主，增值收益按天数记入各年的待分配增值收益，年度分配以后才分给各户、各统筹账户。",
        lambda ctx, me: interest.confirm(ctx, me, of),
        lambda ctx, me, reason: interest.turn_down(ctx, me, of, reason),
    )


def _undo(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).interest_undos:
        if each.id == of:
            found = read_interest(ctx, me, each.interest_id)
            it = each.interest
            return Proposal(
                "撤销结息",
                [
                    ("存款", f"{it.bank_name} {it.deposit_number}"),
                    ("要撤销的结息", f"{it.bank_reference}，{plain_day(it.posted_on)}入账"),
                    *found.words,
                    ("撤销的原因", each.reason),
                    ("登记的时刻", minute(each.entered_at)),
                ],
                each.file_sha256,
                "原分录红字冲销，这些天的利息按回单重新登记。",
                lambda ctx, me: undoing.confirm(ctx, me, of),
                lambda ctx, me, reason: undoing.turn_down(ctx, me, of, reason),
            )
    return None


def _lock(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    each = my_todos(ctx, me).period_lock
    if each is None or each.id != of:
        return None
    return Proposal(
        "锁账",
        [
            ("现在", f"账{lock_words(each.former_until_on)}"),
            ("改为", f"账{lock_words(each.until_on)}"),
            ("原因", each.reason),
            ("登记的时刻", minute(each.entered_at)),
        ],
        None,
        lock_follows(each.former_until_on, each.until_on),
        lambda ctx, me: locking.confirm(ctx, me, of),
        lambda ctx, me, reason: locking.turn_down(ctx, me, of, reason),
    )


def _transfer(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).bank_transfers:
        if each.id == of:
            return Proposal(
                "专户划转",
                [
                    ("转出", each.from_bank),
                    ("转入", each.to_bank),
                    ("金额", yuan(each.amount_fen)),
                    ("银行回单", f"{each.bank_reference}，{plain_day(each.moved_on)}划转"),
                    ("用途", each.note),
                    ("登记的时刻", minute(each.entered_at)),
                ],
                each.file_sha256,
                "一次记到两个专户；以后付保费，两个专户都可以选。",
                lambda ctx, me: transfers.confirm(ctx, me, of),
                lambda ctx, me, reason: transfers.turn_down(ctx, me, of, reason),
            )
    return None


def _past_income(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    each = my_todos(ctx, me).past_income
    if each is None or each.id != of:
        return None
    return Proposal(
        "撤销以前年度收益" if each.undoes_id else "以前年度收益",
        [
            ("记到", calendar_year(each.year)),
            ("没有派发的法定利息", yuan(each.statutory_fen)),
            ("没有分配的增值收益", yuan(each.value_added_fen)),
            ("说明", each.note),
            ("登记的时刻", minute(each.entered_at)),
        ],
        each.file_sha256,
        past_income.FOLLOWS_BACK if each.undoes_id else past_income.FOLLOWS,
        lambda ctx, me: past.confirm(ctx, me, of),
        lambda ctx, me, reason: past.turn_down(ctx, me, of, reason),
    )


def _paper(ctx: Context, me: Actor, of: UUID) -> Proposal | None:
    for each in my_todos(ctx, me).paper_entries:
        if each.id == of:
            return Proposal(
                each.kind_name,
                [
                    ("案件", f"{each.number}，{each.estate}"),
                    *((f"第{at}行", words) for at, words in enumerate(each.lines, 1)),
                    ("中心收到", minute(each.received_at)),
                    ("录入的时刻", minute(each.entered_at)),
                ],
                each.file_sha256,
                FOLLOWS[PaperKind(each.kind)],
                lambda ctx, me: second_looks.confirm(ctx, me, of),
                lambda ctx, me, reason: second_looks.turn_down(ctx, me, of, reason),
            )
    return None


# What can wait, by the word in its address; a refund is named by its case, which has one at most.
KINDS: Mapping[str, Callable[[Context, Actor, UUID], Proposal | None]] = {
    "succession": _succession,
    "payee-change": _payee_change,
    "opening-correction": _opening_correction,
    "refund": _refund,
    "deposit-interest": _interest,
    "interest-undo": _undo,
    "period-lock": _lock,
    "bank-transfer": _transfer,
    "past-income": _past_income,
    "paper": _paper,
}


@routes.get("/<kind>/<uuid:of>")
def proposal(kind: str, of: UUID) -> Response:
    """What was entered, and both answers."""
    typed = drafts.here().words.get(REASON.name, "")
    return _shown(_waiting(kind, of), typed, (), 200)


@routes.post("/<kind>/<uuid:of>/confirmation")
def confirm(kind: str, of: UUID) -> Response | Redirect:
    """The second officer agrees."""
    return _answered(kind, of, ())


@routes.post("/<kind>/<uuid:of>/refusal")
def turn_down(kind: str, of: UUID) -> Response | Redirect:
    """The second officer says no, or whoever entered it takes it back; with a reason."""
    return _answered(kind, of, (REASON,))


def _answered(kind: str, of: UUID, fields: Sequence[forms.Field]) -> Response | Redirect:
    gate.check_form()
    me = gate.me()

    def write(part: Context, reason: str | None) -> object:
        found = _waiting(kind, of)
        return found.confirm(part, me) if reason is None else found.refuse(part, me, reason)

    try:
        reason = forms.read(fields).get(REASON.name)
        once.do_once(fields, lambda part, _: write(part, reason))
    except Refused as refused:
        if leads_elsewhere(refused):
            raise
        typed = request.form.get(REASON.name, "")
        status = STATUS_OF_KIND[refused.kind]
        return _shown(_waiting(kind, of), typed, refused.refusals, status)
    return go("today.today", done="turned-down" if fields else "confirmed")


def _waiting(kind: str, of: UUID) -> Proposal:
    found = KINDS[kind](context(), gate.me(), of) if kind in KINDS else None
    if found is None:
        raise nothing_there("待确认的事项")
    return found


def _shown(found: Proposal, typed: str, refusals: Sequence[Refusal], status: int) -> Response:
    here = request.path.removesuffix("/confirmation").removesuffix("/refusal")
    return page(
        "proposal.html",
        status,
        proposal=found,
        here=here,
        typed=typed,
        restored=bool(typed) and not refusals,
        refusals=refusals,
        keys=(once.key_of(), once.key_of()),
    )
