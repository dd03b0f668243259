"""Photos as they come from phones: checked by content, read, stripped of what they say about
whoever took them, turned upright and made smaller."""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image

from backend.domain.errors import Refused, refuse
from backend.pictures.camera import read_shot
from backend.pictures.likeness import fingerprint

log = logging.getLogger(__name__)

PIXEL_LIMIT = 50_000_000
SIDE_LIMIT = 20_000  # pixels; the panoramas of phones stay below
LONGEST_SIDE = 2560
QUALITY = 88

# MPO is a JPEG with further pictures behind it, as many phones write them.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}

# What a file may hold beside its pixels; anything else is cut out.
PNG_PARTS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs")
)
WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
JPEG_NOTES = re.compile(r"APP(?!0$|2$|14$)\d+|COM")


@dataclass(frozen=True)
class Picture:
    """A picture to be kept: its bytes without anything but pixels, upright and not too large.

    `taken_at` (aware) and `place` (degrees north, degrees east) are what the camera wrote, None
    when it wrote nothing usable. A flat picture has no `fingerprint` (signed, 64 bits).
    """

    content: bytes
    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    place: tuple[float, float] | None
    fingerprint: int | None


def read_picture(content: bytes) -> Picture:
    """Decode a JPEG, PNG or WebP whole and make it fit to be kept.

    Its bytes stay as they are unless something had to change. Raises Refused `upload_damaged`,
    `upload_too_large` (also for small files that unpack to something huge).
    """
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as opened:
            if max(opened.size) > SIDE_LIMIT or opened.width * opened.height > PIXEL_LIMIT:
                raise _too_large()
            return _kept(opened, content)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception as error:  # decoders fail in many ways on hostile bytes; all mean the same
        log.info("picture refused: %s", type(error).__name__)
        message = "图片不完整或已损坏，无法打开，请重新拍摄或导出后上传。"
        raise refuse("upload_damaged", message, "file") from None


def _too_large() -> Refused:
    message = "图片超过 5000 万像素或边长超过 20000 像素，请缩小后再上传。"
    return refuse("upload_too_large", message, "file", kind="too_large")


def _kept(opened: Image.Image, content: bytes) -> Picture:
    media_type = MEDIA_TYPES[str(opened.format)]
    shot = read_shot(opened)
    small = max(opened.size) <= LONGEST_SIDE
    if small and shot.turn is None and _bare(opened, content, media_type):
        picture, kept = opened, content
        picture.load()
    else:
        picture = _made_smaller(opened)
        picture = picture.transpose(shot.turn) if shot.turn is not None else picture
        kept = _written(picture, media_type)
    return Picture(
        content=kept,
        media_type=media_type,
        width=picture.width,
        height=picture.height,
        taken_at=shot.taken_at,
        place=shot.place,
        fingerprint=fingerprint(picture),
    )


def _made_smaller(opened: Image.Image) -> Image.Image:
    """Not larger than LONGEST_SIDE. A large JPEG is never unpacked at its full size."""
    if opened.format in ("PNG", "WEBP") and opened.mode not in ("L", "LA", "RGB", "RGBA"):
        see_through = "transparency" in opened.info or opened.mode.endswith(("A", "a"))
        opened = opened.convert("RGBA" if see_through else "RGB")
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return opened


def _written(picture: Image.Image, media_type: str) -> bytes:
    """The pixels and their colour space, and nothing else."""
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    out = io.BytesIO()
    options: dict[str, Any] = {} if media_type == "image/png" else {"quality": QUALITY}
    profile = picture.info.get("icc_profile")
    fresh.save(out, FORMATS[media_type], icc_profile=profile, optimize=True, **options)
    return out.getvalue()


def _bare(opened: Image.Image, content: bytes, media_type: str) -> bool:
    """Whether the file holds one picture and nothing that its pixels do not need."""
    if media_type == "image/jpeg":
        notes = [name for name, _ in getattr(opened, "applist", [])]
        ends = content.find(b"\xff\xd9") == len(content) - 2
        return opened.format == "JPEG" and ends and not any(map(JPEG_NOTES.fullmatch, notes))
    parts = set(_png_parts(content) if media_type == "image/png" else _webp_parts(content))
    return parts <= (PNG_PARTS if media_type == "image/png" else WEBP_PARTS)


def _png_parts(content: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(content):
        yield content[place + 4 : place + 8]
        place += 12 + int.from_bytes(content[place : place + 4], "big")


def _webp_parts(content: bytes) -> Iterator[bytes]:
    place = 12
    while place < len(content):
        yield content[place : place + 4]
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
