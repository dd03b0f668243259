"""QR codes, made for posters; `code_reader` reads them back."""

from functools import lru_cache

from PIL import Image, ImageDraw
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

from backend.pictures.typesetting import glyph

LEAST_PIXELS = 6  # of a module: half a millimetre at 300 dpi, which a shaky hand still reads
QUIET = 4  # modules of white around a code, as the standard asks
# Level Q repairs a quarter of the words, and its modules are a tenth larger than those of level H,
# which repairs 30 %: aslant and from afar that counts more. The mark in the middle, in widths of
# the code without its white margin, hides 4 % of the area.
MARK = 0.2
MARK_LETTER = "梯"


@lru_cache(maxsize=64)
def code_image(text: str, side: int) -> Image.Image:
    """A code for `text` with its white margin, black on white (mode L), at most `side` pixels wide:
    every module has the same whole number of pixels. Raises ValueError when the text is too long
    for that.
    """
    rows = _modules(text)
    scale = side // len(rows)
    if scale < LEAST_PIXELS:
        raise ValueError(f"a code of {len(rows)} modules does not fit into {side} pixels")
    image = Image.new("L", (len(rows), len(rows)), 255)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    image = image.resize((len(rows) * scale, len(rows) * scale), Image.Resampling.NEAREST)
    _draw_mark(image, (len(rows) - 2 * QUIET) * scale, scale)
    return image


@lru_cache(maxsize=64)
def code_path(text: str) -> tuple[int, str]:
    """The same code for a page: how many modules it is wide, and the dark ones as the path of an
    SVG in these units. Raises ValueError when the text is too long for any code.
    """
    rows = _modules(text)
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return len(rows), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)


def _modules(text: str) -> list[list[bool]]:
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
    code.add_data(text)
    try:
        code.make()
    except DataOverflowError:
        raise ValueError(f"no code holds {len(text)} characters") from None
    rows: list[list[bool]] = code.get_matrix()
    return rows


def _draw_mark(image: Image.Image, inner: int, scale: int) -> None:
    """A white square with a dark one in it, and the letter in that."""
    middle = image.width / 2
    half = inner * MARK / 2
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle([middle - half, middle - half, middle + half, middle + half], scale, 255)
    half -= scale * 0.6
    draw.rounded_rectangle([middle - half, middle - half, middle + half, middle + half], scale, 0)
    pixels = round(half * 1.5)
    drawn = glyph(MARK_LETTER, pixels, True)
    if drawn is not None:
        mask, left, top = drawn
        at = round(middle - pixels / 2)
        image.paste(255, (at + left, at + top), mask)
