"""Which photos prove a notice, and what freezes its text."""

from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.public_notice import FRAMINGS, MOMENTS, content_hash, missing_photos, readable

PLACES = [(UUID(int=1), "1栋1单元"), (UUID(int=2), "1栋2单元")]
ALL = list(product((UUID(int=1), UUID(int=2)), MOMENTS, FRAMINGS))
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
contents = st.dictionaries(st.text(), plain, max_size=4)


def test_each_unit_needs_one_wide_and_one_close() -> None:
    assert missing_photos(PLACES, [], "start") == (
        "1栋1单元公示开始远景",
        "1栋1单元公示开始近景",
        "1栋2单元公示开始远景",
        "1栋2单元公示开始近景",
    )


def test_only_what_is_missing_is_named() -> None:
    given_ = [photo for photo in ALL if photo != (UUID(int=2), "end", "close")]
    assert missing_photos(PLACES, given_, "end") == ("1栋2单元公示结束近景",)
    assert missing_photos(PLACES, given_, "start") == ()


@given(st.sets(st.sampled_from(ALL)), st.sampled_from(sorted(MOMENTS)))
def test_given_and_missing_photos_make_up_all_of_them(
    photos: set[tuple[UUID, str, str]], moment: str
) -> None:
    given_now = {photo for photo in photos if photo[1] == moment}
    assert len(missing_photos(PLACES, photos, moment)) == 4 - len(given_now)


def test_photos_of_other_places_prove_nothing() -> None:
    elsewhere = [(UUID(int=9), "start", framing) for framing in FRAMINGS]
    assert len(missing_photos(PLACES, elsewhere, "start")) == 4


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
