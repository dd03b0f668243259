"""A close or an import of balances that is killed, done twice at once, or meets another."""

import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import NoReturn
from uuid import UUID

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, func, select, text

from backend.domain.closing import CloseState
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.income import closing, undoing
from backend.store.base import Base
from backend.store.income import YearClose
from backend.store.ledger import Account, Entry
from tests.build.databases import Database
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.fund_files import brought, place, written
from tests.build.looking import assert_sound
from tests.build.village import Village
from tests.build.waiting import PATIENCE_SECONDS, at_once, eventually, somebody_waits_for_a_lock
from tests.build.workbooks import balances_rows, bring_balances, bring_registry, registry_rows

Act = Callable[[], object]


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


@pytest.fixture
def beside(database: Database) -> Iterator[Engine]:
    """Connections of somebody else to the same database, with the same power."""
    engine = create_engine(database.url, poolclass=NullPool)
    yield engine
    engine.dispose()


class Killed:
    """A process that does an act and is killed (kill -9) before its statement number `at`, or
    without one before its commit; `statements` is how many it had sent by then."""

    def __init__(self, ctx: Context, act: Act, at: int | None) -> None:
        self._engine: Engine = ctx.sessions.kw["bind"]
        self._act, self._at = act, at
        self.statements = 0

    def die(self) -> None:
        """Let it live until then."""
        counted, counts = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which it leaves alone
            pid = os.fork()
        if not pid:
            self._live(counts)
        os.close(counts)
        with os.fdopen(counted, "rb") as pipe:
            self.statements = len(pipe.read())
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL, "it came to an end of its own"

    def _live(self, counts: int) -> NoReturn:
        """In the process itself, which has connections of its own and one byte for a statement."""
        try:
            self._engine.dispose(close=False)

            def says(*_: object) -> None:
                if self.statements == self._at:
                    os.kill(os.getpid(), signal.SIGKILL)
                self.statements += os.write(counts, b".")

            def commits(*_: object) -> None:
                if self._at is None:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(self._engine, "before_cursor_execute", says)
            event.listen(self._engine, "commit", commits)
            self._act()
        finally:
            os._exit(1)


def everything(beside: Engine) -> dict[str, str | None]:
    """A hash of all rows of each table."""
    hashes = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"  # noqa: S608 - our own tables
        for name in Base.metadata.tables
    )
    with beside.connect() as connection:
        return dict(connection.execute(text(hashes)).all())


