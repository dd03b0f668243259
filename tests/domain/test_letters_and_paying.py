"""Small rules of days: when a letter counts as given, what of a cover may still be paid, what a
photo proves, and which numbers a phone shows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.domain import desk
from backend.domain.errors import Refused
from backend.domain.letters import Given, How, check_given, delivered_on
from backend.domain.paying import CAME_BACK, CHANGED, account_refusals, cover_words
from backend.domain.public_notice import (
    LEAST_PHOTO_SIDE,
    NoticeState,
    check_evidence,
    open_to_objections,
)
from backend.domain.wording import later_start

DAY = date(2025, 3, 3)
MONTH = timedelta(days=30)


def test_what_is_announced_counts_after_thirty_days_and_the_rest_at_once() -> None:
    assert delivered_on(How.BY_POST, DAY, DAY, DAY) == DAY
    assert delivered_on(How.ANNOUNCED, DAY, DAY, DAY + MONTH) == DAY + MONTH


@pytest.mark.parametrize(
    ("how", "given_on", "today"),
    [
        (How.HANDED_OVER, DAY - timedelta(days=1), DAY),
        (How.HANDED_OVER, DAY + timedelta(days=1), DAY),
        (How.ANNOUNCED, DAY, DAY + MONTH - timedelta(days=1)),
    ],
)
def test_a_letter_is_not_given_before_it_was_due_nor_in_the_future(
    how: How, given_on: date, today: date
) -> None:
    with pytest.raises(Refused) as refused:
        delivered_on(how, given_on, DAY, today)
    assert [each.code for each in refused.value.refusals] == ["delivery_day_invalid"]


@pytest.mark.parametrize(
    ("how", "given_on", "code"),
    [
        (How.ANNOUNCED, DAY, "delivery_way_invalid"),
        (How.BY_POST, DAY - timedelta(days=1), "delivery_day_invalid"),
        (How.LEFT_BEHIND, DAY + MONTH + timedelta(days=1), "delivery_day_invalid"),
    ],
)
def test_a_letter_about_a_case_is_given_to_somebody_between_its_printing_and_today(
    how: How, given_on: date, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_given(Given(how, given_on, ""), DAY, DAY + MONTH)
    assert [each.code for each in refused.value.refusals] == [code]
    for day in (DAY, DAY + MONTH):
        check_given(Given(How.HANDED_OVER, day, ""), DAY, DAY + MONTH)


def test_an_account_that_came_back_stands_in_the_way_before_one_that_changed() -> None:
    assert account_refusals(came_back=True, changed=True) == [CAME_BACK]
    assert account_refusals(came_back=False, changed=True) == [CHANGED]
    assert account_refusals(came_back=False, changed=False) == []


def test_cover_that_began_is_paid_by_itself_and_cover_that_ended_not_at_all() -> None:
    ends = date(2026, 3, 3)
    assert cover_words(DAY, ends, DAY) == ""
    assert "已过1天" in cover_words(DAY, ends, DAY + timedelta(days=1))
    assert cover_words(DAY, ends, ends) == "保障期已经结束，不再拨付。"


def test_cover_that_begins_later_than_promised_says_which_days_it_leaves_out() -> None:
    assert later_start(DAY, DAY) is None
    words = later_start(DAY, DAY + timedelta(days=2))
    assert words == (
        "保障比公示的方案晚2天开始：2025年3月3日0:00至2025年3月4日24:00没有本保险单的保障。"
    )


def test_a_photo_proves_something_when_it_is_large_and_not_of_one_shade() -> None:
    check_evidence(LEAST_PHOTO_SIDE, LEAST_PHOTO_SIDE, flat=False)
    for width, flat, code in (
        (LEAST_PHOTO_SIDE - 1, False, "photo_too_small"),
        (LEAST_PHOTO_SIDE, True, "photo_shows_nothing"),
    ):
        with pytest.raises(Refused, match=code):
            check_evidence(width, LEAST_PHOTO_SIDE, flat)


def test_no_objection_is_late_while_its_notice_is_suspended() -> None:
    ends = datetime(2025, 3, 10, 16, tzinfo=UTC)
    assert open_to_objections(NoticeState.SUSPENDED, ends, ends + MONTH)
    assert open_to_objections(NoticeState.OPEN, ends, ends - timedelta(seconds=1))
    assert not open_to_objections(NoticeState.OPEN, ends, ends)
    assert not open_to_objections(NoticeState.POSTING, None, ends)


def test_a_phone_shows_three_different_numbers_and_the_desk_one_of_them() -> None:
    seed = bytes([7, 1, 1, 2, 3, *range(4, 31)])
    shown = desk.numbers(seed)
    assert (len(shown), len(set(shown))) == (3, 3)
    assert all(10 <= each <= 99 for each in shown)
    assert desk.shown_number(seed) in shown
    with pytest.raises(ValueError, match="nearly all the same"):
        desk.numbers(bytes(32))
