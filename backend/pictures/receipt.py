"""The receipt for an objection as a PDF: one's own words, when they came, and what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

PAGES = "backend.pictures.receipt_pages"


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


def receipt_pdf(receipt: Receipt) -> bytes:
    """The receipt on A4, as many pages as its words need; the same receipt gives the same bytes.

    What writes PDFs is 15 MB, and most processes of the API never write one: it is loaded then.
    """
    written: bytes = import_module(PAGES).pages(receipt)
    return written
