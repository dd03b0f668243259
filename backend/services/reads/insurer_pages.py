"""保险机构 for the centre's offices: the list, and one of them with all that is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.local_time import local_date
from backend.domain.roles import INSURER_KEEPERS, OFFICERS, PAYEE_OFFICERS, Role
from backend.domain.routes.catalogue import offered, state_name, table_of
from backend.domain.selection import TERM_STATUS_NAMES, TermStatus, term_status
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged, whole
from backend.store.queries import insurer_list
from backend.store.queries.insurer_list import InsurerFilter, InsurerRow

READERS = tuple(sorted(OFFICERS))
CASES_SHOWN = 50


@dataclass(frozen=True)
class InsurerLine:
    """An insurer as the list shows it; `kept` and `late` count the limits it answered for."""

    id: UUID
    name: str
    phone: str | None
    first: date | None
    last: date | None
    status: TermStatus
    status_name: str
    basis: str | None
    ended_because: str | None
    clauses: int
    cases: int
    kept: int
    late: int
    bank_name: str
    bank_account: str
    change_waits: bool


@dataclass(frozen=True)
class Clause:
    """Clauses that an insurer filed, and who entered them when."""

    id: UUID
    name: str
    number: str
    filed_on: date
    file_sha256: str
    entered_by: str
    entered_at: datetime
    ended_on: date | None
    ended_because: str | None


@dataclass(frozen=True)
class Account:
    """An account that was entered: by whom, and by whom decided, with the refusal's reason."""

    id: UUID
    bank_name: str
    bank_account: str
    reason: str
    entered_by: str
    entered_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    confirmed: bool | None
    turned_down_because: str | None


@dataclass(frozen=True)
class AtWork:
    """A case of an insurer."""

    id: UUID
    number: str
    state_name: str


@dataclass(frozen=True)
class InsurerPage:
    """One insurer: `cases` are the oldest of those at work; what this officer may enter of it."""

    line: InsurerLine
    clauses: Sequence[Clause]
    accounts: Sequence[Account]
    cases: Sequence[AtWork]
    keeps: bool
    changes_account: bool


def page_of_insurers(
    ctx: Context, actor: Actor, words: str, which: TermStatus | None, page: int
) -> Paged[InsurerLine]:
    """Insurers by name, fifty a page; raises Refused `not_found` for whoever holds no office."""
    with ctx.sessions() as tx:
        chosen = _chosen(tx, ctx, actor, words, which)
        return paged(
            page,
            lambda most: insurer_list.count(tx, chosen, most),
            lambda skipped, most: _lines(tx, chosen, skipped, most),
        )


def whole_insurers(
    ctx: Context, actor: Actor, words: str, which: TermStatus | None, most: int | None = None
) -> Sequence[InsurerLine]:
    """Every line, `most` at most; raises Refused as `page_of_insurers`, and `export_too_long`."""
    with ctx.sessions() as tx:
        chosen = _chosen(tx, ctx, actor, words, which)
        return whole(lambda skipped, some: _lines(tx, chosen, skipped, some), most)


def read_insurer(ctx: Context, actor: Actor, insurer_id: UUID) -> InsurerPage:
    """One of them; raises Refused `not_found` for whoever holds no office."""
    with ctx.sessions() as tx:
        chosen = _chosen(tx, ctx, actor)
        row = insurer_list.one(tx, chosen, insurer_id)
        if row is None:
            raise nothing_there("保险机构")
        held = granted_roles(tx, ctx, actor, None, insurer_id)
        apart = Role.INSURER not in held
        return InsurerPage(
            _line(row, chosen.today),
            [_clause(ctx, each) for each in insurer_list.clauses_of(tx, insurer_id)],
            [_account(ctx, each) for each in insurer_list.account_changes(tx, insurer_id)],
            [
                AtWork(each.id, each.number, state_name(each.state))
                for each in insurer_list.open_cases(tx, insurer_id, CASES_SHOWN)
            ],
            apart and not held.isdisjoint(INSURER_KEEPERS),
            apart and not held.isdisjoint(PAYEE_OFFICERS),
        )


def may_add_insurers(ctx: Context, actor: Actor) -> bool:
    """Whether this person enters insurers; raises Refused as `page_of_insurers`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return not granted_roles(tx, ctx, actor, None, None).isdisjoint(INSURER_KEEPERS)


def _chosen(
    tx: Session, ctx: Context, actor: Actor, words: str = "", which: TermStatus | None = None
) -> InsurerFilter:
    require_officer(tx, ctx, actor, *READERS)
    now = ctx.clock()
    tables = [table_of(code, ctx.city) for code in offered(ctx.city)]
    limits = {limit for table in tables for limit in table.turns.get(Role.INSURER, ())}
    return InsurerFilter(now, local_date(now), limits, words, which)


def _lines(tx: Session, chosen: InsurerFilter, skipped: int, most: int) -> Sequence[InsurerLine]:
    return [_line(row, chosen.today) for row in insurer_list.rows(tx, chosen, skipped, most)]


def _line(row: InsurerRow, today: date) -> InsurerLine:
    insurer = row.insurer
    stands = term_status(insurer.selected_from, insurer.selected_until, today)
    return InsurerLine(
        id=insurer.id,
        name=insurer.name,
        phone=insurer.phone,
        first=insurer.selected_from,
        last=insurer.selected_until,
        status=stands,
        status_name=TERM_STATUS_NAMES[stands],
        basis=insurer.selection_basis,
        ended_because=insurer.selection_ended_because,
        clauses=row.clauses,
        cases=row.cases,
        kept=row.kept,
        late=row.late,
        bank_name=insurer.bank_name,
        bank_account=insurer.bank_account,
        change_waits=row.change_waits,
    )


def _clause(ctx: Context, row: insurer_list.ClauseRow) -> Clause:
    clause = row.clause
    return Clause(
        clause.id,
        clause.name,
        clause.number,
        clause.filed_on,
        clause.file_sha256,
        shown_name(ctx.cipher, row.entered_by),
        clause.entered_at,
        clause.ended_on,
        clause.ended_because,
    )


def _account(ctx: Context, row: insurer_list.AccountChange) -> Account:
    change = row.change
    return Account(
        change.id,
        change.bank_name,
        change.bank_account,
        change.reason,
        shown_name(ctx.cipher, row.entered_by),
        change.entered_at,
        shown_name(ctx.cipher, row.decided_by) if row.decided_by else None,
        change.decided_at,
        change.confirmed,
        change.turned_down_because,
    )
