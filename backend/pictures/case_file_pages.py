"""Binding a case: its cover, its contents, what is known of it, and the papers themselves.

Runs apart (see `apart`): PDFs and small pictures are as people handed them in. Whatever of them
cannot be opened is named, and keeps nothing else back. The same case gives the same bytes.
"""

import io
import logging
import re
from collections.abc import Callable, Sequence
from itertools import accumulate

from fpdf import FPDF
from fpdf.outline import OutlineSection
from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    StreamObject,
)

from backend.pictures.case_file import Bound, BoundPaper, CaseFile, Section, unframed
from backend.pictures.paper import ACCENT, GREY, INK, LEADING, MARGIN, POINT, WIDTH, Paper
from backend.pictures.typesetting import break_lines, legible

ARCHIVAL = "PDF/A-2U"
PDF = "application/pdf"
ON_A_PAGE = 20  # papers on a page of the contents
ROW = 11.5  # mm of each of them
FOOT = 12.0  # mm from the lower edge: where the number of the page stands
LABEL = 46.0  # mm
PAGE_LABEL = 24.0
HEIGHT = 297.0
QUALITY = 88
# When it was made is not said: of a case to which nothing happened there is one file.
MADE = re.compile(rb'(xmp:(?:ModifyDate|MetadataDate))="[^"]*"')
CREATED = re.compile(rb'xmp:CreateDate="([^"]*)"')
CLAIM = re.compile(rb"\s*<pdfaid:[^>]*>[^<]*</pdfaid:[^>]*>")
SHOWN_NOTES = ("/Widget", "/Stamp")  # what a seal or a signature of a paper is drawn with


class _Archival(FPDF):
    """A4 for the archive, each page with its number; `skipped` are pages of papers that will stand
    behind a page of ours."""

    def __init__(self) -> None:
        super().__init__(format="A4", enforce_compliance=ARCHIVAL)
        self.skipped: dict[int, int] = {}

    def bound_page(self, page: int) -> int:
        """Where a page of ours stands in the whole."""
        return page + sum(count for behind, count in self.skipped.items() if behind < page)

    def footer(self) -> None:
        """The number of the page, outside of everything else."""
        if not self.is_ttf_font:
            return
        self.set_font("sans", size=9)
        self.set_text_color(*GREY)
        self.set_xy(MARGIN, HEIGHT - FOOT)
        self.cell(WIDTH, 5, f"— {self.bound_page(self.page)} —", align="C")


class _Binding(Paper):
    """A paper that has contents and pages of others."""

    def __init__(self, case_file: CaseFile) -> None:
        self._onto = _Archival()
        text = "".join(_words(case_file))
        title = f"{case_file.title} {case_file.number}"
        super().__init__(title, case_file.as_of, text, onto=self._onto)

    @property
    def page(self) -> int:
        """The page of ours that is written on."""
        return self._onto.page

    def begins(self, title: str) -> None:
        """What begins here is found by its title in the reader's margin."""
        self._onto.start_section(legible(title)[0])

    def skip(self, count: int) -> None:
        """So many pages of a paper will stand behind this one."""
        self._onto.skipped[self.page] = count

    def bound_page(self, page: int) -> int:
        """Where a page of ours stands in the whole."""
        return self._onto.bound_page(page)

    def contents(self, pages: int, render: Callable[[], None]) -> None:
        """Keep so many pages here, to be written on when everything else is."""

        def write(_: FPDF, __: list[OutlineSection]) -> None:
            render()

        self._onto.insert_toc_placeholder(write, pages)

    def at(self, top: float) -> None:
        """Go on at `top` mm of this page."""
        self._onto.set_y(top)

    def label(self, label: str, words: str) -> None:
        """A label and, beside it, its words; both in as many lines as they need."""
        pdf = self._onto
        height = 10.5 * POINT * LEADING
        labels = break_lines(legible(label)[0], (LABEL - 3) / (10.5 * POINT))
        lines = break_lines(legible(words)[0], (WIDTH - LABEL) / (10.5 * POINT))
        pdf.set_font("sans", size=10.5)
        if pdf.will_page_break(min(len(labels), 4) * height):
            pdf.add_page()
        for nth in range(max(len(labels), len(lines))):
            if pdf.will_page_break(height):
                pdf.add_page()
            pdf.set_font("sans", size=10.5)
            pdf.c_margin = 0
            top = pdf.get_y()
            if nth < len(labels):
                pdf.set_text_color(*GREY)
                pdf.cell(LABEL, height, labels[nth])
            pdf.set_xy(MARGIN + LABEL, top)
            pdf.set_text_color(*INK)
            words_here = lines[nth] if nth < len(lines) else ""
            pdf.cell(WIDTH - LABEL, height, words_here, new_x="LMARGIN", new_y="NEXT")
        self.gap(1.2)

    def whole_page(self, content: bytes, words: str) -> None:
        """A picture in what is left of this page."""
        pdf = self._onto
        top = pdf.get_y() + 2
        room = HEIGHT - MARGIN - top
        pdf.image(
            io.BytesIO(content), MARGIN, top, WIDTH, room, alt_text=words, keep_aspect_ratio=True
        )

    def line_of_contents(self, number: int, paper: BoundPaper, page: int) -> None:
        """What a paper is and on which page, who handed it in, and its hash."""
        pdf = self._onto
        top = pdf.get_y()
        title = break_lines(f"{number}. {legible(paper.title)[0]}", 30)[0]
        self.write(title, 11)
        pdf.set_xy(MARGIN + WIDTH - PAGE_LABEL, top)
        pdf.set_text_color(*INK)
        pdf.cell(PAGE_LABEL, 11 * POINT * LEADING, f"第{page}页", align="R")
        pdf.set_xy(MARGIN, top + 11 * POINT * LEADING)
        about = "　".join(filter(None, (legible(paper.given)[0], paper.sha256)))
        self.write(about, 7.5, GREY)
        pdf.set_y(top + ROW)


