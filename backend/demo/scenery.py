"""Photographs for the demo: a lobby wall with a notice on it, drawn, never the same twice."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
GRAIN = 16
WALLS = ((214, 205, 190), (190, 203, 205), (206, 214, 198), (222, 208, 204), (200, 200, 214))


def photograph(words: str, close: bool) -> bytes:
    """A JPEG of the place that `words` name: from some steps away, or with the notice filling it.

    The same words always make the same picture, other words another one.
    """
    chance = random.Random(words)  # noqa: S311 - scenery, not secrecy
    wall = chance.choice(WALLS)
    picture = _lit(wall, chance)
    draw = ImageDraw.Draw(picture)
    if not close:
        _lobby(draw, wall, chance)
    width = chance.randint(470, 560) if close else chance.randint(150, 200)
    height = int(width * 1.28) if not close else 640
    left = chance.randint(60, SIZE[0] - width - 60)
    top = chance.randint(20, 50) if close else chance.randint(120, 220)
    _notice(draw, (left, top, left + width, top + height), chance)
    tilted = picture.rotate(chance.uniform(-2.5, 2.5), Image.Resampling.NEAREST, fillcolor=wall)
    out = io.BytesIO()
    tilted.save(out, "JPEG", quality=80)
    return out.getvalue()


def _lit(wall: tuple[int, ...], chance: random.Random) -> Image.Image:
    """A wall with lamps and shadows on it: what tells one corner of a building from another."""
    coarse = (SIZE[0] // GRAIN, SIZE[1] // GRAIN)  # soft edges are drawn small and spread
    picture = Image.new("RGB", coarse, wall)
    for _ in range(6):
        glow = Image.new("L", coarse, 0)
        x, y = chance.randint(0, coarse[0]), chance.randint(0, coarse[1])
        reach = chance.randint(6, 20)
        ImageDraw.Draw(glow).ellipse((x - reach, y - reach, x + reach, y + reach), fill=170)
        shade = chance.choice(((255, 250, 235), (90, 88, 84)))
        picture.paste(shade, mask=glow.filter(ImageFilter.GaussianBlur(5)))
    return picture.resize(SIZE, Image.Resampling.BILINEAR)


def _lobby(draw: ImageDraw.ImageDraw, wall: tuple[int, ...], chance: random.Random) -> None:
    floor = chance.randint(560, 620)
    draw.rectangle((0, floor, SIZE[0], SIZE[1]), fill=tuple(part - 70 for part in wall))
    door = chance.randint(40, 620)
    draw.rectangle((door, 210, door + 260, floor), fill=(150, 156, 162), outline=(96, 100, 106))
    draw.line((door + 130, 210, door + 130, floor), fill=(96, 100, 106), width=4)
    draw.rectangle((door + 285, 360, door + 310, 430), fill=(70, 74, 80))


def _notice(
    draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], chance: random.Random
) -> None:
    left, top, right, bottom = box
    wide = right - left
    draw.rectangle(box, fill=(252, 252, 250), outline=(170, 170, 168), width=2)
    edge = left + wide // 10
    draw.rectangle(
        (edge, top + wide // 10, right - wide // 10, top + wide // 5), fill=(11, 110, 110)
    )
    line = top + wide * 3 // 10
    while line < bottom - wide // 3:
        length = chance.randint(wide // 2, wide * 4 // 5)
        draw.rectangle((edge, line, edge + length, line + wide // 50), fill=(120, 124, 128))
        line += wide // 16
    side = wide // 4
    for row in range(9):
        for column in range(9):
            if chance.random() < 0.5:
                x, y = edge + column * side // 9, bottom - wide * 3 // 10 + row * side // 9
                draw.rectangle((x, y, x + side // 9, y + side // 9), fill=(30, 32, 36))
