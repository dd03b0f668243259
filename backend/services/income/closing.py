"""The yearly close (年度分配, JS 四（二）): one officer makes a preview in which every account's
figure stands with its reckoning, another one posts it.

A preview binds nobody. It rests on the year's income, on every account's weight and on what was
given before; when any of that moved, it is not posted. Money that comes to a closed year makes
another revision, which books the differences; closing a year again without any books nothing.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, literal, select, union_all
from sqlalchemy.orm import Session

from backend.domain import closing as rules
from backend.domain.audit_actions import AuditAction
from backend.domain.closing import CloseState
from backend.domain.errors import refuse
from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base import audit
from backend.services.base.access import nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.case.conflicts_of_interest import books_officer
from backend.services.case.news import News, tell_book_officers
from backend.services.income.interest import unallocated
from backend.store.income import YearClose, YearShare
from backend.store.ledger import Account
from backend.store.queries.closing import (
    Basis,
    basis_of,
    lock_accounts,
    write_receivables,
    write_settled,
    write_shares,
)
from backend.store.queries.income import (
    CloseView,
    close_view,
    page_of_closes,
    page_of_shares,
    shares_of,
)


def preview(ctx: Context, actor: Actor, year: int) -> CloseView:
    """One officer makes a preview of the year's next revision, in the place of an earlier one.

    Raises Refused: `role_required`, `year_out_of_range`, and as conflicts `year_not_over`,
    `income_of_households`, `year_without_income`, `year_without_balances`, `year_closed`,
    `household_without_account`, `account_closed`.
    """
    with ctx.sessions() as tx:
        role = require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        _check_year(ctx, year)
        _lock(tx, year)
        found = _basis(tx, year)
        revision = _next_revision(tx, year)
        fact = books_officer(tx, ctx, [], actor.person_id)
        close = YearClose(
            year=year,
            revision=revision,
            state=CloseState.PREVIEW,
            total_fen=found.total_fen,
            moved_fen=found.total_fen - found.before_fen,
            receivable_fen=0,
            accounts=found.accounts,
            weight=Decimal(found.weight),
            basis=found.hash,
            previewed_by=actor.person_id,
            in_stead_of=fact.stands_in_for.get(role),
            previewed_at=ctx.clock(),
        )
        tx.add(close)
        tx.flush()
        tx.execute(write_shares(close))
        _check_shares(tx, close)
        _write_down(tx, ctx, actor, AuditAction.CLOSE_PREVIEW, close)
        _tell(tx, ctx, actor, close, f"{year}年度分配待入账", "请核对分配表后入账")
        tx.commit()
        return close_view(close)


def post(ctx: Context, actor: Actor, close_id: UUID) -> CloseView:
    """Another officer posts a preview: one entry for all accounts, dated today.

    Posting it again returns what was posted and books nothing. Raises Refused: `not_found`,
    `role_required`, `own_preview` (forbidden), and as conflicts `close_basis_moved` and those of
    `preview`.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        year = tx.scalar(select(YearClose.year).where(YearClose.id == close_id))
        if year is None:
            raise nothing_there("年度分配")
        unallocated_id = _lock(tx, year)
        close = tx.get(YearClose, close_id, populate_existing=True)
        if close is None:  # another preview took its place meanwhile
            raise nothing_there("年度分配")
        if close.state == CloseState.POSTED:
            return close_view(close)
        fact = books_officer(tx, ctx, [], actor.person_id)
        if fact.is_own(close.previewed_by, close.in_stead_of):
            message = "这是您本人、您代办的人或替您代办的人预览的，请由另一位工作人员入账。"
            raise refuse("own_preview", message, kind="forbidden")
        lock_accounts(tx, close_id)  # none is split or merged meanwhile
        if _basis(tx, year).hash != close.basis:
            message = "预览之后，收入、分户余额或账户有变动，没有入账。请重新预览、核对后再入账。"
            raise refuse("close_basis_moved", message, kind="conflict")
        now = ctx.clock()
        close.entry_id = _book(tx, ctx, close, unallocated_id)
        close.state = CloseState.POSTED
        close.posted_by, close.posted_at = actor.person_id, now
        tx.flush()
        _write_down(tx, ctx, actor, AuditAction.CLOSE_POST, close)
        _tell(tx, ctx, actor, close, f"{year}年度分配已入账", "各统筹账户余额已更新")
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


def latest(ctx: Context, year: int, number: str | None) -> tuple[CloseView, Sequence[rules.Share]]:
    """The year's last revision with its shares, or that of one account, for who runs the house at
    the command line. Raises Refused `not_found` where there is none."""
    with ctx.sessions() as tx:
        close = _last(tx, year)
        found = shares_of(tx, close.id, number) if close else []
        if close is None or not found:
            raise nothing_there(f"{year}年的年度分配" if close is None else "账户")
        return close_view(close), found