def bound(content: bytes) -> Bound:
    """The whole as one PDF; its input is `case_file.framed`."""
    for noisy in ("pypdf", "fpdf", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    case_file, files = unframed(content)
    opened = [_opened(*pair) for pair in zip(case_file.papers, files, strict=True)]
    unread = [nth for nth, each in enumerate(opened) if files[nth] is not None and each is None]
    binding = _Binding(case_file)
    _cover(binding, case_file)
    binding.new_page()
    begins = [0] * len(case_file.papers)
    pages = max(1, -(-len(case_file.papers) // ON_A_PAGE))
    binding.contents(pages, lambda: _contents(binding, case_file.papers, begins))
    for section in case_file.sections:
        _section(binding, section)
    foreign: list[tuple[int, Sequence[PageObject]]] = []
    for nth, (paper, inside) in enumerate(zip(case_file.papers, opened, strict=True)):
        binding.new_page()
        begins[nth] = binding.page
        _paper(binding, nth, paper, inside, files[nth] is not None)
        if isinstance(inside, list):
            binding.skip(len(inside))
            foreign.append((binding.page, inside))
    return Bound(_joined(binding.done(), foreign), unread)


def _words(case_file: CaseFile) -> Sequence[str]:
    said = [*case_file.about, *(words for row in case_file.facts for words in row)]
    for section in case_file.sections:
        said += [section.title, *(words for row in section.rows for words in row)]
    for paper in case_file.papers:
        said += [paper.title, paper.given, paper.words, paper.note]
    return said


def _opened(paper: BoundPaper, content: bytes | None) -> list[PageObject] | bytes | None:
    """The pages of a PDF, or a picture that can be set; None where there is none of both."""
    if content is None:
        return None
    try:
        if paper.media_type != PDF:
            return _settable(content)
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            reader.decrypt("")
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
    kept = ArrayObject()
    for note in (notes.get_object() if notes is not None else None) or ():
        seen = note.get_object()
        if isinstance(seen, DictionaryObject) and seen.get("/Subtype") in SHOWN_NOTES:
            for name in ("/A", "/AA", "/Parent", "/P", "/Popup"):
                seen.pop(name, None)
            kept.append(note)
    page.pop("/Annots", None)
    if kept:
        page[NameObject("/Annots")] = kept
    return page


def _cover(binding: _Binding, case_file: CaseFile) -> None:
    binding.gap(24)
    binding.write(case_file.title, 30, ACCENT)
    binding.write(case_file.number, 18)
    binding.gap(10)
    for label, words in case_file.facts:
        binding.label(label, words)
    binding.gap(6)
    for sentence in case_file.about:
        binding.write(legible(sentence)[0], 9.5, GREY)


def _contents(binding: _Binding, papers: Sequence[BoundPaper], begins: Sequence[int]) -> None:
    binding.write("资料目录", 16, ACCENT)
    binding.gap(2)
    for nth, paper in enumerate(papers):
        if nth and nth % ON_A_PAGE == 0:
            binding.new_page()
        binding.line_of_contents(nth + 1, paper, binding.bound_page(begins[nth]))
    if not papers:
        binding.write("没有资料。", 11)


def _section(binding: _Binding, section: Section) -> None:
    binding.begins(section.title)
    binding.heading(section.title)
    for label, words in section.rows:
        binding.label(label, words)
    if not section.rows:
        binding.write("没有。", 10.5, GREY)


def _paper(
    binding: _Binding,
    nth: int,
    paper: BoundPaper,
    inside: list[PageObject] | bytes | None,
    is_file: bool,
) -> None:
    title = f"资料{nth + 1}　{paper.title}"
    binding.begins(title)
    binding.write(legible(title)[0], 14, ACCENT)
    binding.write(legible(paper.given)[0], 9.5, GREY)
    if paper.sha256:
        binding.write(f"原件 SHA-256：{paper.sha256}", 8, GREY)
    if paper.words:
        binding.gap(3)
        binding.write(legible(paper.words)[0], 11)
    if isinstance(inside, bytes):
        binding.whole_page(inside, paper.title)
        return
    note = paper.note
    if isinstance(inside, list):
        note = f"共{len(inside)}页，见后。"
    elif is_file:
        note = "这份文件打不开，没有附上，原件以校验值为准。"
    if note:
        binding.gap(3)
        binding.write(note, 11)


def _joined(ours: bytes, foreign: Sequence[tuple[int, Sequence[PageObject]]]) -> bytes:
    """Our pages with those of the papers behind theirs."""
    writer = PdfWriter(clone_from=io.BytesIO(ours))
    before = accumulate((len(pages) for _, pages in foreign), initial=0)
    for (behind, pages), moved in zip(foreign, before, strict=False):
        for nth, page in enumerate(pages):
            writer.insert_page(page, behind + moved + nth)
    _say_when(writer, claims=not foreign)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _say_when(writer: PdfWriter, *, claims: bool) -> None:
    """Only when the case last changed, and that it is PDF/A where every page is ours: what others
    wrote need not be."""
    metadata = writer.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    said = metadata.get_data()
    created = CREATED.search(said)
    if created:
        said = MADE.sub(rb'\1="' + created[1] + b'"', said)
    metadata.set_data(said if claims else CLAIM.sub(b"", said))
    name = ByteStringObject(bytes(16))
    writer._ID = ArrayObject((name, name))
