"""However people write a name, a place, a code or a phone: the same stays the same."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.normal import (
    NAME_FORM,
    FlatWords,
    flat_words,
    normal_code,
    normal_name,
    normal_phone,
    normal_place,
    plain,
    seen,
)

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "from_the_field" / "claims.json").read_text("utf-8")
)

DOTS = "·•・･．.‧∙⋅●⚫⦁˙"
UNSEEN = "\u200b\u200c\u200d\u200e\u202d\u202c\u2060\ufeff\u00ad\u3164\U000e0101"
HAN = some.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = some.text(HAN, min_size=2, max_size=4)


def wide(text: str) -> str:
    """ASCII in full-width letters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@some.composite
def strewn(draw: some.DrawFn, text: str) -> str:
    """The text with blanks and unseen letters anywhere, in either width."""
    noise = some.text(some.sampled_from(UNSEEN + " \u3000\u00a0"), max_size=2)
    written = "".join(draw(noise) + c for c in text) + draw(noise)
    return wide(written) if draw(some.booleans()) else written


# --- names ---


@given(NAMES, NAMES, some.data())
def test_a_name_is_one_however_blanks_widths_and_dots_are_written(
    first: str, last: str, data: some.DataObject
) -> None:
    dot = data.draw(some.sampled_from(DOTS))
    twice = data.draw(some.booleans())
    written = data.draw(strewn(f"{first}{dot * (1 + twice)}{last}"))
    assert normal_name(written) == f"{first}·{last}"
    assert normal_name(data.draw(strewn(first + last))) == first + last


@given(some.text(max_size=20))
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    for form in (normal_name, normal_code, normal_place, plain, seen):
        assert form(form(text)) == form(text), form


@given(some.text(some.sampled_from([chr(c) for c in (*range(0x20, 0x7F), *range(0x4E00, 0xA000))])))
def test_usual_letters_are_read_as_they_are_among_others(text: str) -> None:
    unseen = "\u200b"  # with it the text is not of usual letters alone
    assert plain(text) == plain(text + unseen)


@given(NAMES, NAMES)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert (normal_name(one) == normal_name(other)) == (
        unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    )


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: case["typed"])
def test_names_of_the_field(case: dict[str, str]) -> None:
    same = normal_name(case["roster"]) == normal_name(case["typed"])
    assert same == case["expected"].startswith("on_roster true")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("龙\ue863", "龙䶮"),  # GBK's private area
        ("\ue832", "\u9fb8"),
        ("\ue816", "\U00020087"),
        ("\uf9d1样", "六样"),  # a compatibility ideograph
        ("葛\U000e0100样", "葛样"),  # a variant of how it is drawn
        ("ｊｏｈｎ Shi", "JOHNSHI"),
        ("\ue000样", "\ue000样"),  # somebody's own letter stays what it is
    ],
)
def test_a_letter_is_one_in_whatever_code(written: str, meant: str) -> None:
    assert normal_name(written) == meant


def test_all_letters_of_the_private_area_of_gbk_are_known() -> None:
    known = [plain(chr(code)) for code in range(0xE815, 0xE865)]
    assert len(set(known)) == 80
    assert not [letter for letter in known if unicodedata.category(letter) == "Co"]


def test_names_are_hashed_in_the_form_that_the_roster_was_renewed_to() -> None:
    """Whoever changes the form of one of these counts NAME_FORM up, so that rosters follow."""
    forms = {
        "玛依拉.样力": "玛依拉·样力",
        "张 示安": "张示安",
        "玛依拉●·样力": "玛依拉·样力",
        "Ａnn-Lee（甲）": "ANN-LEE(甲)",
    }
    assert ({name: normal_name(name) for name in forms}, NAME_FORM) == (forms, 3)


# --- places ---


KINDS = ["栋", "幢", "座", "号楼", "楼", "#", "#楼", "号", "樓", "棟", "號", "单元", "單元", "门"]


@given(some.integers(1, 999), some.sampled_from(KINDS), some.sampled_from(["", "第"]))
def test_a_building_is_one_whatever_it_is_called(number: int, kind: str, first: str) -> None:
    assert normal_place(first + wide(f"{number}") + kind) == str(number)
    assert normal_place(first + in_characters(number) + kind) == str(number)


