"""Generated histories of the fund's income: interest comes and is undone, that of before the books
is named and taken back, principal moves late, pools spend and get back, years close and are
corrected; the books stay what plain arithmetic says.

`TIBAO_DEEP=1250` tries ten thousand histories.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.domain.closing import CloseState
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, transfer
from backend.domain.money import split
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.income import closing, past, undoing
from backend.store.database import make_sessions
from backend.store.queries.income import InterestView
from backend.store.queries.past_income import left_fen
from tests.build.clock import ManualClock
from tests.build.databases import Database, Databases, SharedEngine
from tests.build.fund import Fund
from tests.build.looking import assert_sound
from tests.build.village import Village

DEEP = int(os.environ.get("TIBAO_DEEP", "1"))
YEARS = (2023, 2024)
OPENED = date(2023, 3, 1)
# Of three flats, each alone with its account. What they have is told in primes: nothing divides.
PRINCIPAL = {"A": 40_800_007, "B": 38_250_011, "C": 61_200_053}
DEPOSITS = {"CD-1": date(2023, 5, 1), "CD-2": date(2023, 11, 1), "CD-3": date(2024, 1, 1)}
KEYS = count(1)
OWED_OF_BEFORE = 9_000_001  # at the opening, of no year

accounts = st.sampled_from(sorted(PRINCIPAL))
deposits = st.sampled_from(sorted(DEPOSITS))
years = st.sampled_from(YEARS)


@dataclass
class Spent:
    """What left an account, and whether it came back."""

    number: str
    fen: int
    entry_id: UUID
    back: bool = False


class Reckoning:
    """What the accounts should hold, from what happened alone: no table is asked."""

    def __init__(self) -> None:
        self.principal: dict[str, list[tuple[date, int]]] = {
            number: [(OPENED, fen)] for number, fen in PRINCIPAL.items()
        }
        self.income: dict[int, int] = dict.fromkeys(YEARS, 0)
        self.owners: dict[int, int] = dict.fromkeys(YEARS, 0)
        self.given: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(PRINCIPAL, 0))
        self.flats: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(PRINCIPAL, 0))
        self.balances = dict.fromkeys(PRINCIPAL, 0)
        self.owed = dict.fromkeys(PRINCIPAL, 0)
        self.left = OWED_OF_BEFORE

    def weights(self, year: int) -> list[tuple[str, int]]:
        """Fen × days of the year that it was there."""
        first, end = date(year, 1, 1), date(year + 1, 1, 1)
        return [
            (
                number,
                sum(fen * max(0, (end - max(since, first)).days) for since, fen in moves),
            )
            for number, moves in sorted(self.principal.items())
        ]

    def due(self, year: int) -> dict[str, int]:
        """What each account gets now, in fen; less than nothing takes back."""
        shares = split(self.income[year], self.weights(year))
        return {each.name: each.fen - self.given[year][each.name] for each in shares}

    def moves(self, year: int) -> bool:
        """Whether some account or flat gets or gives something, if the year closes now."""
        return any(self.due(year).values()) or self.statutory(year) != self.flats[year]

    def statutory(self, year: int) -> dict[str, int]:
        """What each flat has of the year's statutory interest, in fen."""
        shares = split(self.owners[year], self.weights(year))
        return {each.name: each.fen for each in shares}

    def count(self, found: InterestView, sign: int) -> None:
        """Interest came (1), or was undone (-1): each year has its days' part."""
        days = []
        for year in YEARS:
            began = max(found.from_on, date(year, 1, 1))
            until = min(found.until_on, date(year + 1, 1, 1))
            if began < until:
                days.append((str(year), (until - began).days))
        for books, fen in (
            (self.income, found.value_added_fen),
            (self.owners, found.actual_fen - found.value_added_fen),
        ):
            for part in split(fen, days):
                books[int(part.name)] += sign * part.fen

    def name(self, year: int, statutory: int, added: int, sign: int) -> None:
        """Income of before the books counts for a year (1), or no more (-1)."""
        self.owners[year] += sign * statutory
        self.income[year] += sign * added
        self.left -= sign * (statutory + added)

    def close(self, year: int) -> None:
        """Everybody gets, or gives, what is due; what is not there is owed, and paid first."""
        self.flats[year] = self.statutory(year)
        for number, due in self.due(year).items():
            self.given[year][number] += due
            if due < 0:
                back = min(-due, self.balances[number])
                self.balances[number] -= back
                self.owed[number] += -due - back
            else:
                settled = min(self.owed[number], due)
                self.owed[number] -= settled
                self.balances[number] += due - settled


def interest(fund: Fund, number: str, until_on: date, actual_fen: int) -> InterestView:
    """Interest of this deposit up to a day, entered by one and confirmed by another."""
    deposit_id = IncomeHistory.opened[number]
    reference = f"INT-{next(KEYS)}"
    entered = fund.paid(
        deposit_id, until_on=until_on, actual_fen=actual_fen, bank_reference=reference
    )
    return fund.confirmed(entered.id)


