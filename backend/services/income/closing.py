"""The yearly close (年度分配, JS 四（二）): one officer makes a preview in which the figure of
every account and every flat stands with its reckoning, another one posts it.

A preview binds nobody. It rests on the year's income, on every weight and on what was given before
(`sharing`); when any of that moved, it is not posted. Money that comes to a closed year makes
another revision, which books the differences; closing a year again without any books nothing.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.domain import closing as rules
from backend.domain.audit_actions import AuditAction
from backend.domain.closing import CloseState
from backend.domain.errors import refuse
from backend.domain.households import HouseholdShare as FlatShare
from backend.domain.local_time import local_date
from backend.domain.past_income import explain as explain_past
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.income import sharing
from backend.services.income.interest import unallocated
from backend.services.income.locking import lock_closed_year
from backend.store.database import be_patient
from backend.store.households import HouseholdShare
from backend.store.income import YearClose, YearShare
from backend.store.ledger import Account
from backend.store.queries.flat_shares import page_of_flat_shares
from backend.store.queries.income import (
    CloseView,
    close_view,
    page_of_closes,
    page_of_shares,
    shares_of,
)
from backend.store.queries.past_income import past_parts_of


def preview(ctx: Context, actor: Actor, year: int) -> CloseView:
    """One officer makes a preview of the year's next revision, in the place of an earlier one.

    Raises Refused: `role_required`, `year_out_of_range`, and as conflicts `year_not_over`,
    `year_without_income`, `year_without_balances`, `year_closed`, `year_not_reconciled`,
    `household_without_account`, `account_closed`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        rules.check_over(year, local_date(ctx.clock()))
        be_patient(tx)
        _lock(tx, year)
        found = sharing.basis(tx, ctx, year)
        revision = _next_revision(tx, year)
        fact = books_officer(tx, ctx, [], actor.person_id)
        close = YearClose(
            year=year,
            revision=revision,
            state=CloseState.PREVIEW,
            mode=found.mode,
            total_fen=found.total_fen,
            moved_fen=found.total_fen - found.before_fen,
            receivable_fen=0,
            accounts=found.accounts,
            statutory_fen=found.statutory_fen,
            statutory_moved_fen=found.statutory_fen - found.flats.statutory_before_fen,
            households=found.flats.flats,
            weight=Decimal(found.flats.weight),
            basis=found.hash,
            previewed_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            previewed_at=ctx.clock(),
        )
        tx.add(close)
        tx.flush()
        sharing.write(tx, close, found)
        _write_down(tx, ctx, actor, AuditAction.CLOSE_PREVIEW, close)
        _tell(tx, ctx, actor, close, f"{year}年度分配待入账", "请核对分配表后入账")
        tx.commit()
        return close_view(close)


def post(ctx: Context, actor: Actor, close_id: UUID) -> CloseView:
    """Another officer posts a preview: one entry for all accounts and flats, dated today. The books
    of the year are locked with it.

    Posting it again returns what was posted and books nothing. Raises Refused: `not_found`,
    `role_required`, `own_preview` (forbidden), and as conflicts `close_basis_moved`,
    `households_not_reconciled`, `household_spent` and those of `preview`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        year = tx.scalar(select(YearClose.year).where(YearClose.id == close_id))
        if year is None:
            raise nothing_there("年度分配")
        be_patient(tx)
        unallocated_id = sharing.lock(tx, close_id, year)
        close = tx.get(YearClose, close_id, populate_existing=True)
        if close is None:  # another preview took its place meanwhile
            raise nothing_there("年度分配")
        if close.state == CloseState.POSTED:
            return close_view(close)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(close.previewed_by, close.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人预览的，请由另一位工作人员入账。"
            raise refuse("own_preview", message, kind="forbidden")
        if sharing.basis(tx, ctx, year).hash != close.basis:
            message = "预览之后，收入、分户余额或账户有变动，没有入账。请重新预览、核对后再入账。"
            raise refuse("close_basis_moved", message, kind="conflict")
        now = ctx.clock()
        close.entry_id = sharing.book(tx, ctx, close, unallocated_id)
        close.state = CloseState.POSTED
        close.posted_by, close.posted_at = actor.person_id, now
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.CLOSE_POST, close)
        lock_closed_year(tx, ctx, close)
        _tell(tx, ctx, actor, close, f"{year}年度分配已入账", "各账户、分户余额已更新")
        tx.commit()
        return close_view(close)


def list_closes(
    ctx: Context, actor: Actor, after: UUID | None, page_size: int
) -> Sequence[CloseView]:
    """`page_size` of them after the id `after`. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return page_of_closes(tx, after, page_size)


def shares(
    ctx: Context, actor: Actor, close_id: UUID, after: UUID | None, page_size: int
) -> Sequence[rules.Share]:
    """`page_size` of a close's shares after the account of this id. Raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        if tx.get(YearClose, close_id) is None:
            raise nothing_there("年度分配")
        return page_of_shares(tx, close_id, after, page_size)


def flat_shares(
    ctx: Context, actor: Actor, close_id: UUID, after: UUID | None, page_size: int
) -> Sequence[FlatShare]:
    """`page_size` flats' shares of a close after this flat. Raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        if tx.get(YearClose, close_id) is None:
            raise nothing_there("年度分配")
        return page_of_flat_shares(tx, close_id, after, page_size)


def latest(
    ctx: Context, year: int, number: str | None
) -> tuple[CloseView, Sequence[rules.Share], str]:
    """The year's last revision with its shares, or that of one account, and what of it is income of
    before these books ('' if nothing is), for who runs the house at the command line. Raises
    Refused `not_found` where there is none."""
    with ctx.sessions() as tx:
        close = _last(tx, year)
        if close is None:
            raise nothing_there(f"{year}年的年度分配")
        found = shares_of(tx, close.id, number)
        if number is not None and not found:
            raise nothing_there("账户")
        past = explain_past(*past_parts_of(tx, year, close.previewed_at))
        return close_view(close), found, past


def _lock(tx: Session, year: int) -> UUID:
    """The account of the year's income, for this transaction alone: of two closes one waits."""
    account_id = unallocated(tx, year)
    tx.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    return account_id


def _last(tx: Session, year: int) -> YearClose | None:
    of_year = select(YearClose).where(YearClose.year == year).order_by(YearClose.revision.desc())
    return tx.scalars(of_year.limit(1)).first()


def _next_revision(tx: Session, year: int) -> int:
    """The number of the revision that comes now; a preview that had it goes, with its shares."""
    last = _last(tx, year)
    if last is None:
        return 1
    if last.state == CloseState.POSTED:
        return last.revision + 1
    tx.execute(delete(YearShare).where(YearShare.close_id == last.id))
    tx.execute(delete(HouseholdShare).where(HouseholdShare.close_id == last.id))
    tx.delete(last)
    tx.flush()
    return last.revision


def _tell(
    tx: Session, ctx: Context, actor: Actor, close: YearClose, happened: str, then: str
) -> None:
    news = News(f"close/{close.id}/{close.state}", happened, then)
    decided = close.state == CloseState.POSTED
    tell_book_officers(tx, ctx, news, actor.person_id, decided=decided)


def _write_down(
    tx: Session, ctx: Context, actor: Actor, action: AuditAction, close: YearClose
) -> None:
    facts = {
        "year": close.year,
        "revision": close.revision,
        "mode": str(close.mode),
        "total_fen": close.total_fen,
        "statutory_fen": close.statutory_fen,
        "weight": str(close.weight),
        "basis": close.basis,
    }
    audit.append(tx, ctx.clock(), actor.person_id, action, ("year_close", close.id), facts)
