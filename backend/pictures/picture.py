"""What is kept of a picture that was handed in."""

from dataclasses import dataclass
from datetime import datetime

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}  # what is kept


@dataclass(frozen=True)
class Picture:
    """A picture to be kept: its bytes without anything but pixels, upright and not too large.

    HEIC and large photos of any type are kept as JPEG, since that is small and any phone shows it.
    `taken_at` (aware) is what the camera wrote, None when it wrote nothing usable; `has_place`
    whether it wrote where. A flat picture has no `fingerprint` (signed, 64 bits).
    """

    content: bytes
    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    has_place: bool
    fingerprint: int | None
