"""Many at once on the real database: money is spent once, and an entry reversed once.

`TIBAO_DEEP=10` lets a thousand come.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, opening, transfer
from backend.services.base.context import Context
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.store.ledger import Account

DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
MANY = 100 * DEEP
AT_ONCE = 4
DAY = date(2025, 3, 1)


@pytest.mark.deep
def test_of_many_debits_at_once_as_many_pass_as_there_is_money_for(ctx: Context) -> None:
    pool, elsewhere = _accounts(ctx, 100 * MANY // 10)

    def debit(number: int) -> str:
        with ctx.sessions() as tx:
            lines = transfer(pool, elsewhere, 100)
            try:
                ledger.post(tx, NewEntry(f"debit {number}", "test", DAY, lines), ctx.clock())
            except Refused as refused:
                return refused.refusals[0].code
            tx.commit()
            return "booked"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = Counter(threads.map(debit, range(MANY)))
    assert found == {"booked": MANY // 10, "balance_insufficient": MANY - MANY // 10}
    with ctx.sessions() as tx:
        spent = tx.get_one(Account, elsewhere).balance_fen
        assert (ledger.available(tx, pool), spent) == (0, 100 * MANY // 10)
        assert ledger.drifted(tx) == []


@pytest.mark.deep
def test_of_two_reversals_of_each_entry_at_once_one_is_booked(ctx: Context) -> None:
    pool, elsewhere = _accounts(ctx, 100 * MANY)
    with ctx.sessions() as tx:
        lines = transfer(pool, elsewhere, 100)
        spent = [
            ledger.post(tx, NewEntry(f"spent {n}", "test", DAY, lines), ctx.clock()).id
            for n in range(MANY)
        ]
        tx.commit()

    def reverse(number: int) -> UUID:
        with ctx.sessions() as tx:
            entry = ledger.reverse(tx, spent[number // 2], DAY, "重复", ctx.clock())
            tx.commit()
            return entry.id

    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(reverse, range(2 * MANY)))
    assert found[::2] == found[1::2], "the second is told of the first one's"
    assert len(set(found)) == MANY
    with ctx.sessions() as tx:
        assert ledger.available(tx, pool) == 100 * MANY
        assert ledger.drifted(tx) == []


def _accounts(ctx: Context, fen: int) -> tuple[UUID, UUID]:
    """A pool with so much, and where it may go."""
    with ctx.sessions() as tx:
        bank = ledger.open_account(tx, AccountKind.BANK, "BANK", "专户")
        pool = ledger.open_account(tx, AccountKind.POOLED_INCOME, "P", "统筹账户")
        elsewhere = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
        began = NewEntry("opening", "opening", DAY, opening(bank, fen, {pool: fen}))
        ledger.post(tx, began, ctx.clock())
        tx.commit()
        return pool, elsewhere