def _check_year(ctx: Context, year: int) -> None:
    rules.check_over(year, local_date(ctx.clock()))
    if ctx.city.income.mode.value == "household":
        message = "本市的增值收益归各户所有，不进统筹账户，不能这样分配。"
        raise refuse("income_of_households", message, "year", kind="conflict")


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
    tx.delete(last)
    tx.flush()
    return last.revision


def _basis(tx: Session, year: int) -> Basis:
    """What the year's close rests on now. Raises Refused as `preview`."""
    found = basis_of(tx, year)
    if not found.total_fen and not found.before_fen:
        message = f"{year}年没有已入账的增值收益，没有可以分配的。请先登记、确认存款利息。"
        raise refuse("year_without_income", message, "year", kind="conflict")
    if found.without_account:
        message = (
            f"有{found.without_account}户交存了维修资金，所在的楼栋、单元却没有统筹账户，"
            "没有分配。请先为它们设立账户。"
        )
        raise refuse("household_without_account", message, kind="conflict")
    if found.closed:
        message = (
            f"账户{found.closed}分过这一年的收益，之后已拆分或合并，这一年不能再调整，"
            "后来的收入留在待分配增值收益里。"
        )
        raise refuse("account_closed", message, kind="conflict")
    waiting = select(Account.balance_fen).where(Account.id == unallocated(tx, year))
    if tx.scalars(waiting).one() != found.total_fen - found.before_fen:
        message = f"{year}年登记的收益与账面的待分配增值收益不一致，没有分配，请报告系统管理员。"
        raise refuse("year_not_reconciled", message, "year", kind="conflict")
    if not found.weight:
        message = f"{year}年内没有分户余额，无法按余额和天数分配，请先导入分户账。"
        raise refuse("year_without_balances", message, "year", kind="conflict")
    return found


def _sums(tx: Session, close_id: UUID) -> tuple[int, int, int, int]:
    """Of all shares of a close, in fen: what they get of the year, what is due now, what cannot be
    given back, and what is paid of that which could not."""
    fen, due, receivable, settled = tx.execute(
        select(
            func.coalesce(func.sum(YearShare.fen), 0),
            func.coalesce(func.sum(YearShare.fen - YearShare.before_fen), 0),
            func.coalesce(func.sum(YearShare.receivable_fen), 0),
            func.coalesce(func.sum(YearShare.settled_fen), 0),
        ).where(YearShare.close_id == close_id)
    ).one()
    return int(fen), int(due), int(receivable), int(settled)


def _check_shares(tx: Session, close: YearClose) -> None:
    """Not a fen may be lost. Raises Refused as conflicts: `year_closed` where nothing moves, and
    `close_basis_moved` where balances came in between."""
    fen, due, *_ = _sums(tx, close.id)
    if (fen, due) != (close.total_fen, close.moved_fen):
        message = "分户余额或账户刚有变动，没有生成预览，请再预览一次。"
        raise refuse("close_basis_moved", message, kind="conflict")
    moves = YearShare.close_id == close.id, YearShare.fen != YearShare.before_fen
    if not tx.scalar(select(select(YearShare).where(*moves).exists())):
        year = close.year
        message = f"{year}年的增值收益已经分配，之后没有新的收入，分户余额也没有变，无需再分。"
        raise refuse("year_closed", message, "year", kind="conflict")


def _book(tx: Session, ctx: Context, close: YearClose, unallocated_id: UUID) -> UUID:
    """One entry: from the year's income to the accounts; what an account cannot give back is owed
    by it."""
    receivable_id = ledger.house_account(tx, AccountKind.POOL_RECEIVABLE)
    tx.execute(write_receivables(close.id))
    tx.execute(write_settled(close))
    _, due, close.receivable_fen, settled = _sums(tx, close.id)
    moved = YearShare.fen - YearShare.before_fen + YearShare.receivable_fen - YearShare.settled_fen
    pools = select(YearShare.account_id.label("account_id"), (-moved).label("fen")).where(
        YearShare.close_id == close.id, moved != 0
    )
    owed_fen = close.receivable_fen - settled
    others = [
        select(literal(account_id), literal(fen))
        for account_id, fen in ((receivable_id, owed_fen), (unallocated_id, due))
        if fen
    ]
    year, revision = close.year, close.revision
    head = NewEntry(
        f"year_close:{close.id}",
        "year_close",
        local_date(ctx.clock()),
        (),
        memo=f"{year}年度分配第{revision}次",
    )
    return ledger.post_set(tx, head, union_all(pools, *others), ctx.clock()).id


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
        "total_fen": close.total_fen,
        "weight": str(close.weight),
        "basis": close.basis,
    }
    audit.append(tx, ctx.clock(), actor.person_id, action, ("year_close", close.id), facts)
