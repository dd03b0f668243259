"""How far a city is with the lifts that its plan wants insured (JS 五（三）, SG 四)."""

from datetime import date

import pytest

from backend.domain.targets import TargetStatus, progress_of
from backend.store.city_files import load_city

JISHOU, SHAOGUAN = load_city("jishou"), load_city("shaoguan")


def test_the_targets_are_those_of_the_plans() -> None:
    wanted = [(each.lifts, each.until) for each in progress_of(JISHOU, 0, date(2025, 1, 1))]
    assert wanted == [(20, date(2025, 1, 31)), (200, date(2025, 7, 31))]
    (only,) = progress_of(SHAOGUAN, 0, date(2025, 1, 1))
    assert (only.lifts, only.until) == (300, date(2025, 8, 31))


@pytest.mark.parametrize(
    ("covered", "on", "status"),
    [
        (300, date(2025, 9, 1), TargetStatus.REACHED),
        (299, date(2025, 8, 31), TargetStatus.RUNNING),
        (299, date(2025, 9, 1), TargetStatus.MISSED),
    ],
)
def test_a_target_is_missed_once_its_last_day_is_over(
    covered: int, on: date, status: TargetStatus
) -> None:
    (target,) = progress_of(SHAOGUAN, covered, on)
    assert target.status is status


def test_a_share_is_never_rounded_up_to_the_whole() -> None:
    (target,) = progress_of(SHAOGUAN, 299, date(2025, 8, 1))
    assert (target.percent, target.missing) == (99, 1)
    (target,) = progress_of(SHAOGUAN, 400, date(2025, 8, 1))
    assert (target.percent, target.missing) == (100, 0)
