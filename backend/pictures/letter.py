"""A letter (书面答复) as a PDF: what the centre says to an objection, and the slip that proves that
it was given (送达回证)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

PAGES = "backend.pictures.letter_pages"


@dataclass(frozen=True)
class Letter:
    """What a letter says. `facts` are labels with their values; `ruling` is empty where nothing was
    ruled yet; `proofs` are the ways to prove that it was given."""

    number: str
    made_at: datetime
    centre: str
    phone: str
    facts: Sequence[tuple[str, str]]
    answer: str
    ruling: str
    next_steps: Sequence[str]
    proofs: Sequence[str]


def letter_pdf(letter: Letter) -> bytes:
    """The letter on A4, as many pages as its words need; the same letter gives the same bytes.

    What writes PDFs is 15 MB, and most processes of the API never write one: it is loaded then.
    """
    written: bytes = import_module(PAGES).pages(letter)
    return written
