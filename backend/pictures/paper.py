"""A document on A4 with Chinese text that can be selected and searched; the fonts travel inside,
cut down to what is used. What writes PDFs is 15 MB: import this only where one is written."""

import io
from datetime import datetime

from fpdf import FPDF
from PIL import Image

from backend.pictures.typesetting import FONT_FILES, break_lines, font_file

MARGIN = 22.0  # mm
WIDTH = 210.0 - 2 * MARGIN
POINT = 0.3528  # mm
LEADING = 1.55
INK, GREY, ACCENT = (29, 33, 41), (90, 97, 110), (11, 110, 110)
LABEL_WIDTH = 32.0
SIGNATURE_PIXELS = 1200

Colour = tuple[int, int, int]


class Paper:
    """A document that is written from its head to its end; equal words give equal bytes.

    `text` is what of it may hold rare characters, for which a second font is needed. `onto` is an
    empty document of another kind to write on.
    """

    def __init__(
        self, title: str, made_at: datetime, text: str, *, onto: FPDF | None = None
    ) -> None:
        pdf = onto or FPDF(format="A4")
        pdf.set_margins(MARGIN, MARGIN)
        pdf.set_auto_page_break(True, MARGIN)
        pdf.set_title(title)
        pdf.set_lang("zh-CN")
        pdf.set_creation_date(made_at)
        pdf.add_font("sans", fname=FONT_FILES[0])
        if any(font_file(letter) not in (None, FONT_FILES[0]) for letter in text):
            pdf.add_font("serif", fname=FONT_FILES[1])
            pdf.set_fallback_fonts(["serif"])
        pdf.add_page()
        self._pdf = pdf

    def write(self, text: str, points: float, colour: Colour = INK, indent: float = 0) -> None:
        """A paragraph in lines that end as Chinese lines do, over as many pages as it needs."""
        pdf = self._pdf
        pdf.set_font("sans", size=points)
        pdf.set_text_color(*colour)
        pdf.c_margin = 0
        height = points * POINT * LEADING
        for line in break_lines(text, (WIDTH - indent) / (points * POINT)):
            pdf.set_x(MARGIN + indent)
            pdf.cell(WIDTH - indent, height, line, new_x="LMARGIN", new_y="NEXT")

    def gap(self, height: float) -> None:
        """Nothing, `height` mm of it."""
        self._pdf.ln(height)

    def new_page(self) -> None:
        """What follows stands on a page of its own."""
        self._pdf.add_page()

    def heading(self, text: str) -> None:
        """The name of a section."""
        self.gap(4)
        self.write(text, 13, ACCENT)
        self.gap(1)

    def fact(self, label: str, value: str) -> None:
        """A label and, beside it, what it stands for."""
        pdf = self._pdf
        if pdf.will_page_break(11 * POINT * LEADING):
            pdf.add_page()
        top = pdf.get_y()
        self.write(label, 11, GREY)
        pdf.set_y(top)
        self.write(value, 11, INK, LABEL_WIDTH)

    def blank(self, label: str, height: float) -> None:
        """A label and a line to write or seal on, `height` mm below the last one."""
        pdf = self._pdf
        if pdf.will_page_break(height + 2):
            pdf.add_page()
        self.gap(height - 11 * POINT * LEADING)
        top = pdf.get_y()
        self.write(label, 11, GREY)
        line = top + 11 * POINT * LEADING
        pdf.set_draw_color(*GREY)
        pdf.line(MARGIN + LABEL_WIDTH * 1.5, line, MARGIN + WIDTH, line)

    def picture(self, content: bytes, width: float, height: float, words: str) -> None:
        """A drawing on white, at most `width` × `height` mm; `words` for those who do not see."""
        pdf = self._pdf
        with Image.open(io.BytesIO(content)) as opened:
            drawn = opened.convert("RGBA")
        drawn.thumbnail((SIGNATURE_PIXELS, SIGNATURE_PIXELS))
        ground = Image.new("RGBA", drawn.size, "white")
        ground.alpha_composite(drawn)
        scale = min(width / drawn.width, height / drawn.height)
        width, height = drawn.width * scale, drawn.height * scale
        if pdf.will_page_break(height):
            pdf.add_page()
        pdf.image(ground.convert("L"), MARGIN, pdf.get_y(), width, height, alt_text=words)
        pdf.set_y(pdf.get_y() + height)

    def done(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())
