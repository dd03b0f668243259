"""Cover is what the policy says: its days, its premium, its lifts; and what happens when it was
entered wrongly, or when its premium comes back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend.domain.errors import Refused
from backend.domain.local_time import local_date
from backend.services.case import steps as case_steps
from backend.services.public.lifts import read_public_lift
from backend.services.public.words import headline, meaning, payer
from backend.services.reads.cases import read_case
from backend.store.purchases import Policy, Purchase
from backend.store.registry import LiftToken
from tests.build.looking import (
    assert_sound,
    at,
    carry,
    case,
    codes,
    covers,
    letters,
    limits,
    planned_for,
    pool,
    steps,
)
from tests.build.refunds import cancelled, given_back
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village

DUE_FEN = 2 * PREMIUM_FEN
BEGINS, ENDS = date(2025, 4, 1), date(2026, 4, 1)
TOKEN = "720ngswmytacx9dxj0xmtdybpg"


def refused_for(village: Village, purchase: Purchase, **changed: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        village.person("insurer").issues_policy(purchase.id, village.policy(**changed))
    return codes(refused)


def shown(village: Village) -> tuple[str, str, str]:
    """What everybody reads about the first lift."""
    with village.ctx.sessions() as tx:
        if tx.get(LiftToken, TOKEN) is None:
            tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=village.clock()))
            tx.commit()
    lift = read_public_lift(village.ctx, TOKEN)
    assert lift is not None
    return headline(lift), payer(lift), meaning(lift)


# The day on which the village's policy is issued and handed in.
HANDED_IN = date(2025, 3, 11)


def in_force(village: Village) -> Purchase:
    purchase = village.insured()
    village.clock.set(at("2025-04-01 00:00"))
    case_steps.sweep(village.ctx)
    return case(village, purchase)


# --- the days of the policy ---


def test_a_policy_issued_late_covers_a_whole_year_from_its_own_first_day(village: Village) -> None:
    purchase = village.paid()
    village.clock.set(at("2025-04-20 10:00"))
    first = date(2025, 4, 21)
    late = village.policy(
        cover_from=first,
        cover_ends_before=date(2026, 4, 21),
        answers_for_days_before=False,
    )
    assert village.person("insurer").issues_policy(purchase.id, late).state == "policy_issued"
    assert covers(village, purchase) == [("reserved", first, date(2026, 4, 21))] * 2
    assert shown(village)[0] == "这台电梯的保险从2025年4月21日开始。"
    village.clock.set(at("2025-04-21 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert shown(village)[0] == "这台电梯已投保，保到2026年4月20日24:00。"
    village.clock.set(at("2026-04-01 00:00"))
    assert case_steps.sweep(village.ctx) == 0  # the plan's last day is not the policy's
    village.clock.set(at("2026-04-21 00:00"))
    assert case_steps.sweep(village.ctx) == 1
    assert case(village, purchase).state == "expired"


def test_whoever_applied_reads_that_the_cover_begins_later_than_promised(village: Village) -> None:
    purchase = village.paid()
    village.clock.set(at("2025-04-20 10:00"))
    late = village.policy(cover_from=date(2025, 4, 20), cover_ends_before=date(2026, 4, 20))
    village.person("insurer").issues_policy(purchase.id, late)
    policy = read_case(village.ctx, village.actor("manager"), purchase.id).policy
    assert policy is not None
    assert policy.note == (
        "保障比公示的方案晚19天开始：2025年4月1日0:00至2025年4月19日24:00没有本保险单的保障。"
    )


def test_days_before_the_issue_are_covered_only_when_the_insurer_says_so(village: Village) -> None:
    purchase = village.paid()
    village.clock.set(at("2025-04-20 10:00"))
    assert refused_for(village, purchase, answers_for_days_before=False) == [
        "policy_begins_before_issue"
    ]
    done = village.person("insurer").issues_policy(purchase.id, village.policy())
    assert done.state == "in_force"


@pytest.mark.parametrize(
    ("changed", "against"),
    [
        ({"cover_from": BEGINS - timedelta(days=1)}, ["policy_period_differs"] * 2),
        ({"cover_from": BEGINS + timedelta(days=1)}, ["policy_period_differs"] * 2),
        ({"cover_ends_before": ENDS - timedelta(days=1)}, ["policy_period_differs"]),
        ({"cover_ends_before": ENDS + timedelta(days=1)}, ["policy_period_differs"]),
        ({"cover_ends_before": BEGINS}, ["period_invalid"]),
        ({"issued_on": date(2025, 3, 12)}, ["policy_date_invalid"]),
        ({"lift_codes": ["31104331002024000001"]}, ["policy_lifts_differ"]),
        ({"premium_fen": DUE_FEN + 1}, ["policy_premium_differs"]),
        ({"premium_fen": DUE_FEN - 1}, ["policy_premium_differs"]),
        ({"premium_fen": 0}, ["amount_not_positive"]),
    ],
)
def test_a_policy_that_is_not_what_was_bought_is_refused(
    village: Village, changed: dict[str, object], against: list[str]
) -> None:
    purchase = village.paid()
    assert refused_for(village, purchase, **changed) == against
    assert case(village, purchase).state == "paid"
    assert limits(village, purchase).keys() == {"policy"}


@pytest.mark.usefixtures("cases_from_before")
def test_a_late_policy_does_not_take_days_that_another_case_has(village: Village) -> None:
    purchase = village.paid()
    begin, end = date(2026, 4, 1), date(2027, 4, 1)
    carry(
        village,
        planned_for(village, village.lifts, cover_from=begin, cover_ends_before=end),
        "contracted",
    )
    village.clock.set(at("2025-04-20 10:00"))
    late = {"cover_from": date(2025, 4, 20), "cover_ends_before": date(2026, 4, 20)}
    assert refused_for(village, purchase, **late) == ["lift_already_covered"]
    done = village.person("insurer").issues_policy(purchase.id, village.policy())
    assert done.state == "in_force"


# --- a premium that was too much ---


def test_what_was_paid_too_much_goes_back_before_the_policy_comes(village: Village) -> None:
    purchase = village.paid()
    given_back(village, purchase.id, 10_000, "费率下调")
    assert case(village, purchase).state == "paid"
    assert pool(village) == (POOL_FEN - DUE_FEN + 10_000, 0)
    assert refused_for(village, purchase) == ["policy_premium_differs"]
    cheaper = village.policy(premium_fen=DUE_FEN - 10_000)
    assert village.person("insurer").issues_policy(purchase.id, cheaper).state == "policy_issued"
    with pytest.raises(Refused, match="refund_out_of_range"):  # what was given back is gone
        cancelled(village, purchase.id, DUE_FEN)
    assert_sound(village)


def test_what_was_given_back_in_part_is_not_sent_back_by_the_bank_as_well(village: Village) -> None:
    """The insurer had it: else the pool would get more than it paid."""
    purchase = village.paid()
    given_back(village, purchase.id, 10_000, "费率下调")
    with pytest.raises(Refused) as refused:
        village.cashier.returns_payment(purchase.id, village.upload("cashier"), "账户已销户")
    assert codes(refused) == ["premium_part_returned"]
    cancelled(village, purchase.id, DUE_FEN - 10_000, "保险机构退回其余保费")
    assert pool(village) == (POOL_FEN, 0)
    assert_sound(village)


@pytest.mark.parametrize("fen", [0, -1, DUE_FEN, DUE_FEN + 1])
def test_while_the_policy_stays_only_a_part_is_given_back(village: Village, fen: int) -> None:
    purchase = village.insured()
    with pytest.raises(Refused) as refused:
        given_back(village, purchase.id, fen)
    assert codes(refused) == ["refund_out_of_range"]


# --- a policy that was entered wrongly ---


@pytest.mark.parametrize("reached", ["policy_issued", "in_force"])
def test_a_policy_entered_wrongly_is_put_right_and_the_cover_follows(
    village: Village, reached: str
) -> None:
    """The paper came on 10 April, or in March; its first day was entered a day too early."""
    purchase = village.paid()
    late = reached == "in_force"
    entered = date(2025, 4, 10) if late else BEGINS
    first = date(2025, 4, 11) if late else BEGINS
    village.clock.set(at("2025-04-10 09:00" if late else "2025-03-20 09:00"))
    paper = village.policy(cover_from=entered, cover_ends_before=entered.replace(year=2026))
    assert village.person("insurer").issues_policy(purchase.id, paper).state == reached
    right = village.policy(
        number="PL-2",
        cover_from=first,
        cover_ends_before=first.replace(year=2026),
        answers_for_days_before=False,
    )
    set_right = village.person("insurer").sets_policy(purchase.id, right, "起保日写错")
    assert set_right.state == "policy_issued"
    assert covers(village, purchase) == [("reserved", first, first.replace(year=2026))] * 2
    assert steps(village, purchase)[-1].reason == "起保日写错"
    told = {name for name, _, _ in letters(village, purchase)[-6:]}
    assert {"manager", "reviewer", "member0"} <= told
    village.clock.set(at(f"{first} 00:00"))
    case_steps.sweep(village.ctx)
    assert covers(village, purchase) == [("in_force", first, first.replace(year=2026))] * 2
    with village.ctx.sessions() as tx:
        assert tx.get_one(Policy, case(village, purchase).policy_id).number == "PL-2"
    assert_sound(village)


def test_a_number_put_right_while_it_insures_leaves_no_day_without_cover(village: Village) -> None:
    purchase = in_force(village)
    right = village.policy(number="PL-2", issued_on=HANDED_IN)
    assert village.person("insurer").sets_policy(purchase.id, right, "编号").state == "in_force"
    assert covers(village, purchase) == [("in_force", BEGINS, ENDS)] * 2


def test_a_later_paper_is_no_correction_and_takes_no_insured_day_away(village: Village) -> None:
    """Half a year insured, and a policy that begins tomorrow: that is another one."""
    purchase = in_force(village)
    village.clock.set(at("2025-10-01 09:00"))
    first = date(2025, 10, 2)
    later = village.policy(
        number="PL-2", cover_from=first, cover_ends_before=first.replace(year=2026)
    )
    with pytest.raises(Refused) as refused:
        village.person("insurer").sets_policy(purchase.id, later, "起保日写错")
    assert codes(refused) == ["policy_issued_later"]
    dated_back = replace(later, issued_on=HANDED_IN)
    with pytest.raises(Refused) as refused:
        village.person("insurer").sets_policy(purchase.id, dated_back, "起保日写错")
    assert codes(refused) == ["policy_period_differs"]
    assert covers(village, purchase) == [("in_force", BEGINS, ENDS)] * 2


def test_a_policy_is_put_right_by_the_insurer_with_a_reason_and_by_the_same_rules(
    village: Village,
) -> None:
    purchase = village.insured()
    for name in ("manager", "clerk", "cashier"):
        paper = village.policy(file_sha256=village.upload(name))
        with pytest.raises(Refused, match="role_required"):
            village.person(name).sets_policy(purchase.id, paper, "写错")
    insurer = village.person("insurer")
    with pytest.raises(Refused, match="text_required"):
        insurer.sets_policy(purchase.id, village.policy(), " ")
    with pytest.raises(Refused, match="policy_period_differs"):
        insurer.sets_policy(purchase.id, village.policy(cover_from=date(2025, 5, 1)), "写错")


# --- the premium comes back after the policy was issued (退票) ---


@pytest.mark.parametrize("reached", ["policy_issued", "in_force"])
def test_a_premium_that_comes_back_is_paid_again_and_the_policy_goes_on(
    village: Village, reached: str
) -> None:
    purchase = in_force(village) if reached == "in_force" else village.insured()
    back = village.cashier.returns_payment(purchase.id, village.upload("cashier"), "账户已销户")
    assert back.state == "payment_reviewed"
    assert covers(village, purchase) == [("unpaid", BEGINS, ENDS)] * 2
    assert limits(village, purchase).keys() == {"payment"}
    assert local_date(village.clock()) < limits(village, purchase)["payment"].ends_on
    told = [data["state"] for name, _, data in letters(village, purchase) if name == "manager"]
    assert told[-1] == "拨付已复核"
    village.cashier.orders_payment(purchase.id)
    village.cashier.confirms_payment(purchase.id, "BANK-2", village.upload("cashier"))
    assert case(village, purchase).state == reached
    assert limits(village, purchase) == {}
    state = "in_force" if reached == "in_force" else "reserved"
    assert covers(village, purchase) == [(state, BEGINS, ENDS)] * 2
    assert pool(village) == (POOL_FEN - DUE_FEN, 0)
    assert_sound(village)


def test_while_the_premium_is_on_its_way_again_nobody_reads_that_the_lift_is_insured(
    village: Village,
) -> None:
    purchase = in_force(village)
    assert shown(village)[0] == "这台电梯已投保，保到2026年3月31日24:00。"
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "账户已销户")
    assert shown(village) == (
        "这台电梯的保单已出具，保费正在重新拨付。",
        "保费还没有付到，修理费由谁出请先问示例保险。",
        "保单已由示例保险出具，但保费被银行退回，中心正在重新拨付。"
        "付到之前出了故障，是否赔付以保险机构的答复为准。",
    )
    village.manager.withdraws(purchase.id, "不再投保")
    assert shown(village)[0] == "这台电梯目前没有维修保险。"
    assert pool(village) == (POOL_FEN, 0)
    assert_sound(village)


@pytest.mark.parametrize("how", ["withdrawn", "terminated", "papers_returned"])
def test_days_that_were_insured_stay_on_record_when_the_premium_came_back_for_good(
    village: Village, how: str
) -> None:
    purchase = in_force(village)
    village.clock.set(at("2025-06-10 09:00"))
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "保险机构停业")
    if how == "withdrawn":
        village.manager.withdraws(purchase.id, "不再投保")
    elif how == "terminated":
        village.reviewer.terminates(purchase.id, "保险机构停业")
    else:
        village.cashier.returns_papers(purchase.id, "保险机构停业")
        village.manager.withdraws(purchase.id, "保险机构停业")
    assert covers(village, purchase) == [("ended", BEGINS, date(2025, 6, 11))] * 2
    assert pool(village) == (POOL_FEN, 0)
    assert_sound(village)


def test_a_premium_that_came_back_before_the_first_day_leaves_no_cover(village: Village) -> None:
    purchase = village.insured()
    village.cashier.returns_payment(purchase.id, village.upload("cashier"), "账户已销户")
    village.manager.withdraws(purchase.id, "不再投保")
    assert {state for state, _, _ in covers(village, purchase)} == {"released"}
