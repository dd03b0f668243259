"""What a camera writes beside its picture: which way up, when, and whether it wrote where."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

from backend.domain.local_time import SHANGHAI

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
WHERE = {ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude}
EXIF_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True)
class Shot:
    """What a camera wrote, and how its picture must be turned to stand upright.

    `taken_at` is aware UTC. Where it was taken is of no use to us, so that only `has_place` is told
    and no coordinate ever leaves the picture (个人信息保护法 6).
    """

    turn: Image.Transpose | None = None
    taken_at: datetime | None = None
    has_place: bool = False


def read_shot(opened: Image.Image) -> Shot:
    """What stands beside the pixels; nothing of it when it cannot be read."""
    try:
        exif = opened.getexif()
        turn = TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
        taken_at = _taken_at(exif.get_ifd(ExifTags.IFD.Exif))
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        return Shot(turn, taken_at, gps.keys() >= WHERE)
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
