"""What goes back to be put right: an application, the papers of a payment."""

from datetime import timedelta

import pytest

from backend.domain.errors import Refused
from backend.domain.states import State
from backend.services.reads.todos import my_todos
from backend.store.purchases import Purchase
from tests.build.looking import (
    applied,
    assert_sound,
    case,
    codes,
    holds,
    letters,
    limits,
    pool,
    steps,
)
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
REASON = "申请表第二页没有盖章"


def returned(village: Village) -> Purchase:
    purchase = applied(village)
    return village.clerk.returns_application(purchase.id, REASON)


def papers_returned(village: Village) -> Purchase:
    return village.cashier.returns_papers(village.payable().id, "发票抬头看不清")


# --- an application ---


def test_an_application_goes_back_with_a_reason_and_comes_again(village: Village) -> None:
    purchase = returned(village)
    assert purchase.state == State.DRAFTED
    assert steps(village, purchase)[-1].reason == REASON
    assert not limits(village, purchase)
    again = village.manager.applies(purchase.id, village.upload("manager"))
    assert again.state == State.APPLIED
    assert limits(village, purchase).keys() == {"acceptance"}
    assert_sound(village)


def test_whoever_applied_hears_what_the_application_waits_for(village: Village) -> None:
    purchase = returned(village)
    told = [data for name, _, data in letters(village, purchase) if name == "manager"]
    assert told[-1]["state"] == "申请准备中"
    assert told[-1]["next"] == "上传签字盖章的申请表，提交申请"


def test_the_reason_stands_on_the_list_of_whoever_must_act_and_on_no_other(
    village: Village,
) -> None:
    returned(village)
    (todo,) = my_todos(village.ctx, village.actor("manager")).items
    assert (todo.mine, todo.why) == (True, f"退回补正：{REASON}")
    (seen,) = my_todos(village.ctx, village.actor("member0")).items
    assert (seen.mine, seen.why) == (False, "")


def test_the_co_signatures_of_a_returned_application_stay(village: Village) -> None:
    purchase = village.drafted("owners", "owner0")
    for name in ("owner0", "owner1", "owner2"):
        village.person(name).cosigns(purchase.id)
    village.person("owner0").applies(purchase.id, village.upload("owner0"))
    village.clerk.returns_application(purchase.id, REASON)
    again = village.person("owner0").applies(purchase.id, village.upload("owner0"))
    assert again.state == State.APPLIED


def test_an_application_is_returned_by_the_clerk_with_a_reason_and_before_the_acceptance(
    village: Village,
) -> None:
    purchase = applied(village)
    for name in ("manager", "reviewer", "insurer"):
        with pytest.raises(Refused) as refused:
            village.person(name).returns_application(purchase.id, REASON)
        assert codes(refused) == ["role_required"]
    with pytest.raises(Refused) as refused:
        village.clerk.returns_application(purchase.id, " ")
    assert codes(refused) == ["text_required"]
    village.clerk.queries_funds(purchase.id, "维保正常")
    with pytest.raises(Refused) as refused:
        village.clerk.returns_application(purchase.id, REASON)
    assert codes(refused) == ["step_not_possible"]


# --- the papers of a payment ---


def test_returned_papers_stop_the_clock_and_keep_the_premium(village: Village) -> None:
    purchase = papers_returned(village)
    assert purchase.state == State.CONTRACTED
    assert limits(village, purchase).keys() == {"payment_request"}
    assert pool(village) == (POOL_FEN, DUE_FEN)  # nothing is owed, and no other case gets it
    assert holds(village, purchase) == [("posted", DUE_FEN), ("pending", DUE_FEN)]
    assert_sound(village)


def test_papers_put_right_are_paid_like_any_others(village: Village) -> None:
    purchase = papers_returned(village)
    better = village.invoice(number="FP-2", file_sha256=village.upload("manager"))
    village.manager.adds_invoice(purchase.id, better)
    village.clock.advance(days=3)
    village.manager.requests_payment(purchase.id)
    ends_on = limits(village, purchase)["payment"].ends_on
    assert ends_on > village.clock().date() + timedelta(days=6)  # seven working days anew
    village.cashier.orders_payment(purchase.id)
    village.cashier.confirms_payment(purchase.id, "BANK-1", village.upload("cashier"))
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert case(village, purchase).state == State.PAID
    assert_sound(village)


def test_papers_may_go_back_more_than_once(village: Village) -> None:
    purchase = papers_returned(village)
    village.manager.requests_payment(purchase.id)
    village.cashier.returns_papers(purchase.id, "还是看不清")
    assert pool(village) == (POOL_FEN, DUE_FEN)
    village.manager.requests_payment(purchase.id)
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


def test_whoever_withdraws_after_the_papers_came_back_leaves_the_account_as_it_was(
    village: Village,
) -> None:
    purchase = papers_returned(village)
    village.manager.withdraws(purchase.id, "不再投保")
    assert pool(village) == (POOL_FEN, 0)
    assert not limits(village, purchase)
    assert_sound(village)


def test_papers_go_back_until_the_bank_is_told(village: Village) -> None:
    purchase = village.payable()
    village.cashier.orders_payment(purchase.id)
    with pytest.raises(Refused) as refused:
        village.cashier.returns_papers(purchase.id, "晚了")
    assert codes(refused) == ["step_not_possible"]
