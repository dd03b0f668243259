"""R3: an owner alone pays years in beforehand, and each year is bought from that (JS annex
二（三）)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind
from backend.domain.refund import RefundKind
from backend.services.books import ledger
from backend.services.case.steps import sweep
from backend.services.purchase import applications, special_accounts
from backend.services.reads.own_case import own_case
from backend.services.reads.todos import my_todos
from backend.services.reads.ways import ways_in_estate
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseSource
from backend.store.registry import Household, Owner
from tests.build.alone import DEPOSIT_FEN, NEXT_YEAR, OWNER, House, house_of
from tests.build.looking import assert_sound, at, case, codes, covers, letters, limits, steps, today
from tests.build.village import PREMIUM_FEN, Village


@pytest.fixture
def house(village: Village) -> House:
    return house_of(village)


def account(house: House, purchase: Purchase) -> Account:
    with house.village.ctx.sessions() as tx:
        of_case = PurchaseSource.purchase_id == purchase.id
        paying = select(PurchaseSource.account_id).where(of_case).scalar_subquery()
        return tx.scalars(select(Account).where(Account.id == paying)).one()


def test_the_owners_deposit_pays_the_first_year_and_the_others_stay_there(house: House) -> None:
    village = house.village
    purchase = house.funded()
    assert case(village, purchase).state == "funded"
    held = account(house, purchase)
    assert (held.balance_fen, held.held_fen) == (DEPOSIT_FEN, PREMIUM_FEN)
    assert limits(village, purchase).keys() == {"contract"}
    house.insured(purchase)
    village.clock.set(at("2025-04-01 00:01"))
    assert sweep(village.ctx) == 1
    assert case(village, purchase).state == "in_force"
    left = account(house, purchase)
    assert (left.balance_fen, left.held_fen) == (2 * PREMIUM_FEN, 0)
    assert left.name == "示例小区电梯保险专户"
    assert [step.action for step in steps(village, purchase)] == [
        "draft",
        "apply",
        "submit_plan",
        "open_account",
        "fund",
        "sign_contract",
        "request_payment",
        "review_payment",
        "order_payment",
        "confirm_payment",
        "issue_policy",
        "begin_cover",
    ]
    assert_sound(village)


def test_a_deposit_in_two_parts_too_small_or_too_large_is_not_booked(house: House) -> None:
    purchase = house.opened()
    for fen, code in (
        (PREMIUM_FEN, "deposit_too_small"),
        (DEPOSIT_FEN - 1, "deposit_too_small"),
        (DEPOSIT_FEN + PREMIUM_FEN, "deposit_too_large"),
        (0, "deposit_too_small"),
    ):
        with pytest.raises(Refused) as no:
            house.funds(purchase, amount_fen=fen)
        assert codes(no) == [code]
    assert account(house, purchase).balance_fen == 0
    house.funds(purchase)
    with pytest.raises(Refused) as no:
        house.funds(purchase, bank_reference="ZH-2")
    assert codes(no) == ["deposit_made"]
    assert account(house, purchase).balance_fen == DEPOSIT_FEN
    assert_sound(house.village)


def test_a_bank_reference_is_of_one_deposit_and_its_day_is_not_to_come(house: House) -> None:
    village = house.village
    purchase = house.opened()
    with pytest.raises(Refused) as no:
        house.funds(purchase, received_on=NEXT_YEAR["cover_from"])
    assert codes(no) == ["day_in_future"]
    with pytest.raises(Refused) as no:
        house.funds(purchase, bank_id=village.pool)
    assert codes(no) == ["bank_unknown"]
    with pytest.raises(Refused) as no:
        house.funds(purchase, bank_reference=" ")
    assert codes(no) == ["text_required"]
    house.funds(purchase)
    applications.withdraw(village.ctx, house.owner, purchase.id, "改日再办")
    again = house.drafted()
    house.applies(again)
    house.plans(again)
    # What was paid in before is there still, and no second sum is asked for.
    assert case(village, house.opens(again)).state == "funded"


def test_nobody_insures_alone_what_serves_the_flats_of_others(house: House) -> None:
    village = house.village
    with pytest.raises(Refused) as no:
        applications.draft(village.ctx, house.owner, house.asked(lift_ids=[village.lifts[0]]))
    assert codes(no) == ["not_owned_alone"]
    owner = village.actor("owner0")
    with pytest.raises(Refused) as no:
        applications.draft(village.ctx, owner, house.asked())
    assert codes(no) == ["not_owned_alone"]
    with pytest.raises(Refused) as no:
        applications.draft(village.ctx, house.owner, house.asked(account_id=village.pool))
    assert codes(no) == ["account_not_of_estate"]
    assert "专户" in no.value.refusals[0].message
    with pytest.raises(Refused) as no:
        applications.draft(village.ctx, house.owner, house.asked(applicant="owners"))
    assert codes(no) == ["applicant_not_allowed"]


def test_who_sold_a_flat_of_the_house_cannot_go_on_alone(house: House) -> None:
    purchase = house.planned()
    with house.village.ctx.sessions() as tx:
        unit = tx.scalars(
            select(Household.unit_id)
            .join(Owner, Owner.household_id == Household.id)
            .where(Owner.person_id == house.owner.person_id)
        ).one()
        tx.add(Household(unit_id=unit, room="201", area_dm2=8_000))
        tx.commit()
    with pytest.raises(Refused) as no:
        house.opens(purchase)
    assert codes(no) == ["not_owned_alone"]


def test_the_second_year_is_bought_from_the_same_deposit(house: House) -> None:
    village = house.village
    first = house.insured(house.funded())
    village.clock.set(at("2026-02-02 09:00"))
    sweep(village.ctx)
    second = house.surveying()
    house.plans(second, **NEXT_YEAR)
    opened = house.opens(second)
    assert opened.state == "funded"
    assert [step.action for step in steps(village, second)][-2:] == ["open_account", "keep_deposit"]
    paying = account(house, second)
    assert paying.id == account(house, first).id
    assert (paying.balance_fen, paying.held_fen) == (2 * PREMIUM_FEN, PREMIUM_FEN)
    house.insured(second)
    village.clock.set(at("2026-04-01 00:01"))
    sweep(village.ctx)
    assert case(village, first).state == "renewed"
    assert case(village, second).state == "in_force"
    assert account(house, second).balance_fen == PREMIUM_FEN
    assert_sound(village)


def test_what_is_left_goes_back_to_the_payer_by_two_officers(house: House) -> None:
    village = house.village
    purchase = house.insured(house.funded())
    village.clock.set(at("2026-04-01 00:01"))
    sweep(village.ctx)
    assert case(village, purchase).state == "expired"
    (rest,) = my_todos(village.ctx, village.actor("cashier")).rests
    assert (rest.purchase_id, rest.rest_fen) == (purchase.id, 2 * PREMIUM_FEN)
    assert my_todos(village.ctx, village.actor("reviewer")).rests == []
    receipt, kind = village.upload("cashier"), RefundKind.CLOSE_ACCOUNT
    with pytest.raises(Refused) as no:
        village.cashier.proposes_refund(purchase.id, kind, PREMIUM_FEN, receipt, "不再续保")
    assert codes(no) == ["rest_differs"]
    whole = 2 * PREMIUM_FEN
    refund = village.cashier.proposes_refund(purchase.id, kind, whole, receipt, "不再续保")
    assert account(house, purchase).balance_fen == whole
    village.reviewer.confirms_refund(refund.id)
    closed = account(house, purchase)
    assert (closed.balance_fen, closed.closed_on) == (0, today(village))
    assert case(village, purchase).state == "expired"
    assert my_todos(village.ctx, village.actor("cashier")).rests == []
    assert_sound(village)


def test_nothing_goes_back_while_the_account_is_needed(house: House) -> None:
    village = house.village
    purchase = house.funded()
    receipt, kind = village.upload("cashier"), RefundKind.CLOSE_ACCOUNT
    with pytest.raises(Refused) as no:
        village.cashier.proposes_refund(purchase.id, kind, DEPOSIT_FEN, receipt, "退")
    assert codes(no) == ["refund_not_possible"]
    applications.withdraw(village.ctx, house.owner, purchase.id, "不办了")
    (rest,) = my_todos(village.ctx, village.actor("cashier")).rests
    assert rest.rest_fen == DEPOSIT_FEN
    house.opens(house.plans(house.surveying()))
    assert my_todos(village.ctx, village.actor("cashier")).rests == []
    with pytest.raises(Refused) as no:
        village.cashier.proposes_refund(purchase.id, kind, DEPOSIT_FEN, receipt, "退")
    assert "special_account_needed" in codes(no)


def test_a_deposit_entered_by_mistake_is_undone_and_entered_anew(house: House) -> None:
    village = house.village
    purchase = house.opened()
    house.funds(purchase, amount_fen=DEPOSIT_FEN + 1)
    reviewer = village.actor("reviewer")
    undone = special_accounts.undo_fund(village.ctx, reviewer, purchase.id, "金额登错")
    assert undone.state == "special_account_opened"
    assert (account(house, purchase).balance_fen, covers(village, purchase)[-1][0]) == (
        0,
        "released",
    )
    assert limits(village, purchase).keys() == {"funding"}
    house.funds(purchase)
    assert account(house, purchase).balance_fen == DEPOSIT_FEN
    assert_sound(village)


def test_the_clerk_sends_a_title_back_and_the_plan_falls_with_it(house: House) -> None:
    village = house.village
    purchase = house.planned()
    clerk = village.actor("clerk")
    back = applications.return_application(village.ctx, clerk, purchase.id, "产权证缺附图页")
    assert (back.state, back.plan_id) == ("drafted", None)
    house.applies(purchase)
    assert case(village, house.plans(purchase)).state == "plan_ready"


def test_the_owner_sees_the_way_the_sum_and_the_state_on_the_phone(house: House) -> None:
    village, ctx = house.village, house.village.ctx
    (way,) = [
        way for way in ways_in_estate(ctx, house.owner, village.estate).ways if way.route == "R3"
    ]
    assert (way.applicant, way.lift_ids, way.accounts) == ("independent_owner", [house.lift], ())
    assert "3年" in way.words
    others = ways_in_estate(ctx, village.actor("owner0"), village.estate).ways
    assert "R3" not in {way.route for way in others}
    purchase = house.opened()
    own = own_case(ctx, house.owner, purchase.id)
    assert (own.deposit_fen, own.state_name, own.applicant_name) == (
        DEPOSIT_FEN,
        "专户已开立",
        "独立产权人",
    )
    assert own.account == "示例小区电梯保险专户"
    house.funds(purchase)
    own = own_case(ctx, house.owner, purchase.id)
    assert (own.deposit_fen, own.held_fen, own.is_mine) == (None, PREMIUM_FEN, True)
    told = {name for name, _, _ in letters(village, purchase)}
    assert OWNER in told
    assert not {name for name in told if name.startswith("member")}


def test_a_deposit_that_never_comes_ends_the_case(house: House) -> None:
    village = house.village
    purchase = house.opened()
    village.clock.set(at("2025-04-20 09:00"))
    sweep(village.ctx)
    assert case(village, purchase).state == "lapsed"
    assert limits(village, purchase) == {}


def sold(house: House, buyer: str) -> House:
    """The same house, once it is another owner's."""
    with house.village.ctx.sessions() as tx:
        mine = Owner.person_id == house.owner.person_id
        new = house.village.actor(buyer).person_id
        for each in tx.scalars(select(Owner).where(mine)):
            each.person_id = new
        tx.commit()
    return replace(house, owner_name=buyer)


