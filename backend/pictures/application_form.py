"""The application form (申请表) as a PDF: who asks for what, and where to sign and seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

PAGES = "backend.pictures.application_form_pages"


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


def form_pdf(form: ApplicationForm) -> bytes:
    """The form on A4; the same form gives the same bytes.

    What writes PDFs is 15 MB, and most processes of the API never write one: it is loaded then.
    """
    written: bytes = import_module(PAGES).pages(form)
    return written
