"""A sheet of paper to be printed at 300 dpi, drawn in few colours.

Every ink lies on a ground of its own and owns SHADES places of the palette, from the bare ground to
the full ink. So letters keep their smooth edges, and the picture is a palette picture from the
first stroke: nothing has to be counted or converted at the end. Lengths are in millimetres from the
top left of the trimmed sheet.
"""

from enum import IntEnum
from functools import lru_cache

from PIL import Image, ImageDraw

from backend.pictures.codes import code_image
from backend.pictures.text_layer import Line
from backend.pictures.typesetting import LEADING, Block, advances, fit, glyph, legible, width_of

DPI = 300
MM_PER_INCH = 25.4
BLEED_MM = 3
SHADES = 16

MOST_NAMED = 6  # letters that no font has, named at the foot of a sheet

Box = tuple[float, float, float, float]  # left, top, right, bottom

# Where a box's spare room goes, across and down: 0 after the text, 0.5 around it, 1 before it.
Within = tuple[float, float]
TOP_LEFT: Within = (0, 0)
MIDDLE: Within = (0, 0.5)
CENTRE: Within = (0.5, 0.5)
RIGHT_MIDDLE: Within = (1, 0.5)


class Ink(IntEnum):
    """An ink on its ground."""

    TEXT = 0
    QUIET = 1
    ACCENT = 2
    ON_ACCENT = 3
    QUIET_ON_ACCENT = 4
    ALARM = 5
    ALARM_TEXT = 6
    PALE_TEXT = 7
    PALE_ACCENT = 8
    PALE_QUIET = 9
    AMBER_TEXT = 10
    LINE = 11


WHITE, DARK, GREY = "#ffffff", "#1d2129", "#55606e"
TEAL, PALE, RED, ROSE = "#0b6e6e", "#eef5f4", "#b3261e", "#fdf0ee"
COLOURS = {
    Ink.TEXT: (DARK, WHITE),
    Ink.QUIET: (GREY, WHITE),
    Ink.ACCENT: (TEAL, WHITE),
    Ink.ON_ACCENT: (WHITE, TEAL),
    Ink.QUIET_ON_ACCENT: ("#d5e8e6", TEAL),
    Ink.ALARM: (RED, ROSE),
    Ink.ALARM_TEXT: (DARK, ROSE),
    Ink.PALE_TEXT: (DARK, PALE),
    Ink.PALE_ACCENT: (TEAL, PALE),
    Ink.PALE_QUIET: (GREY, PALE),
    Ink.AMBER_TEXT: ("#7a4a00", "#fff4e0"),
    Ink.LINE: ("#c9d2d6", WHITE),
}


SOLID = [0] + [255] * 255  # whatever is covered at all


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def palette() -> list[int]:
    """Red, green, blue of every place, ink by ink, from the ground to the ink."""
    values = []
    for ink in Ink:
        full, ground = map(_rgb, COLOURS[ink])
        for shade in range(SHADES):
            values += [
                round(g + (f - g) * shade / (SHADES - 1)) for f, g in zip(full, ground, strict=True)
            ]
    return values


@lru_cache(maxsize=64)
def _places(ink: Ink, dark_is_ink: bool) -> list[int]:
    """Coverage (or darkness) 0–255 → the place in the palette."""
    levels = range(256) if not dark_is_ink else range(255, -1, -1)
    return [ink * SHADES + round(level * (SHADES - 1) / 255) for level in levels]


@lru_cache(maxsize=8192)
def _inked(
    letter: str, pixels: int, bold: bool, ink: Ink
) -> tuple[Image.Image, Image.Image, int, int] | None:
    """The letter in places of the palette, what of it to paint, and where it lies; None: blank."""
    drawn = glyph(letter, pixels, bold)
    if drawn is None:
        return None
    mask, left, down = drawn
    return _as_places(mask.point(_places(ink, False))), mask.point(SOLID), left, down


def _as_places(image: Image.Image) -> Image.Image:
    return Image.frombytes("P", image.size, image.tobytes())


class OffTheSheet(Exception):
    """Something was drawn outside its box: a mistake of the layout."""


