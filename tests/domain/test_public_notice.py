"""Which photos prove a notice, and what freezes its text."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import Refused
from backend.domain.local_time import SHANGHAI, local_date, midnight_after
from backend.domain.public_notice import (
    FRAMINGS,
    MOMENTS,
    NoticeState,
    check_photo,
    content_hash,
    days_late,
    late_photos,
    missing_photos,
    photo_counts,
    readable,
)
from backend.domain.typed_table import Sourced
from backend.store.city_files import load_city

RULES = load_city("jishou").public_notice
PLACES = [(UUID(int=1), "1栋1单元"), (UUID(int=2), "1栋2单元")]
ALL = list(product((UUID(int=1), UUID(int=2)), MOMENTS, FRAMINGS))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
contents = st.dictionaries(st.text(), plain, max_size=4)


def test_each_unit_needs_one_of_each_framing_that_the_city_asks_for() -> None:
    assert missing_photos(RULES, PLACES, [], "start") == (
        "1栋1单元公示开始远景",
        "1栋1单元公示开始近景",
        "1栋2单元公示开始远景",
        "1栋2单元公示开始近景",
    )
    close = replace(RULES, photos=Sourced(("close",), "default"))
    assert missing_photos(close, PLACES, [], "end") == (
        "1栋1单元公示结束近景",
        "1栋2单元公示结束近景",
    )


def test_only_what_is_missing_is_named() -> None:
    given_ = [photo for photo in ALL if photo != (UUID(int=2), "end", "close")]
    assert missing_photos(RULES, PLACES, given_, "end") == ("1栋2单元公示结束近景",)
    assert missing_photos(RULES, PLACES, given_, "start") == ()


@given(st.sets(st.sampled_from(ALL)), st.sampled_from(sorted(MOMENTS)))
def test_given_and_missing_photos_make_up_all_of_them(
    photos: set[tuple[UUID, str, str]], moment: str
) -> None:
    given_now = {photo for photo in photos if photo[1] == moment}
    assert len(missing_photos(RULES, PLACES, photos, moment)) == 4 - len(given_now)


def test_photos_of_other_places_prove_nothing() -> None:
    elsewhere = [(UUID(int=9), "start", framing) for framing in FRAMINGS]
    assert len(missing_photos(RULES, PLACES, elsewhere, "start")) == 4


@given(contents)
def test_the_hash_does_not_depend_on_the_order_of_keys(content: dict[str, object]) -> None:
    assert content_hash(content) == content_hash(dict(reversed(content.items())))


@given(contents, contents)
def test_another_text_has_another_hash(one: dict[str, object], other: dict[str, object]) -> None:
    if one != other:
        assert content_hash(one) != content_hash(other)


def test_the_hash_of_a_known_text() -> None:
    """Whoever checks a poster later computes just this: canonical JSON in UTF-8, SHA-256."""
    assert content_hash({"b": 1, "a": "电梯"}) == (
        "aa14e0b9d068912cc40da3ac10cb0434f895aa6c963acad275a8ba2f6e3a95d6"
    )


def test_a_text_frozen_in_old_words_is_shown_in_todays_and_nothing_else_changes() -> None:
    old = {
        "title": "公示",
        "cover": {"limit_fen": 1, "coverage": "门", "promises": "快", "from": "x"},
    }
    shown = readable(old)
    assert shown["cover"] == {
        "sum_insured_fen": 1,
        "scope_of_cover": "门",
        "service_commitments": "快",
        "from": "x",
    }
    assert shown["title"] == "公示"
    assert "limit_fen" in old["cover"]
    assert readable(shown) == shown


# --- when a photo counts ---

DRAFTED = datetime(2025, 3, 3, 9, 0, 0, 700, tzinfo=SHANGHAI)
LAST = date(2025, 3, 10)
NOW = datetime(2025, 3, 12, 9, tzinfo=SHANGHAI)
HOURS = st.integers(-240, 240).map(lambda hours: midnight_after(LAST) + timedelta(hours=hours))


@given(HOURS)
def test_an_end_photo_counts_from_the_last_day_on(taken_at: datetime) -> None:
    assert photo_counts("end", taken_at, LAST) == (local_date(taken_at) >= LAST)
    assert photo_counts("start", taken_at, LAST)


@given(HOURS)
def test_an_end_photo_is_late_after_the_days_that_the_city_gives(taken_at: datetime) -> None:
    rules = load_city("jishou").public_notice
    assert rules.end_photo_days
    after = (local_date(taken_at) - LAST).days
    assert days_late(rules, taken_at, LAST) == (after if after > 3 else 0)
    assert days_late(replace(rules, end_photo_days=None), taken_at, LAST) == 0


def test_of_several_photos_of_one_place_the_first_tells_whether_they_are_late() -> None:
    rules = load_city("jishou").public_notice
    early, late = (datetime(2025, 3, day, 9, tzinfo=SHANGHAI) for day in (11, 24))
    one, other = UUID(int=1), UUID(int=2)
    places = [(one, "1栋1单元"), (other, "1栋2单元")]
    given = [(one, "wide", late), (one, "wide", early), (other, "close", late)]
    assert late_photos(rules, places, given, LAST) == ("1栋2单元公示结束近景（晚了14天）",)
    assert late_photos(rules, places, given, None) == ()


def test_an_end_photo_proves_nothing_once_the_end_moved_on_or_before_there_is_one() -> None:
    taken_at = datetime(2025, 3, 10, 8, tzinfo=SHANGHAI)
    assert photo_counts("end", taken_at, LAST)
    assert not photo_counts("end", taken_at, LAST + timedelta(days=1))
    assert not photo_counts("end", taken_at, None)


@pytest.mark.parametrize(
    ("moment", "taken_at", "state", "code"),
    [
        ("start", DRAFTED, NoticeState.POSTING, None),
        # A camera counts whole seconds.
        ("start", DRAFTED.replace(microsecond=0), NoticeState.OPEN, None),
        ("start", DRAFTED - timedelta(seconds=1), NoticeState.POSTING, "photo_time_invalid"),
        ("start", NOW + timedelta(seconds=1), NoticeState.POSTING, "photo_time_invalid"),
        ("start", NOW, NoticeState.SUSPENDED, "photo_not_possible"),
        ("start", NOW, NoticeState.ENDED, "photo_not_possible"),
        ("end", NOW, NoticeState.OPEN, None),
        ("end", datetime(2025, 3, 10, tzinfo=SHANGHAI), NoticeState.OPEN, None),
        ("end", datetime(2025, 3, 9, 23, 59, tzinfo=SHANGHAI), NoticeState.OPEN, "photo_too_early"),
        ("end", NOW, NoticeState.POSTING, "photo_not_possible"),
        ("end", NOW, NoticeState.SUSPENDED, "photo_not_possible"),
        ("end", NOW, NoticeState.VOID, "photo_not_possible"),
    ],
)
def test_a_photo_is_taken_in_its_time_and_in_its_state(
    moment: str, taken_at: datetime, state: NoticeState, code: str | None
) -> None:
    if code is None:
        check_photo(moment, taken_at, NOW, state, DRAFTED, LAST)
        return
    with pytest.raises(Refused, match=code):
        check_photo(moment, taken_at, NOW, state, DRAFTED, LAST)
