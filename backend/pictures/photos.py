"""Photos as they come from phones: checked by content, read, stripped of what they say about
whoever took them, turned upright and made smaller."""

import io
import re
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from backend.domain.errors import Refused, refuse
from backend.pictures.camera import read_shot
from backend.pictures.likeness import fingerprint
from backend.pictures.picture import FORMATS, Picture
from backend.pictures.whole import png_parts

# What a file says it holds is judged before anything is unpacked, by what unpacking costs. Of a
# JPEG only every second to eighth pixel is made, so that a phone's 108 megapixels pass. HEIC and
# JPEGs saved to appear step by step lie in memory whole: phones make 50 megapixels, opaque and with
# half the values for colour. PNG and WebP cost most; what phones make of them are screenshots, some
# 20 megapixels when they are long.
MOST_PIXELS = {"JPEG": 120_000_000, "HEIF": 52_000_000, "PNG": 30_000_000, "WEBP": 20_000_000}
MOST_VALUES_BY_STEPS = 78_000_000
SIDE_LIMIT = 20_000  # pixels; the panoramas of phones stay below
LONGEST_SIDE = 2560
NARROWEST = 1080  # pixels: as wide as most screens, so that long screenshots stay legible
QUALITY = 88
KEPT_LIMIT = 10 * 1024 * 1024  # bytes of what is kept

# MPO is a JPEG with further pictures behind it, as many phones write them; HEIF holds HEIC.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
}

# Eight bits each, as any phone shows them; with anything else a file is written anew.
PLAIN = ("L", "LA", "RGB", "RGBA")
SHOWN_AS_THEY_ARE = (*PLAIN, "1", "P")

# What a file may hold beside its pixels; anything else is cut out.
PNG_PARTS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs")
)
WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
JPEG_PARTS = re.compile(
    rb"APP0JFIF\0.{9}|APP2ICC_PROFILE\0.*|APP14Adobe.{7}", re.DOTALL
)  # a JFIF part of this length has no small picture in it

Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())  # Pillow's own alarm, above ours
register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def read_picture(content: bytes) -> Picture:
    """Decode a JPEG, PNG, WebP or HEIC whole and make it fit to be kept.

    Its bytes stay as they are unless something had to change. Raises Refused `upload_damaged`,
    `upload_too_large` (also for small files that unpack to something huge), and
    `upload_type_unsupported` for a picture that moves.
    """
    try:
        with Image.open(io.BytesIO(content), formats=list(MOST_PIXELS)) as opened:
            _check_measure(opened)
            return _kept(opened, content)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("图片的像素太多") from None
    except MemoryError:
        raise _too_large("图片打开后太大") from None
    except Exception:  # decoders fail in many ways on hostile bytes; all mean the same
        message = "图片不完整或已损坏，无法打开，请重新拍摄或导出后上传。"
        raise refuse("upload_damaged", message, "file") from None


def _check_measure(opened: Image.Image) -> None:
    pixels, longest = opened.width * opened.height, max(opened.size)
    most = MOST_PIXELS["JPEG" if opened.format == "MPO" else str(opened.format)]
    if opened.info.get("progressive"):
        most = int(MOST_VALUES_BY_STEPS / _values_of_a_pixel(opened))
    if opened.format == "HEIF" and opened.mode.endswith("A"):
        most //= 2
    if longest > SIDE_LIMIT:
        raise _too_large(f"图片的长边有{longest}像素，最多{SIDE_LIMIT}像素")
    if pixels > most:
        raise _too_large(f"图片约有{pixels // 10_000}万像素，这种图片最多{most // 10_000}万像素")
    if opened.format in ("PNG", "WEBP") and getattr(opened, "is_animated", False):
        message = "这是会动的图片，请截取要用的一幕，上传截图。"
        raise refuse("upload_type_unsupported", message, "file")


def _values_of_a_pixel(opened: Image.Image) -> float:
    """How many a JPEG keeps: three, or 1.5 when its colours have half its width and height."""
    shares: list[int] = [across * down for _, across, down, _ in getattr(opened, "layer", [])]
    return max(1.0, sum(shares) / max(shares, default=1))