class PosterSheet:
    """A sheet `width` × `height` mm, with 3 mm more on every side when it is printed to the edge.

    `scale` enlarges everything: what is laid out for A4 is drawn on A3 with 1.414. `missing` are
    the letters that no font has. `codes` are the texts of the codes on it, `lines` everything that
    was written, in the order of reading and in the millimetres of the enlarged sheet.
    """

    def __init__(self, width: float, height: float, bleed: bool, scale: float = 1.0) -> None:
        self.width, self.height, self.scale = width, height, scale
        self.bleed = BLEED_MM if bleed else 0
        self.missing = ""
        self.codes: list[str] = []
        self.lines: list[Line] = []
        size = [round(self._dots(side * scale + 2 * self.bleed)) for side in (width, height)]
        self.image = Image.new("P", (size[0], size[1]), Ink.TEXT * SHADES)
        self.image.putpalette(palette())
        self._draw = ImageDraw.Draw(self.image)

    @staticmethod
    def _dots(mm: float) -> float:
        return mm * DPI / MM_PER_INCH

    def _at(self, mm: float) -> int:
        return round(self._dots(mm * self.scale + self.bleed))

    def fill(self, box: Box, ink: Ink, radius: float = 0, full: bool = False) -> None:
        """A box of the ink's ground, or of the `full` ink. A box that reaches the edge of the sheet
        goes on into the bleed."""
        colour = ink * SHADES + (SHADES - 1 if full else 0)
        left, top, right, bottom = box
        beyond = self.bleed / self.scale + 1 if self.bleed else 0
        corners = [
            self._at(left - beyond if left <= 0 else left),
            self._at(top - beyond if top <= 0 else top),
            self._at(right + beyond if right >= self.width else right) - 1,
            self._at(bottom + beyond if bottom >= self.height else bottom) - 1,
        ]
        self._draw.rounded_rectangle(corners, self._dots(radius * self.scale), fill=colour)

    def rule(self, left: float, right: float, y: float, ink: Ink = Ink.LINE) -> None:
        """A thin line."""
        self.fill((left, y, right, y + 0.25), ink, full=True)

    def legible(self, text: str) -> str:
        """The text as it can be set; remembers what no font has."""
        text, missing = legible(text)
        self.missing = "".join(dict.fromkeys(self.missing + missing))
        return text

    def write(
        self,
        text: str,
        box: Box,
        sizes: tuple[float, float],
        ink: Ink,
        *,
        bold: bool = False,
        within: Within = TOP_LEFT,
        leading: float = LEADING,
    ) -> float:
        """Set a text into a box as large as `sizes` (largest, smallest) allow; where it ends (mm).

        Raises DoesNotFit.
        """
        left, top, right, bottom = box
        block = fit(self.legible(text), right - left, bottom - top, *sizes, leading)
        across, down = within
        top += (bottom - top - block.height) * down
        self.place(block, left, right, top, ink, bold=bold, align=across)
        return top + block.height

    def place(
        self,
        block: Block,
        left: float,
        right: float,
        top: float,
        ink: Ink,
        *,
        bold: bool = False,
        align: float = 0,
    ) -> None:
        """Draw lines that were set before, between `left` and `right`; `align` as in `Within`."""
        gap = block.size * (block.leading - 1) / 2
        for number, line in enumerate(block.lines):
            y = top + number * block.size * block.leading + gap
            spare = right - left - width_of(line) * block.size
            if spare < -1e-6 or y + block.size > self.height or top < 0:
                raise OffTheSheet(line)
            x = left + spare * align
            self.lines.append(Line(line, *(mm * self.scale for mm in (x, y, block.size))))
            self._line(line, x, y, block.size, ink, bold)

    def _line(self, line: str, x: float, y: float, size: float, ink: Ink, bold: bool) -> None:
        pixels = max(1, round(self._dots(size * self.scale)))
        em = self._dots(size * self.scale)
        pen, top = self._dots(x * self.scale + self.bleed), self._at(y)
        for letter, forward in zip(line, advances(line), strict=True):
            inked = _inked(letter, pixels, bold, ink)
            if inked is not None:
                picture, solid, left, down = inked
                self.image.paste(picture, (round(pen) + left, top + down), solid)
            pen += forward * em

    def code(self, text: str, left: float, top: float, side: float) -> None:
        """A QR code on white in a box `side` mm wide, its white margin included."""
        pixels = int(self._dots(side * self.scale))
        picture = code_image(text, pixels)
        spare = (pixels - picture.width) // 2
        inked = _as_places(picture.point(_places(Ink.TEXT, True)))
        self.image.paste(inked, (self._at(left) + spare, self._at(top) + spare))
        self.codes.append(text)


def with_missing(sheet: PosterSheet, text: str) -> str:
    """The text, and what the 〓 on this sheet stand for, if there are any."""
    if not sheet.missing:
        return text
    points = "、".join(f"U+{ord(letter):X}" for letter in sheet.missing[:MOST_NAMED])
    more = "等" if len(sheet.missing) > MOST_NAMED else ""
    return f"{text}\n〓处的字（{points}{more}）字库里没有，请手写补上。"
