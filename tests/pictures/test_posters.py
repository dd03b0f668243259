"""Posters hold any names without overflowing, and their codes are read from the picture."""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image, ImageFilter
from pypdfium2 import PdfDocument, PdfTextPage

from backend.domain.posters import NoticePaper
from backend.pictures.about_sheet import AboutSheet, draw_about_sheet
from backend.pictures.cab_card import CabCard, draw_cab_card
from backend.pictures.code_reader import read_codes
from backend.pictures.codes import QUIET, code_image
from backend.pictures.export import DeadCode, finish
from backend.pictures.lobby_notice import LobbyNotice, draw_lobby_notice
from backend.pictures.sheet import DPI, MM_PER_INCH, PosterSheet
from backend.pictures.typesetting import DoesNotFit, advance, font_file, legible
from tests.build.poster_values import (
    ABOUT,
    ADDRESS,
    CARD,
    NOTICE,
    abouts,
    cards,
    notices,
)
from tests.build.views import VIEWS, aslant

some = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
SHEETS: dict[str, Callable[[bool], PosterSheet]] = {
    "cab_card": lambda bleed: draw_cab_card(CARD, bleed),
    "lobby_a4": lambda bleed: draw_lobby_notice(NOTICE, "A4", bleed),
    "lobby_a3": lambda bleed: draw_lobby_notice(NOTICE, "A3", bleed),
    "about_sheet": lambda bleed: draw_about_sheet(ABOUT, bleed),
}
SIZES = {
    "cab_card": (148, 210),
    "lobby_a4": (210, 297),
    "lobby_a3": (297, 420),
    "about_sheet": (210, 297),
}


