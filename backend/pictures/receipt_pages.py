"""The pages of a receipt. The text can be selected and searched; the fonts travel inside, cut down
to what is used."""

import io

from fpdf import FPDF
from PIL import Image

from backend.pictures.receipt import Receipt
from backend.pictures.typesetting import FONT_FILES, break_lines, font_file, legible

MARGIN = 22.0  # mm
WIDTH = 210.0 - 2 * MARGIN
POINT = 0.3528  # mm
LEADING = 1.55
INK, GREY, ACCENT = (29, 33, 41), (90, 97, 110), (11, 110, 110)
LABEL_WIDTH = 32.0
SIGNATURE = (70.0, 28.0)  # mm, at most
SIGNATURE_PIXELS = 1200


def pages(receipt: Receipt) -> bytes:
    """The receipt on A4, as many pages as its words need; the same receipt gives the same bytes."""
    text, missing = legible(receipt.text)
    pdf = _paper(receipt, text)
    _write(pdf, "书面异议回执", 22, ACCENT)
    _write(pdf, f"编号 {receipt.number}", 13)
    pdf.ln(3)
    for label, value in receipt.facts:
        _fact(pdf, label, legible(value)[0])
    _heading(pdf, "异议内容")
    _write(pdf, text, 12)
    if missing:
        _write(pdf, "个别字符没有字形，以〓代替；原文已完整保存，以下面的校验值为准。", 9, GREY)
    if receipt.signature is not None:
        _heading(pdf, "手写签名")
        _sign(pdf, receipt.signature)
    _heading(pdf, "接下来")
    for place, step in enumerate(receipt.next_steps, start=1):
        _write(pdf, f"{place}. {step}", 11)
    _heading(pdf, "核对")
    _write(pdf, f"异议内容的 SHA-256（UTF-8）：{receipt.text_sha256}", 9, GREY)
    _write(pdf, receipt.centre, 9, GREY)
    return bytes(pdf.output())


def _paper(receipt: Receipt, text: str) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.set_title(f"书面异议回执 {receipt.number}")
    pdf.set_lang("zh-CN")
    pdf.set_creation_date(receipt.received_at)
    pdf.add_font("sans", fname=FONT_FILES[0])
    if any(font_file(letter) not in (None, FONT_FILES[0]) for letter in text):
        pdf.add_font("serif", fname=FONT_FILES[1])
        pdf.set_fallback_fonts(["serif"])
    pdf.add_page()
    return pdf


def _write(
    pdf: FPDF, text: str, points: float, colour: tuple[int, int, int] = INK, indent: float = 0
) -> None:
    """A paragraph in lines that end as Chinese lines do, over as many pages as it needs."""
    pdf.set_font("sans", size=points)
    pdf.set_text_color(*colour)
    pdf.c_margin = 0
    height = points * POINT * LEADING
    for line in break_lines(text, (WIDTH - indent) / (points * POINT)):
        pdf.set_x(MARGIN + indent)
        pdf.cell(WIDTH - indent, height, line, new_x="LMARGIN", new_y="NEXT")


def _heading(pdf: FPDF, text: str) -> None:
    pdf.ln(4)
    _write(pdf, text, 13, ACCENT)
    pdf.ln(1)


def _fact(pdf: FPDF, label: str, value: str) -> None:
    """A label and, beside it, what it stands for."""
    if pdf.will_page_break(11 * POINT * LEADING):
        pdf.add_page()
    top = pdf.get_y()
    _write(pdf, label, 11, GREY)
    pdf.set_y(top)
    _write(pdf, value, 11, INK, LABEL_WIDTH)


def _sign(pdf: FPDF, signature: bytes) -> None:
    with Image.open(io.BytesIO(signature)) as opened:
        drawn = opened.convert("RGBA")
    drawn.thumbnail((SIGNATURE_PIXELS, SIGNATURE_PIXELS))
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    scale = min(SIGNATURE[0] / drawn.width, SIGNATURE[1] / drawn.height)
    width, height = drawn.width * scale, drawn.height * scale
    if pdf.will_page_break(height):
        pdf.add_page()
    alt = "提交人的手写签名"
    pdf.image(paper.convert("L"), MARGIN, pdf.get_y(), width, height, alt_text=alt)
    pdf.set_y(pdf.get_y() + height)
