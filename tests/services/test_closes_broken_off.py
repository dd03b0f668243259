"""A close or an import of balances that is broken off, done twice at once, or meets another."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from backend.domain.closing import CloseState
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.income import closing, undoing
from backend.store.base import Base
from backend.store.income import YearClose
from backend.store.ledger import Account, Entry
from tests.build.databases import Database
from tests.build.fund import SHARED, WORKED, Fund
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


class BreaksOff:
    """Ends a program's session in the database, as the end of its process would, before its
    statement number `at`, or without one before its commit."""

    def __init__(self, ctx: Context, beside: Engine, at: int | None) -> None:
        self._engine, self._beside = ctx.sessions.kw["bind"], beside
        self._at, self.said = at, 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        hooks = (("before_cursor_execute", self._says), ("commit", self._commits))
        for name, hook in hooks:
            event.listen(self._engine, name, hook)
        try:
            yield
        finally:
            for name, hook in hooks:
                event.remove(self._engine, name, hook)

    def _says(self, connection: Any, *_: object) -> None:
        if self.said == self._at:
            self._end(connection)
        self.said += 1

    def _commits(self, connection: Any) -> None:
        if self._at is None:
            self._end(connection)

    def _end(self, connection: Any) -> None:
        pid = connection.connection.dbapi_connection.info.backend_pid
        with self._beside.connect() as other:
            patience = int(PATIENCE_SECONDS * 1000)
            assert other.scalar(select(func.pg_terminate_backend(pid, patience)))


def everything(beside: Engine) -> dict[str, str | None]:
    """A hash of all rows of each table."""
    hashes = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"  # noqa: S608 - our own tables
        for name in Base.metadata.tables
    )
    with beside.connect() as connection:
        return dict(connection.execute(text(hashes)).all())


def break_off(ctx: Context, beside: Engine, act: Act) -> None:
    """Broken off at ten of its statements, of which one is its commit, the act leaves nothing; done
    once more, it ends."""
    before = everything(beside)
    to_its_commit = BreaksOff(ctx, beside, None)
    breaks = [to_its_commit]
    for broken in breaks:
        with broken.listening(), pytest.raises(DBAPIError):
            act()
        assert everything(beside) == before
        if broken is to_its_commit:
            said = to_its_commit.said
            breaks += [BreaksOff(ctx, beside, said * part // 9) for part in range(9)]
    act()
    assert everything(beside) != before


def test_a_close_that_is_broken_off_booked_nothing_and_the_next_one_ends_it(
    fund: Fund, beside: Engine
) -> None:
    village = fund.village
    fund.earned()
    close = fund.previewed()
    post = partial(closing.post, village.ctx, village.actor("reviewer"), close.id)
    break_off(village.ctx, beside, post)
    assert fund.balances() == SHARED
    done = everything(beside)
    assert post().state == CloseState.POSTED
    assert everything(beside) == done, "posted again, it books nothing"
    assert_sound(village)


def test_an_import_of_balances_that_is_broken_off_left_nothing(
    ctx: Context, beside: Engine
) -> None:
    assert bring_registry(ctx, registry_rows()).applied
    bring = partial(bring_balances, ctx, balances_rows())
    break_off(ctx, beside, bring)
    assert bring().changes == 0
    with ctx.sessions() as tx:
        assert ledger.drifted(tx) == []


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