def test_what_comes_in_after_the_house_was_sold_is_not_booked(house: House) -> None:
    purchase = house.opened()
    sold(house, "owner0")
    with pytest.raises(Refused) as no:
        house.funds(purchase)
    assert codes(no) == ["not_owned_alone"]
    assert account(house, purchase).balance_fen == 0


def test_what_is_left_goes_back_too_where_a_buyer_insures_the_house_next(house: House) -> None:
    village = house.village
    first = house.insured(house.funded())
    village.clock.set(at("2026-02-02 09:00"))
    sweep(village.ctx)
    buyer = sold(house, "owner0")
    second = buyer.opens(buyer.plans(buyer.surveying(), **NEXT_YEAR))
    assert account(house, second).id != account(house, first).id
    buyer.insured(buyer.funds(second, bank_reference="ZH-2"))
    village.clock.set(at("2026-04-01 00:01"))
    sweep(village.ctx)
    assert case(village, first).state == "renewed"
    (rest,) = my_todos(village.ctx, village.actor("cashier")).rests
    receipt, kind = village.upload("cashier"), RefundKind.CLOSE_ACCOUNT
    refund = village.cashier.proposes_refund(
        rest.purchase_id, kind, rest.rest_fen, receipt, "房屋已出售"
    )
    village.reviewer.confirms_refund(refund.id)
    assert account(house, first).balance_fen == 0
    assert_sound(village)


