"""审计 at the desk: looks by officers, a sample of cases, one account to the fen; nothing is
written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.domain.ledger import ACCOUNT_NAMES, AccountKind
from backend.domain.local_time import local_date
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.base.paging import MOST_COUNTED, MOST_PAGES, ROWS
from backend.services.books import statements
from backend.services.books.statements import StatementLine
from backend.services.reads.audit_views import READERS
from backend.store.ledger import Account
from backend.store.people import Person
from backend.store.queries import audits, case_list
from backend.store.queries.audits import Pending
from backend.store.queries.case_list import CaseRow

MOST_DRAWN = 200


@dataclass(frozen=True)
class Look:
    """Somebody looked at what is sealed: which kind of look (an action of the chain), at what (an
    id, of a case or an objection with its `number`), for which reason, where one was asked for."""

    seq: int | None
    at: datetime
    who: str
    action: str
    subject_kind: str
    subject: str
    number: str
    reason: str


@dataclass(frozen=True)
class LooksPage:
    """A page of looks, the latest first."""

    rows: Sequence[Look]
    total: int
    more: bool
    page: int
    pages: int


@dataclass(frozen=True)
class Movement:
    """A booking on the account, with the number of the case that it is of, if of any."""

    line: StatementLine
    case: str | None


@dataclass(frozen=True)
class AccountPage:
    """An account in one year: what it began with, every booking, what is set aside now. `agrees`:
    the last balance is the account's own (asked of the running year alone)."""

    account: Account
    kind_name: str
    year: int
    opening_fen: int
    closing_fen: int
    movements: Sequence[Movement]
    pending: Sequence[Pending]
    agrees: bool | None


def page_of_looks(ctx: Context, actor: Actor, page: int) -> LooksPage:
    """Who looked at names, words and papers about objections. For auditors alone, as the chain."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, Role.AUDITOR)
        total = audits.count_looks(tx, MOST_COUNTED)
        pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
        page = min(max(page, 1), pages)
        found = audits.looks(tx, (page - 1) * ROWS, ROWS)
        numbers = audits.numbers_looked_at(tx, [link for link, _ in found])
        rows = [
            Look(
                link.seq,
                link.at,
                _name(ctx, person),
                link.action,
                link.subject_kind,
                link.subject_id,
                numbers.get(link.subject_id, ""),
                _reason(link.body),
            )
            for link, person in found
        ]
    return LooksPage(rows, total, total == MOST_COUNTED, page, pages)


def draw_cases(
    ctx: Context, actor: Actor, seed: str, number: int, begun_in: int | None
) -> Sequence[CaseRow]:
    """`number` cases (at most `MOST_DRAWN`) as the seed draws them: again with the same seed they
    are the same ones, as long as no case came since."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        ids = audits.sample(tx, seed, min(number, MOST_DRAWN), begun_in)
        return case_list.rows_of(tx, ids)


def read_account(ctx: Context, actor: Actor, number: str, year: int) -> AccountPage:
    """One account in one year, to the fen; raises Refused `not_found`, `role_required`."""
    this_year = local_date(ctx.clock()).year
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        account = audits.account_by_number(tx, number)
        if account is None:
            raise nothing_there("账户")
        first = date(year, 1, 1)
        lines = statements.statement(tx, account.id, first, date(year + 1, 1, 1))
        opening = statements.balance_before(tx, account.id, first)
        cases = {line.subject.id for line in lines if line.subject}
        numbers = audits.numbers_of(tx, sorted(cases))
        closing = lines[-1].balance_fen if lines else opening
        return AccountPage(
            account,
            ACCOUNT_NAMES[AccountKind(account.kind)],
            year,
            opening,
            closing,
            [
                Movement(line, numbers.get(line.subject.id) if line.subject else None)
                for line in lines
            ],
            audits.pending(tx, account.id),
            closing == account.balance_fen if year == this_year else None,
        )


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["facts"].get("reason", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""


def _name(ctx: Context, person: Person | None) -> str:
    name = name_of(ctx.cipher, person) if person else ""
    return masked_name(name) if name else "未登记姓名"
