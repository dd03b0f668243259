"""Premiums and refunds over the accounts of a source: to the fen, and within what each has."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refused
from backend.domain.source import Share, parts, parts_back, payable

SHARES = st.lists(
    st.builds(
        Share, st.uuids(), st.integers(min_value=1, max_value=10_000), st.integers(0, 10_000_000)
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda share: share.account,
)
ONE, OTHER = UUID(int=1), UUID(int=2)


def weights(shares: list[Share]) -> dict[UUID, int]:
    return {share.account: share.weight for share in shares}


@given(SHARES, st.integers(1, 10_000_000))
def test_the_parts_of_an_amount_add_up_to_it(shares: list[Share], amount_fen: int) -> None:
    paid = parts(amount_fen, weights(shares))
    assert sum(paid.values()) == amount_fen
    assert all(fen > 0 for fen in paid.values())


@given(SHARES)
def test_every_account_can_pay_its_part_of_what_is_payable(shares: list[Share]) -> None:
    amount_fen = payable(shares)
    if amount_fen:
        paid = parts(amount_fen, weights(shares))
        assert all(paid.get(share.account, 0) <= share.available_fen for share in shares)


@given(SHARES)
def test_a_little_more_than_payable_is_too_much_for_one_account(shares: list[Share]) -> None:
    little = 2 * sum(share.weight for share in shares)
    paid = parts(payable(shares) + little, weights(shares))
    assert any(paid.get(share.account, 0) > share.available_fen for share in shares)


def test_one_account_pays_all_and_can_spend_what_it_has() -> None:
    assert parts(260_000, {ONE: 1}) == {ONE: 260_000}
    assert payable([Share(ONE, 1, 1_000_000)]) == 1_000_000


def test_the_emptiest_account_decides_what_two_can_pay() -> None:
    assert payable([Share(ONE, 1, 500), Share(OTHER, 3, 600)]) == 800
    assert parts(800, {ONE: 1, OTHER: 3}) == {ONE: 200, OTHER: 600}


def test_a_refund_is_split_as_the_premium_was() -> None:
    assert parts_back(101, {ONE: 1_000, OTHER: 1_000}, {}) == {ONE: 51, OTHER: 50}


def test_a_spare_fen_does_not_go_to_one_account_twice() -> None:
    assert parts_back(1, {ONE: 1, OTHER: 1}, {}) == {ONE: 1}
    assert parts_back(1, {ONE: 1, OTHER: 1}, {ONE: 1}) == {OTHER: 1}


@given(
    st.dictionaries(st.uuids(), st.integers(1, 10_000_000), min_size=1, max_size=8), st.randoms()
)
def test_several_refunds_bring_no_account_more_than_it_paid(
    paid: dict[UUID, int], chance: Random
) -> None:
    came: dict[UUID, int] = {}
    while left := sum(paid.values()) - sum(came.values()):
        for account, fen in parts_back(chance.randint((left + 4) // 5, left), paid, came).items():
            came[account] = came.get(account, 0) + fen
        assert all(fen <= paid[account] for account, fen in came.items())
    assert came == paid


def test_without_a_source_nothing_is_payable_and_nothing_can_be_split() -> None:
    assert payable([]) == 0
    with pytest.raises(Refused):
        parts(100, {})


@given(SHARES, st.integers(1, 10_000_000), st.data())
def test_who_paid_gets_no_more_back_than_that_and_of_a_full_refund_all(
    shares: list[Share], held_fen: int, data: st.DataObject
) -> None:
    """What falls due is shared as what was held, a refund as what was paid."""
    due_fen = data.draw(st.integers(1, held_fen))
    refund_fen = data.draw(st.integers(1, due_fen))
    paid = parts(due_fen, parts(held_fen, weights(shares)))
    assert parts(due_fen, paid) == paid
    back = parts(refund_fen, paid)
    assert sum(back.values()) == refund_fen
    assert all(back[account] <= paid[account] for account in back)
