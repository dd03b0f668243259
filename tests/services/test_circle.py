"""Whom a case concerns: the units of its circle, whoever pays."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.domain.errors import Refused
from backend.domain.ledger import AccountKind, opening
from backend.domain.typed_table import DEFAULT, Sourced
from backend.services.base.context import Actor
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.public.lifts import read_public_lift
from backend.services.public_notice.eligibility import part_in_notice
from backend.services.purchase import applications, plans
from backend.services.reads.joint import joint_applications
from backend.store.ledger import Account
from backend.store.purchases import Purchase, PurchaseUnit
from backend.store.registry import LiftToken, LiftUnit, Unit
from tests.build.looking import (
    add_building,
    application,
    approve,
    assert_sound,
    case,
    codes,
    holds,
    open_city_account,
    serves,
    today,
)
from tests.build.village import PREMIUM_FEN, Village


def circle(village: Village, purchase: Purchase) -> set[UUID]:
    with village.ctx.sessions() as tx:
        query = select(PurchaseUnit.unit_id).where(PurchaseUnit.purchase_id == purchase.id)
        return set(tx.scalars(query))


def account_of_unit(village: Village, place: int) -> UUID:
    """An account of one unit alone, with its own money."""
    with village.ctx.sessions() as tx:
        building_id = tx.get_one(Unit, village.units[place]).building_id
        account = ledger.open_account(
            tx,
            AccountKind.POOLED_INCOME,
            f"P-U{place}",
            f"1栋{place + 1}单元统筹账户",
            building_id=building_id,
            unit_id=village.units[place],
        )
        lines = opening(village.bank, 500_000, {account: 500_000})
        now = village.clock()
        ledger.post(tx, NewEntry(f"opening-{place}", "opening", today(village), lines), now)
        tx.commit()
        return account


def city_wide(village: Village) -> Village:
    """The village in a city where one account pays for every lift (韶关: 统筹使用)."""
    ctx, account = village.ctx, open_city_account(village, 900_000)
    pays = replace(ctx.city.routes["R1"], account=Sourced("city_pool", DEFAULT))
    city = replace(ctx.city, routes={"R1": pays})
    return replace(village, ctx=replace(ctx, city=city), pool=account, copies=None)


def planned(village: Village, lifts: list[UUID], **changed: object) -> Purchase:
    """A case with a plan before the committee."""
    manager, insurer = village.actor("manager"), village.actor("insurer")
    draft = applications.draft(
        village.ctx, manager, application(village, lift_ids=lifts, **changed)
    )
    applications.apply(village.ctx, manager, draft.id, village.upload("manager"))
    village.clerk.queries_funds(draft.id, "维保正常")
    for lift in lifts:
        plans.record_survey(village.ctx, insurer, draft.id, lift, "passed", "运行平稳")
    terms = village.terms(lift_premiums=dict.fromkeys(lifts, PREMIUM_FEN))
    return plans.submit_plan(village.ctx, insurer, draft.id, terms)


def posted(village: Village, purchase: Purchase, *units: UUID) -> UUID:
    """The notice of a planned case, approved and photographed in these units."""
    approve(village, purchase)
    notice = village.manager.drafts_notice(purchase.id)
    replace(village, units=list(units)).photograph(notice.id, "start")
    return notice.id


def eligibility(village: Village, actor: Actor, notice: UUID) -> str:
    return part_in_notice(village.ctx, actor, notice).eligibility


def test_the_units_behind_the_account_are_concerned(village: Village) -> None:
    assert circle(village, village.drafted()) == set(village.units)
    one = village.manager.drafts(
        application(village, account_id=account_of_unit(village, 0), lift_ids=village.lifts[:1]),
    )
    assert circle(village, one) == {village.units[0]}


def test_an_owner_of_another_unit_has_no_part_in_a_units_own_case(village: Village) -> None:
    own = account_of_unit(village, 0)
    draft = village.person("owner0").drafts(
        application(village, account_id=own, lift_ids=village.lifts[:1], applicant="owners"),
    )
    (found,) = joint_applications(village.ctx, village.actor("owner2"))
    assert (found.number, found.account) == (draft.number, "1栋1单元统筹账户")
    assert joint_applications(village.ctx, village.actor("owner1")) == []
    with pytest.raises(Refused, match="not_an_affected_owner"):
        village.person("owner1").cosigns(draft.id)


def test_a_lift_on_a_shared_corridor_is_bought_by_either_unit(village: Village) -> None:
    other = account_of_unit(village, 1)
    shared = village.lifts[:1]
    manager = village.actor("manager")
    with pytest.raises(Refused) as refused:
        applications.draft(
            village.ctx, manager, application(village, account_id=other, lift_ids=shared)
        )
    assert codes(refused) == ["lift_outside_circle"]
    serves(village, 0, village.units[1])
    for account in (account_of_unit(village, 0), other):
        applications.draft(
            village.ctx, manager, application(village, account_id=account, lift_ids=shared)
        )


def test_everyone_reads_which_units_a_lift_serves(village: Village) -> None:
    serves(village, 0, village.units[1])
    with village.ctx.sessions() as tx:
        token = LiftToken(token="a" * 26, lift_id=village.lifts[0], issued_at=village.clock())
        tx.add(token)
        tx.commit()
    seen = read_public_lift(village.ctx, "a" * 26)
    assert seen
    assert (seen.lift.building, seen.lift.unit, seen.lift.name) == ("1栋", "1单元、2单元", "1号梯")


def test_the_account_of_a_unit_counts_every_lift_that_serves_it(village: Village) -> None:
    account_of_unit(village, 1)
    serves(village, 0, village.units[1])
    with village.ctx.sessions() as tx:
        tx.add(LiftToken(token="b" * 26, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    seen = read_public_lift(village.ctx, "b" * 26)
    assert seen
    assert seen.pool
    assert (seen.pool.name, seen.pool.lifts) == ("1栋2单元统筹账户", 2)


def test_a_pool_without_a_place_concerns_the_units_that_the_lifts_serve(village: Village) -> None:
    _, elsewhere = add_building(village)
    city = city_wide(village)
    purchase = planned(city, [village.lifts[1], elsewhere])
    with city.ctx.sessions() as tx:
        unit = tx.scalars(select(LiftUnit.unit_id).where(LiftUnit.lift_id == elsewhere)).one()
    assert circle(city, purchase) == {village.units[1], unit}
    notice = posted(city, purchase, village.units[1], unit)
    assert case(city, purchase).state == "posted"
    assert holds(city, purchase) == [("pending", 2 * PREMIUM_FEN)]
    assert eligibility(city, city.actor("neighbour"), notice) == "affected"
    assert eligibility(city, city.actor("owner1"), notice) == "affected"
    assert eligibility(city, city.actor("owner0"), notice) == "elsewhere"
    with pytest.raises(Refused, match="not_an_affected_owner"):
        city.person("owner0").objects(notice, "price", "保费偏高")
    assert_sound(city)


@pytest.mark.parametrize(
    ("which", "code"), [("none", "account_required"), ("building", "account_not_of_estate")]
)
def test_a_city_wide_route_is_paid_by_the_citys_own_account(
    village: Village, which: str, code: str
) -> None:
    city = city_wide(village)
    account = {"none": None, "building": village.pool}[which]
    with pytest.raises(Refused) as refused:
        city.manager.drafts(application(city, account_id=account))
    assert codes(refused) == [code]


def test_a_buildings_route_takes_no_account_without_a_place(village: Village) -> None:
    city = city_wide(village)
    with village.ctx.sessions() as tx:
        assert tx.get_one(Account, city.pool).building_id is None
    with pytest.raises(Refused, match="account_not_of_estate"):
        village.manager.drafts(application(village, account_id=city.pool))


def test_a_route_whose_account_comes_later_takes_none_with_the_draft(village: Village) -> None:
    ctx = village.ctx
    later = replace(ctx.city.routes["R1"], account=Sourced("special_account", DEFAULT))
    ctx = replace(ctx, city=replace(ctx.city, routes={"R1": later}))
    manager = village.actor("manager")
    with pytest.raises(Refused, match="account_not_of_estate"):
        applications.draft(ctx, manager, application(village))
    drafted = applications.draft(
        ctx, manager, application(village, account_id=None, lift_ids=village.lifts[:1])
    )
    assert circle(village, drafted) == {village.units[0]}
