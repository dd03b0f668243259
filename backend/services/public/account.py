"""The public account of an estate (公开账目; 民法典 281): its pools, policies and notices."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from uuid import UUID

from backend.domain.local_time import local_date, midnight_after
from backend.domain.money import decimal_yuan
from backend.domain.objection import OPEN
from backend.domain.public_account import FLOW_NAMES, YEARS, YearOfAccount, years_of
from backend.domain.tokens import is_token
from backend.services.base.context import Context
from backend.store.database import at_one_moment
from backend.store.queries.lifts import ObjectionRow, public_objections
from backend.store.queries.public_account import (
    EstateBehindCode,
    HungNotice,
    PolicyRow,
    PoolRow,
    cases_under_way,
    estate_behind_code,
    had_before,
    hung_in_estate,
    moved_since,
    policies_of_estate,
    pools_of_estate,
)

BYTE_ORDER_MARK = "\ufeff"
FORMULAS = tuple("=+-@\t\r＝＋－＠")  # also as Chinese keyboards write them


@dataclass(frozen=True)
class PublicPool:
    """A pooled account and its years, the latest first."""

    row: PoolRow
    years: Sequence[YearOfAccount]


@dataclass(frozen=True)
class AnsweredNotice:
    """A notice and what was objected to it."""

    row: HungNotice
    objections: Sequence[ObjectionRow]

    @property
    def waiting(self) -> int:
        """How many objections wait for an answer."""
        return sum(objection.status in OPEN for objection in self.objections)


@dataclass(frozen=True)
class PublicAccount:
    """The account of the estate in which a lift stands, true from `read_at` until `changes_at`
    unless rows change that it is `about`. A closed account with nothing to tell is left out."""

    estate: EstateBehindCode
    pools: Sequence[PublicPool]
    policies: Sequence[PolicyRow]
    notices: Sequence[AnsweredNotice]
    about: frozenset[UUID]
    read_at: datetime
    changes_at: datetime

    @property
    def this_year(self) -> int:
        """The year that is not over."""
        return local_date(self.read_at).year


def read_public_account(ctx: Context, token: str) -> PublicAccount | None:
    """The account of the estate of the lift behind a QR token; None for unknown, revoked and
    malformed tokens alike."""
    if not is_token(token):
        return None
    now = ctx.clock()
    today = local_date(now)
    first = today.year - YEARS + 1
    with ctx.sessions() as tx:
        at_one_moment(tx)
        estate = estate_behind_code(tx, token)
        if estate is None:
            return None
        rows = pools_of_estate(tx, estate.estate_id)
        ids = [row.account_id for row in rows]
        began = had_before(tx, ids, first)
        moved = moved_since(tx, ids, date(first, 1, 1))
        policies = policies_of_estate(tx, estate.estate_id)
        under_way = cases_under_way(tx, estate.estate_id)
        hung = hung_in_estate(tx, estate.estate_id)
        objections = public_objections(tx, [row.notice_id for row in hung]) if hung else []
    moves: dict[UUID, list[tuple[int, str, int]]] = {each: [] for each in ids}
    for account_id, year, kind, fen in moved:
        moves[account_id].append((year, kind, fen))
    pools = [
        PublicPool(
            row,
            years_of(began.get(row.account_id, 0), moves[row.account_id], first, today.year),
        )
        for row in rows
    ]
    return PublicAccount(
        estate=estate,
        pools=[pool for pool in pools if pool.years],
        policies=policies,
        notices=[
            AnsweredNotice(row, [each for each in objections if each.notice_id == row.notice_id])
            for row in hung
        ],
        about=frozenset(
            [
                *(estate.lift_id, *ids, *under_way),
                *(row.notice_id for row in hung),
                *(row.purchase_id for row in policies),
            ]
        ),
        read_at=now,
        changes_at=midnight_after(today),
    )


def as_csv(account: PublicAccount) -> str:
    """The years of its pooled accounts as a table that office programs open: amounts in yuan, and
    text that no program takes for a formula."""
    table = StringIO()
    table.write(BYTE_ORDER_MARK)  # or they take it for another alphabet
    lines = csv.writer(table)
    lines.writerow(("账户", "年度", "项目", "金额（元）"))
    for pool in account.pools:
        for each in reversed(pool.years):
            rows = [("年初余额", each.began_fen)]
            rows += [(FLOW_NAMES[flow], fen) for flow, fen in each.moved]
            rows.append((each.ended_name(account.this_year), each.ended_fen))
            for what, fen in rows:
                lines.writerow((_text(pool.row.name), each.year, what, str(decimal_yuan(fen))))
    return table.getvalue()


def _text(value: str) -> str:
    return f"'{value}" if value[:1] in FORMULAS else value
