"""The application form (申请表) as a PDF: who asks for what, and where to sign and seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.pictures.document import Sheet, sheet_pdf


@dataclass(frozen=True)
class ApplicationForm:
    """What a form says. `facts` are labels with their values, `lifts` a line each; `signed` are the
    signatures that were given in the mini-program, a line each, `blanks` the lines to sign on."""

    number: str
    made_at: datetime
    centre: str
    facts: Sequence[tuple[str, str]]
    lifts: Sequence[str]
    request: str
    signed: Sequence[str]
    blanks: Sequence[str]
    notes: Sequence[str]


def form_pdf(form: ApplicationForm, fonts: Path | None) -> bytes:
    """The form on A4, as many pages as it needs; the same form gives the same bytes with the same
    `fonts`, the folder of the city's own."""
    values = {
        "facts": form.facts,
        "lifts": form.lifts,
        "request": form.request,
        "signed": form.signed,
        "blanks": form.blanks,
        "notes": form.notes,
        "centre": form.centre,
    }
    sheet = Sheet("application_form", "电梯维修保险申请表", form.number, form.made_at, values)
    return sheet_pdf(sheet, fonts)
