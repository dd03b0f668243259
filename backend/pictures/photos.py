"""Photos as they come from phones: checked by content, read, stripped of what they say about
whoever took them, turned upright and made smaller; and told apart by what they show."""

import io
import logging
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from statistics import median
from typing import Any

from PIL import ExifTags, Image

from backend.domain.calendar import SHANGHAI
from backend.domain.errors import Refused, refuse

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

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
EXIF_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")

FINGERPRINT_SIDE = 32
FINGERPRINT_BITS = 64
FLAT = 12.0  # grey levels of spread below which a picture shows too little to be told apart
ALIKE = 2  # bits in which two copies of one picture may differ; two shots differ in more

INK = 128  # darker than this grey is ink


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
    shot = _shot(opened)
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


# --- what the camera wrote ---


@dataclass(frozen=True)
class _Shot:
    """What a camera wrote, and how its picture must be turned to stand upright."""

    turn: Image.Transpose | None = None
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None


def _shot(opened: Image.Image) -> _Shot:
    try:
        exif = opened.getexif()
        turn = TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
        taken_at = _taken_at(exif.get_ifd(ExifTags.IFD.Exif))
        return _Shot(turn, taken_at, _place(exif.get_ifd(ExifTags.IFD.GPSInfo)))
    except Exception as error:  # the pixels may be sound although what stands beside them is not
        log.info("what the camera wrote is unreadable: %s", type(error).__name__)
        return _Shot()


def _taken_at(shot: Mapping[int, Any]) -> datetime | None:
    """When the shutter went, in the camera's own zone or else in Shanghai's."""
    found = EXIF_TIME.fullmatch(_words(shot.get(ExifTags.Base.DateTimeOriginal)))
    if found is None:
        return None
    offset = EXIF_OFFSET.fullmatch(_words(shot.get(ExifTags.Base.OffsetTimeOriginal)))
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        zone = _zone(offset) if offset else SHANGHAI
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(offset: re.Match[str]) -> timezone:
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return timezone(-away if offset[1] == "-" else away)


def _words(value: object) -> str:
    return value.strip("\0 ") if isinstance(value, str) else ""


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    try:
        north = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S")
        east = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    usable = math.isfinite(north) and math.isfinite(east) and abs(north) <= 90 and abs(east) <= 180
    return (north, east) if usable else None


def _degrees(parts: Any, side: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    size = degrees + minutes / 60 + seconds / 3600
    return -size if str(side).strip("\0 ").upper() == negative else size


# --- telling pictures apart ---


def fingerprint(picture: Image.Image) -> int | None:
    """What a picture shows in 64 signed bits: whether each slow wave of its grey is above the
    median of them all. Copies of a picture, scaled or saved anew, differ in few bits."""
    side = FINGERPRINT_SIDE
    small = picture.convert("RGB").convert("L").resize((side, side), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    mean = sum(grey) / len(grey)
    if math.sqrt(sum((level - mean) ** 2 for level in grey) / len(grey)) < FLAT:
        return None
    rows = [_waves(grey[row * side : (row + 1) * side]) for row in range(side)]
    columns = [_waves([row[wave] for row in rows]) for wave in range(8)]
    waves = [level for column in columns for level in column]
    middle = median(waves[1:])
    bits = sum(1 << place for place, level in enumerate(waves) if level > middle)
    return bits - (1 << FINGERPRINT_BITS) if bits >> (FINGERPRINT_BITS - 1) else bits


def alike(one: int, other: int) -> bool:
    """Whether two fingerprints are of the same picture, perhaps saved anew."""
    return ((one ^ other) & ((1 << FINGERPRINT_BITS) - 1)).bit_count() <= ALIKE


def _waves(levels: Sequence[float]) -> list[float]:
    """The eight slowest waves of a row of levels (discrete cosine transform)."""
    return [
        sum(level * factor for level, factor in zip(levels, wave, strict=True))
        for wave in _cosines()
    ]


@cache
def _cosines() -> list[list[float]]:
    side = FINGERPRINT_SIDE
    return [
        [math.cos(math.pi * wave * (2 * place + 1) / (2 * side)) for place in range(side)]
        for wave in range(8)
    ]


# --- signatures ---


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