def test_what_was_entered_for_the_wrong_bank_is_paid_from_the_right_one(house: House) -> None:
    village = house.village
    with village.ctx.sessions() as tx:
        right = ledger.open_account(tx, AccountKind.BANK, "ZH-BANK-2", "二号专户")
        tx.commit()
    purchase = house.opened()
    house.funds(purchase)
    reviewer = village.actor("reviewer")
    special_accounts.undo_fund(village.ctx, reviewer, purchase.id, "专户选错")
    house.paid(house.funds(purchase, bank_id=right))
    with village.ctx.sessions() as tx:
        assert tx.get_one(Account, right).balance_fen == DEPOSIT_FEN - PREMIUM_FEN
    assert_sound(village)


def test_an_insurer_pays_nothing_back_of_what_was_never_paid(house: House) -> None:
    village = house.village
    purchase = house.funded()
    applications.withdraw(village.ctx, house.owner, purchase.id, "不办了")
    receipt = village.upload("cashier")
    for kind in (RefundKind.GIVE_BACK, RefundKind.CANCEL):
        with pytest.raises(Refused) as no:
            village.cashier.proposes_refund(purchase.id, kind, PREMIUM_FEN, receipt, "退")
        assert codes(no) == ["refund_not_possible"]
        assert "退还专户余款" in no.value.refusals[0].message
