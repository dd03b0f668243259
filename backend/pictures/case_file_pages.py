"""Binding a case: its cover, its contents, what is known of it, and the papers themselves.

Runs apart (see `apart`): PDFs and small pictures are as people handed them in. Whatever of them
cannot be opened is named, and keeps nothing else back. The same case gives the same bytes.
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import accumulate
from typing import Any

from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    Destination,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from backend.pictures.case_file import Bound, BoundPaper, CaseFile, unframed
from backend.pictures.document import Sheet, sheet_pdf
from backend.pictures.papers import has_too_many_pages

ARCHIVAL = ("a-2u",)
PDF = "application/pdf"
QUALITY = 88
POINTS = 72 / 25.4  # of a millimetre
# Where a picture lies on its page, below what is said of it: left, lower edge, width, height.
ROOM = tuple(mm * POINTS for mm in (28, 35, 156, 175))
CLAIM = re.compile(rb"\s*<pdfaid:[^>]*>[^<]*</pdfaid:[^>]*>")
SHOWN_NOTES = ("/Widget", "/Stamp")  # what a seal or a signature of a paper is drawn with

# The pages of a PDF, or a picture that can be set; None where there is none of both.
Inside = list[PageObject] | bytes | None


def bound(content: bytes) -> Bound:
    """The whole as one PDF; its input is `case_file.framed`."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    case_file, files = unframed(content)
    opened = [_opened(*pair) for pair in zip(case_file.papers, files, strict=True)]
    unread = [nth for nth, each in enumerate(opened) if files[nth] is not None and each is None]
    papers = [
        _said(paper, inside, nth in unread)
        for nth, (paper, inside) in enumerate(zip(case_file.papers, opened, strict=True))
    ]
    return Bound(_joined(_ours(case_file, papers), opened), unread)


def _opened(paper: BoundPaper, content: bytes | None) -> Inside:
    if content is None:
        return None
    try:
        if paper.media_type != PDF:
            return _settable(content)
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            reader.decrypt("")
        if has_too_many_pages(reader):
            return None
        return [_quiet(page) for page in reader.pages] or None
    except MemoryError:
        raise
    except Exception:  # a decoder fails in many ways on hostile bytes; all mean the same
        return None


def _settable(content: bytes) -> bytes:
    """A picture as it is where it is a plain JPEG, which was decoded when it was handed in; else
    made one on white."""
    with Image.open(io.BytesIO(content)) as picture:
        if picture.format == "JPEG" and picture.mode in ("RGB", "L"):
            return content
        drawn = picture.convert("RGBA")
    ground = Image.new("RGBA", drawn.size, "white")
    ground.alpha_composite(drawn)
    out = io.BytesIO()
    ground.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _quiet(page: PageObject) -> PageObject:
    """The page without what leads away from it; seals stay as they are drawn."""
    page.pop("/AA", None)
    notes = page.get("/Annots")
    seals = ArrayObject()
    for note in (notes.get_object() if notes is not None else None) or ():
        drawn = note.get_object()
        if isinstance(drawn, DictionaryObject) and drawn.get("/Subtype") in SHOWN_NOTES:
            for name in ("/A", "/AA", "/Parent", "/P", "/Popup"):
                drawn.pop(name, None)
            seals.append(note)
    page.pop("/Annots", None)
    if seals:
        page[NameObject("/Annots")] = seals
    return page


def _said(paper: BoundPaper, inside: Inside, unread: bool) -> dict[str, Any]:
    """What stands on a paper's own page, and how many pages follow it."""
    pages = len(inside) if isinstance(inside, list) else 0
    note = f"共{pages}页，见后。" if pages else paper.note
    if unread:
        note = "这份文件打不开，没有附上，原件以校验值为准。"
    return asdict(paper) | {"note": note, "behind": pages}


def _ours(case_file: CaseFile, papers: Sequence[dict[str, Any]]) -> bytes:
    values = {
        "facts": case_file.facts,
        "about": case_file.about,
        "sections": [asdict(section) for section in case_file.sections],
        "papers": papers,
    }
    whole = Sheet("case_file", case_file.title, case_file.number, case_file.as_of, values, ARCHIVAL)
    return sheet_pdf(whole, None)


def _joined(ours: bytes, opened: Sequence[Inside]) -> bytes:
    """Our pages with the pictures on theirs, and the pages of the papers behind theirs."""
    writer = PdfWriter(clone_from=io.BytesIO(ours))
    pages = _pages_of_papers(ours, len(opened))
    for page, inside in zip(pages, opened, strict=True):
        if isinstance(inside, bytes):
            _show(writer, writer.pages[page], inside)
    follow = [inside if isinstance(inside, list) else [] for inside in opened]
    before = accumulate((len(each) for each in follow), initial=1)
    for page, each, moved in zip(pages, follow, before, strict=False):
        for nth, foreign in enumerate(each):
            writer.insert_page(foreign, page + moved + nth)
    _say_when(writer, claims=not any(follow))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _pages_of_papers(ours: bytes, count: int) -> list[int]:
    """The place (from 0) of each paper's own page: those are the last of what a reader's margin
    lists."""
    reader = PdfReader(io.BytesIO(ours))
    found = [reader.get_destination_page_number(each) for each in _flat(reader.outline)]
    return [page for page in found[len(found) - count :] if page is not None]


def _flat(outline: Sequence[Any]) -> Iterator[Destination]:
    for each in outline:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _show(writer: PdfWriter, page: PageObject, picture: bytes) -> None:
    """A JPEG in the room of this page, as large as it goes."""
    with Image.open(io.BytesIO(picture)) as opened:
        size, grey = opened.size, opened.mode == "L"
    image = StreamObject()
    image.set_data(picture)
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(size[0]),
            NameObject("/Height"): NumberObject(size[1]),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/ColorSpace"): NameObject("/DeviceGray" if grey else "/DeviceRGB"),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    left, bottom, width, height = ROOM
    scale = min(width / size[0], height / size[1])
    across, up = size[0] * scale, size[1] * scale
    drawing = StreamObject()
    drawing.set_data(
        f"q {across:.2f} 0 0 {up:.2f} {left:.2f} {bottom + height - up:.2f} cm /Shown Do Q".encode()
    )
    ours: Any = page["/Resources"].get_object()
    resources = DictionaryObject(ours)  # of this page alone
    shown = DictionaryObject({NameObject("/Shown"): writer._add_object(image)})
    resources[NameObject("/XObject")] = shown
    page[NameObject("/Resources")] = resources
    contents = page["/Contents"].get_object()
    before = list(contents) if isinstance(contents, ArrayObject) else [page.raw_get("/Contents")]
    page[NameObject("/Contents")] = ArrayObject([*before, writer._add_object(drawing)])


def _say_when(writer: PdfWriter, *, claims: bool) -> None:
    """That it is PDF/A where every page is ours: what others wrote need not be. Nothing says when
    it was bound."""
    metadata = writer.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    if not claims:
        metadata.set_data(CLAIM.sub(b"", metadata.get_data()))
    name = ByteStringObject(bytes(16))
    writer._ID = ArrayObject((name, name))
