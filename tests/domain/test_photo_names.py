"""What a photo's file is called tells where it belongs, or nothing."""

import pytest

from backend.domain.photo_names import place_named

ONE_HOUSE = {"a": "1栋1单元", "b": "1栋2单元", "c": "1栋11单元"}
TWO_HOUSES = {"a": "1栋1单元", "b": "2栋1单元", "c": "12号楼3单元"}
BOTH = ("wide", "close")


@pytest.mark.parametrize(
    ("name", "place", "framing"),
    [
        ("1栋1单元近景.jpg", "a", "close"),
        ("１栋２单元 远景 (2).JPG", "b", "wide"),
        ("一单元_近.png", "a", "close"),
        ("1-11 全景.heic", "c", "wide"),
        ("开始-2单元-特写.jpg", "b", "close"),
    ],
)
def test_a_name_says_which_place_and_how_far(name: str, place: str, framing: str) -> None:
    assert place_named(name, ONE_HOUSE, BOTH) == (place, framing)


@pytest.mark.parametrize(
    "name",
    [
        "IMG_20250303_101010.jpg",
        "2025-1-1 近景.jpg",
        "1单元.jpg",
        "近景.jpg",
        "1单元2单元近景.jpg",
        "1单元远近.jpg",
        "21单元近.jpg",
        "111单元近.jpg",
    ],
)
def test_a_name_that_does_not_say_both_says_nothing(name: str) -> None:
    assert place_named(name, ONE_HOUSE, BOTH) is None


def test_where_two_houses_have_such_a_unit_its_name_alone_says_nothing() -> None:
    assert place_named("1单元近景.jpg", TWO_HOUSES, BOTH) is None
    assert place_named("2栋1单元近景.jpg", TWO_HOUSES, BOTH) == ("b", "close")
    assert place_named("3单元近景.jpg", TWO_HOUSES, BOTH) == ("c", "close")
    assert place_named("12-3近.jpg", TWO_HOUSES, BOTH) == ("c", "close")


@pytest.mark.parametrize(
    "name", ["2栋1单元近景.jpg", "2栋 - 1单元 近景.jpg", "十一栋1单元近景.jpg"]
)
def test_a_photo_of_another_house_goes_to_no_place_of_this_one(name: str) -> None:
    assert place_named(name, ONE_HOUSE, BOTH) is None


def test_where_one_photo_is_enough_its_framing_need_not_be_said() -> None:
    assert place_named("2单元.jpg", ONE_HOUSE, ("close",)) == ("b", "close")
