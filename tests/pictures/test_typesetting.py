"""Lines, sizes and letters that no font has."""

from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.pictures.typesetting import (
    CLOSERS,
    FONT_FILES,
    FONTS,
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

# Noto Sans SC 2.004 and Noto Serif SC 2.003 as Adobe and Google made them, and their licence.
FONT_HASHES = {
    "NotoSansSC-Regular.otf": "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9",
    "NotoSerifSC-Regular.otf": "e8f396decc1f0963a016a989c3d8852e863d1350996f573860a80767c83a1cd3",
    "OFL.txt": "6a73f9541c2de74158c0e7cf6b0a58ef774f5a780bf191f2d7ec9cc53efe2bf2",
}


def test_the_fonts_are_those_we_looked_at_and_their_licence_lies_beside_them() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in FONTS.iterdir()}
    assert found == FONT_HASHES


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
