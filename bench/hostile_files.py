"""Small files that cost much to open: sizes that lie, bombs, and pictures of more than one."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

register_heif_opener()

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by colour type
START = b"\x89PNG\r\n\x1a\n"


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this kind."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def part(name: bytes, said: bytes) -> bytes:
    """One part of a PNG."""
    checksum = zlib.crc32(name + said).to_bytes(4, "big")
    return len(said).to_bytes(4, "big") + name + said + checksum


def png(
    size: tuple[int, int], colours: int, bits: int = 8, passes: int = 0, extra: bytes = b""
) -> bytes:
    """A whole PNG of zeros, some thousandth of what it unpacks to."""
    width, height = size
    head = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, passes)
    engine, rows = zlib.compressobj(9), []
    row = bytes(1 + (width * CHANNELS[colours] * bits + 7) // 8)
    rows = [engine.compress(row) for _ in range(height + 8 * bool(passes))]
    packed = b"".join([*rows, engine.flush()])
    return START + part(b"IHDR", head) + extra + part(b"IDAT", packed) + part(b"IEND", b"")


def jpeg_that_says(size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    """A small JPEG whose head promises this size: its memory is taken before the lie shows."""
    content = saved(Image.linear_gradient("L").convert(mode), "JPEG", **options)
    marker = b"\xff\xc2" if options.get("progressive") else b"\xff\xc0"
    at = content.index(marker) + 5
    return content[:at] + struct.pack(">HH", size[1], size[0]) + content[at + 4 :]


def webp_that_says(size: tuple[int, int]) -> bytes:
    """28 bytes: a lossless WebP of one colour has no pixels, its head alone says how many."""
    head = (size[0] - 1) | (size[1] - 1) << 14  # 14 bits each; no alpha, version 0
    # No transform, no cache, one group of codes; five codes of one symbol, which is 0.
    codes = sum(0b0001 << 3 + 4 * number for number in range(5))
    packed = b"\x2f" + (head | codes << 32).to_bytes(7, "little")
    body = b"WEBPVP8L" + len(packed).to_bytes(4, "little") + packed
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def heic_that_says(size: tuple[int, int]) -> bytes:
    """A small HEIC whose box promises this size."""
    content = saved(Image.linear_gradient("L").convert("RGB"), "HEIF", quality=30)
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", *size) + content[at + 8 :]


def _exif_bomb() -> bytes:
    """Directories that lead to each other, and values longer than the file."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    endless = struct.pack("<HHII", 0x010F, 2, 0xFFFFFFF0, 8)
    return (
        b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + entry + endless + struct.pack("<I", 8)
    )


def _profile_bomb() -> bytes:
    """A colour profile of a few kilobytes that unpacks to a hundred megabytes."""
    return part(b"iCCP", b"icc\0\0" + zlib.compress(bytes(100_000_000), 9))


def _text_bomb() -> bytes:
    return part(b"zTXt", b"words\0\0" + zlib.compress(bytes(100_000_000), 9)) * 20


def _moving(kind: str, frames: int = 300) -> bytes:
    first, *more = [Image.new("RGB", (64, 64), (n % 256, 0, 0)) for n in range(frames)]
    return saved(first, kind, save_all=True, append_images=more)


def _grey() -> Image.Image:
    return Image.linear_gradient("L")


CLEAR = part(b"PLTE", b"\0\1\2" * 256) + part(b"tRNS", bytes(256))
LARGE = (5000, 5990)  # just below what is taken of a PNG

# Name → how it is made. All are small; the first of them cost most.
HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "png see-through": lambda: png(LARGE, 6),
    "png see-through, 16 bits": lambda: png(LARGE, 6, 16),
    "png palette with glass": lambda: png(LARGE, 3, extra=CLEAR),
    "png grey, 16 bits": lambda: png(LARGE, 0, 16),
    "png one bit": lambda: png(LARGE, 0, 1),
    "png in passes": lambda: png((4000, 4000), 6, passes=1),
    "png as long as may be": lambda: png((1080, 19_990), 6),
    "webp of one colour": lambda: webp_that_says((4000, 4990)),
    "jpeg by steps": lambda: jpeg_that_says((7100, 7200), progressive=True),
    "jpeg": lambda: jpeg_that_says((10_900, 10_900)),
    "jpeg of a printer": lambda: jpeg_that_says((10_900, 10_900), "CMYK"),
    "heic": lambda: heic_that_says((7100, 7200)),
    # Refused by what they say.
    "webp of 268 million pixels": lambda: webp_that_says((16_384, 16_384)),
    "png of 2 billion": lambda: png((1, 1), 0).replace(bytes(3) + b"\x01", b"\0\0\xff\xff", 1),
    "jpeg of 4 billion": lambda: jpeg_that_says((65_535, 65_535)),
    "jpeg by steps, all colours": lambda: jpeg_that_says((7100, 7200), "CMYK", progressive=True),
    "heic of 4 billion": lambda: heic_that_says((65_535, 65_535)),
    "moving png": lambda: _moving("PNG"),
    "moving webp": lambda: _moving("WEBP"),
    "gif": lambda: _moving("GIF"),
    "tiff": lambda: saved(_grey(), "TIFF"),
    "bmp": lambda: saved(_grey(), "BMP"),
    "icon": lambda: saved(_grey(), "ICO"),
    # More in them than pixels.
    "jpeg of several": lambda: saved(_grey(), "MPO", save_all=True, append_images=[_grey()] * 200),
    "png with a profile": lambda: png((64, 64), 2, extra=_profile_bomb()),
    "png with words": lambda: png((64, 64), 2, extra=_text_bomb()),
    "png of countless parts": lambda: png((64, 64), 2, extra=part(b"junk", b"") * 200_000),
    "jpeg with directories": lambda: saved(_grey(), "JPEG", exif=_exif_bomb()),
    "jpeg with half a profile": lambda: saved(
        _grey().convert("CMYK"),
        "JPEG",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()[:200],
    ),
    "jpeg of countless scans": lambda: _with_scans(200_000),
    "a page behind a picture": lambda: saved(_grey(), "JPEG") + b"<html><script>" * 100,
    "an archive behind a picture": lambda: saved(_grey(), "PNG") + b"PK\3\4" * 100,
}


def _with_scans(number: int) -> bytes:
    """A progressive JPEG that begins its last scan again and again."""
    content = saved(_grey(), "JPEG", progressive=True)
    at = content.rindex(b"\xff\xda")
    return content[:at] + content[at:-2] * (number * 8 // len(content[at:])) + b"\xff\xd9"
