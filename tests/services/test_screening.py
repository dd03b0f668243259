"""Shaoguan's route: an estate is screened and guided, and the city's pools pay (SG 四, 五)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from backend.domain.errors import Refused
from backend.domain.facts import Finding
from backend.domain.ledger import AccountKind
from backend.domain.local_time import SHANGHAI
from backend.domain.roles import Role
from backend.services.books import ledger
from backend.services.case import renewals
from backend.services.case.case import open_for_the_house
from backend.services.case.recipients import people_to_act
from backend.services.case.steps import sweep
from backend.services.case.waiting import waiting_cases
from backend.services.purchase import applications, changes, plans, screening
from backend.services.reads.cases import list_cases, read_case
from backend.services.reads.lookups import list_accounts, list_estates
from backend.services.reads.own_case import own_case
from backend.services.reads.ways import ways_in_estate
from backend.store.city_files import load_city
from backend.store.ledger import Account, Hold
from backend.store.messages import Outbox
from backend.store.purchases import Purchase, PurchaseUnit
from backend.store.registry import Estate, Insurer, Lift
from backend.store.screening import ScreeningFinding
from tests.build.fund import Fund
from tests.build.household_city import household_city
from tests.build.looking import application, assert_sound, at, case, codes, letters, limits, today
from tests.build.screened import MET, YEARS, Shaoguan, let_in, of_shaoguan
from tests.build.village import PREMIUM_FEN, Village


@pytest.fixture
def city(village: Village) -> Shaoguan:
    return of_shaoguan(village)


def circle(city: Shaoguan, purchase: Purchase) -> set[UUID]:
    with city.ctx.sessions() as tx:
        of_case = PurchaseUnit.purchase_id == purchase.id
        return set(tx.scalars(select(PurchaseUnit.unit_id).where(of_case)))


def test_a_screened_estate_is_insured_out_of_the_citys_pools(city: Shaoguan) -> None:
    purchase = city.insured()
    city.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
    sweep(city.ctx)
    assert case(city, purchase).state == "in_force"
    assert_sound(city)
    with city.ctx.sessions() as tx:
        kept = select(ScreeningFinding.criterion, ScreeningFinding.finding)
        assert dict(tx.execute(kept).all()) == MET
        left = {
            year: tx.get_one(Account, pool).balance_fen
            for year, pool in zip(YEARS, city.years, strict=True)
        }
    # 2,600 yuan by 900 : 6,000, to the fen
    assert left == {2023: 90_000 - 33_913, 2024: 600_000 - 226_087}


def test_each_years_pool_sets_its_part_aside_once_the_notice_is_drafted(city: Shaoguan) -> None:
    purchase = city.approved()
    city.manager.drafts_notice(purchase.id)
    with city.ctx.sessions() as tx:
        rows = tx.execute(select(Hold.account_id, Hold.amount_fen).order_by(Hold.amount_fen))
        assert rows.all() == [(city.years[0], 33_913), (city.years[1], 226_087)]
        assert sum(amount for _, amount in tx.execute(select(Hold.id, Hold.amount_fen))) == 260_000


def test_an_estate_that_misses_one_criterion_is_refused_with_which(city: Shaoguan) -> None:
    with pytest.raises(Refused) as no:
        city.screened(willing=Finding(met=False, words="业委会尚未表态"))
    (refusal,) = no.value.refusals
    assert (refusal.code, refusal.field) == ("criterion_not_met", "willing")
    assert "小区有意愿" in refusal.message
    assert "业委会尚未表态" in refusal.message
    assert (no.value.kind, cases(city)) == ("conflict", 0)
    with pytest.raises(Refused) as no:
        city.screened(solvency=Finding(met=True, words="有"))
    assert codes(no) == ["criterion_unknown"]
    with pytest.raises(Refused) as no:
        city.screened(willing=Finding(met=True, words="  "))
    assert codes(no) == ["text_required"]


def cases(city: Shaoguan) -> int:
    with city.ctx.sessions() as tx:
        return tx.scalar(select(func.count()).select_from(Purchase)) or 0


def test_an_estate_is_screened_once_until_it_is_guided_or_the_screening_undone(
    city: Shaoguan,
) -> None:
    first = city.screened()
    with pytest.raises(Refused) as no:
        city.screened()
    assert codes(no) == ["estate_screened"]
    assert first.number in no.value.refusals[0].message
    undone = screening.undo_screening(city.ctx, city.actor("district"), first.id, "看错了小区")
    assert undone.state == "terminated"
    assert limits(city, first) == {}
    again = city.guided()
    with pytest.raises(Refused) as no:
        screening.guide(city.ctx, city.actor("clerk"), city.screened().id, city.guidance())
    assert codes(no) == ["lift_in_open_case"], "a lift in two open cases"
    assert case(city, again).state == "guided"


def test_only_the_district_of_the_estate_screens_it(city: Shaoguan) -> None:
    with city.ctx.sessions() as tx:
        let_in(tx, city, "elsewhere", uuid4())
        tx.commit()
    findings = {code: Finding(met=True, words=words) for code, words in MET.items()}
    for name, code in (
        ("elsewhere", "not_found"),
        ("stranger", "not_found"),
        ("manager", "role_required"),
        ("clerk", "role_required"),
    ):
        with pytest.raises(Refused) as no:
            screening.screen(city.ctx, city.actor(name), city.estate, findings, "0" * 64)
        assert codes(no) == [code], name
    purchase = city.screened()
    with pytest.raises(Refused) as no:
        screening.guide(city.ctx, city.actor("elsewhere"), purchase.id, city.guidance())
    assert codes(no) == ["not_found"]
    assert list_estates(city.ctx, city.actor("elsewhere"), None, 10) == []
    (estate,) = list_estates(city.ctx, city.actor("district"), None, 10)
    assert estate.id == city.estate
    assert [each.id for each in list_cases(city.ctx, city.actor("district"), None, None, 10)] == [
        purchase.id
    ]
    assert list_cases(city.ctx, city.actor("elsewhere"), None, None, 10) == []


def test_a_city_without_pools_or_without_the_route_screens_no_estate(city: Shaoguan) -> None:
    for profile, code in (
        (household_city(), "income_of_households"),
        (replace(city.ctx.city, routes={}), "route_not_offered"),
    ):
        other = replace(city, ctx=replace(city.ctx, city=profile))
        other.years = city.years
        with pytest.raises(Refused) as no:
            other.screened()
        assert codes(no) == [code]


def test_nobody_applies_and_everybody_is_told_so(city: Shaoguan) -> None:
    asked = application(city, route="SG", account_id=city.years[0])
    with pytest.raises(Refused) as no:
        applications.draft(city.ctx, city.actor("manager"), asked)
    assert codes(no) == ["route_takes_no_applications"]
    found = ways_in_estate(city.ctx, city.actor("manager"), city.estate)
    assert found.ways == []
    assert "本市不受理申请" in found.hint


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"lift_ids": []}, "lifts_missing"),
        ({"lift_ids": [UUID(int=7)]}, "lift_unknown"),
        ({"lift_ids": "twice"}, "lifts_repeated"),
        ({"insurer_id": UUID(int=7)}, "insurer_unknown"),
        ({"account_ids": []}, "account_required"),
        ({"account_ids": "twice"}, "account_repeated"),
        ({"account_ids": "building"}, "account_not_citys"),
        ({"account_ids": [UUID(int=7)]}, "account_not_citys"),
    ],
)
def test_what_an_estate_cannot_be_guided_to_is_told(
    city: Shaoguan, changed: dict[str, Any], code: str
) -> None:
    words: dict[str, dict[str, Any]] = {
        "twice": {"lift_ids": city.lifts[:1] * 2, "account_ids": [city.years[0]] * 2},
        "building": {"account_ids": [city.pool]},
    }
    ((field, value),) = changed.items()
    value = words[value][field] if isinstance(value, str) else value
    with pytest.raises(Refused) as no:
        city.guided(**{field: value})
    assert codes(no) == [code]


def test_all_that_a_guided_estate_lacks_is_told_at_once(city: Shaoguan) -> None:
    with city.ctx.sessions() as tx:
        first, second = (tx.get_one(Lift, lift) for lift in city.lifts)
        first.brand = first.maintainer_id = None
        second.next_inspection_on = today(city).replace(day=1, month=1)
        tx.get_one(Insurer, city.insurer).selected_until = today(city).replace(month=1)
        tx.commit()
    with pytest.raises(Refused) as no:
        city.guided()
    assert codes(no) == ["lift_data_incomplete", "inspection_overdue", "insurer_not_selected"]
    assert "品牌、维保单位" in no.value.refusals[0].message


def test_an_empty_pool_is_not_named_and_a_short_one_pays_for_no_plan(city: Shaoguan) -> None:
    purchase = city.guided(account_ids=city.years[:1])
    with pytest.raises(Refused) as no:
        plans.submit_plan(city.ctx, city.actor("insurer"), purchase.id, city.terms())
    assert codes(no) == ["premium_above_available"]
    assert "统筹使用的增值收益" in no.value.refusals[0].message
    with city.ctx.sessions() as tx:
        held = {"subject_kind": "purchase", "placed_at": city.clock()}
        tx.add(
            Hold(
                account_id=city.years[0],
                subject_id=purchase.id,
                amount_fen=YEARS[2023],
                state="pending",
                **held,
            )
        )
        tx.commit()
    screening.undo_guiding(city.ctx, city.actor("clerk"), purchase.id, "换一年")
    with pytest.raises(Refused) as no:
        screening.guide(city.ctx, city.actor("clerk"), purchase.id, city.guidance())
    assert codes(no) == ["account_empty"]
    assert "2023年度" in no.value.refusals[0].message


def test_lifts_insurer_and_pools_are_set_anew_until_the_notice_hangs(city: Shaoguan) -> None:
    purchase = city.guided(lift_ids=city.lifts[:1], account_ids=city.years[:1])
    assert circle(city, purchase) == {city.units[0]}
    undone = screening.undo_guiding(city.ctx, city.actor("clerk"), purchase.id, "漏了一台")
    assert undone.state == "screened"
    assert set(limits(city, purchase)) == {"acceptance"}
    other = city.guidance(lift_ids=city.lifts[1:])
    screening.guide(city.ctx, city.actor("district"), purchase.id, other)
    assert circle(city, purchase) == {city.units[1]}
    screening.undo_guiding(city.ctx, city.actor("district"), purchase.id, "两台都投")
    screening.guide(city.ctx, city.actor("district"), purchase.id, city.guidance())
    assert circle(city, purchase) == set(city.units)


def test_what_others_spent_before_the_notice_is_drafted_is_no_dead_end(city: Shaoguan) -> None:
    """Nothing is held until then [D]; another year pays, and the committee agrees again."""
    purchase = city.approved()
    another = city.screened().id
    with city.ctx.sessions() as tx:
        pool, spent = city.years[0], YEARS[2023]
        others = {"subject_kind": "purchase", "subject_id": another, "placed_at": city.clock()}
        tx.add(Hold(account_id=pool, amount_fen=spent, state="pending", **others))
        tx.commit()
    with pytest.raises(Refused) as no:
        city.manager.drafts_notice(purchase.id)
    assert codes(no) == ["premium_above_available"]
    assert "撤销指导" in no.value.refusals[0].message
    undone = screening.undo_guiding(city.ctx, city.actor("district"), purchase.id, "钱已用完")
    assert (undone.state, undone.plan_id) == ("screened", None)
    assert set(limits(city, purchase)) == {"acceptance"}
    other = city.guidance(account_ids=city.years[1:])
    screening.guide(city.ctx, city.actor("clerk"), purchase.id, other)
    terms = city.terms(lift_premiums=dict.fromkeys(city.lifts, PREMIUM_FEN))
    again = plans.submit_plan(city.ctx, city.actor("insurer"), purchase.id, terms)
    assert again.state == "planned"
    assert_sound(city)


def test_whoever_rides_a_lift_that_left_the_case_is_concerned_no_more(city: Shaoguan) -> None:
    purchase = city.planned()
    changes.drop_lift(city.ctx, city.actor("manager"), purchase.id, city.lifts[1], "停用")
    assert case(city, purchase).state == "guided"
    assert circle(city, purchase) == {city.units[0]}
    terms = city.terms(lift_premiums={city.lifts[0]: PREMIUM_FEN})
    again = plans.submit_plan(city.ctx, city.actor("insurer"), purchase.id, terms)
    assert again.state == "planned"


def test_the_district_hears_in_time_that_the_next_year_is_screened_for(city: Shaoguan) -> None:
    """Nobody applies in the next year either; its own five days of screening count too."""
    purchase = city.insured()
    city.clock.set(at("2025-04-01 00:01"))
    sweep(city.ctx)
    seen = own_case(city.ctx, city.actor("manager"), purchase.id).next_start
    assert seen is not None
    assert "重新摸底筛选" in seen.words
    assert "申请" not in seen.words
    assert seen.explanation[1].startswith("摸底筛选用满期限")
    city.clock.set(datetime.combine(seen.on, time(9), SHANGHAI) + timedelta(days=1))
    renewals.sweep(city.ctx)
    told = {
        name: (data["task"], data["left"])
        for name, template, data in letters(city, purchase)
        if template == "deadline_reminder" and data["task"] == renewals.SCREENING
    }
    assert set(told) == {"district", "manager", "member0", "member1", "member2", "clerk"}
    assert set(told.values()) == {(renewals.SCREENING, "已过最迟日期，请尽快筛选")}


def test_the_district_is_reminded_and_sees_the_case_with_what_it_may_do(city: Shaoguan) -> None:
    purchase = city.screened()
    with city.ctx.sessions() as tx:
        from_here = select(Outbox.person_id).where(Outbox.purchase_id == purchase.id)
        told = set(tx.scalars(from_here))
    assert city.actor("manager").person_id in told
    assert city.actor("district").person_id not in told
    view = read_case(city.ctx, city.actor("district"), purchase.id)
    assert {"guide", "undo_screen"} <= set(view.possible_actions)
    theirs = read_case(city.ctx, city.actor("manager"), purchase.id)
    assert not {"guide", "undo_screen"} & set(theirs.possible_actions)
    with city.ctx.sessions() as tx:
        handle = open_for_the_house(tx, city.ctx, purchase.id)
        reminded = people_to_act(handle, "acceptance", Role.DISTRICT)
        assert list(reminded) == [city.actor("district").person_id]
        (waits,) = (
            each
            for each in waiting_cases(tx, city.ctx)
            if each.role is Role.DISTRICT and each.purchase
        )
        assert waits.people == {city.actor("district").person_id}


def test_an_estate_belongs_to_the_district_of_its_name(city: Shaoguan) -> None:
    with city.ctx.sessions() as tx:
        before = tx.get_one(Estate, city.estate).district_id
        tx.execute(update(Estate).values(district="武江区"))
        assert tx.scalars(select(Estate.district_id)).one() != before
        tx.execute(update(Estate).values(district="示例区"))
        assert tx.scalars(select(Estate.district_id)).one() == before


def test_the_citys_pools_stand_where_an_estates_accounts_would(city: Shaoguan) -> None:
    found = list_accounts(city.ctx, city.actor("district"), city.estate)
    named = [(each.name, each.building) for each in found if not each.building]
    assert [name for name, _ in named] == [f"{year}年度公共设施设备使用管理收益" for year in YEARS]


def test_the_income_of_a_year_goes_to_the_citys_pool_of_that_year(village: Village) -> None:
    """SG 五（三）: booked by year; the pool is opened with the first preview."""
    city = replace(village, ctx=replace(village.ctx, city=load_city("shaoguan")), copies=None)
    fund = Fund(city)
    fund.holds({"P-FLAT": {date(2023, 1, 1): 30_000_000}})
    with city.ctx.sessions() as tx:
        of_places = Account.kind == AccountKind.POOLED_INCOME
        tx.execute(update(Account).where(of_places).values(closed_on=date(2024, 1, 1)))
        other = ledger.open_city_pool(tx, 2023)
        tx.commit()
    fund.earned()
    view = fund.closed()
    assert view.accounts == 1
    with city.ctx.sessions() as tx:
        pool = tx.scalars(select(Account).where(Account.year == 2024)).one()
        assert (pool.number, pool.name) == ("CITY-2024", "2024年度公共设施设备使用管理收益")
        assert pool.balance_fen == view.moved_fen > 0
        assert tx.get_one(Account, other).balance_fen == 0
