"""What a yearly close rests on, what its shares must add up to, and the entry that books them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.domain.closing import CloseState, last_day
from backend.domain.errors import Refused, refuse
from backend.domain.households import IncomeMode
from backend.domain.ledger import AccountKind
from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.services.books import households, ledger, locks
from backend.services.books.ledger import NewEntry
from backend.services.income.interest import unallocated
from backend.store.income import YearClose, YearShare
from backend.store.ledger import Account
from backend.store.queries.closing import (
    PoolsBasis,
    income_of,
    lock_accounts,
    pools_basis,
    write_receivables,
    write_settled,
    write_shares,
)
from backend.store.queries.households import (
    FlatsBasis,
    buildings_sharing,
    control_lines,
    flats_basis,
    flats_move,
    shares_sum,
    write_flat_shares,
    write_movements,
)


@dataclass(frozen=True)
class Basis:
    """What a year's close would rest on now: whose its value-added income is, that income and the
    statutory interest (fen), and what pools and flats weigh and were given. In a year whose income
    is the households' there are no pools."""

    mode: IncomeMode
    total_fen: int
    statutory_fen: int
    pools: PoolsBasis | None
    flats: FlatsBasis

    @property
    def before_fen(self) -> int:
        """What earlier revisions gave of the value-added income."""
        return self.pools.before_fen if self.pools else self.flats.value_added_before_fen

    @property
    def accounts(self) -> int:
        """How many pools get something of the year, or got it."""
        return self.pools.accounts if self.pools and (self.total_fen or self.before_fen) else 0

    @property
    def hash(self) -> str:
        """Changes with everything that the shares follow from."""
        pools = self.pools.hash if self.pools else ""
        sums = f"{self.mode}:{self.total_fen}:{self.statutory_fen}"
        return f"{sums}:{pools}:{self.flats.hash}"


def mode_of(tx: Session, ctx: Context, year: int) -> IncomeMode:
    """Whose the year's value-added income is: as its first close had it, or as the city says."""
    posted = select(YearClose.mode).where(
        YearClose.year == year, YearClose.state == CloseState.POSTED
    )
    return tx.scalar(posted.limit(1)) or IncomeMode(ctx.city.income.mode.value)


def lock(tx: Session, close_id: UUID, year: int) -> UUID:
    """All that a close books on, for this transaction alone: flats, the days that it locks, and
    then accounts in one order, as whoever else books does. Returns the account of the year's
    income."""
    households.lock_flats(tx)
    locks.change_alone(tx)
    locks.await_bookings(tx, last_day(year))
    house = [
        ledger.house_account(tx, kind)
        for kind in (
            AccountKind.OWNERS_PRINCIPAL,
            AccountKind.POOL_RECEIVABLE,
            AccountKind.STATUTORY_INTEREST_PAYABLE,
        )
    ]
    unallocated_id = unallocated(tx, year)
    lock_accounts(tx, close_id, [*house, unallocated_id])
    return unallocated_id


def basis(tx: Session, ctx: Context, year: int) -> Basis:
    """What the year's close rests on now; where the whole city has one pool, that of the year is
    opened (SG 五（三）). Raises Refused as `closing.preview`."""
    mode = mode_of(tx, ctx, year)
    if mode is IncomeMode.POOLED and ctx.city.income.account_holders.value == ("city",):
        ledger.open_city_pool(tx, year)
    pools = pools_basis(tx, year) if mode is IncomeMode.POOLED else None
    found = Basis(mode, *income_of(tx, year), pools, flats_basis(tx, year))
    given = found.before_fen or found.flats.statutory_before_fen
    if not (found.total_fen or found.statutory_fen or given):
        message = f"{year}年没有已入账的利息，没有可以分配的。请先登记、确认存款利息。"
        raise refuse("year_without_income", message, "year", kind="conflict")
    if pools and (found.total_fen or found.before_fen):
        _check_pools(pools)
    _check_reconciled(tx, year, found)
    if not found.flats.weight:
        message = f"{year}年内没有分户余额，无法按余额和天数分配，请先导入分户账。"
        raise refuse("year_without_balances", message, "year", kind="conflict")
    return found


