"""An insured lift is taken out: who hears of it, and who asks for what is left of the premium."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.limits import LIMIT_TITLES
from backend.domain.refund import RefundKind
from backend.services.case import steps as case_steps
from backend.services.messages import follows
from backend.services.public import lift_tokens
from backend.services.public.lifts import read_public_lift
from backend.services.reads.todos import my_todos
from backend.services.registry import lifts
from backend.store.audit import AuditEntry
from backend.store.purchases import Purchase
from tests.build.looking import (
    assert_sound,
    at,
    case,
    codes,
    covers,
    letters,
    limits,
    pool,
    today,
)
from tests.build.refunds import entered, given_back
from tests.build.residents import agree, messages_to
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN


def retire(village: Village) -> None:
    clerk, lift = village.actor("clerk"), village.lifts[0]
    lifts.retire(village.ctx, clerk, lift, today(village), "报废", None)


def time_passes(village: Village, until: str) -> None:
    village.clock.set(at(until))
    case_steps.sweep(village.ctx)


def heard(village: Village, purchase: Purchase) -> dict[str, str]:
    """What comes next, by who was told that the lift is gone."""
    return {
        name: data["next"]
        for name, _, data in letters(village, purchase)
        if "已拆除" in data.get("state", "")
    }


@pytest.mark.parametrize("stage", ["paid", "insured", "in force"])
def test_everybody_hears_of_it_and_the_cashier_has_it_on_the_list(
    village: Village, stage: str
) -> None:
    purchase = village.paid() if stage == "paid" else village.insured()
    if stage == "in force":
        time_passes(village, "2025-04-01 00:00")
        assert case(village, purchase).state == "in_force"
    state, running = case(village, purchase).state, set(limits(village, purchase))
    retire(village)
    assert heard(village, purchase) == {
        "cashier": "请向保险机构办理退费",
        "insurer": "由中心与保险机构商定退费",
        "manager": "由中心与保险机构商定退费",
    }
    assert limits(village, purchase).keys() == running | {"lift_return"}
    todos = my_todos(village.ctx, village.actor("cashier")).items
    assert LIMIT_TITLES["lift_return"] in {todo.task for todo in todos if todo.mine}
    assert case(village, purchase).state == state
    assert_sound(village)


def test_what_the_insurer_gives_back_for_it_ends_the_wait_and_the_other_lift_stays_insured(
    village: Village,
) -> None:
    purchase = village.insured()
    before = covers(village, purchase)
    retire(village)
    given_back(village, purchase.id, 40_000, "1号梯拆除，按日退费")
    assert limits(village, purchase) == {}
    assert pool(village) == (POOL_FEN - DUE_FEN + 40_000, 0)
    assert covers(village, purchase) == before
    assert_sound(village)


def test_the_cashier_says_why_nothing_comes_back_and_others_hear_it(village: Village) -> None:
    purchase = village.insured()
    with pytest.raises(Refused) as refused:
        village.cashier.waives_refund(purchase.id, "责任已尽")
    assert codes(refused) == ["nothing_to_return"]
    retire(village)
    with pytest.raises(Refused, match="text_required"):
        village.cashier.waives_refund(purchase.id, " ")
    with pytest.raises(Refused, match="role_required"):
        village.person("insurer").waives_refund(purchase.id, "不退")
    village.cashier.waives_refund(purchase.id, "合同约定拆除不退费")
    assert limits(village, purchase) == {}
    assert {
        name
        for name, _, data in letters(village, purchase)
        if data.get("state") == "拆除电梯无需退费"
    } == {"reviewer", "manager", "insurer"}
    with village.ctx.sessions() as tx:
        link = select(AuditEntry.body).where(AuditEntry.action == "purchase.waive_refund")
        assert "合同约定拆除不退费" in tx.scalars(link).one().decode()
    given_back(village, purchase.id, 100)
    assert_sound(village)


def sent_back(village: Village, purchase: Purchase) -> None:
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "退票")


def paid_again(village: Village, purchase: Purchase) -> None:
    village.cashier.orders_payment(purchase.id, begun_cover_known=True)
    village.cashier.confirms_payment(purchase.id, "BANK-2", village.upload("cashier"))


@pytest.mark.parametrize("retired", ["before 退票", "after 退票"])
def test_the_wait_begins_anew_once_the_premium_is_paid_again(
    village: Village, retired: str
) -> None:
    purchase = village.insured()
    if retired == "before 退票":
        retire(village)
    sent_back(village, purchase)
    if retired == "after 退票":
        retire(village)
    assert "lift_return" not in limits(village, purchase)
    paid_again(village, purchase)
    assert "lift_return" in limits(village, purchase)
    todos = my_todos(village.ctx, village.actor("cashier")).items
    assert LIMIT_TITLES["lift_return"] in {todo.task for todo in todos if todo.mine}
    assert_sound(village)


def test_what_the_cashier_has_seen_to_is_not_waited_for_once_more(village: Village) -> None:
    purchase = village.insured()
    retire(village)
    village.cashier.waives_refund(purchase.id, "合同约定拆除不退费")
    sent_back(village, purchase)
    paid_again(village, purchase)
    assert "lift_return" not in limits(village, purchase)


@pytest.mark.parametrize("ends", ["refused", "ended by 退票"])
def test_a_refund_that_came_to_nothing_leaves_the_wait(village: Village, ends: str) -> None:
    purchase = village.insured()
    retire(village)
    refund = entered(village, purchase.id, RefundKind.GIVE_BACK, 40_000, "按日退费")
    assert "lift_return" not in limits(village, purchase)
    if ends == "refused":
        village.reviewer.refuses_refund(refund.id, "回单看不清")
    else:
        sent_back(village, purchase)
        paid_again(village, purchase)
    assert "lift_return" in limits(village, purchase)
    given_back(village, purchase.id, 40_000)
    assert limits(village, purchase) == {}
    assert_sound(village)


def test_the_wait_outlives_the_cover_until_the_money_is_back_or_nothing_comes(
    village: Village,
) -> None:
    purchase = village.insured()
    retire(village)
    due = limits(village, purchase)["lift_return"].ends_before
    time_passes(village, "2026-04-01 00:00")
    assert case(village, purchase).state == "expired"
    (running,) = limits(village, purchase).values()
    assert (running.kind, running.ends_before) == ("lift_return", due)
    given_back(village, purchase.id, 40_000, "1号梯拆除，按日退费")
    assert limits(village, purchase) == {}
    assert pool(village) == (POOL_FEN - DUE_FEN + 40_000, 0)
    assert_sound(village)


def test_a_lift_that_was_taken_out_in_the_year_and_heard_of_after_it_is_asked_for(
    village: Village,
) -> None:
    purchase = village.insured()
    time_passes(village, "2026-04-20 09:00")
    clerk, lift = village.actor("clerk"), village.lifts[0]
    lifts.retire(village.ctx, clerk, lift, date(2025, 12, 1), "报废，事后得知", None)
    assert case(village, purchase).state == "expired"
    assert heard(village, purchase) == {
        "cashier": "请向保险机构办理退费",
        "insurer": "由中心与保险机构商定退费",
        "manager": "由中心与保险机构商定退费",
    }
    todos = my_todos(village.ctx, village.actor("cashier")).items
    assert [(todo.task, todo.mine) for todo in todos] == [(LIMIT_TITLES["lift_return"], True)]
    village.cashier.waives_refund(purchase.id, "合同约定拆除不退费")
    assert limits(village, purchase) == {}
    assert_sound(village)


def test_before_the_payment_the_applicant_hears_what_to_do_and_nothing_is_asked_back(
    village: Village,
) -> None:
    purchase, _ = village.posted()
    running = limits(village, purchase).keys()
    retire(village)
    assert set(heard(village, purchase).values()) == {"请移出电梯或结束本次申请"}
    assert {"manager", "insurer", "clerk"} <= heard(village, purchase).keys()
    assert limits(village, purchase).keys() == running


def test_no_page_says_any_more_that_the_lift_is_insured_nor_hears_who_followed_it(
    village: Village,
) -> None:
    purchase = village.insured()
    codes_of = [
        lift_tokens.issue_token(village.ctx, None, lift, "首次张贴").token for lift in village.lifts
    ]
    for name, token in zip(("owner0", "owner1"), codes_of, strict=True):
        follows.follow_lift(village.ctx, village.actor(name), token)
        agree(village, name, "cover_changed")
    retire(village)
    assert read_public_lift(village.ctx, codes_of[0]) is None
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    assert case(village, purchase).state == "in_force"
    assert len(messages_to(village, "owner1", "cover_changed")) == 1
    assert not messages_to(village, "owner0", "cover_changed")


def test_a_case_whose_cover_was_over_before_hears_of_nothing(village: Village) -> None:
    purchase = village.insured()
    time_passes(village, "2026-04-01 10:00")
    retire(village)
    assert limits(village, purchase) == {}
    assert heard(village, purchase) == {}
