"""QR codes, read from pictures."""

import io

import zxingcpp
from PIL import Image

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_codes(image: Image.Image) -> list[str]:
    """The texts of all readable QR codes in a picture."""
    found = zxingcpp.read_barcodes(image.convert("L"), formats=QR)
    return [code.text for code in found]


def read_codes_in(content: bytes) -> list[str]:
    """The same for a stored picture (bytes of a format that Pillow knows)."""
    with Image.open(io.BytesIO(content)) as picture:
        return read_codes(picture)
