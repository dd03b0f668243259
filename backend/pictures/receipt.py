"""The receipt for an objection as a PDF: one's own words, when they came, and what happens next."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image

from backend.pictures.document import Sheet, sheet_pdf
from backend.pictures.typesetting import legible

SIGNATURE_PIXELS = 1200  # at most, either way


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. `facts` are labels with their values; `signature` is a picture."""

    number: str
    centre: str
    received_at: datetime
    facts: Sequence[tuple[str, str]]
    text: str
    text_sha256: str
    next_steps: Sequence[str]
    signature: bytes | None


def receipt_pdf(receipt: Receipt, fonts: Path | None) -> bytes:
    """The receipt on A4, as many pages as it needs; `fonts` is the folder of the city's own."""
    values = {
        "facts": receipt.facts,
        "text": receipt.text,
        "missing": bool(legible(receipt.text)[1]),
        "text_sha256": receipt.text_sha256,
        "next_steps": receipt.next_steps,
        "centre": receipt.centre,
        "signature": receipt.signature and _on_white(receipt.signature),
    }
    sheet = Sheet("receipt", "书面异议回执", receipt.number, receipt.received_at, values)
    return sheet_pdf(sheet, fonts)


def _on_white(signature: bytes) -> bytes:
    """The drawing in grey, as a PNG, no larger than paper shows."""
    with Image.open(io.BytesIO(signature)) as opened:
        drawn = opened.convert("RGBA")
    drawn.thumbnail((SIGNATURE_PIXELS, SIGNATURE_PIXELS))
    ground = Image.new("RGBA", drawn.size, "white")
    ground.alpha_composite(drawn)
    file = io.BytesIO()
    ground.convert("L").save(file, "PNG")
    return file.getvalue()