class IncomeHistory(RuleBasedStateMachine):
    """Officers do what they do in any order; each act really commits."""

    new_fund: ClassVar[Callable[[], tuple[Fund, Callable[[], None]]]]
    opened: ClassVar[dict[str, UUID]]
    begun: ClassVar[tuple[Reckoning, dict[str, list[InterestView]]]]

    @initialize()
    def settle(self) -> None:
        self.fund, self.leave = type(self).new_fund()
        self.village = self.fund.village
        self.should, self.paid = deepcopy(self.begun)
        self.spent: list[Spent] = []
        self.named: list[tuple[UUID, int, int, int]] = []

    def teardown(self) -> None:
        if hasattr(self, "leave"):
            self.leave()

    def attempt(self, act: Callable[[], object], *codes: str) -> bool:
        """Whether it was done; where it is refused, it is for one of these reasons."""
        outcome = "done"
        try:
            act()
        except Refused as refused:
            outcome = refused.refusals[0].code
        assert outcome in ("done", *codes)
        return outcome == "done"

    @rule(number=deposits, days=st.integers(1, 200), actual=st.integers(0, 9_000_000))
    def interest_comes(self, number: str, days: int, actual: int) -> None:
        """Some is less than the statutory interest, some goes over New Year, some comes after the
        close of its year."""
        earlier, value_on = self.paid[number], DEPOSITS[number]
        began = earlier[-1].until_on if earlier else value_on
        until = min(began + timedelta(days=days), value_on.replace(year=value_on.year + 1))
        if until > began:
            found = interest(self.fund, number, until, actual)
            earlier.append(found)
            self.should.count(found, 1)

    @precondition(lambda self: any(self.paid.values()))
    @rule(data=st.data())
    def interest_is_undone(self, data: st.DataObject) -> None:
        """The last of its deposit, unless a close has given it away."""
        earned = sorted(number for number, paid in self.paid.items() if paid)
        number = data.draw(st.sampled_from(earned))
        found = self.paid[number][-1]

        def undone() -> None:
            asked = self.fund.undo_asked(found.id)
            undoing.confirm(self.village.ctx, self.village.actor("reviewer"), asked.id)

        if self.attempt(undone, "interest_allocated"):
            self.paid[number].pop()
            self.should.count(found, -1)

    @rule(year=years, statutory=st.integers(0, 4_000_000), added=st.integers(0, 4_000_000))
    def income_of_before_is_named(self, year: int, statutory: int, added: int) -> None:
        """As much as no year has, and no fen more."""
        if not statutory + added:
            return

        def named() -> None:
            asked = self.fund.past_entered(statutory, added, year=year)
            past.confirm(self.village.ctx, self.village.actor("reviewer"), asked.id)
            self.named.append((asked.id, year, statutory, added))

        fits = statutory + added <= self.should.left
        assert self.attempt(named, "past_income_exceeds") is fits
        if fits:
            self.should.name(year, statutory, added, 1)

    @precondition(lambda self: self.named)
    @rule(data=st.data())
    def income_of_before_is_taken_back(self, data: st.DataObject) -> None:
        """Unless a close has shared it."""
        which = data.draw(st.sampled_from(self.named))
        ctx, cashier = self.village.ctx, self.village.actor("cashier")

        def back() -> None:
            paper = self.village.upload("cashier")
            asked = past.ask_back(ctx, cashier, which[0], "年份写错", paper)
            past.confirm(ctx, self.village.actor("reviewer"), asked.id)

        if self.attempt(back, "past_income_shared"):
            self.named.remove(which)
            self.should.name(*which[1:], -1)

    @rule(
        number=accounts,
        days=st.integers(1, 670),
        part=st.sampled_from([-70, -30, 5, 40]),
    )
    def principal_moved(self, number: str, days: int, part: int) -> None:
        """The fund's books say it late: shares of closed years are others now."""
        since, moves = OPENED + timedelta(days=days), self.should.principal[number]
        fen = sum(moved for _, moved in moves) * part // 100
        if sum(moved for day, moved in moves if day <= since) + fen > 0:
            self.fund.moved(number, fen, since)
            moves.append((since, fen))

    @precondition(lambda self: any(self.should.balances.values()))
    @rule(data=st.data(), part=st.sampled_from([100, 50, 1, 101]))
    def a_pool_spends(self, data: st.DataObject, part: int) -> None:
        rich = sorted(number for number, fen in self.should.balances.items() if fen)
        number = data.draw(st.sampled_from(rich))
        self._spend(number, max(1, -(-self.should.balances[number] * part // 100)))

    @precondition(lambda self: any(self.should.balances.values()))
    @rule(number=accounts, year=years)
    def a_pool_spent_what_it_must_give_back(self, number: str, year: int) -> None:
        if self.should.balances[number]:
            self._spend(number, self.should.balances[number])
        self.principal_moved(number, 100, -70)
        self.the_year_closes(year)

    def _spend(self, number: str, fen: int) -> None:
        with self.village.ctx.sessions() as tx:
            elsewhere = ledger.house_account(tx, AccountKind.REFUND_SUSPENSE)
            lines = transfer(self.fund.pools[number], elsewhere, fen)
            new = NewEntry(f"history:{next(KEYS)}", "test", date(2025, 1, 2), lines)

            def post() -> None:
                entry = ledger.post(tx, new, self.village.clock())
                tx.commit()
                self.spent.append(Spent(number, fen, entry.id))

            if self.attempt(post, "balance_insufficient"):
                self.should.balances[number] -= fen
            else:
                assert fen > self.should.balances[number]

    @precondition(lambda self: any(not each.back for each in self.spent))
    @rule(data=st.data())
    def what_was_spent_is_reversed(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from([each for each in self.spent if not each.back]))
        now = self.village.clock()
        for _ in range(2):  # a second reversal of it is the first
            with self.village.ctx.sessions() as tx:
                ledger.reverse(tx, each.entry_id, date(2025, 3, 3), "退回", now)
                tx.commit()
        each.back = True
        self.should.balances[each.number] += each.fen

    @rule(year=years)
    def a_year_is_closed(self, year: int) -> None:
        self.the_year_closes(year)

    @precondition(lambda self: self.should.moves(2023) or self.should.moves(2024))
    @rule()
    def what_came_late_is_shared(self) -> None:
        self.the_year_closes(2023 if self.should.moves(2023) else 2024)

    def the_year_closes(self, year: int) -> None:
        """For the first time, or by a revision that books the differences."""
        moves = self.should.moves(year)
        if not self.attempt(lambda: self.fund.closed(year), "year_closed", "year_without_income"):
            assert not moves
            return
        assert moves
        self.should.close(year)

    @rule(year=years, number=deposits)
    def what_moved_after_a_preview_is_not_booked(self, year: int, number: str) -> None:
        try:
            preview = self.fund.previewed(year)
        except Refused:
            return
        before = self.should.income[year], self.should.owners[year]
        self.interest_comes(number, 40, 5_000_000)
        post = partial(closing.post, self.village.ctx, self.village.actor("reviewer"), preview.id)
        if before != (self.should.income[year], self.should.owners[year]):
            assert not self.attempt(post, "close_basis_moved")
            return
        assert self.attempt(post)
        self.should.close(year)
        assert post().state == CloseState.POSTED, "and once more it books nothing"

    @invariant()
    def the_books_hold_what_was_reckoned(self) -> None:
        if not hasattr(self, "fund"):
            return
        should, fund = self.should, self.fund
        stands = fund.all_balances()
        assert {number: stands[number] for number in PRINCIPAL} == should.balances
        assert stands.get("POOL-RECEIVABLE", 0) == sum(should.owed.values())
        for year in YEARS:
            waiting = should.income[year] - sum(should.given[year].values())
            assert stands.get(f"UNALLOCATED-INCOME-{year}", 0) == waiting
        flats = {
            number: sum(fen for _, fen in should.principal[number])
            + sum(should.flats[year][number] for year in YEARS)
            for number in PRINCIPAL
        }
        assert fund.flats() == flats
        with self.village.ctx.sessions() as tx:
            assert left_fen(tx) == should.left
        assert_sound(self.village)


def begin(fund: Fund) -> tuple[Reckoning, dict[str, list[InterestView]]]:
    """Three deposits that earned for 120 days, and both years closed."""
    fund.owes_of_before(OWED_OF_BEFORE)
    fund.holds({number: {OPENED: fen} for number, fen in PRINCIPAL.items()})
    IncomeHistory.opened = {
        number: fund.deposit(number=number, value_on=began).id for number, began in DEPOSITS.items()
    }
    should, paid = Reckoning(), {}
    for number, began in DEPOSITS.items():
        paid[number] = [interest(fund, number, began + timedelta(days=120), 6_000_000)]
        should.count(paid[number][0], 1)
    for year in YEARS:
        fund.closed(year)
        should.close(year)
    return should, paid


@pytest.mark.deep
def test_whatever_happens_to_income_the_books_hold_what_was_reckoned(
    databases: Databases, database: Database, village: Village
) -> None:
    """Each history has a database of its own, copied from one fund."""
    first = Fund(village)
    IncomeHistory.begun = begin(first)
    village.ctx.sessions.kw["bind"].dispose()
    shared = SharedEngine(databases)

    def new_fund() -> tuple[Fund, Callable[[], None]]:
        leave = ExitStack()
        own = databases.new(template=database.name)
        leave.callback(own.drop)
        engine = leave.enter_context(shared.on(own))
        clock = ManualClock(village.clock())
        ctx = replace(village.ctx, sessions=make_sessions(engine), clock=clock)
        return replace(first, village=village.copied(ctx, clock)), leave.close

    IncomeHistory.new_fund = new_fund
    run_state_machine_as_test(
        IncomeHistory,
        settings=settings(
            max_examples=8 * DEEP,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
