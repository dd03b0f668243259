"""The statement of an account of the ledger or of a flat, for whoever may see it, for a period.

An account of the ledger is for those who keep or watch the books, a pool also for everybody with a
part in the estates it is for. An owner sees the own flat; whoever of the office looks at a flat is
written down.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.account_statement import (
    MOST_LINES,
    AccountStatement,
    BookedLine,
    Lines,
    Period,
    WholeStatement,
    entry_name,
    of_flat,
    period_of,
    too_long,
)
from backend.domain.audit_actions import AuditAction
from backend.domain.ledger import ACCOUNT_NAMES, NORMAL_SIDES, AccountKind, Side, natural
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_READERS
from backend.pictures.account_statement import statement_pdf
from backend.services.base import audit
from backend.services.base.access import (
    granted_roles,
    nothing_there,
    require_officer,
    roles_in_estate,
)
from backend.services.base.context import Actor, Context
from backend.services.base.paging import MOST_PAGES, ROWS, Paged
from backend.services.books.statements import balance_before
from backend.store.database import at_one_moment
from backend.store.ledger import Account
from backend.store.queries import account_statements as rows
from backend.store.queries.cases import Viewer
from backend.store.queries.estates import estates_of
from backend.store.queries.flat_accounts import bookings_of
from backend.store.queries.places import places_of
from backend.store.registry import Estate, Owner

PagedStatement = AccountStatement[Paged[BookedLine]]


def page_of(
    ctx: Context,
    actor: Actor,
    account_id: UUID,
    days: tuple[date | None, date | None],
    page: int,
) -> PagedStatement:
    """Fifty movements a page, the oldest first; twenty pages at most, the files have the rest.

    Raises Refused `not_found`, `day_in_future`, `statement_period_invalid`.
    """
    with ctx.sessions() as tx:
        at_one_moment(tx)
        account = _visible(tx, ctx, actor, account_id)
        period = _period(ctx, days)
        count = rows.moved_in(tx, account_id, period.from_on, period.until_on)
        pages = max(1, min(MOST_PAGES, -(-count[0] // ROWS)))
        here = min(max(page, 1), pages)
        opening = balance_before(tx, account_id, period.from_on)
        lines = _lines(tx, account, period, opening, ((here - 1) * ROWS, ROWS))
        paged = Paged(lines, count[0], count[0] > MOST_PAGES * ROWS, here, pages)
        return _statement(account, period, opening, count, paged)


def whole(
    ctx: Context, actor: Actor, account_id: UUID, days: tuple[date | None, date | None]
) -> WholeStatement:
    """Every movement of the period, as it is taken away.

    Raises Refused as `page_of`, and `account_statement_too_long` (conflict).
    """
    with ctx.sessions() as tx:
        at_one_moment(tx)
        account = _visible(tx, ctx, actor, account_id)
        period = _period(ctx, days)
        count = rows.moved_in(tx, account_id, period.from_on, period.until_on)
        if count[0] > MOST_LINES:
            raise too_long(count[0])
        opening = balance_before(tx, account_id, period.from_on)
        lines = _lines(tx, account, period, opening, (0, MOST_LINES))
        return _statement(account, period, opening, count, lines)


def own_flat(
    ctx: Context, actor: Actor, owner_id: UUID, days: tuple[date | None, date | None]
) -> WholeStatement:
    """Of one's own flat, by the entry on the roster. Raises Refused `not_found`, `day_in_future`,
    `statement_period_invalid`."""
    with ctx.sessions() as tx:
        own = Owner.id == owner_id, Owner.person_id == actor.person_id, Owner.ended_at.is_(None)
        household_id = tx.scalar(select(Owner.household_id).where(*own))
        if household_id is None:
            raise nothing_there("房屋")
        return _flat(tx, household_id, _period(ctx, days))


def look_at_flat(
    ctx: Context, actor: Actor, household_id: UUID, days: tuple[date | None, date | None]
) -> WholeStatement:
    """The same for an officer or auditor of the books; that they looked is written down. Raises
    Refused also `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        period = _period(ctx, days)
        found = _flat(tx, household_id, period)
        subject = ("household", household_id)
        facts = {"from_on": str(period.from_on), "until_on": str(period.until_on)}
        audit.append(tx, ctx.clock(), actor.person_id, AuditAction.HOUSEHOLD_READ, subject, facts)
        tx.commit()
        return found


def as_pdf(ctx: Context, statement: WholeStatement) -> bytes:
    """The statement as a sheet, with the centre under it."""
    return statement_pdf(statement, ctx.clock(), ctx.city.centre.name.value, ctx.document_fonts)


def _period(ctx: Context, days: tuple[date | None, date | None]) -> Period:
    return period_of(*days, local_date(ctx.clock()))


def estate_of(ctx: Context, actor: Actor, account_id: UUID) -> Estate | None:
    """The estate for which the account is held, None for a bank's and for the whole city's. Raises
    Refused `not_found`."""
    with ctx.sessions() as tx:
        _visible(tx, ctx, actor, account_id)
        found = rows.account_in(tx, account_id)
        return tx.get(Estate, found[1]) if found and found[1] else None


def _visible(tx: Session, ctx: Context, actor: Actor, account_id: UUID) -> Account:
    """The account, if it is for this person's eyes; for others there is none."""
    found = rows.account_in(tx, account_id)
    if found is None:
        raise nothing_there("账户")
    account, estate_id = found
    if not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_READERS):
        return account
    if account.kind != AccountKind.POOLED_INCOME:
        raise nothing_there("账户")
    if estate_id is not None:
        mine: object = roles_in_estate(tx, ctx, actor, estate_id)
    else:  # the whole city's
        mine = estates_of(tx, Viewer.at(actor.person_id, ctx.clock()), None, 1)
    if not mine:
        raise nothing_there("账户")
    return account


def _lines(
    tx: Session, account: Account, period: Period, opening_fen: int, part: tuple[int, int]
) -> Sequence[BookedLine]:
    kind = AccountKind(account.kind)
    found = rows.lines_in(tx, account.id, (period.from_on, period.until_on), *part)
    return [
        BookedLine(
            line.booked_on,
            entry_name(line.kind),
            line.case or "",
            natural(kind, line.amount_fen),
            opening_fen + natural(kind, line.moved_fen),
        )
        for line in found
    ]


def _statement(
    account: Account, period: Period, opening_fen: int, count: tuple[int, int, int], lines: Lines
) -> AccountStatement[Lines]:
    kind = AccountKind(account.kind)
    number, debit_fen, credit_fen = count
    grew_by_debits = NORMAL_SIDES[kind] is Side.DEBIT
    sums = (debit_fen, credit_fen)
    received, paid = sums if grew_by_debits else sums[::-1]
    return AccountStatement(
        account.number,
        account.name,
        ACCOUNT_NAMES[kind],
        period,
        opening_fen,
        received,
        paid,
        number,
        lines,
    )


def _flat(tx: Session, household_id: UUID, period: Period) -> WholeStatement:
    place = places_of(tx, [household_id]).get(household_id)
    if place is None:
        raise nothing_there("房屋")
    bookings = bookings_of(tx, household_id)
    lines = ((each.booked_on, each.kind, each.amount_fen) for each in bookings)
    return of_flat(place, lines, period)
