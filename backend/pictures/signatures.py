"""Handwritten signatures, as drawn on a phone."""

import io

from PIL import Image

INK = 128  # darker than this grey is ink


def is_signed(content: bytes) -> bool:
    """Whether a picture shows handwriting: neither nothing, nor a dot, nor all black.

    The ink must be found in an eighth of the picture's columns or rows. Transparent ground counts
    as white.
    """
    with Image.open(io.BytesIO(content)) as opened:
        drawn = opened.convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    ink = paper.convert("L").point(lambda grey: 255 if grey < INK else 0)
    columns, rows = ink.getprojection()
    stretch = max(sum(columns), sum(rows))
    black = ink.histogram()[255]
    return stretch >= max(ink.size) / 8 and black <= ink.width * ink.height / 2
