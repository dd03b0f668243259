"""When an objection counts, and what it must say."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.calendar import SHANGHAI
from backend.domain.errors import Refused
from backend.domain.objection import KINDS, OPEN, check_kind, check_text, standing_on_receipt

ENDS_BEFORE = datetime(2025, 3, 11, tzinfo=SHANGHAI)
LAST_MOMENT = ENDS_BEFORE - timedelta(microseconds=1)


def test_an_owner_on_time_is_verified_at_once() -> None:
    assert standing_on_receipt(LAST_MOMENT, ENDS_BEFORE, False, True) == "verified"


def test_somebody_on_time_is_received_and_waits_to_be_verified() -> None:
    assert standing_on_receipt(LAST_MOMENT, ENDS_BEFORE, False, False) == "received"


@pytest.mark.parametrize("known_owner", [True, False])
def test_midnight_of_the_last_day_is_too_late(known_owner: bool) -> None:
    assert standing_on_receipt(ENDS_BEFORE, ENDS_BEFORE, False, known_owner) == "late"


def test_nothing_is_late_while_the_clock_of_the_notice_stands_still() -> None:
    after = ENDS_BEFORE + timedelta(days=30)
    assert standing_on_receipt(after, ENDS_BEFORE, True, True) == "verified"
    assert standing_on_receipt(after, ENDS_BEFORE, True, False) == "received"


@given(st.timedeltas(), st.booleans(), st.booleans())
def test_an_objection_is_open_exactly_if_it_is_not_late(
    ahead: timedelta, suspended: bool, known_owner: bool
) -> None:
    try:
        received_at = ENDS_BEFORE - ahead
    except OverflowError:
        return
    standing = standing_on_receipt(received_at, ENDS_BEFORE, suspended, known_owner)
    assert (standing in OPEN) is (suspended or ahead > timedelta(0))


def test_the_words_are_kept_without_surrounding_blanks() -> None:
    assert check_text("  保费偏高。\n", 2000) == "保费偏高。"


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_an_empty_objection_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="objection_empty"):
        check_text(text, 2000)


def test_an_objection_has_a_length() -> None:
    assert check_text("字" * 2000, 2000)
    with pytest.raises(Refused, match="objection_too_long") as refused:
        check_text("字" * 20_000, 2000)
    assert "2000字" in refused.value.refusals[0].message


def test_the_kind_is_one_of_the_list() -> None:
    assert [check_kind(kind) for kind in KINDS] == list(KINDS)
    with pytest.raises(Refused, match="objection_kind_unknown"):
        check_kind("everything")