def seen_by_a_bad_camera(image: Image.Image) -> list[str]:
    """A third of the size, tilted, blurred."""
    small = image.convert("L").resize((image.width // 3, image.height // 3))
    tilted = small.rotate(11, Image.Resampling.BICUBIC, expand=True, fillcolor=235)
    return read_codes(tilted.filter(ImageFilter.GaussianBlur(1.3)))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", SHEETS)
def test_every_code_is_read_aslant_in_the_dark_and_from_afar(name: str, view: str) -> None:
    assert read_codes(VIEWS[view](SHEETS[name](False).image)) == [ADDRESS]


def test_a_longer_address_is_read_aslant_too() -> None:
    address = ADDRESS.replace("tibao.example", "tibao.zfbz.example")
    sheet = draw_lobby_notice(replace(NOTICE, address=address), "A4")
    for sideways in (-60, 60):
        assert read_codes(aslant(sheet.image, sideways, 0)) == [address]


# A letter is read from 250 times its height by most people.
FROM_TWO_METRES = 8.0


def height_of(sheet: PosterSheet, text: str) -> float:
    """In mm, of the letters of the first line with this text in it."""
    return next(line.size for line in sheet.lines if text in line.text)


@pytest.mark.parametrize("deadline", ["2025年12月27日（周六）24:00", "____年__月__日24:00"])
def test_title_and_deadline_are_read_from_two_metres_and_the_deadline_is_the_largest_figure(
    deadline: str,
) -> None:
    notice = replace(NOTICE, deadline=("公示截止", deadline))
    sheet = draw_lobby_notice(notice, "A4")
    assert height_of(sheet, "维修保险方案公示") >= FROM_TWO_METRES
    assert height_of(sheet, "24:00") >= 10
    figures = [height_of(sheet, value) for _, value in notice.money]
    assert max(figures) < height_of(sheet, "24:00")
    # Whoever reads the plan steps up to the wall.
    assert height_of(sheet, "电梯主要部件") >= 4


def test_twenty_lifts_stand_on_a4_and_none_is_left_out() -> None:
    lifts = tuple(
        (f"DEMO-TI-{lift:06}", f"{lift}栋1单元1号梯", "9年", "1.00元") for lift in range(21)
    )
    sheet = draw_lobby_notice(replace(NOTICE, lifts=lifts), "A4")
    written = [line.text for line in sheet.lines]
    for code, place, *_ in lifts:
        assert code in written
        assert place in written
    assert height_of(sheet, "电梯主要部件") >= 2.6


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_twenty_lifts_with_the_longest_names_stand_on_the_paper(paper: NoticePaper) -> None:
    estate = ("乾州新区金鸡岭棚户区改造安置住宅小区" * 3)[:38]
    lifts = tuple(
        (
            f"31104331002024{lift:06}",
            f"{lift}栋1单元北侧消防兼无障碍担架电梯（1号）",
            "9年",
            "1,300元",
        )
        for lift in range(20)
    )
    notice = replace(NOTICE, title=f"{estate}电梯维修保险方案公示", lifts=lifts)
    sheet = draw_lobby_notice(notice, paper)
    assert edges_are_clear(sheet, 8)
    assert read_codes(sheet.image) == [ADDRESS]
    written = "".join(line.text for line in sheet.lines)
    assert written.count("担架电梯（1号）") == 20
    assert min(line.size for line in sheet.lines) >= (2.2 if paper == "A4" else 3.1)
    assert height_of(sheet, "24:00") >= 10


@pytest.mark.parametrize("name", ["cab_card", "about_sheet"])
def test_the_number_to_call_is_read_from_two_metres(name: str) -> None:
    assert height_of(SHEETS[name](False), "119") >= FROM_TWO_METRES


LONG_NAMES = [
    "湘西土家族苗族自治州吉首市乾州新区世纪山水桃花源记国际花园城市广场三期南区",
    "བོད་ལྗོངས་ལྷ་ས་གྲོང་ཁྱེར",
    "ᠮᠣᠩᠭᠣᠯ ᠬᠣᠲᠠ 小区",
    "ئۈرۈمچى شەھىرى 小区",
    "买买提·吐尔逊·阿卜杜热合曼小区",
    "䶮㛃𬭎𫖯小区",
]


@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_and_minority_names_fit_and_what_no_font_has_is_named(name: str) -> None:
    notice = replace(NOTICE, title=f"{name}电梯维修保险方案公示", place=f"{name}3栋2单元")
    sheet = draw_lobby_notice(notice, "A4")
    assert edges_are_clear(sheet, 8)
    assert read_codes(sheet.image) == [ADDRESS]
    assert sheet.lines[0].size >= 7
    unseen = {letter for letter in name if font_file(letter) is None and not letter.isspace()}
    assert set(sheet.missing) == {letter for letter in unseen if legible(letter)[1]}
    foot = " ".join(line.text for line in sheet.lines)
    assert ("字库里没有" in foot) == bool(sheet.missing)


def edges_are_clear(sheet: PosterSheet, margin_mm: float) -> bool:
    """Nothing but plain ground within `margin_mm` of the left and right edge of the sheet."""
    margin = round(margin_mm * sheet.scale * DPI / MM_PER_INCH)
    picture = sheet.image
    for left in (0, picture.width - margin):
        strip = picture.crop((left, 0, left + margin, picture.height)).convert("RGB")
        row = strip.resize((1, strip.height), Image.Resampling.NEAREST)
        if strip.tobytes() != row.resize(strip.size, Image.Resampling.NEAREST).tobytes():
            return False
    return True


@some
@given(cards)
def test_a_cab_card_holds_any_names(card: CabCard) -> None:
    sheet = draw_cab_card(card)
    assert edges_are_clear(sheet, 4)
    assert seen_by_a_bad_camera(sheet.image) == [card.address]


@some
@given(notices)
def test_a_lobby_notice_holds_any_names(notice: LobbyNotice) -> None:
    sheet = draw_lobby_notice(notice, "A4")
    assert edges_are_clear(sheet, 8)
    assert seen_by_a_bad_camera(sheet.image) == [notice.address]


@some
@given(abouts)
def test_an_about_sheet_holds_any_names(about: AboutSheet) -> None:
    sheet = draw_about_sheet(about)
    assert edges_are_clear(sheet, 8)
    assert seen_by_a_bad_camera(sheet.image) == [about.address]


@pytest.mark.parametrize("name", SHEETS)
def test_every_poster_has_its_true_size_and_300_dpi(name: str) -> None:
    finished = finish(SHEETS[name](False), "标题", "png")
    with Image.open(io.BytesIO(finished.content)) as picture:
        assert picture.mode == "P"
        assert picture.size == tuple(round(mm * DPI / MM_PER_INCH) for mm in SIZES[name])
        assert picture.info["dpi"] == pytest.approx((DPI, DPI), abs=0.01)
        assert seen_by_a_bad_camera(picture) == [ADDRESS]


@pytest.mark.parametrize("name", SHEETS)
def test_bleed_adds_three_millimetres_of_the_same_ground(name: str) -> None:
    plain, bled = SHEETS[name](False).image, SHEETS[name](True).image
    three = 3 * DPI / MM_PER_INCH
    assert bled.width - plain.width == pytest.approx(2 * three, abs=1.5)
    assert bled.height - plain.height == pytest.approx(2 * three, abs=1.5)
    rgb = bled.convert("RGB")
    assert rgb.getpixel((0, 0)) == rgb.getpixel((bled.width - 1, 0)) == (11, 110, 110)


def boxes_of(pdf: bytes, name: bytes) -> list[float]:
    found = re.search(rb"/%b \[([\d. ]+)\]" % name, pdf)
    assert found
    return [float(number) * MM_PER_INCH / 72 for number in found[1].split()]


@pytest.mark.parametrize("bleed", [False, True])
def test_a_pdf_has_the_paper_size_its_boxes_and_the_same_pixels(bleed: bool) -> None:
    sheet = SHEETS["lobby_a3"](bleed)
    content = finish(sheet, "示例花园小区", "pdf").content
    edge = 3 if bleed else 0
    width, height = SIZES["lobby_a3"]
    assert boxes_of(content, b"TrimBox") == pytest.approx(
        [edge, edge, edge + width, edge + height], abs=0.05
    )
    for name in (b"MediaBox", b"BleedBox"):
        assert boxes_of(content, name) == pytest.approx(
            [0, 0, width + 2 * edge, height + 2 * edge], abs=0.05
        )
    start = content.index(b"stream\n", content.index(b"/Subtype /Image")) + 7
    pixels = zlib.decompressobj().decompress(content[start:])
    assert len(pixels) == (sheet.image.width + 1) * sheet.image.height


def test_a_pdf_says_where_each_of_its_objects_begins() -> None:
    content = finish(SHEETS["cab_card"](False), "卡", "pdf").content
    table = content[content.rindex(b"\nxref\n") + 1 :]
    count = int(table.split(b"\n")[1].split()[1])
    places = [int(line[:10]) for line in table.split(b"\n")[3 : 2 + count]]
    assert [content[place:].split(b" ", 1)[0] for place in places] == [
        b"%d" % number for number in range(1, count)
    ]


def words_of(pdf: bytes) -> PdfTextPage:
    return PdfDocument(pdf)[0].get_textpage()


@pytest.mark.parametrize("name", SHEETS)
def test_a_pdf_can_be_searched_and_read_aloud(name: str) -> None:
    sheet = SHEETS[name](True)
    words = words_of(finish(sheet, "标题", "pdf").content).get_text_range()
    assert len(sheet.lines) > 10
    places = [words.find(line.text) for line in sheet.lines]
    assert -1 not in places


def test_the_words_of_a_pdf_lie_where_they_are_seen() -> None:
    sheet = SHEETS["lobby_a4"](True)
    page = words_of(finish(sheet, "标题", "pdf").content)
    line = next(line for line in sheet.lines if "24:00" in line.text)
    found = page.search(line.text).get_next()
    assert found is not None
    box = [point * MM_PER_INCH / 72 for point in page.get_charbox(found[0], loose=True)]
    left, bottom, right, top = box
    up = 297 + 2 * 3  # the page's height with its bleed; a PDF counts from below
    assert left == pytest.approx(line.left + 3, abs=0.5)
    assert right - left == pytest.approx(advance("2") * line.size, abs=0.2)
    assert bottom < up - 3 - line.top - line.size / 2 < top


def test_a_rare_character_is_a_word_of_the_pdf_too() -> None:
    rare = draw_cab_card(replace(CARD, estate="𬌗㙟小区"))
    assert "𬌗㙟小区" in words_of(finish(rare, "卡", "pdf").content).get_text_range()


def test_the_same_poster_has_the_same_bytes() -> None:
    for draw in SHEETS.values():
        assert finish(draw(True), "卡", "pdf") == finish(draw(True), "卡", "pdf")


def test_a_letter_that_no_font_has_is_named_on_the_poster_and_beside_it() -> None:
    plain = draw_cab_card(CARD)
    rare = draw_cab_card(replace(CARD, estate="𠮷祥小区"))
    assert (plain.missing, rare.missing) == ("", "𠮷")
    assert finish(rare, "卡", "png").missing == "𠮷"
    # The foot of the card tells which letter it is.
    foot = (0, rare.image.height * 93 // 100, rare.image.width, rare.image.height)
    assert rare.image.crop(foot).tobytes() != plain.image.crop(foot).tobytes()


def test_a_plan_too_long_for_a4_fits_on_a3_and_one_too_long_for_that_is_refused() -> None:
    long = replace(NOTICE, sections=(("保障内容", "电梯故障维修。" * 400),))
    with pytest.raises(DoesNotFit):
        draw_lobby_notice(long, "A4")
    assert seen_by_a_bad_camera(draw_lobby_notice(long, "A3").image) == [ADDRESS]
    endless = replace(NOTICE, sections=(("保障内容", "电梯故障维修。" * 4000),))
    with pytest.raises(DoesNotFit):
        draw_lobby_notice(endless, "A3")


def test_a_poster_whose_code_cannot_be_read_does_not_leave() -> None:
    sheet = draw_cab_card(CARD)
    middle = (sheet.image.width // 4, sheet.image.height // 2)
    sheet.image.paste(15, (*middle, middle[0] + 200, middle[1] + 300))
    with pytest.raises(DeadCode):
        finish(sheet, "卡", "png")


def test_the_mark_in_the_middle_covers_at_most_22_percent_of_the_width() -> None:
    with_mark = code_image(ADDRESS, 800)
    modules = with_mark.width // 8
    scale = with_mark.width // modules
    inner = with_mark.width - 2 * QUIET * scale
    middle = with_mark.width // 2
    row = [with_mark.getpixel((x, middle)) for x in range(with_mark.width)]
    # The mark's white rim is wider than any module: look for it from the middle outwards.
    assert 255 in row[middle - round(inner * 0.11) : middle]
    assert read_codes(with_mark) == [ADDRESS]


def test_a_code_needs_room() -> None:
    with pytest.raises(ValueError, match="modules"):
        code_image(ADDRESS, 30)


def test_a_picture_without_a_code_reads_as_nothing() -> None:
    assert read_codes(Image.new("RGB", (200, 200), "white")) == []
