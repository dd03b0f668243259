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
KEPT_LIMIT = 10 * 1024 * 1024  # bytes of what is kept

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
JPEG_PARTS = re.compile(
    rb"APP0JFIF\0.{9}|APP2ICC_PROFILE\0.*|APP14Adobe.{7}", re.DOTALL
)  # a JFIF part of this length has no small picture in it


@dataclass(frozen=True)
class Picture:
    """A picture to be kept: its bytes without anything but pixels, upright and not too large.

    A large one may be kept as a JPEG although it `came_as` another type, since photos are small so.
    `taken_at` (aware) is what the camera wrote, None when it wrote nothing usable; `has_place`
    whether it wrote where. A flat picture has no `fingerprint` (signed, 64 bits).
    """

    content: bytes
    media_type: str
    came_as: str
    width: int
    height: int
    taken_at: datetime | None
    has_place: bool
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
    came_as = media_type = MEDIA_TYPES[str(opened.format)]
    shot = read_shot(opened)
    small = max(opened.size) <= LONGEST_SIDE
    if small and shot.turn is None and _bare(opened, content, media_type):
        picture, kept = opened, content
        picture.load()
    else:
        picture = _made_smaller(opened)
        picture = picture.transpose(shot.turn) if shot.turn is not None else picture
        media_type = media_type if small or _see_through(picture) else "image/jpeg"
        kept = _written(picture, media_type)
        if len(kept) > KEPT_LIMIT:
            media_type, kept = "image/jpeg", _written(picture, "image/jpeg")
    return Picture(
        content=kept,
        media_type=media_type,
        came_as=came_as,
        width=picture.width,
        height=picture.height,
        taken_at=shot.taken_at,
        has_place=shot.has_place,
        fingerprint=fingerprint(picture),
    )


def _made_smaller(opened: Image.Image) -> Image.Image:
    """Not larger than LONGEST_SIDE. A large JPEG is never unpacked at its full size."""
    if opened.format in ("PNG", "WEBP") and opened.mode not in ("L", "LA", "RGB", "RGBA"):
        see_through = "transparency" in opened.info or opened.mode.endswith(("A", "a"))
        opened = opened.convert("RGBA" if see_through else "RGB")
    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return opened


def _see_through(picture: Image.Image) -> bool:
    """Whether any pixel is; signatures are."""
    return picture.mode.endswith("A") and picture.getchannel("A").histogram()[255] < (
        picture.width * picture.height
    )


def _written(picture: Image.Image, media_type: str) -> bytes:
    """The pixels and their colour space, and nothing else; a JPEG has white ground."""
    if media_type == "image/jpeg" and picture.mode.endswith("A"):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        ground.info = picture.info
        picture = ground.convert("RGB")
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
        notes = [name.encode() + note for name, note in getattr(opened, "applist", [])]
        ends = content.find(b"\xff\xd9") == len(content) - 2
        whole = opened.format == "JPEG" and ends and all(map(JPEG_PARTS.fullmatch, notes))
        return whole and sum(note.startswith(b"APP0") for note in notes) <= 1
    if media_type == "image/png":
        return set(_png_parts(content)) <= PNG_PARTS
    parts = list(_webp_parts(content))
    return set(parts) <= WEBP_PARTS and len(set(parts)) == len(parts)


def _png_parts(content: bytes) -> Iterator[bytes]:
    """The names of a PNG's parts; whatever follows its end is one without a name."""
    place, name = 8, b""
    while place < len(content):
        if name == b"IEND":
            yield b""
            return
        name = content[place + 4 : place + 8]
        yield name
        place += 12 + int.from_bytes(content[place : place + 4], "big")


def _webp_parts(content: bytes) -> Iterator[bytes]:
    place = 12
    while place < len(content):
        yield content[place : place + 4]
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
