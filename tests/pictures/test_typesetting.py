"""Lines, sizes and letters that no font has."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.pictures.typesetting import (
    CLOSERS,
    FONT_FILES,
    OPENERS,
    UNBREAKABLE,
    DoesNotFit,
    break_lines,
    fit,
    font_file,
    glyph,
    legible,
    width_of,
)

TEXTS = st.text(st.sampled_from("电梯保险公示Ab1 " + CLOSERS + OPENERS), max_size=200)
PROSE = st.lists(
    st.sampled_from(["电梯", "公示期内", "“提出异议”", "（本栋业主）", "0743-8532500", "，", "。"])
).map("".join)


@given(TEXTS, st.floats(min_value=1.0, max_value=40))
def test_no_line_is_wider_than_its_box_and_no_letter_is_lost(text: str, ems: float) -> None:
    lines = break_lines(text, ems)
    assert all(width_of(line) <= ems + 1e-6 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(PROSE, st.floats(min_value=12, max_value=40))
def test_punctuation_never_begins_a_line_and_brackets_never_end_one(text: str, ems: float) -> None:
    """Only what stays together and is wider than a whole line is cut anywhere."""
    assume(all(width_of(unit[0]) <= ems for unit in UNBREAKABLE.finditer(text)))
    first, *rest = break_lines(text, ems) or [""]
    assert not [line for line in rest if line[0] in CLOSERS]
    assert not [line for line in (first, *rest) if line and line[-1] in OPENERS]


def test_telephone_numbers_and_codes_stay_in_one_line() -> None:
    assert break_lines("请拨打电话0743-8532500咨询", 7) == ["请拨打电话", "0743-8532500", "咨询"]


def test_a_code_longer_than_the_line_is_cut_rather_than_lost() -> None:
    lines = break_lines("X" * 40, 5)
    assert len(lines) > 1
    assert "".join(lines) == "X" * 40


def test_a_text_shrinks_until_it_fits() -> None:
    long = fit("很长的小区名称" * 5, 60, 10, 8, 2)
    assert 2 <= long.size < 8
    assert long.height <= 10
    assert fit("短", 60, 20, 8, 2).size == 8


def test_a_text_that_cannot_fit_is_told_and_not_cut() -> None:
    with pytest.raises(DoesNotFit):
        fit("很长的小区名称" * 50, 60, 10, 8, 4)


def test_a_letter_that_no_font_has_becomes_a_mark_and_is_named() -> None:
    assert legible("𠮷祥小区") == ("〓祥小区", "𠮷")
    assert legible("龘𬌗小区") == ("龘𬌗小区", "")


def test_a_letter_that_only_the_second_font_has_is_drawn_from_there() -> None:
    assert legible("䶶鿼") == ("䶶鿼", "")
    assert {font_file("䶶"), font_file("鿼")} == {FONT_FILES[1]}
    assert glyph("䶶", 40, False) is not None


def test_a_mark_gives_up_its_blank_half_before_another() -> None:
    assert width_of("服务”。") == width_of("服务”") + 0.5
    assert width_of("服务。又") == 4


def test_what_nobody_sees_is_dropped() -> None:
    assert legible("小\u200b区\ufe0f\x07一\t期") == ("小区 一 期", "")


@pytest.mark.parametrize("bold", [False, True])
def test_a_blank_has_no_picture(bold: bool) -> None:
    assert glyph(" ", 40, bold) is None
