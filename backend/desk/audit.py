"""审计: everything to read, nothing to write."""

import re
from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for

from backend.desk import gate, lists
from backend.desk.pages import page
from backend.domain.audit_actions import AuditAction
from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.domain.normal import normal_code
from backend.domain.roles import Role
from backend.domain.routes.catalogue import state_name
from backend.domain.wording import calendar_year, plain_day
from backend.http.parts import context
from backend.services.reads.audit_pages import (
    MOST_DRAWN,
    AccountPage,
    draw_cases,
    page_of_looks,
    read_account,
)
from backend.services.reads.audit_views import list_checkpoints, read_trial_balance, verify_chain
from backend.store.queries.case_list import CaseRow

routes = Blueprint("audit", __name__, url_prefix=f"{gate.PREFIX}/audit")
DRAWN = 20
LOOKED_AT = {
    AuditAction.OWNER_VERIFICATION_UNMASK: "核验申请人的姓名",
    AuditAction.PURCHASE_READ_OBJECTIONS: "案件的异议原文",
    AuditAction.OBJECTION_UNMASK: "异议人是谁",
    AuditAction.FILE_READ_OBJECTION_PAPER: "异议的纸质材料",
    AuditAction.HOUSEHOLD_READ: "一户的分户账",
    AuditAction.PHONE_LOOK_UP: "电话是谁的",
}
SAMPLE_HEADINGS = ("序", "编号", "小区", "状态", "电梯（台）", "保费（元）", "最近进展")
ACCOUNT_HEADINGS = ("日期", "摘要", "案件", "发生额（元）", "余额（元）")


@routes.get("")
def overview() -> Response:
    """The books at a glance, and the ways into everything else."""
    return page(
        "audit.html",
        books=read_trial_balance(context(), gate.me()),
        checkpoints=list_checkpoints(context(), gate.me()),
        seed=_seed(),
        drawn=DRAWN,
        most=MOST_DRAWN,
        year=_today_year(),
        plain_day=plain_day,
        may_read_looks=gate.holds(Role.AUDITOR),
    )


@routes.get("/chain")
def chain() -> Response:
    """Check the whole chain now."""
    return page("audit_chain.html", found=verify_chain(context(), gate.me()))


@routes.get("/looks")
def looks() -> Response:
    """Who looked at what is sealed, the latest first."""
    found = page_of_looks(context(), gate.me(), lists.page_number())
    return page("audit_looks.html", found=found, looked_at=LOOKED_AT)


@routes.get("/sample")
def sample() -> Response:
    """Cases drawn by a seed that stands in the address."""
    return page(
        "audit_sample.html",
        rows=_drawn(),
        seed=_seed(),
        number=_number(),
        begun_in=_begun_in(),
        most=MOST_DRAWN,
        state_name=state_name,
        export=url_for("audit.export_sample", seed=_seed(), number=_number(), begun_in=_begun_in()),
    )


@routes.get("/sample/workbook")
def export_sample() -> Response:
    """The same cases as a workbook."""
    rows = [
        (
            nth,
            row.number,
            row.estate,
            state_name(row.state),
            row.lifts,
            None if row.premium_fen is None else decimal_yuan(row.premium_fen),
            row.updated_at,
        )
        for nth, row in enumerate(_drawn(), 1)
    ]
    about = [f"种子{_seed()}", f"抽{_number()}件"]
    about += [f"{_begun_in()}年开始的案件"] if _begun_in() else []
    return lists.workbook("抽查案件", SAMPLE_HEADINGS, rows, about)


@routes.get("/account")
def account() -> Response:
    """One account in one year, to the fen."""
    found = _account()
    return page(
        "audit_account.html",
        found=found,
        plain_day=plain_day,
        export=url_for("audit.export_account", number=found.account.number, year=found.year),
    )


@routes.get("/account/workbook")
def export_account() -> Response:
    """The same bookings as a workbook."""
    found = _account()
    rows = [
        (
            each.line.booked_on,
            each.line.memo,
            each.case,
            decimal_yuan(each.line.amount_fen),
            decimal_yuan(each.line.balance_fen),
        )
        for each in found.movements
    ]
    about = [f"账户{found.account.number}", calendar_year(found.year)]
    return lists.workbook("账户明细", ACCOUNT_HEADINGS, rows, about)


def _account() -> AccountPage:
    year = _year("year") or _today_year()
    return read_account(context(), gate.me(), normal_code(lists.words("number")), year)


def _drawn() -> Sequence[CaseRow]:
    return draw_cases(context(), gate.me(), _seed(), _number(), _begun_in())


def _seed() -> str:
    """The seed of the address; else the day, so that reloading draws nothing else."""
    return lists.words("seed") or f"{local_date(context().clock()):%Y%m%d}"


def _number() -> int:
    text = request.args.get("number", "")
    return min(int(text), MOST_DRAWN) if re.fullmatch("[1-9][0-9]{0,3}", text) else DRAWN


def _begun_in() -> int | None:
    return _year("begun_in")


def _year(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if re.fullmatch("20[0-9]{2}", text) else None


def _today_year() -> int:
    return local_date(context().clock()).year
