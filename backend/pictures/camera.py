"""What a camera writes beside its picture: which way up, when, where."""

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

from backend.domain.calendar import SHANGHAI

log = logging.getLogger(__name__)

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


@dataclass(frozen=True)
class Shot:
    """What a camera wrote, and how its picture must be turned to stand upright.

    `taken_at` is aware UTC, `place` degrees north and degrees east.
    """

    turn: Image.Transpose | None = None
    taken_at: datetime | None = None
    place: tuple[float, float] | None = None


def read_shot(opened: Image.Image) -> Shot:
    """What stands beside the pixels; nothing of it when it cannot be read."""
    try:
        exif = opened.getexif()
        turn = TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
        taken_at = _taken_at(exif.get_ifd(ExifTags.IFD.Exif))
        return Shot(turn, taken_at, _place(exif.get_ifd(ExifTags.IFD.GPSInfo)))
    except Exception as error:  # the pixels may be sound although what stands beside them is not
        log.info("what the camera wrote is unreadable: %s", type(error).__name__)
        return Shot()


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
