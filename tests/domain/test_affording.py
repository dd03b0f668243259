"""Which lifts an account can insure and when, and what the same premium is for each flat."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.affording import (
    LiftNeed,
    OnePool,
    by_year,
    income_of_a_year,
    next_booking,
    outlook,
    per_flat,
    words_of,
    year_words,
)

YUAN = 100


def need(words: str, yuan: int = 2000, until: date | None = None) -> LiftNeed:
    return LiftNeed(uuid4(), words, yuan * YUAN, False, until)


def test_lifts_without_cover_come_first_then_those_whose_cover_ends_first() -> None:
    late, soon, none = (
        need("A", until=date(2026, 1, 1)),
        need("B", until=date(2025, 4, 1)),
        need("C"),
    )
    found = outlook(450_000, 0, 2026, [late, soon, none])
    assert [lift.need for lift in found.lifts] == [none, soon, late]
    assert [lift.needed_fen for lift in found.lifts] == [200_000, 400_000, 600_000]
    assert [lift.shortfall_fen for lift in found.lifts] == [0, 0, 150_000]
    assert (found.now, found.shortfall_fen, found.closes_in) == (2, 150_000, None)
    assert words_of(found) == (
        "可用4,500元，3台一年保费约6,000元；现在够付其中2台；一起投保还差1,500元；"
        "没有可以预计的增值收益，估不出哪一年够付。"
    )


def test_the_shortfall_closes_in_the_year_whose_income_makes_it_good() -> None:
    found = outlook(100_000, 50_000, 2026, [need("A"), need("B")])
    assert [lift.closes_in for lift in found.lifts] == [2027, 2031]
    assert [lift.shortfall_fen for lift in found.lifts] == [100_000, 300_000]
    assert found.carried == 0
    assert [found.reached(year) for year in (2025, 2026, 2027, 2030, 2031)] == [0, 0, 1, 1, 2]
    assert year_words(found.closes_in, 2026) == "2031年入账后"
    assert words_of(found) == (
        "可用1,000元，2台一年保费约4,000元；一起投保还差3,000元；预计2031年入账后够付；"
        "每年的增值收益约500元，不够每年续保一台。"
    )


def test_a_year_that_nobody_lives_to_see_is_not_said() -> None:
    thirty, more = outlook(0, 10_000, 2026, [need("A", 3000)]), outlook(0, 1, 2026, [need("A")])
    assert year_words(thirty.closes_in, 2026) == "2055年入账后"
    assert year_words(more.closes_in, 2026) == "30年内不够"
    assert "还差2,000元；预计30年内不够付；" in words_of(more)


def test_enough_is_now_and_says_how_many_the_income_carries() -> None:
    found = outlook(790_740, 410_000, 2026, [need("A"), need("B")])
    assert (found.closes_in, found.now, found.carried) == (2025, 2, 2)
    assert year_words(found.closes_in, 2026) == "现在"
    assert words_of(found) == (
        "可用7,907.40元，2台一年保费约4,000元；现在够付第一年；"
        "每年的增值收益约4,100元，以后够每年续保2台。"
    )
    assert words_of(outlook(1, 1, 2026, [])) == "这个账户的范围里没有电梯。"


def test_the_next_income_comes_after_the_year_behind_the_last_closed_one() -> None:
    today = date(2025, 3, 3)
    assert next_booking(None, date(2024, 7, 1), today) == 2025
    assert next_booking(2023, None, today) == 2025, "last year is still to be closed"
    assert next_booking(2024, None, today) == 2026
    assert next_booking(2019, None, today) == 2025
    assert next_booking(None, date(2025, 1, 1), today) == 2026, "its first year is not over"
    assert next_booking(None, None, today) == 2026


@given(
    st.integers(0, 10**7),
    st.integers(0, 10**6),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
)
def test_a_lift_is_reached_when_its_money_is_there_and_never_sooner(
    available: int, yearly: int, premiums: list[int]
) -> None:
    needs = [LiftNeed(UUID(int=nth), str(nth), fen, True, None) for nth, fen in enumerate(premiums)]
    found = outlook(available, yearly, 2026, needs)
    assert found.premium_fen == sum(premiums)
    for lift in found.lifts:
        if lift.closes_in is None:
            assert yearly == 0
            assert lift.needed_fen > available
            continue
        bookings = lift.closes_in - 2025
        assert available + bookings * yearly >= lift.needed_fen
        assert bookings == 0 or available + (bookings - 1) * yearly < lift.needed_fen
    reached = [lifts for _, lifts in by_year([found, found], 2025)]
    assert reached == sorted(reached)
    assert reached[0] == 2 * found.now


@given(st.integers(1, 10**7), st.lists(st.sampled_from([5000, 9800, 12_345]), min_size=1))
def test_what_flats_pay_instead_adds_up_and_goes_by_area(fen: int, areas: list[int]) -> None:
    costs = per_flat(fen, {str(nth): area for nth, area in enumerate(areas)})
    assert [cost.area_dm2 for cost in costs] == sorted(set(areas))
    assert sum(cost.flats for cost in costs) == len(areas)
    for cost in costs:
        exact = fen * cost.area_dm2 / sum(areas)
        assert exact - 1 < cost.least_fen <= cost.most_fen < exact + 1
    low = sum(cost.flats * cost.least_fen for cost in costs)
    assert low <= fen <= sum(cost.flats * cost.most_fen for cost in costs)


def test_one_pool_for_all_lifts_insures_more_of_them_each_year() -> None:
    pool = OnePool(available_fen=500_000, yearly_fen=300_000, premium_fen=200_000, lifts=5)
    assert [pool.insured(year, 2026) for year in range(2025, 2029)] == [2, 4, 5, 5]
    assert pool.carried == 1
    assert OnePool(0, 0, 200_000, 5).insured(2035, 2026) == 0


def test_without_a_premium_or_flats_nobody_pays() -> None:
    assert per_flat(0, {"1": 100}) == per_flat(100, {}) == []


def test_a_deposit_below_its_benchmark_takes_nothing_from_the_others() -> None:
    better = (100_000_000, Decimal("0.02"), Decimal("0.015"))
    worse = (100_000_000, Decimal("0.01"), Decimal("0.015"))
    assert income_of_a_year([better]) == income_of_a_year([better, worse]) == 500_000
    assert income_of_a_year([worse]) == 0
