"""The bulletin (通报) as a PDF: how far the city is, to be sent round."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.domain.local_time import local_date
from backend.domain.wording import minute, written
from backend.pictures.document import Sheet, sheet_pdf

TITLE = "电梯维修保险工作进度通报"


@dataclass(frozen=True)
class Bulletin:
    """What it says, in words: of whom, as of when, sentences, and tables by their headings."""

    of: str
    at: datetime
    centre: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]


def bulletin_pdf(bulletin: Bulletin, fonts: Path | None) -> bytes:
    """The bulletin on A4, as many pages as it needs; `fonts` is the folder of the city's own."""
    values = {
        "of": bulletin.of,
        "as_of": f"截至{minute(bulletin.at)}",
        "facts": bulletin.facts,
        "tables": bulletin.tables,
        "centre": bulletin.centre,
        "made_on": written(local_date(bulletin.at)),
    }
    return sheet_pdf(Sheet("bulletin", TITLE, bulletin.of, bulletin.at, values), fonts)