def in_characters(number: int) -> str:
    """12 → 十二, 105 → 一百零五, 112 → 一百一十二."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    lead = digits[hundreds] + "百" if hundreds else ""
    if tens:
        lead += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        lead += "零"
    return lead + (digits[ones] if ones else "")


@given(some.integers(101, 9999), some.sampled_from(["", "室", "号", "号房", "房"]), some.data())
def test_a_flat_is_one_with_its_word_or_without(
    number: int, kind: str, data: some.DataObject
) -> None:
    assert normal_place(data.draw(strewn(f"{number}{kind}"))) == str(number)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("101", "102"),
        ("0101", "101"),
        ("紫荆楼", "紫荆栋"),
        ("1-101", "1101"),
        ("A座", "B座"),
        ("一百二", "102"),
        ("第一", "第二"),
    ],
)
def test_other_places_are_other_places(one: str, other: str) -> None:
    assert normal_place(one) != normal_place(other)


@given(some.from_regex(r"[0-9A-Z-]{4,32}", fullmatch=True), some.data())
def test_a_code_is_one_in_either_case_and_width(code: str, data: some.DataObject) -> None:
    assert normal_code(data.draw(strewn(code.lower()))) == code


# --- phones ---


@some.composite
def phones(draw: some.DrawFn) -> tuple[str, list[str]]:
    """A number in its normal form, and ways to write it."""
    digits = some.text("0123456789", min_size=8, max_size=8)
    kind = draw(some.sampled_from(["mobile", "landline", "beijing", "852", "853", "886"]))
    rest = draw(digits)
    if kind == "mobile":
        number = f"1{draw(some.integers(3, 9))}{draw(some.integers(0, 9))}{rest}"
        ways = [number, f"+86{number}", f"0086 {number}", f"86-{number}", f"(+86){number}"]
        return number, [*ways, f"{number[:3]} {number[3:7]} {number[7:]}"]
    if kind == "landline":
        area = f"0{draw(some.integers(3, 9))}{draw(some.integers(10, 99))}"
        ways = [f"{area}-{rest}", f"({area}){rest}", f"（{area}） {rest}", f"+86 {area[1:]} {rest}"]
        return area + rest, [*ways, f"+86-{area}-{rest}", f"{area}–{rest}"]
    if kind == "beijing":
        return f"010{rest}", [f"010-{rest}", f"+86 10 {rest}", f"0086-10-{rest}"]
    if kind == "886":
        ways = [f"+886 9{rest}", f"00886-9{rest}", f"+886 09{rest}", f"8869{rest}"]
        return f"+8869{rest}", ways
    return f"+{kind}{rest}", [f"+{kind} {rest}", f"00{kind}-{rest}", f"({kind}){rest}"]


@given(phones(), some.data())
def test_a_number_is_one_however_it_is_written(
    phone: tuple[str, list[str]], data: some.DataObject
) -> None:
    number, ways = phone
    written = data.draw(some.sampled_from(ways))
    assert normal_phone(written) == normal_phone(data.draw(strewn(written))) == number
    assert normal_phone(number) == number


@given(
    some.sampled_from(["转", "轉", "-转", " ext.", " EXT ", "#", "分机", "分机号", "－"]),
    some.integers(1, 999_999),
)
def test_an_extension_belongs_to_the_number(word: str, extension: int) -> None:
    assert normal_phone(f"0743-8532500{word}{extension}") == f"07438532500转{extension}"


@given(some.text("0123456789", min_size=1, max_size=16))
def test_what_cannot_be_dialled_is_no_number(digits: str) -> None:
    number = normal_phone(digits)
    assert number is None or len(number.lstrip("+")) >= 7


@pytest.mark.parametrize(
    "written",
    ["", "无", "1990000000", "12900000001", "51000001", "0912345678", "07438532", "+852 510000",
     "+86 123", "19900000001、19900000002", "电话19900000001", "转801"],
)  # fmt: skip
def test_a_number_that_is_none_is_refused_not_guessed(written: str) -> None:
    assert normal_phone(written) is None


# --- flats ---


@pytest.mark.parametrize(
    ("written", "flat"),
    [
        ("3-1-502", FlatWords("", "3", "1", "502")),
        (" 3 栋 1 单元 502 室 ", FlatWords("", "3", "1", "502")),
        ("第三栋一单元五零二", FlatWords("", "3", "1", "502")),
        ("３＃１－５０２", FlatWords("", "3", "1", "502")),
        ("示例花园3-1-101", FlatWords("示例花园", "3", "1", "101")),
        ("阳光100小区A座2单元1201", FlatWords("阳光100小区", "A", "2", "1201")),
        ("示例花园3栋502", FlatWords("示例花园", "3", None, "502")),
        ("3幢1单元5楼502", FlatWords("", "3", "1", "502")),
        ("A座十二层1201", FlatWords("", "A", None, "1201")),
    ],
)
def test_a_flat_is_named_as_people_read_it_out(written: str, flat: FlatWords) -> None:
    assert flat_words(written) == flat


@pytest.mark.parametrize(
    "words",
    ["SQ-2025-000001", "DEMO-TC-0201", "2025-08-01", "0743-8532500", "31502", "12-3", "示例花园"],
)
def test_what_has_other_parts_is_no_flat(words: str) -> None:
    assert flat_words(words) is None
