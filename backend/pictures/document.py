"""Sheets that people sign, seal or keep, as PDF/A-2a on the page of GB/T 9704-2012.

What a sheet looks like is in `templates`; its words go there as values, and stay words. A city's
own fonts (仿宋, 小标宋, 黑体: licensed per PC, not ours to give) lie in a folder and come first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from backend.pictures.typesetting import FONTS, legible

TEMPLATES = Path(__file__).parent / "templates"
# Archives keep it, it says what is a heading and what a picture shows (PDF/A-2a, PDF/UA-1).
STANDARDS = ("a-2a", "ua-1")
KINDS = (".otf", ".ttf", ".ttc")


@dataclass(frozen=True)
class Sheet:
    """A sheet's `template`, what it is called and its number, when it is made, and its values."""

    template: str
    title: str
    number: str
    made_at: datetime
    values: Mapping[str, Any]
    standards: Sequence[str] = STANDARDS


def sheet_pdf(sheet: Sheet, fonts: Path | None) -> bytes:
    """The sheet on A4, as many pages as its words need; the same sheet gives the same bytes.

    `fonts` is the folder of the city's own. What sets it is 40 MB of memory, and most processes of
    the API never make a sheet: it is loaded then.
    """
    values = {"title": sheet.title, "number": sheet.number, **sheet.values}
    pdf: bytes = import_module("typst").compile(
        str(TEMPLATES / f"{sheet.template}.typ"),
        root=str(TEMPLATES),
        font_paths=[str(folder) for folder in (fonts, FONTS) if folder is not None],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"values": json.dumps(_legible(values))},
        pdf_standards=list(sheet.standards),
        timestamp=sheet.made_at.replace(microsecond=0),  # it takes no part of a second
    )
    return pdf


def files_of(fonts: Path | None) -> list[str]:
    """The names of the city's own fonts."""
    files = fonts.iterdir() if fonts is not None else ()
    return sorted(file.name for file in files if file.suffix.lower() in KINDS)


def _legible(value: Any) -> Any:
    """The values with every text as it can be set; bytes as numbers, which JSON can say."""
    if isinstance(value, str):
        return legible(value)[0]
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, Mapping):
        return {key: _legible(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [_legible(each) for each in value]
    return value
