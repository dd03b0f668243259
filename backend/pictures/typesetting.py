"""Chinese typesetting: fonts and what they lack, line breaks, shrinking a text into its box.

Widths are counted in em (the size of the letters), so that a text is measured once for all sizes.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from PIL import Image, ImageFont

# The first that has a character draws it.
FONTS = Path(__file__).parent / "fonts"
FONT_FILES = tuple(str(FONTS / f"Noto{style}SC-Regular.otf") for style in ("Sans", "Serif"))
UNITS = 1000  # the size at which letters are measured
NOTHING_HERE = "\uffff"  # no font has it: what is drawn for it is the empty box
GETA = "〓"  # what Chinese and Japanese printers set for a letter they do not have

# 行首行尾禁则: what never begins a line, and what never ends one.
CLOSERS = "、。，．；：！？％‰℃）〕］｝〉》」』】〗’”…—·～,.;:!?%)]}»›"
HALF_BLANK = "、。，）〕］｝〉》」』】〗”"  # whose right half is empty
AFTER_HALF = HALF_BLANK + "；：？！"
OPENERS = "（〔［｛〈《「『【〖‘“￥$([{«‹"
# Letters and digits stay together, as in telephone numbers and codes.
RUN = r"[A-Za-z0-9\u00c0-\u024f]+(?:[-_./:@+#&*'][A-Za-z0-9\u00c0-\u024f]+)*"
UNBREAKABLE = re.compile(
    rf"[{re.escape(OPENERS)}]*(?:{RUN}|[^{re.escape(OPENERS)}]|\Z)[{re.escape(CLOSERS)}]*",
    re.DOTALL,
)
INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)

BASE_LINE = 0.88  # of Chinese letters, in em below their top
LEADING = 1.5  # height of a line in em
STEP = 0.96  # how much smaller the next try is
DENSE = 0.47  # share of ink in the box of letters like 龘, whose gaps would close
BOLD = 0.024  # how far bold letters are thickened, in em: the package has one weight


class DoesNotFit(Exception):
    """A text does not fit into its box even at the smallest size."""

    def __init__(self, text: str) -> None:
        super().__init__(f"does not fit: {text[:40]}")
        self.text = text


@dataclass(frozen=True)
class Block:
    """Lines of one size (mm), each not wider than it was set for; `height` in mm."""

    lines: tuple[str, ...]
    size: float
    leading: float = LEADING

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * self.leading


@lru_cache(maxsize=512)
def _font(file: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=len(FONT_FILES))
def _empty_box(file: str) -> bytes:
    return bytes(_font(file, UNITS // 10).getmask(NOTHING_HERE))


@lru_cache(maxsize=16384)
def font_file(letter: str) -> str | None:
    """The font that has this letter; None when none has."""
    for file in FONT_FILES:
        if bytes(_font(file, UNITS // 10).getmask(letter)) != _empty_box(file):
            return file
    return None


@lru_cache(maxsize=16384)
def advance(letter: str) -> float:
    """How far the pen moves for one letter, in em."""
    return _font(font_file(letter) or FONT_FILES[0], UNITS).getlength(letter) / UNITS


def advances(line: str) -> list[float]:
    """How far the pen moves for each letter of a line, in em; bold letters are as wide as light
    ones. A full-width mark gives up its blank half before another mark (标点挤压)."""
    return [
        advance(letter) - (0.5 if letter in HALF_BLANK and following in AFTER_HALF else 0)
        for letter, following in zip_longest(line, line[1:], fillvalue="字")
    ]


def width_of(text: str) -> float:
    """The width of a line in em."""
    return sum(advances(text))


@lru_cache(maxsize=8192)
def glyph(letter: str, pixels: int, bold: bool) -> tuple[Image.Image, int, int] | None:
    """The letter's coverage (mode L) and where it lies from the top left of its em; None: blank."""
    font = _font(font_file(letter) or FONT_FILES[0], pixels)
    mask, (left, top) = font.getmask2(
        letter,
        mode="L",
        stroke_width=_thickening(font, letter) * pixels if bold else 0,
        stroke_filled=True,
        anchor="ls",
    )
    picture = Image.frombytes("L", mask.size, bytes(mask))
    if picture.getbbox() is None:
        return None
    return picture, left, top + round(BASE_LINE * pixels)


