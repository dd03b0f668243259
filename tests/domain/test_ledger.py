"""How events are booked, and what is always true of a ledger."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import ledger
from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, Figures, Line, Lines, PurchaseAccounts

ACCOUNTS = PurchaseAccounts(*(UUID(int=number) for number in range(3)))
STATUTORY, PRINCIPAL, POOL, OTHER, BANK = (UUID(int=number) for number in range(5, 10))
KINDS = {
    POOL: AccountKind.POOLED_INCOME,
    OTHER: AccountKind.SPECIAL_ACCOUNT,
    ACCOUNTS.held_premium: AccountKind.HELD_PREMIUM,
    ACCOUNTS.insurer_payable: AccountKind.INSURER_PAYABLE,
    BANK: AccountKind.BANK,
    ACCOUNTS.refund_suspense: AccountKind.REFUND_SUSPENSE,
    STATUTORY: AccountKind.STATUTORY_INTEREST_PAYABLE,
    PRINCIPAL: AccountKind.OWNERS_PRINCIPAL,
}
STEPS = (
    lambda accounts, amount_fen: ledger.premium_due(accounts, {POOL: 1, OTHER: amount_fen}),
    ledger.payment_ordered,
    lambda accounts, amount_fen: ledger.payment_confirmed(accounts, BANK, amount_fen),
    ledger.payment_rejected,
    lambda accounts, amount_fen: ledger.payment_unconfirmed(accounts, BANK, amount_fen),
    lambda accounts, amount_fen: ledger.refund_received(accounts, BANK, amount_fen),
    lambda accounts, amount_fen: ledger.refund_returned(accounts, {POOL: amount_fen, OTHER: 2}),
)

fen = st.integers(min_value=1, max_value=10**15)


def balances(*entries: Lines) -> dict[AccountKind, int]:
    postings = [line for lines in entries for line in lines]
    figures = ledger.replay(KINDS, postings, ())
    return {KINDS[account]: shown.balance_fen for account, shown in figures.items()}


@pytest.mark.parametrize("kind", sorted(ledger.SOURCE_KINDS))
def test_a_premium_may_be_paid_from_a_source(kind: AccountKind) -> None:
    ledger.check_source(kind)
    assert kind not in (AccountKind.OWNERS_PRINCIPAL, AccountKind.BANK)


@given(fen, st.sampled_from(STEPS))
def test_every_step_of_a_premium_balances_and_spares_the_principal(
    amount_fen: int, step: Callable[[PurchaseAccounts, int], Lines]
) -> None:
    lines = step(ACCOUNTS, amount_fen)
    ledger.check_balanced(lines)
    assert PRINCIPAL not in {line.account for line in lines}


def test_a_premium_passes_from_the_pool_through_to_the_insurer() -> None:
    opening = ledger.opening(BANK, 1500, {POOL: 500, PRINCIPAL: 1000})
    due = ledger.premium_due(ACCOUNTS, {POOL: 300})
    ordered = ledger.payment_ordered(ACCOUNTS, 300)
    assert balances(opening, due)[AccountKind.HELD_PREMIUM] == 300
    assert balances(opening, due, ordered)[AccountKind.INSURER_PAYABLE] == 300
    paid = balances(opening, due, ordered, ledger.payment_confirmed(ACCOUNTS, BANK, 300))
    assert {kind: shown for kind, shown in paid.items() if shown} == {
        AccountKind.BANK: 1200,
        AccountKind.POOLED_INCOME: 200,
        AccountKind.OWNERS_PRINCIPAL: 1000,
    }


def test_a_rejected_payment_leaves_the_premium_due() -> None:
    due = ledger.premium_due(ACCOUNTS, {POOL: 300})
    tried = ledger.payment_ordered(ACCOUNTS, 300), ledger.payment_rejected(ACCOUNTS, 300)
    assert balances(due, *tried) == balances(due)


def test_a_refund_goes_back_to_the_account_that_paid() -> None:
    received = ledger.refund_received(ACCOUNTS, BANK, 120)
    assert balances(received)[AccountKind.REFUND_SUSPENSE] == 120
    returned = balances(received, ledger.refund_returned(ACCOUNTS, {POOL: 120}))
    assert returned[AccountKind.REFUND_SUSPENSE] == 0
    assert returned[AccountKind.POOLED_INCOME] == returned[AccountKind.BANK] == 120


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_income_is_booked_at_what_the_bank_paid(owners_fen: int, pooled_fen: int) -> None:
    if owners_fen + pooled_fen == 0:
        return
    lines = ledger.income_booked(BANK, STATUTORY, owners_fen, {POOL: pooled_fen})
    ledger.check_balanced(lines)
    shown = balances(lines)
    assert shown[AccountKind.BANK] == owners_fen + pooled_fen
    assert shown[AccountKind.STATUTORY_INTEREST_PAYABLE] == owners_fen
    assert shown[AccountKind.POOLED_INCOME] == pooled_fen


def test_opening_balances_must_be_the_banks_figure_to_the_fen() -> None:
    with pytest.raises(Refused, match="opening_not_reconciled") as caught:
        ledger.opening(BANK, 1001, {POOL: 400, PRINCIPAL: 600})
    assert "相差1分" in caught.value.refusals[0].message


@pytest.mark.parametrize(
    ("book", "code"),
    [
        (lambda: ledger.premium_due(ACCOUNTS, {POOL: 0}), "amount_not_positive"),
        (lambda: ledger.refund_received(ACCOUNTS, BANK, -1), "amount_not_positive"),
        (lambda: ledger.opening(BANK, 0, {PRINCIPAL: 0}), "amount_not_positive"),
        (lambda: ledger.opening(BANK, -1, {PRINCIPAL: -1}), "amount_negative"),
        (lambda: ledger.income_booked(BANK, STATUTORY, -1, {}), "amount_negative"),
        (lambda: ledger.check_balanced([Line(PRINCIPAL, 0)]), "entry_unbalanced"),
        (
            lambda: ledger.check_balanced([Line(PRINCIPAL, 2), Line(STATUTORY, -1)]),
            "entry_unbalanced",
        ),
        (lambda: ledger.check_source(AccountKind.OWNERS_PRINCIPAL), "account_not_a_source"),
    ],
)
def test_amounts_that_make_no_sense_are_refused(book: Callable[[], object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        book()


@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(list(KINDS)), fen)))
def test_any_history_of_transfers_balances_and_a_reversal_undoes_it(
    moves: list[tuple[UUID, UUID, int]],
) -> None:
    history = [ledger.transfer(*move) for move in moves]
    shown = balances(*history)
    assert ledger.trial_balance(shown.items()) == 0
    undone = balances(*history, *map(ledger.reversal, history))
    assert set(undone.values()) == {0}


def test_held_money_is_not_available() -> None:
    pool = uuid4()
    figures = ledger.replay(
        {pool: AccountKind.POOLED_INCOME}, [Line(pool, -500)], [Line(pool, 120), Line(pool, 80)]
    )
    assert figures == {pool: Figures(500, 200)}
    assert figures[pool].available_fen == 300