def _too_large(why: str) -> Refused:
    message = f"{why}。请用手机相机的普通模式重拍，或打开图片截屏，再上传。"
    return refuse("upload_too_large", message, "file", kind="too_large")


def _kept(opened: Image.Image, content: bytes) -> Picture:
    media_type = MEDIA_TYPES[str(opened.format)]
    shot = read_shot(opened)
    small = _kept_size(opened) == opened.size
    bare = _bare(opened, content, media_type) and len(content) <= KEPT_LIMIT
    if small and bare and shot.turn is None:
        picture, written = opened, content
        picture.load()
    else:
        picture = _made_smaller(opened)
        picture = picture.transpose(shot.turn) if shot.turn is not None else picture
        as_it_came = media_type in FORMATS and (small or _see_through(picture))
        media_type = media_type if as_it_came else "image/jpeg"
        written = _written(picture, media_type)
        if len(written) > KEPT_LIMIT:
            media_type, written = "image/jpeg", _written(picture, "image/jpeg")
    return Picture(
        content=written,
        media_type=media_type,
        width=picture.width,
        height=picture.height,
        taken_at=shot.taken_at,
        has_place=shot.has_place,
        fingerprint=fingerprint(picture),
    )


def _kept_size(picture: Image.Image) -> tuple[int, int]:
    """LONGEST_SIDE at most, but not so small that the shorter side falls below NARROWEST."""
    shorter, longer = sorted(picture.size)
    scale = min(1.0, max(LONGEST_SIDE / longer, NARROWEST / shorter))
    return round(picture.width * scale), round(picture.height * scale)


def _made_smaller(opened: Image.Image) -> Image.Image:
    """Plain and of the size that is kept. A large JPEG is never unpacked at its full size, which is
    why it becomes plain only afterwards."""
    size = _kept_size(opened)
    picture = opened if opened.format in ("JPEG", "MPO") else _plain(opened)
    picture.thumbnail(size, Image.Resampling.LANCZOS, reducing_gap=1.0)
    return _plain(picture)


def _plain(picture: Image.Image) -> Image.Image:
    """The same to the eye in one of the PLAIN modes."""
    if picture.mode == "CMYK":
        return _on_screen(picture)
    if picture.mode.startswith("I"):  # 16 bits of grey, of which the upper eight are seen
        return picture.convert("I").point(lambda level: level / 257).convert("L")
    if "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa"):
        return picture.convert("RGBA")
    return picture if picture.mode in PLAIN else picture.convert("RGB")


def _on_screen(printed: Image.Image) -> Image.Image:
    """A printer's colours as its own profile says they look; roughly so when it has none."""
    profile = printed.info.pop("icc_profile", None)
    if profile is None:
        return printed.convert("RGB")
    try:
        inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(
            printed, inks, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (OSError, ImageCms.PyCMSError):
        return printed.convert("RGB")
    assert shown is not None
    shown.info.pop("icc_profile", None)
    return shown


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
    """Whether any phone shows the file as it is, and it holds nothing that its pixels do not need.

    Raises NotWhole for a PNG that is cut off.
    """
    if media_type == "image/png":
        return png_parts(content) <= PNG_PARTS and opened.mode in SHOWN_AS_THEY_ARE
    if media_type == "image/jpeg":
        notes = [name.encode() + note for name, note in getattr(opened, "applist", [])]
        ends = content.find(b"\xff\xd9") == len(content) - 2
        whole = opened.format == "JPEG" and ends and all(map(JPEG_PARTS.fullmatch, notes))
        one_head = sum(note.startswith(b"APP0") for note in notes) <= 1
        return whole and one_head and opened.mode in PLAIN
    parts = list(_webp_parts(content))
    return media_type in FORMATS and set(parts) <= WEBP_PARTS and len(set(parts)) == len(parts)


def _webp_parts(content: bytes) -> Iterator[bytes]:
    place = 12
    while place < len(content):
        yield content[place : place + 4]
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