def kill(ctx: Context, beside: Engine, act: Act) -> None:
    """Killed at ten points, of which one is its commit, the act leaves nothing; done once more, it
    ends."""
    before = everything(beside)
    at_its_commit = Killed(ctx, act, None)
    killed = [at_its_commit]
    for each in killed:
        each.die()
        eventually(partial(only_we_are_there, beside))
        assert everything(beside) == before
        if each is at_its_commit:
            assert each.statements > 9
            killed += [Killed(ctx, act, each.statements * part // 9) for part in range(9)]
    act()
    assert everything(beside) != before


def only_we_are_there(beside: Engine) -> bool:
    """Whether the server has noticed that a process is dead, and undone what it did; whose session
    asks is not counted, nor are those that lie idle."""
    with beside.connect() as connection:
        at_work: int = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
        ).scalar_one()
    return at_work == 0


def test_a_close_whose_process_is_killed_booked_nothing_and_the_next_one_ends_it(
    fund: Fund, beside: Engine
) -> None:
    village = fund.village
    fund.earned()
    close = fund.previewed()
    post = partial(closing.post, village.ctx, village.actor("reviewer"), close.id)
    kill(village.ctx, beside, post)
    assert fund.balances() == SHARED
    done = everything(beside)
    assert post().state == CloseState.POSTED
    assert everything(beside) == done, "posted again, it books nothing"
    assert_sound(village)


def test_an_import_of_balances_whose_process_is_killed_left_nothing(
    ctx: Context, beside: Engine
) -> None:
    assert bring_registry(ctx, registry_rows()).applied
    bring = partial(bring_balances, ctx, balances_rows())
    kill(ctx, beside, bring)
    assert bring().changes == 0
    with ctx.sessions() as tx:
        assert ledger.drifted(tx) == []


def test_a_file_of_the_funds_books_whose_process_is_killed_left_nothing(
    fund: Fund, beside: Engine
) -> None:
    assert isinstance(fund.bank, UUID)
    paid = ["R-1", *place(fund, "A"), "2025-03-01", "交存", "1.00"]
    bring = partial(brought, fund, written("分户明细", [paid]))
    kill(fund.village.ctx, beside, bring)
    assert bring().before
    assert_sound(fund.village)


def test_of_two_closes_at_once_one_is_booked(fund: Fund) -> None:
    village = fund.village
    fund.earned()
    preview = partial(closing.preview, village.ctx, village.actor("clerk"), 2024)
    at_once([preview, preview])
    with village.ctx.sessions() as tx:
        close_id = tx.scalars(select(YearClose.id)).one()
    officers = ("reviewer", "cashier") * 2
    posts = [partial(closing.post, village.ctx, village.actor(who), close_id) for who in officers]
    assert {close.state for close in at_once(posts)} == {CloseState.POSTED}
    with village.ctx.sessions() as tx:
        of_kind = select(func.count()).select_from(Entry).where(Entry.kind == "year_close")
        assert tx.scalar(of_kind) == 1
    assert fund.balances() == SHARED
    assert_sound(village)


ALL_FLATS = text("SELECT pg_advisory_xact_lock(hashtextextended('household_control', 0))")
NOBODY = UUID(int=0)


def holds_no_account_while_it_waits(
    ctx: Context, beside: Engine, act: Act, waits_for: UUID = NOBODY
) -> None:
    """While an act waits for this account, or for all flats, it holds no other: nobody waits for it
    in a ring."""
    one = text("SELECT FROM account WHERE id = :id FOR NO KEY UPDATE")
    others = text("SELECT FROM account WHERE id > :id ORDER BY id FOR NO KEY UPDATE NOWAIT")
    with beside.connect() as other, ThreadPoolExecutor(1) as threads:
        other.execute(one if waits_for != NOBODY else ALL_FLATS, {"id": waits_for})
        done = threads.submit(act)
        eventually(lambda: done.done() or somebody_waits_for_a_lock(ctx.sessions))
        waited = not done.done()
        try:
            other.execute(others, {"id": waits_for})
        finally:
            other.rollback()
            done.result(PATIENCE_SECONDS)
        assert waited


def first_of(ctx: Context, numbers: Iterable[str]) -> UUID:
    """The account among these of which the key comes first."""
    with ctx.sessions() as tx:
        of_numbers = select(Account.id).where(Account.number.in_(numbers)).order_by(Account.id)
        return tx.scalars(of_numbers.limit(1)).one()


def test_who_books_on_flats_or_undoes_interest_takes_accounts_in_the_one_order(
    fund: Fund, beside: Engine
) -> None:
    village = fund.village
    ctx, reviewer = village.ctx, village.actor("reviewer")
    fund.earned()
    undo = fund.undo_asked(fund.earned("CD-2", actual_fen=9_999_999).id)
    fund.moved("A", 1, date(2025, 1, 2))  # the building has its control account
    income = ("STATUTORY-INTEREST", "UNALLOCATED-INCOME-2024")
    confirm = partial(undoing.confirm, ctx, reviewer, undo.id)
    holds_no_account_while_it_waits(ctx, beside, confirm, first_of(ctx, ("OLD-BANK", *income)))
    with ctx.sessions() as tx:
        controls = tx.scalars(select(Account.number).where(Account.kind == "household_fund")).all()
    first = first_of(ctx, (*SHARED, *income, *controls, "OWNERS-PRINCIPAL"))
    post = partial(closing.post, ctx, reviewer, fund.previewed().id)
    holds_no_account_while_it_waits(ctx, beside, post, first)
    late = fund.earned("CD-3", until_on=date(2024, 8, 2), actual_fen=5_000_000)
    assert late.confirmed
    post = partial(closing.post, ctx, reviewer, fund.previewed().id)
    holds_no_account_while_it_waits(ctx, beside, post)
    fund.locked_until(None)  # the workbook is of a day in the year that was closed
    assert bring_registry(ctx, registry_rows()).applied
    bring = partial(bring_balances, ctx, balances_rows())
    holds_no_account_while_it_waits(ctx, beside, bring)
    assert_sound(village)