def write(tx: Session, close: YearClose, found: Basis) -> None:
    """The shares of a preview, and not a fen lost. Raises Refused as conflicts: `year_closed` where
    nothing moves, and `close_basis_moved` where balances came in between."""
    if found.accounts:
        tx.execute(write_shares(close))
    tx.execute(write_flat_shares(close))
    fen, due, *_ = _pools_sum(tx, close.id)
    flats = shares_sum(tx, close.id)
    if close.mode is IncomeMode.HOUSEHOLD:
        fen, due = flats.value_added_fen, flats.value_added_moved_fen
    statutory = flats.statutory_fen, flats.statutory_moved_fen
    if (fen, due, *statutory) != (
        *(close.total_fen, close.moved_fen),
        *(close.statutory_fen, close.statutory_moved_fen),
    ):
        message = "分户余额或账户刚有变动，没有生成预览，请再预览一次。"
        raise refuse("close_basis_moved", message, kind="conflict")
    moves = YearShare.close_id == close.id, YearShare.fen != YearShare.before_fen
    pools_move = tx.scalar(select(select(YearShare).where(*moves).exists()))
    if not pools_move and not tx.scalar(flats_move(close.id)):
        year = close.year
        message = f"{year}年的收益已经分配，之后没有新的收入，分户余额也没有变，无需再分。"
        raise refuse("year_closed", message, "year", kind="conflict")


def book(tx: Session, ctx: Context, close: YearClose, unallocated_id: UUID) -> UUID:
    """One entry: from the year's income to the pools, and to the flats by their control accounts;
    what a pool cannot give back is owed by it.

    Raises Refused: `households_not_reconciled`, `household_spent` (both conflicts).
    """
    now, year = ctx.clock(), close.year
    households.take_over(tx, buildings_sharing(close.id), now)
    receivable_id = ledger.house_account(tx, AccountKind.POOL_RECEIVABLE)
    statutory_id = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
    tx.execute(write_receivables(close.id))
    tx.execute(write_settled(close))
    _, _, close.receivable_fen, settled = _pools_sum(tx, close.id)
    moved = YearShare.fen - YearShare.before_fen + YearShare.receivable_fen - YearShare.settled_fen
    pools = select(YearShare.account_id.label("account_id"), (-moved).label("fen")).where(
        YearShare.close_id == close.id, moved != 0
    )
    others = [
        select(literal(account_id), literal(fen))
        for account_id, fen in (
            (receivable_id, close.receivable_fen - settled),
            (unallocated_id, close.moved_fen),
            (statutory_id, close.statutory_moved_fen),
        )
        if fen
    ]
    head = NewEntry(
        f"year_close:{close.id}",
        "year_close",
        local_date(now),
        (),
        memo=f"{year}年度分配第{close.revision}次",
    )
    lines = union_all(pools, control_lines(close), *others)
    try:
        entry_id = ledger.post_set(tx, head, lines, now).id
        tx.execute(write_movements(close, entry_id, head.booked_on))
    except Refused as refused:
        # Pools owe what they have not, and the house's accounts were looked at: it is a building
        # whose flats together have not as much.
        if [each.code for each in refused.refusals] != ["balance_insufficient"]:
            raise
        raise _spent() from refused
    except IntegrityError as error:
        if ledger.broken_rule(error) != "household_movement_available":
            raise
        raise _spent() from error
    return entry_id


def _spent() -> Refused:
    message = "有的房屋多分的钱已经用掉，余额不够退回，没有入账，请报领导小组处理。"
    return refuse("household_spent", message, kind="conflict")


def _check_pools(pools: PoolsBasis) -> None:
    if pools.without_account:
        message = (
            f"有{pools.without_account}户交存了维修资金，所在的楼栋、单元却没有统筹账户，"
            "没有分配。请先为它们设立账户。"
        )
        raise refuse("household_without_account", message, kind="conflict")
    if pools.closed:
        message = (
            f"账户{pools.closed}分过这一年的收益，之后已拆分或合并，它的楼栋却没有账户接着分，"
            "这一年不能再调整，后来的法定利息和增值收益都还没有分，请报告系统管理员。"
        )
        raise refuse("account_closed", message, kind="conflict")


def _check_reconciled(tx: Session, year: int, found: Basis) -> None:
    """The ledger holds what is still to be given: of the value-added income exactly that, of the
    statutory interest at least, since that of other years lies there too."""
    statutory_id = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
    due = found.statutory_fen - found.flats.statutory_before_fen
    waiting = tx.scalar(select(Account.balance_fen).where(Account.id == unallocated(tx, year)))
    if waiting != found.total_fen - found.before_fen or ledger.available(tx, statutory_id) < due:
        message = f"{year}年登记的收益与账面的待分配收益不一致，没有分配，请报告系统管理员。"
        raise refuse("year_not_reconciled", message, "year", kind="conflict")


def _pools_sum(tx: Session, close_id: UUID) -> tuple[int, int, int, int]:
    """Of all pools of a close, in fen: what they get of the year, what is due now, what cannot be
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
