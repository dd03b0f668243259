"""A sheet as phones see it: aslant, in the dark, from afar, copied. The same every time."""

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageFilter

Matrix = Sequence[Sequence[float]]

WALL = 200
PAGE = 440  # pixels across when a phone looks straight at the sheet and has it whole in view
AWAY = 2.5  # how many widths of the sheet the phone is away
FINE = 4  # how many rays a pixel of the phone gathers, across and down


def small(sheet: Image.Image, across: int = PAGE) -> Image.Image:
    """The sheet straight ahead, `across` pixels wide, on a wall."""
    size = (across, round(sheet.height * across / sheet.width))
    page = sheet.convert("L").resize(size, Image.Resampling.BOX)
    seen = Image.new("L", (round(across * 1.3), round(size[1] * 1.2)), WALL)
    seen.paste(page, ((seen.width - across) // 2, (seen.height - size[1]) // 2))
    return seen


def aslant(sheet: Image.Image, sideways: float, upwards: float) -> Image.Image:
    """The sheet turned away by so many degrees, about its upright and its level axis."""
    page = small(sheet, PAGE * FINE)
    a, b = math.radians(sideways), math.radians(upwards)
    away = AWAY * PAGE * FINE
    # Where the sheet's own axes point: x to the right, y down, z away from the phone.
    turned = [
        (math.cos(a), 0.0, 0.0),
        (math.sin(b) * math.sin(a), math.cos(b), 0.0),
        (math.cos(b) * math.sin(a) / away, -math.sin(b) / away, 1.0),
    ]
    size = (round(PAGE * 1.4) * FINE, round(PAGE * 1.9) * FINE)
    # From a point of what is seen, counted from its corner, to one of the sheet.
    middle = [(1.0, 0.0, -size[0] / 2), (0.0, 1.0, -size[1] / 2), (0.0, 0.0, 1.0)]
    corner = [(1.0, 0.0, page.width / 2), (0.0, 1.0, page.height / 2), (0.0, 0.0, 1.0)]
    back = _times(_times(corner, _inverse(turned)), middle)
    coefficients = [value / back[2][2] for row in back for value in row][:8]
    seen = page.transform(
        size,
        Image.Transform.PERSPECTIVE,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=WALL,
    )
    return seen.reduce(FINE)


def dark(sheet: Image.Image) -> Image.Image:
    """A lobby without a lamp: a tenth of the light, and the grain of the sensor."""
    page = small(sheet)
    grain = Image.frombytes("L", page.size, random.Random(1).randbytes(page.width * page.height))
    dim = page.point(lambda level: 8 + level // 10)
    return ImageChops.add(dim, grain.point(lambda level: level // 16))


def copied(sheet: Image.Image) -> Image.Image:
    """A copy of a copy: black or white, and a little thick."""
    page = small(sheet, PAGE * 2).filter(ImageFilter.MinFilter(3))
    return page.point(lambda level: 255 if level > 127 else 0)


VIEWS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "straight": small,
    "30° from the side": lambda sheet: aslant(sheet, 30, 0),
    "60° from the left": lambda sheet: aslant(sheet, -60, 0),
    "60° from the right": lambda sheet: aslant(sheet, 60, 0),
    "60° from below": lambda sheet: aslant(sheet, 0, 60),
    "30° from the side and below": lambda sheet: aslant(sheet, 30, 30),
    "in the dark": dark,
    "from afar": lambda sheet: small(sheet, 250),
    "copied": copied,
}


def _times(one: Matrix, other: Matrix) -> Matrix:
    return [
        tuple(
            sum(a * b for a, b in zip(row, column, strict=True))
            for column in zip(*other, strict=True)
        )
        for row in one
    ]


def _inverse(rows: Matrix) -> Matrix:
    """Of a 3×3 matrix, up to a factor: its adjugate."""
    (a, b, c), (d, e, f), (g, h, i) = rows
    return [
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    ]
