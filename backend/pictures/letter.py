"""A letter as a PDF: what the centre says to people whom no message reaches, and the slip that
proves that it was given (送达回证)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.domain.local_time import local_date
from backend.domain.wording import written
from backend.pictures.document import Sheet, sheet_pdf


@dataclass(frozen=True)
class Letter:
    """What a letter says. `facts` are labels with their values, `sections` headings with their
    paragraphs; `proofs` are the ways to prove that it was given."""

    title: str
    number: str
    made_at: datetime
    centre: str
    phone: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[str]]]
    proofs: Sequence[str]


def letter_pdf(letter: Letter, fonts: Path | None) -> bytes:
    """The letter on A4, as many pages as it needs; `fonts` is the folder of the city's own."""
    values = {
        "facts": letter.facts,
        "sections": letter.sections,
        "proofs": letter.proofs,
        "centre": letter.centre,
        "phone": letter.phone,
        "made_on": written(local_date(letter.made_at)),
    }
    return sheet_pdf(Sheet("letter", letter.title, letter.number, letter.made_at, values), fonts)
