"""Days and moments in words: one way to say each, and never a day too many."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.local_time import SHANGHAI, local_date, midnight_after
from backend.domain.routes.catalogue import ROUTES, table_of
from backend.domain.wording import (
    FIELD_CHARACTERS,
    area,
    basis,
    cover_period,
    days_still,
    last_minute,
    located,
    minute,
    plain_day,
    second,
    until,
    written,
)
from backend.drawing import city_with

DAYS = some.dates(date(2004, 1, 1), date(2099, 12, 30))
MOMENTS = some.datetimes(datetime(2004, 1, 2), datetime(2099, 12, 30), timezones=some.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
BACKEND = Path(__file__).parents[2] / "backend"


def test_a_day_is_written_with_its_weekday_or_plain() -> None:
    assert plain_day(date(2026, 3, 9)) == "2026年3月9日"
    assert written(date(2025, 1, 27)) == "2025年1月27日（周一）"


def test_what_a_step_rests_on_is_said_without_our_shorthand() -> None:
    assert basis("JS附件二（一）4") == "吉首方案附件二（一）4"
    for code in ROUTES:
        table = table_of(code, city_with(code))
        clauses = [row.clause for row in table.steps]
        clauses += [row.clause for row in table.activities.values()]
        assert [clause for clause in clauses if re.search("[A-Za-z]", basis(clause))] == []


def test_a_moment_is_told_in_shanghai() -> None:
    moment = datetime(2025, 1, 26, 16, 1, 30, tzinfo=UTC)
    assert minute(moment) == "2025年1月27日 00:01"
    assert second(moment) == "2025年1月27日 00:01:30"


@pytest.mark.parametrize(
    ("moment", "sentence", "field"),
    [
        (
            datetime(2025, 3, 11, tzinfo=SHANGHAI),
            "2025年3月10日（周一）24:00",
            "2025年3月10日 23:59",
        ),
        (
            datetime(2025, 3, 10, 16, tzinfo=UTC),
            "2025年3月10日（周一）24:00",
            "2025年3月10日 23:59",
        ),
        (
            datetime(2025, 3, 10, 15, 4, tzinfo=SHANGHAI),
            "2025年3月10日（周一）15:04",
            "2025年3月10日 15:03",
        ),
    ],
)
def test_a_limit_ends_at_24_on_its_last_day(moment: datetime, sentence: str, field: str) -> None:
    assert until(moment) == sentence
    assert last_minute(moment) == field


@given(DAYS)
def test_nobody_reads_the_day_after_the_last_one(last: date) -> None:
    assert until(midnight_after(last)).startswith(written(last))
    assert last_minute(midnight_after(last)).startswith(f"{plain_day(last)} ")


@given(MOMENTS)
def test_the_words_are_of_the_day_that_the_rules_count(moment: datetime) -> None:
    assert minute(moment).startswith(f"{plain_day(local_date(moment))} ")
    assert second(moment).startswith(minute(moment))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2025, 3, 7, 23, 59, tzinfo=SHANGHAI), "还有3天截止"),
        (datetime(2025, 3, 10, 0, 0, tzinfo=SHANGHAI), "今天截止"),
        (datetime(2025, 3, 10, 23, 59, tzinfo=SHANGHAI), "今天截止"),
        (datetime(2025, 3, 11, 0, 0, tzinfo=SHANGHAI), ""),
    ],
)
def test_days_are_counted_to_the_last_one_that_counts(at: datetime, words: str) -> None:
    assert days_still(datetime(2025, 3, 11, tzinfo=SHANGHAI), at) == words


def test_cover_runs_from_the_first_hour_to_the_last() -> None:
    first = date(2025, 4, 1)
    words = cover_period(first, first + timedelta(days=364))
    assert words == "2025年4月1日0:00至2026年3月31日24:00"


def test_dates_are_put_into_words_nowhere_else() -> None:
    """What people read of a day or of a limit's end is made in `wording`, whoever shows it."""
    own = re.compile(r"\.year\}年|%Y年|astimezone\(SHANGHAI\)\.date\(\)|\}+ ?(24:00|24时|23:59)")
    homes = {"wording.py", "local_time.py"}
    tools = {BACKEND / "explain.py", *(BACKEND / "demo").rglob("*.py")}  # for operators: ISO dates
    astray = [
        f"{path.relative_to(BACKEND)}: {found[0]}"
        for path in sorted([*BACKEND.rglob("*.py"), *BACKEND.rglob("*.html")])
        if path.name not in homes and path not in tools
        for found in own.finditer(path.read_text("utf-8"))
    ]
    assert astray == []


@pytest.mark.parametrize(
    ("of_lifts", "words"),
    [
        (["6栋"] * 4, "6栋 · 4台"),
        (["10栋", "2栋", "2栋"], "2栋、10栋 · 3台"),
        (["1栋", "2栋", "3栋", "3栋"], "1栋等3栋 · 4台"),
        ([], ""),
    ],
)
def test_a_part_of_an_estate_is_named_by_its_buildings_and_lifts(
    of_lifts: list[str], words: str
) -> None:
    assert area(of_lifts) == words


@given(estate=some.text("示例小区吉祥花园", min_size=1, max_size=38), lifts=some.integers(1, 99))
def test_a_field_holds_the_part_whole_however_long_the_estates_name_is(
    estate: str, lifts: int
) -> None:
    part = area(["12栋"] * lifts)
    found = located(estate, part)
    assert len(found) <= FIELD_CHARACTERS
    assert found.endswith(f" {part}")
    assert found.startswith(estate[:5])
