"""From a sheet to a file: PNG, or a PDF that a printing house takes; never with a dead code."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from backend.domain.posters import FileFormat
from backend.pictures.code_reader import read_codes
from backend.pictures.sheet import DPI, PosterSheet
from backend.pictures.text_layer import drawing, font, letters_of, stream

MEDIA_TYPES: dict[FileFormat, str] = {"png": "image/png", "pdf": "application/pdf"}
POINTS_PER_MM = 72 / 25.4
# As small as a phone two metres away sees it.
READ_AT = 3


class DeadCode(Exception):
    """The code on a finished sheet cannot be read."""


@dataclass(frozen=True)
class Finished:
    """A poster's file; `missing` are letters for which it shows 〓."""

    content: bytes
    media_type: str
    missing: str


def finish(sheet: PosterSheet, title: str, file_format: FileFormat) -> Finished:
    """The file of a sheet whose codes were read back from it. Raises DeadCode.

    The same sheet always gives the same bytes.
    """
    check_codes(sheet)
    content = png(sheet.image)
    if file_format == "pdf":
        content = pdf(sheet, content, title)
    return Finished(content, MEDIA_TYPES[file_format], sheet.missing)


def check_codes(sheet: PosterSheet) -> None:
    """Read the whole sheet at a third of its size; raises DeadCode."""
    small = (sheet.image.width // READ_AT, sheet.image.height // READ_AT)
    codes = read_codes(sheet.image.resize(small, Image.Resampling.NEAREST))
    if sorted(codes) != sorted(sheet.codes):
        raise DeadCode(f"{codes} instead of {sheet.codes}")


def png(image: Image.Image) -> bytes:
    """A palette PNG that says how many dots an inch has."""
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()


def pdf(sheet: PosterSheet, png_bytes: bytes, title: str) -> bytes:
    """One page of the sheet's true size, TrimBox and BleedBox named, with the PNG's own pixels and
    its words over them, unseen."""
    width, height = sheet.image.size
    bleed = sheet.bleed * POINTS_PER_MM
    trimmed = [side * sheet.scale * POINTS_PER_MM for side in (sheet.width, sheet.height)]
    page = [side + 2 * bleed for side in trimmed]
    chunks = list(_chunks(png_bytes))
    colours = b"".join(data for kind, data in chunks if kind == b"PLTE")
    pixels = b"".join(data for kind, data in chunks if kind == b"IDAT")
    bits = next(data for kind, data in chunks if kind == b"IHDR")[8]
    letters = letters_of(sheet.lines)
    words = drawing(sheet.lines, letters, sheet.bleed, sheet.height * sheet.scale, POINTS_PER_MM)
    shown = f"q {page[0]:.3f} 0 0 {page[1]:.3f} 0 0 cm /P Do Q\n".encode() + words
    media = f"[0 0 {page[0]:.3f} {page[1]:.3f}]"
    trim = f"[{bleed:.3f} {bleed:.3f} {bleed + trimmed[0]:.3f} {bleed + trimmed[1]:.3f}]"
    image = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
        f"/BitsPerComponent {bits} /ColorSpace [/Indexed /DeviceRGB {len(colours) // 3 - 1} "
        f"<{colours.hex()}>] /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 1 "
        f"/BitsPerComponent {bits} /Columns {width} >> "
    )
    return _document(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) "
            b"/ViewerPreferences << /DisplayDocTitle true >> >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox {media} /BleedBox {media} "
                f"/TrimBox {trim} /Resources << /XObject << /P 5 0 R >> /Font << /T 6 0 R >> >> "
                "/Contents 4 0 R >>"
            ).encode(),
            stream(shown),
            stream(pixels, image),
            *font(letters, first=6),
            f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode(),
        ]
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of every chunk of a PNG."""
    at = 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += length + 12


def _document(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1: the first is the catalog, the last the info."""
    file = io.BytesIO()
    file.write(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        file.write(b"%010d 00000 n \n" % place)
    name = b"%08x" % zlib.crc32(file.getvalue())
    file.write(
        b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /ID [<%b> <%b>] >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(objects), name, name, start)
    )
    return file.getvalue()
