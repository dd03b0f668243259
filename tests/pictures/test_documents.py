"""Sheets that people sign and keep: the page of GB/T 9704, an archive's PDF, words as written."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from ctypes import byref, c_double
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from pypdfium2.raw import FPDFText_GetCharOrigin, FPDFText_GetFontSize

from backend.pictures.application_form import ApplicationForm, form_pdf
from backend.pictures.document import files_of
from backend.pictures.letter import Letter, letter_pdf
from backend.pictures.receipt import Receipt, receipt_pdf
from backend.pictures.typesetting import FONT_FILES

POINTS = 72 / 25.4  # of a millimetre
PAGE = (210 * POINTS, 297 * POINTS)
TOP, LEFT, WIDE, HIGH = (mm * POINTS for mm in (37, 28, 156, 225))
PITCH = HIGH / 22
LETTER = 15.75  # points: 3号
NOTE = 10.5
ABOVE = 0.8 * LETTER  # of the base line in the box of a line
TITLE = 22.0  # 2号
MADE_AT = datetime(2026, 3, 2, 1, 30, 5, 123456, tzinfo=UTC)  # as clocks tell it
FACTS = (
    ("公示编号", "GS-2026-000001"),
    ("小区", "示例花园"),
    ("收到时间", "2026年3月2日 09:30:00"),
)
LONG = "去年的保费按三台电梯计算，今年新增一台，查勘报告里没有写清楚。" * 20


def drawn() -> bytes:
    """A signature."""
    image = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((20, 250, 300, 40, 860, 60), fill="black", width=8)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


RECEIPT = Receipt(
    number="YY-2026-000001",
    centre="示例市住宅专项维修资金管理中心　电话 0743-1234567",
    received_at=MADE_AT,
    facts=FACTS,
    text=LONG,
    text_sha256="a3" * 32,
    next_steps=("中心核实您的业主身份。", "中心在7天内书面答复。"),
    signature=drawn(),
)
LETTER_OF_CENTRE = Letter(
    title="书面异议答复书",
    number="YY-2026-000001",
    made_at=MADE_AT,
    centre="示例市住宅专项维修资金管理中心",
    phone="0743-1234567",
    facts=(("异议人", "张三"), ("房屋", "3栋1单元501"), *FACTS),
    sections=[("答复", [LONG, "第二段。"]), ("接下来", ["可以在六十日内申请行政复议。"])],
    proofs=("当面签收", "邮寄，附邮件回执", "留置送达，附照片和见证人签名"),
)
FORM = ApplicationForm(
    number="BX-2026-000001",
    made_at=MADE_AT,
    centre="示例市住宅专项维修资金管理中心　电话 0743-1234567",
    facts=(("申请人", "示例花园业主委员会"), *FACTS),
    lifts=[f"3栋{unit}单元 1号梯，注册代码 30104301002026{unit:04}" for unit in range(1, 30)],
    request="申请用上列账户的增值收益为上列电梯投保维修保险。所填内容属实。",
    signed=(),
    blanks=("业主委员会负责人签字", "业主委员会盖章", "日期"),
    notes=("签字盖章后拍照上传。",),
)
SHEETS: dict[str, Callable[[], bytes]] = {
    "receipt": lambda: receipt_pdf(RECEIPT, None),
    "letter": lambda: letter_pdf(LETTER_OF_CENTRE, None),
    "application form": lambda: form_pdf(FORM, None),
}
sheets = pytest.mark.parametrize("make", SHEETS.values(), ids=SHEETS)


@dataclass(frozen=True)
class Placed:
    """A letter, where its pen begins on the base line, in points from the page's top left, and how
    large it is."""

    letter: str
    left: float
    base: float
    size: float
    page: int

    @property
    def line(self) -> tuple[int, int]:
        """The line that it stands in."""
        return self.page, round(self.base)


def placed(content: bytes) -> Iterator[Placed]:
    """Every letter that is seen, but for the numbers below the type area."""
    with PdfDocument(content) as document:
        for number, page in enumerate(document):
            text = page.get_textpage()
            for index in range(text.count_chars()):
                letter = text.get_text_range(index, 1)
                left, up = c_double(), c_double()
                FPDFText_GetCharOrigin(text, index, byref(left), byref(up))
                size, base = FPDFText_GetFontSize(text, index), PAGE[1] - up.value
                if letter.strip() and base < TOP + HIGH:
                    yield Placed(letter, left.value, base, size, number)


def is_full(letter: str) -> bool:
    """Whether it is a Chinese letter, as wide as it is high."""
    return "\u4e00" <= letter <= "\u9fff"


def text_of(content: bytes) -> str:
    """All words, as they are copied, without the ends of lines."""
    with PdfDocument(content) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


@sheets
def test_a_sheet_has_at_most_22_lines_of_28_letters_within_the_type_area(
    make: Callable[[], bytes],
) -> None:
    letters = list(placed(make()))
    assert all(each.left >= LEFT - 0.1 for each in letters)
    full = [each for each in letters if is_full(each.letter)]
    assert all(each.left + each.size <= LEFT + WIDE + 0.1 for each in full)
    lines = Counter(page for page, _ in {each.line for each in letters})
    assert max(lines.values()) <= 22
    assert max(Counter(each.line for each in full if each.size == LETTER).values()) <= 28


@sheets
def test_every_line_stands_on_the_grid(make: Callable[[], bytes]) -> None:
    for each in placed(make()):
        lines = (each.base - TOP - ABOVE) / PITCH
        assert abs(lines - round(lines)) < 0.01, each


def test_the_text_is_as_large_as_the_standard_says() -> None:
    sizes = Counter(each.size for each in placed(letter_pdf(LETTER_OF_CENTRE, None)))
    assert sizes.most_common(1)[0][0] == LETTER
    assert set(sizes) == {TITLE, LETTER, NOTE}


@sheets
def test_the_same_sheet_gives_the_same_bytes(make: Callable[[], bytes]) -> None:
    assert make() == make()


@sheets
def test_an_archive_can_keep_a_sheet_and_a_reader_can_read_it_aloud(
    make: Callable[[], bytes],
) -> None:
    reader: Any = PdfReader(io.BytesIO(make()))
    catalog = reader.trailer["/Root"]
    xmp = catalog["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert catalog["/Lang"] == "zh-CN"
    assert catalog["/MarkInfo"]["/Marked"]
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor


def test_what_somebody_wrote_stays_what_they_wrote() -> None:
    hostile = '#read("sheet.typ") *粗* $x^2$ <a> @b // 注 \\ = 标题 #import "letter.typ": *'
    text = text_of(receipt_pdf(replace(RECEIPT, text=hostile), None))
    assert "".join(hostile.split()) in text


def test_each_line_of_a_text_is_a_paragraph_and_none_is_lost() -> None:
    text = "第一行\n\n第三行\r\n第四行"
    found = text_of(receipt_pdf(replace(RECEIPT, text=text), None))
    assert "第一行第三行第四行" in found


def test_letters_that_no_font_has_are_named_as_such() -> None:
    rare = "\U0001f6d7坏了"
    assert "以〓代替" in text_of(receipt_pdf(replace(RECEIPT, text=rare), None))
    assert "以〓代替" not in text_of(receipt_pdf(RECEIPT, None))


def test_the_slip_of_a_letter_is_one_page_of_its_own() -> None:
    with PdfDocument(letter_pdf(LETTER_OF_CENTRE, None)) as document:
        last = document[len(document) - 1].get_textpage().get_text_range()
        before = document[len(document) - 2].get_textpage().get_text_range()
    assert "送达回证" in last
    assert "见证人签名" in last
    assert "存入案卷" in last
    assert "送达回证" not in before


def test_a_form_without_signatures_has_nowhere_to_sign() -> None:
    made = text_of(form_pdf(replace(FORM, blanks=(), signed=("张**　联名",)), None))
    assert "签字盖章后" in made  # the note
    assert "四、签字盖章" not in made
    assert "联名的业主（1位）" in made


def test_a_city_s_own_fonts_come_first(tmp_path: Path) -> None:
    own = TTFont(FONT_FILES[1])
    for name in own["name"].names:
        if name.nameID in (1, 4, 16):
            name.string = "FangSong"
    own.save(tmp_path / "fang.otf")
    (tmp_path / "LICENSE.txt").write_text("of the maker's", "utf-8")

    def fonts(content: bytes) -> set[str]:
        pages: Any = PdfReader(io.BytesIO(content)).pages
        return {
            font["/BaseFont"] for page in pages for font in page["/Resources"]["/Font"].values()
        }

    assert files_of(tmp_path) == ["fang.otf"]
    ours, theirs = receipt_pdf(RECEIPT, None), receipt_pdf(RECEIPT, tmp_path)
    assert text_of(ours) == text_of(theirs)
    assert not any("FangSong" in each for each in fonts(ours))
    assert len(fonts(theirs)) > len(fonts(ours))