def _thickening(font: ImageFont.FreeTypeFont, letter: str) -> float:
    """How far the outline of a bold letter moves, in em: less where strokes stand close."""
    inked = bytes(font.getmask(letter, mode="L"))
    share = sum(inked) / 255 / len(inked) if inked else 0
    return BOLD * min(1.0, max(0.25, (DENSE - share) * 8))


def legible(text: str) -> tuple[str, str]:
    """The text as it can be set, and the letters that no font has, which became 〓.

    Controls and marks that nobody sees are dropped; line breaks stay.
    """
    missing = []
    letters = []
    for letter in INVISIBLE.sub("", unicodedata.normalize("NFC", text)):
        if letter == "\n":
            letters.append(letter)
        elif letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf"):
            letters.append(" ")
        elif font_file(letter) is None:
            missing.append(letter)
            letters.append(GETA)
        else:
            letters.append(letter)
    return "".join(letters), "".join(dict.fromkeys(missing))


def break_lines(text: str, ems: float) -> list[str]:
    """The lines of a text, none wider than `ems`; no punctuation at the wrong end of a line.

    Only what is wider than a whole line is cut where it need not be. Raises DoesNotFit when not
    even one letter fits.
    """
    lines = []
    for paragraph in text.split("\n"):
        lines += _filled(_units(paragraph, ems), ems)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _units(paragraph: str, ems: float) -> Iterator[tuple[str, float]]:
    for found in UNBREAKABLE.finditer(paragraph):
        unit = found[0]
        width = width_of(unit)
        if width <= ems:
            yield unit, width
            continue
        for letter in unit:
            if advance(letter) > ems:
                raise DoesNotFit(unit)
            yield letter, advance(letter)


def _filled(units: Iterable[tuple[str, float]], ems: float) -> list[str]:
    lines = []
    line, used = "", 0.0
    for unit, width in units:
        if used + width > ems + 1e-9:
            lines.append(line.rstrip(" "))
            line, used = "", 0.0
        if line or unit != " ":
            line += unit
            used += width
    return [*lines, line.rstrip(" ")]


def set_at(text: str, width: float, size: float, leading: float = LEADING) -> Block:
    """A legible text in lines of `width` mm with letters of `size` mm. Raises DoesNotFit."""
    return Block(tuple(break_lines(text, width / size)), size, leading)


def fit(
    text: str,
    width: float,
    height: float,
    largest: float,
    smallest: float,
    leading: float = LEADING,
) -> Block:
    """The text at the largest size (mm) at which it fits into the box. Raises DoesNotFit."""
    size = largest
    while True:
        block = _try(text, width, max(size, smallest), leading)
        if block is not None and block.height <= height + 1e-9:
            return block
        if size <= smallest:
            raise DoesNotFit(text)
        size *= STEP


def largest_that_fits(
    pairs: Sequence[tuple[str, str]],
    widths: tuple[float, float],
    height: float,
    sizes: tuple[float, float],
    gap: float,
) -> list[tuple[Block, Block]]:
    """Labels and their texts side by side, all at one size between `sizes` (largest, smallest).

    `gap` is the room after each in em. Raises DoesNotFit when they are higher than `height`.
    """
    size, smallest = sizes
    while True:
        size = max(size, smallest)
        blocks = [
            (set_at(label, widths[0], size, 1.4), set_at(text, widths[1], size, 1.4))
            for label, text in pairs
        ]
        if sum(max(label.height, text.height) + gap * size for label, text in blocks) <= height:
            return blocks
        if size == smallest:
            raise DoesNotFit(pairs[0][1])
        size *= STEP


def _try(text: str, width: float, size: float, leading: float) -> Block | None:
    try:
        return set_at(text, width, size, leading)
    except DoesNotFit:
        return None
