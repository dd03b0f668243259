"""Generated histories: whatever people do, the ledger balances and replays to what is stored."""

from collections.abc import Callable
from itertools import count
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.domain import ledger as rules
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, Figures, Line, Lines, replay
from backend.domain.subject import Subject
from backend.services.books import holds, ledger
from backend.services.books.ledger import NewEntry
from backend.store.database import make_engine, make_sessions
from backend.store.ledger import Account
from tests.build.sample_case import NOW, TODAY, SampleCase, sample_case, sample_purchase

KEYS = count(1)
fen = st.integers(min_value=1, max_value=1000)


class LedgerHistory(RuleBasedStateMachine):
    """People book income, hold, release, pay and reverse; a model keeps the list of what went in.

    Every rule is one transaction that really commits. Runs share a database, each with a case of
    its own, so house accounts are compared by what this run added to them.
    """

    pending = Bundle("pending")  # purchases with money set aside
    dues = Bundle("dues")  # (purchase, amount) whose premium fell due
    orders = Bundle("orders")  # (purchase, amount) on the way to the insurer
    entries = Bundle("entries")  # (entry id, natural key, lines) of income not yet reversed

    sessions: ClassVar[sessionmaker[Session]]

    def __init__(self) -> None:
        super().__init__()
        self.booked: list[Lines] = []
        self.held: dict[Subject, int] = {}

    @initialize()
    def open_case(self) -> None:
        with self.sessions() as tx:
            self.case: SampleCase = sample_case(tx)
            self.statutory = ledger.house_account(tx, AccountKind.STATUTORY_INTEREST_PAYABLE)
            tx.commit()
            rows = tx.execute(select(Account.id, Account.kind))
            self.kinds = {row.id: AccountKind(row.kind) for row in rows}
            self.before = self.stored(tx)

    def stored(self, tx: Session) -> dict[UUID, Figures]:
        rows = tx.execute(select(Account.id, Account.balance_fen, Account.held_fen))
        return {row.id: Figures(row.balance_fen, row.held_fen) for row in rows}

    def expected(self, *more: Lines) -> dict[UUID, Figures]:
        """What this run makes of the accounts, with further entries on top."""
        pending = [Line(self.case.pool, amount) for amount in self.held.values()]
        lines = [line for entry in (*self.booked, *more) for line in entry]
        return replay(self.kinds, lines, pending)

    def fits(self, lines: Lines) -> bool:
        """Whether the model says that every account can bear these lines."""
        after = self.expected(lines)
        return all(
            self.before[account].available_fen + shown.available_fen >= 0
            for account, shown in after.items()
        )

    def attempt(self, may: bool, code: str, act: Callable[[Session], object]) -> bool:
        """Do it in a transaction; it must be refused with `code` exactly when it may not."""
        outcome = "done"
        with self.sessions() as tx:
            try:
                act(tx)
                tx.commit()
            except Refused as refused:
                outcome = refused.refusals[0].code
        assert outcome == ("done" if may else code)
        return may

    def book(self, kind: str, lines: Lines, purchase: Subject | None = None) -> bool:
        key = f"history:{next(KEYS)}"
        done = self.attempt(
            self.fits(lines),
            "balance_insufficient",
            lambda tx: ledger.post(tx, NewEntry(key, kind, TODAY, lines, subject=purchase), NOW),
        )
        if done:
            self.booked.append(lines)
        return done

    @rule(target=entries, owners=st.integers(0, 500), pooled=fen)
    def income(self, owners: int, pooled: int) -> object:
        lines = rules.income_booked(
            self.case.bank, self.statutory, owners, {self.case.pool: pooled}
        )
        key = f"history:{next(KEYS)}"
        with self.sessions() as tx:
            entry = ledger.post(tx, NewEntry(key, "income", TODAY, lines), NOW)
            tx.commit()
        self.booked.append(lines)
        return entry.id, key, lines

    @rule(entry=entries)
    def repeat(self, entry: tuple[UUID, str, Lines]) -> None:
        entry_id, key, lines = entry
        with self.sessions() as tx:
            assert ledger.post(tx, NewEntry(key, "income", TODAY, lines), NOW).id == entry_id
            tx.commit()

    @rule(entry=consumes(entries))
    def reverse(self, entry: tuple[UUID, str, Lines]) -> None:
        entry_id, _, lines = entry
        back = rules.reversal(lines)
        if self.attempt(
            self.fits(back),
            "balance_insufficient",
            lambda tx: ledger.reverse(tx, entry_id, TODAY, "冲销", NOW),
        ):
            self.booked.append(back)

    @rule(target=pending, amount=fen)
    def hold(self, amount: int) -> object:
        case = self.case
        with self.sessions() as tx:
            purchase = sample_purchase(
                tx, case.estate, {case.pool: 1}, case.insurer, case.person
            ).subject
            tx.commit()
        done = self.attempt(
            amount <= self.expected()[case.pool].available_fen,
            "premium_above_available",
            lambda tx: holds.place(tx, purchase, {case.pool: amount}, NOW),
        )
        if not done:
            return multiple()
        self.held[purchase] = amount
        return purchase

    @rule(purchase=consumes(pending))
    def void(self, purchase: Subject) -> None:
        self.attempt(True, "", lambda tx: holds.void(tx, purchase, NOW))
        del self.held[purchase]

    @rule(target=dues, purchase=consumes(pending), saved=st.integers(0, 50))
    def fall_due(self, purchase: Subject, saved: int) -> object:
        amount = max(1, self.held.pop(purchase) - saved)
        accounts = self.case.accounts
        self.attempt(True, "", lambda tx: holds.post(tx, accounts, purchase, amount, TODAY, NOW))
        self.booked.append(rules.premium_due(accounts, {self.case.pool: amount}))
        return purchase, amount

    @rule(target=orders, due=consumes(dues))
    def order(self, due: tuple[Subject, int]) -> object:
        assert self.book(
            "payment_ordered", rules.payment_ordered(self.case.accounts, due[1]), due[0]
        )
        return due

    @rule(target=dues, due=consumes(orders))
    def reject(self, due: tuple[Subject, int]) -> object:
        assert self.book(
            "payment_rejected", rules.payment_rejected(self.case.accounts, due[1]), due[0]
        )
        return due

    @rule(due=consumes(orders), refund=st.integers(0, 100))
    def confirm(self, due: tuple[Subject, int], refund: int) -> None:
        purchase, amount = due
        accounts = self.case.accounts
        assert self.book(
            "payment_confirmed", rules.payment_confirmed(accounts, self.case.bank, amount), purchase
        )
        back = min(refund, amount)
        if back:
            pool = self.case.pool
            assert self.book(
                "refund_received", rules.refund_received(accounts, self.case.bank, back), purchase
            )
            assert self.book(
                "refund_returned", rules.refund_returned(accounts, {pool: back}), purchase
            )

    @rule(purchase=pending)
    def settle_what_is_held_twice(self, purchase: Subject) -> None:
        with self.sessions() as tx:
            holds.void(tx, purchase, NOW)
            with pytest.raises(Refused, match="no_pending_hold"):
                holds.void(tx, purchase, NOW)
            tx.rollback()

    @invariant()
    def stored_figures_are_the_replayed_ones(self) -> None:
        with self.sessions() as tx:
            found, balance = self.stored(tx), ledger.trial_balance(tx)
            assert ledger.drifted(tx) == []
        assert balance.total_fen == 0
        for account, added in self.expected().items():
            before = self.before[account]
            assert found[account] == Figures(
                before.balance_fen + added.balance_fen, before.held_fen + added.held_fen
            )


@pytest.mark.deep
def test_generated_histories_balance_and_replay(database_url: str) -> None:
    engine = make_engine(database_url)
    LedgerHistory.sessions = make_sessions(engine)
    run_state_machine_as_test(
        LedgerHistory,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    engine.dispose()
