"""Pictures as phones take them, and signatures as fingers draw them."""

import io
from typing import Any

from PIL import ExifTags, Image, ImageDraw

GPS = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (28.0, 18.0, 36.0),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (109.0, 44.0, 6.0),
}


def lobby(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with something to see; every seed shows something else."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for place in range(12):
        x = (seed * 97 + place * 131) % (size[0] - 60)
        y = (seed * 53 + place * place * 37) % (size[1] - 50)
        shade = (seed * 41 + place * 67) % 256
        draw.rectangle((x, y, x + 60, y + 50), fill=(shade, shade, 255 - shade))
    return picture


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def by_camera(
    picture: Image.Image,
    turn: int = 1,
    taken: str | None = None,
    offset: str | None = None,
    place: dict[Any, Any] | None = None,
) -> bytes:
    """A JPEG with what a camera writes into it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    exif[ExifTags.Base.Model] = "Phone 1"
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    if taken:
        shot[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        shot[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    return saved(picture, exif=exif)


def drawn(*lines: list[tuple[int, int]], ground: tuple[int, ...] = (0, 0, 0, 0)) -> bytes:
    """A PNG as the signature field makes it: dark strokes on transparent ground."""
    field = Image.new("RGBA", (600, 240), ground)
    for line in lines:
        ImageDraw.Draw(field).line(line, fill=(20, 30, 60, 255), width=5)
    return saved(field, "PNG")
