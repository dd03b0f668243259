"""Before applying: whether, when and which lifts the pools of an estate and of the city insure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import update

from backend.domain.affording import YEARS_FORESEEN, year_words
from backend.domain.cover import CoverState
from backend.domain.errors import Refused
from backend.domain.income import affordability
from backend.domain.ledger import AccountKind, transfer
from backend.domain.local_time import SHANGHAI
from backend.services.books import ledger
from backend.services.books.ledger import NewEntry
from backend.services.reads.affording import read_city, read_estate
from backend.store.purchases import CoveragePeriod
from backend.store.queries import affording as rows
from backend.store.registry import Household, Lift
from tests.build.fund import SHARED, WORKED, Fund
from tests.build.household_city import household_city
from tests.build.village import POOL_FEN, Village

TYPICAL = 200_000


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals[0].code


def lift_of(village: Village, fund: Fund, number: str, code: str) -> None:
    """A lift more, in the unit of this account."""
    with village.ctx.sessions() as tx:
        unit = tx.get_one(Household, fund.flat(number)).unit_id
        lift = Lift(
            unit_id=unit, registration_code=code, name=f"{number}梯", installed_on=date(2010, 1, 1)
        )
        tx.add(lift)
        tx.commit()


@pytest.fixture
def fund(village: Village) -> Fund:
    found = Fund(village)
    found.holds(WORKED)
    return found


def test_an_estate_s_pools_say_what_they_insure_and_what_lacks(
    village: Village, fund: Fund
) -> None:
    ctx, clerk = village.ctx, village.actor("clerk")
    lift_of(village, fund, "A", "LIFT-A")
    fund.earned()
    fund.closed()
    found = read_estate(ctx, clerk, village.estate)
    of = {each.pool.number: each for each in found.accounts}
    assert of["A"].outlook.available_fen == SHARED["A"]
    assert of["A"].outlook.yearly_fen == SHARED["A"]
    assert (of["A"].outlook.now, of["A"].outlook.premium_fen) == (1, TYPICAL)
    assert (found.booking, of["A"].outlook.closes_in) == (2026, 2025)
    assert [lift.need.words[-2:] for lift in of["A"].outlook.lifts] == ["A梯"]
    assert [(cost.flats, cost.least_fen) for cost in of["A"].per_flat] == [(1, TYPICAL)]
    assert of["B"].outlook.lifts == []
    pool = of["P1"].outlook
    assert (pool.available_fen, pool.yearly_fen) == (POOL_FEN, 0)
    assert found.whole.lifts == 1 + len(village.lifts)
    assert found.whole.now == 1 + pool.now
    assert found.years[0] == (2025, found.whole.now)
    assert any("按2024年度分配" in text for _, text in found.assumptions)
    assert any("2,000元" in text for _, text in found.assumptions)
    fund.spends("A", SHARED["A"])
    poor = {each.pool.number: each for each in read_estate(ctx, clerk, village.estate).accounts}
    assert (poor["A"].outlook.shortfall_fen, poor["A"].outlook.closes_in) == (TYPICAL, 2026)


def test_before_the_first_close_income_is_what_deposits_earn_by_the_flats_money(
    village: Village, fund: Fund
) -> None:
    lift_of(village, fund, "A", "LIFT-A")
    deposit = fund.deposit(months=12, value_on=date(2024, 12, 1))
    found = read_estate(village.ctx, village.actor("clerk"), village.estate)
    of = {each.pool.number: each.outlook for each in found.accounts}
    whole = 1_555_555  # 3,456,789.12 at 0.45 points above the benchmark
    with village.ctx.sessions() as tx:
        money = rows.flats_money(tx)
    (had,) = WORKED["A"].values()
    assert deposit.principal_fen == 345_678_912
    assert of["A"].yearly_fen in {whole * had // money, (whole + 1) * had // money}
    assert any("还没有年度分配" in text for _, text in found.assumptions)


def test_where_income_is_the_households_no_pool_is_promised_any(
    village: Village, fund: Fund
) -> None:
    lift_of(village, fund, "A", "LIFT-A")
    fund.deposit(months=12, value_on=date(2024, 12, 1))
    ctx = replace(village.ctx, city=household_city())
    found = read_estate(ctx, village.actor("clerk"), village.estate)
    assert {each.outlook.yearly_fen for each in found.accounts} == {0}
    said = [dict(found.assumptions), dict(read_city(ctx, village.actor("auditor")).assumptions)]
    for assumed in said:
        assert assumed["收益"] == "本市的增值收益分到各户，统筹账户不再有新的收益"
        assert "时间" not in assumed


def test_a_plan_s_premium_counts_before_the_typical_one_and_cover_puts_a_lift_behind(
    village: Village,
) -> None:
    village.insured()
    found = read_estate(village.ctx, village.actor("manager"), village.estate)
    (account,) = found.accounts
    needs = [lift.need for lift in account.outlook.lifts]
    assert any(each.of_plan and each.covered_until for each in needs)
    ends = [each.covered_until or date.min for each in needs]
    assert ends == sorted(ends)
    with village.ctx.sessions() as tx:  # 退票: the premium waits to be paid again
        tx.execute(update(CoveragePeriod).values(state=CoverState.UNPAID))
        tx.commit()
    (later,) = read_estate(village.ctx, village.actor("manager"), village.estate).accounts
    assert [lift.need for lift in later.outlook.lifts] == needs


def test_a_retired_lift_needs_nothing_and_one_without_a_pool_is_told_apart(
    village: Village, fund: Fund
) -> None:
    lift_of(village, fund, "A", "LIFT-A")
    with village.ctx.sessions() as tx:
        tx.execute(
            update(Lift)
            .where(Lift.registration_code == "LIFT-A")
            .values(retired_on=date(2025, 1, 1))
        )
        tx.commit()
    found = read_estate(village.ctx, village.actor("clerk"), village.estate)
    assert [each.outlook.lifts for each in found.accounts if each.pool.number == "A"] == [[]]
    assert found.unpaid == 0
    assert read_city(village.ctx, village.actor("auditor")).lifts == found.whole.lifts


def test_the_city_says_of_every_account_what_the_rule_says_of_one(
    village: Village, fund: Fund
) -> None:
    ctx = village.ctx
    fund.holds({"D": {date(2024, 12, 31): 40_800_000}})  # one day of the year
    for number in "ABCD":
        lift_of(village, fund, number, f"LIFT-{number}")
    fund.earned()
    fund.closed()
    fund.spends("B", 200_000)
    found = read_city(ctx, village.actor("auditor"))
    expected: dict[int | None, list[int]] = {}
    for each in read_estate(ctx, village.actor("clerk"), village.estate).accounts:
        outlook = each.outlook
        if outlook.lifts:
            needed = TYPICAL * len(outlook.lifts)
            one = affordability(outlook.available_fen, needed, outlook.yearly_fen, found.booking)
            beyond = found.booking + YEARS_FORESEEN
            closes_in = None if one.closes_in is None else min(one.closes_in, beyond)
            group = expected.setdefault(closes_in, [0, 0, 0])
            group[0] += 1
            group[1] += len(outlook.lifts)
            group[2] += one.shortfall_fen
    said = {g.closes_in: [g.accounts, g.lifts, g.shortfall_fen] for g in found.groups}
    assert said == expected
    assert year_words(found.booking + YEARS_FORESEEN, found.booking) == "30年内不够"
    assert said[found.booking + YEARS_FORESEEN][0] == 1, "D's"
    assert found.lifts == sum(group[1] for group in expected.values())
    assert found.years[0][1] == found.now == expected[2025][1]
    assert found.own is None
    village.clock.set(datetime(2026, 1, 5, 9, tzinfo=SHANGHAI))
    later = read_city(ctx, village.actor("auditor"))
    assert later.now == found.now, "what comes this year is not there yet"
    assert later.years[0] == (2026, found.years[1][1])


def test_a_city_with_pools_of_its_own_is_measured_by_all_its_lifts(village: Village) -> None:
    ctx = village.ctx
    with ctx.sessions() as tx:
        pool = ledger.open_city_pool(tx, 2024)
        bank = ledger.open_account(tx, AccountKind.BANK, "B-9", "专户")
        new = NewEntry("given", "test", date(2025, 1, 2), transfer(bank, pool, 300_000))
        ledger.post(tx, new, village.clock())
        own = rows.citys_own(tx, None)
        tx.rollback()
    assert own == (300_000, 0, len(village.lifts))


def test_who_has_no_part_sees_no_forecast(village: Village) -> None:
    ctx = village.ctx
    for who in ("owner0", "manager", "member0", "clerk", "auditor"):
        assert read_estate(ctx, village.actor(who), village.estate).whole.lifts
    for who in ("stranger", "insurer"):
        actor = village.actor(who)
        assert refusal(partial(read_estate, ctx, actor, village.estate)) == "not_found"
    manager = village.actor("manager")
    assert refusal(lambda: read_city(ctx, manager)) in {"not_found", "role_required"}
