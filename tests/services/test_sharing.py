"""R4: the flats of a house pay the premium by area, into an account of the house (JS 四（四）)."""

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.refund import RefundKind
from backend.services.case.steps import sweep
from backend.services.purchase import (
    applications,
    collecting,
    cosignatures,
    payments,
    plans,
    policies,
    registrations,
)
from backend.services.reads.todos import my_todos
from backend.services.reads.ways import ways_in_estate
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseSource
from backend.store.registry import Household, Owner
from tests.build.looking import assert_sound, at, case, codes, limits
from tests.build.sharing import Sharing, of_sharing
from tests.build.village import PREMIUM_FEN, Village

PREMIUM = 2 * PREMIUM_FEN


@pytest.fixture
def city(village: Village) -> Sharing:
    return of_sharing(village)


def account(city: Sharing, purchase: Purchase) -> Account:
    with city.ctx.sessions() as tx:
        of_case = PurchaseSource.purchase_id == purchase.id
        paying = select(PurchaseSource.account_id).where(of_case).scalar_subquery()
        return tx.scalars(select(Account).where(Account.id == paying)).one()


def test_flats_pay_their_shares_and_the_last_one_moves_the_case_on(city: Sharing) -> None:
    purchase = city.approved()
    assert case(city, purchase).state == "collecting"
    assert limits(city, purchase).keys() == {"collecting"}
    shares = city.shares(purchase)
    assert [share.fen for share in shares] == [PREMIUM // 4] * 4
    for share in shares[:-1]:
        assert city.collects(purchase, share).state == "collecting"
    assert city.collects(purchase, shares[-1]).state == "collected"
    held = account(city, purchase)
    assert (held.balance_fen, held.held_fen) == (PREMIUM, PREMIUM)
    assert limits(city, purchase).keys() == {"contract"}
    assert_sound(city)


def test_the_house_is_insured_by_what_its_flats_paid(city: Sharing) -> None:
    purchase = city.collected()
    ctx, manager, cashier = city.ctx, city.actor("manager"), city.actor("cashier")
    registrations.sign_contract(ctx, manager, purchase.id, city.contract())
    payments.add_invoice(ctx, manager, purchase.id, city.invoice())
    payments.request_payment(ctx, manager, purchase.id)
    city.reviewer.reviews_payment(purchase.id)
    payments.order_payment(ctx, cashier, purchase.id)
    payments.confirm_payment(ctx, cashier, purchase.id, "BANK-4", city.upload("cashier"))
    policies.issue_policy(ctx, city.actor("insurer"), purchase.id, city.policy())
    city.clock.set(at("2025-04-01 00:01"))
    sweep(ctx)
    assert case(city, purchase).state == "in_force"
    left = account(city, purchase)
    assert (left.balance_fen, left.held_fen) == (0, 0)
    assert_sound(city)


def test_a_share_is_paid_once_and_to_the_fen(city: Sharing) -> None:
    purchase = city.approved()
    first, second, *_ = city.shares(purchase)
    for fen in (first.fen - 1, first.fen + 1, 0):
        with pytest.raises(Refused) as no:
            city.collects(purchase, first, amount_fen=fen)
        assert codes(no) == ["share_amount_differs"]
    city.collects(purchase, first)
    with pytest.raises(Refused) as no:
        city.collects(purchase, first, bank_reference="R-again")
    assert codes(no) == ["share_paid"]
    assert "原路退回" in no.value.refusals[0].message
    with pytest.raises(Refused) as no:
        city.collects(purchase, second, bank_reference=f"R-{first.place}")
    assert codes(no) == ["reference_known"]
    assert account(city, purchase).balance_fen == first.fen


def test_a_flat_without_an_owner_cannot_bear_a_share(city: Sharing) -> None:
    purchase = city.accepted()
    for lift in city.lifts:
        city.person("insurer").surveys(purchase.id, lift, "passed", "运行平稳")
    with city.ctx.sessions() as tx:
        tx.add(Household(unit_id=city.units[0], room="901", area_dm2=8_000))
        tx.commit()
    with pytest.raises(Refused) as no:
        plans.submit_plan(city.ctx, city.actor("insurer"), purchase.id, city.terms())
    assert codes(no) == ["share_without_bearer"]
    assert "1栋1单元901室" in no.value.refusals[0].message


def test_shares_are_frozen_with_the_plan(city: Sharing) -> None:
    purchase = city.approved()
    before = city.shares(purchase)
    with city.ctx.sessions() as tx:
        flat = tx.get_one(Household, before[0].household_id)
        flat.area_dm2 *= 3
        tx.commit()
    assert [share.fen for share in city.shares(purchase)] == [share.fen for share in before]
    city.collects(purchase, before[0])
    with pytest.raises(Refused) as no:
        plans.revise_plan(city.ctx, city.actor("insurer"), purchase.id, city.terms(120_000), "降价")
    assert codes(no) == ["shares_collected"]


def test_an_owner_sees_the_own_share_and_nobody_elses(city: Sharing) -> None:
    purchase = city.approved()
    assert len(city.shares(purchase, "manager")) == 4
    (own,) = city.shares(purchase, "owner0")
    with city.ctx.sessions() as tx:
        mine = select(Owner.household_id).where(Owner.person_id == city.actor("owner0").person_id)
        assert own.household_id == tx.scalars(mine).one()
    for name in ("insurer", "stranger"):
        with pytest.raises(Refused) as no:
            city.shares(purchase, name)
        assert codes(no) == ["not_found"]


def test_who_signed_with_others_sees_the_own_share_alone(city: Sharing) -> None:
    purchase = applications.draft(city.ctx, city.actor("owner0"), city.asked(applicant="owners"))
    for name in ("owner1", "owner2", "owner3"):
        cosignatures.cosign(city.ctx, city.actor(name), purchase.id)
    applications.apply(city.ctx, city.actor("owner0"), purchase.id, city.upload("owner0"))
    city.planned_of(city.taken_up(purchase))
    assert len(city.shares(purchase, "owner0")) == 4
    assert len(city.shares(purchase, "owner1")) == 1


def test_a_share_booked_by_mistake_is_undone(city: Sharing) -> None:
    purchase = city.approved()
    first, *_ = city.shares(purchase)
    reviewer = city.actor("reviewer")
    words = (city.ctx, reviewer, purchase.id, first.household_id, "认错了户")
    with pytest.raises(Refused) as no:
        collecting.undo_share(*words)
    assert codes(no) == ["share_unpaid"]
    city.collects(purchase, first)
    collecting.undo_share(*words)
    assert account(city, purchase).balance_fen == 0
    city.collects(purchase, first)
    assert_sound(city)


def test_what_was_collected_goes_back_when_the_case_ends(city: Sharing) -> None:
    purchase = city.approved()
    first, *_ = city.shares(purchase)
    city.collects(purchase, first)
    applications.withdraw(city.ctx, city.actor("manager"), purchase.id, "不办了")
    receipt, kind = city.upload("cashier"), RefundKind.CLOSE_ACCOUNT
    refund = city.cashier.proposes_refund(purchase.id, kind, first.fen, receipt, "退还各户")
    city.reviewer.confirms_refund(refund.id)
    assert account(city, purchase).balance_fen == 0
    with pytest.raises(Refused) as no:
        city.collects(purchase, first)
    assert codes(no) == ["case_closed"]
    assert_sound(city)


def test_who_may_begin_names_lifts_and_no_account(city: Sharing) -> None:
    def lifts(name: str, kind: str) -> list[object]:
        ways = ways_in_estate(city.ctx, city.actor(name), city.estate).ways
        (way,) = [way for way in ways if (way.route, way.applicant) == ("R4", kind)]
        assert way.accounts == ()
        assert "由各户分摊" in way.words
        return list(way.lift_ids)

    assert lifts("manager", "property_company") == city.lifts
    assert lifts("owner0", "owners") == [city.lifts[0]]


def test_what_flats_paid_for_a_case_that_ended_pays_for_no_other(city: Sharing) -> None:
    purchase = city.approved()
    first, *_ = city.shares(purchase)
    city.collects(purchase, first)
    applications.withdraw(city.ctx, city.actor("manager"), purchase.id, "不办了")
    again = city.collected_of(city.approved())
    assert account(city, again).balance_fen == PREMIUM
    (rest,) = my_todos(city.ctx, city.actor("cashier")).rests
    assert (rest.purchase_id, rest.rest_fen) == (purchase.id, first.fen)
    assert_sound(city)
