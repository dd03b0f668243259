"""Every value of a city has a name that its officers read; nothing is named that is no value."""

import pytest

from backend.domain.city.named import CODES, FREE, NAMES, named_values, pattern_of
from backend.domain.city.parse import sourced_values
from backend.store.city_files import load_city

CITIES = ("jishou", "shaoguan")


@pytest.mark.parametrize("code", CITIES)
def test_each_value_is_named_with_its_source_and_where_it_is_used(code: str) -> None:
    city = load_city(code)
    found = {each.key: each for each in named_values(city)}
    assert list(found) == [key for key, _ in sourced_values(city)]
    for key, known in sourced_values(city):
        each = found[key]
        assert each.source == known.source_text
        assert each.kind == ("plan" if not known.is_default else each.kind)
        assert each.name
        assert each.used
        free = key.startswith(FREE)
        assert free or not any(letter in each.value for letter in "abcdefg_"), each


def test_nothing_is_named_that_no_city_says() -> None:
    known = {pattern_of(key) for code in CITIES for key, _ in sourced_values(load_city(code))}
    assert NAMES.keys() == known
    assert all(CODES.values())


def test_values_are_words() -> None:
    found = {each.key: each.value for each in named_values(load_city("jishou"))}
    assert found["limits.payment.days"] == "7天"
    assert found["limits.payment.counted_in"] == "工作日"
    assert found["market.premium_low_fen"] == "1,300元"
    assert found["different_officers"] == "中心经办、中心复核、中心出纳"
    assert found["reminders.at"] == "09:00"
    assert found["roll_weekends"] == "是"
