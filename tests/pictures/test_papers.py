"""PDFs that are taken, and what a PDF may not be or do."""

import io
import zipfile
import zlib

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from backend.domain.errors import Refused
from backend.pictures import case_file_pages
from backend.pictures.case_file import BoundPaper
from backend.pictures.papers import MOST_OBJECTS, MOST_PAGES, check_pdf
from tests.build.papers import pdf, pdf_with, stream


def code(content: bytes) -> str | None:
    """What a PDF is refused for; None when it is taken."""
    try:
        check_pdf(content)
    except Refused as refused:
        return refused.refusals[0].code
    return None


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def by_typst() -> bytes:
    content: bytes = typst.compile(b'#link("https://example.com")[contract]', timestamp=0)
    return content


def by_pillow() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PDF", title="policy", save_all=True)
    return out.getvalue()


def packed(entries: bytes) -> bytes:
    """A PDF whose fifth object lies in a packed one, as programs write since PDF 1.5."""
    inner = b"5 0 " + entries
    holder = stream(zlib.compress(inner), b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    head = b"%PDF-1.7\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        holder,
    ]
    content, places = head, [(0, 0, 65535)]
    for number, one in enumerate(objects, 1):
        places.append((1, len(content), 0))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    places += [(2, 4, 0), (1, len(content), 0)]
    rows = b"".join(
        bytes([kind]) + place.to_bytes(4, "big") + more.to_bytes(2, "big")
        for kind, place, more in places
    )
    table = stream(rows, b"/Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R")
    start = len(content)
    return content + b"6 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, start)


def locked(user: str, owner: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(user, owner, algorithm="AES-256")
    return written(writer)


def with_older_version() -> bytes:
    """Saved once more behind its first end, as programs that sign do."""
    first = pdf("first")
    number = b"4 0 obj\n(second)\nendobj\n"
    start = len(first) + len(number)
    table = b"xref\n4 1\n%010d 00000 n \n" % len(first)
    back = int(first.split()[-2])
    trailer = b"trailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return first + number + table + trailer % (back, start)


SIGNED = pdf_with(
    catalog=b"/AcroForm << /SigFlags 3 /Fields [4 0 R] >>",
    objects=[
        b"<< /FT /Sig /T (Signature1) /V 5 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] >>",
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Contents <00> >>",
    ],
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pdf("plain"), id="plain"),
        pytest.param(by_typst(), id="with a link to a page of the web"),
        pytest.param(by_pillow(), id="scanned"),
        pytest.param(packed(b"<< /Kids [] >>"), id="packed"),
        pytest.param(SIGNED, id="signed"),
        pytest.param(with_older_version(), id="saved twice"),
        pytest.param(locked("", "owner"), id="locked against printing, open to read"),
        pytest.param(pdf_with(b"/OpenAction [3 0 R /Fit]"), id="opens at a place"),
        pytest.param(
            pdf_with(b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"), id="goes to a place by itself"
        ),
        pytest.param(pdf_with(gaps={1: b"\n% a comment\r\n", 3: b"\n\n"}), id="with blanks"),
    ],
)
def test_papers_as_programs_write_them_are_taken(content: bytes) -> None:
    assert code(content) is None


JAVASCRIPT = b"<< /S /JavaScript /JS (app.alert) >>"
IN_NO_TABLE = b"9 0 obj\n" + JAVASCRIPT + b"\nendobj\n"
EMBEDDED = stream(b"MZ", b"/Type /EmbeddedFile")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pdf_with(b"/OpenAction " + JAVASCRIPT), id="a program at its opening"),
        pytest.param(pdf_with(b"/OpenAction 4 0 R", objects=[JAVASCRIPT]), id="one elsewhere"),
        pytest.param(pdf_with(b"/OpenAction << /S /J#61vaScript /J#53 (x) >>"), id="one disguised"),
        pytest.param(packed(JAVASCRIPT), id="one packed away"),
        pytest.param(pdf_with(objects=[JAVASCRIPT]), id="one that nothing leads to"),
        pytest.param(
            pdf_with(gaps={3: b"9 0 obj\n" + JAVASCRIPT + b"\nendobj\n"}), id="in no table"
        ),
        pytest.param(pdf_with(b"/Names << /JavaScript << /Names [] >> >>"), id="programs by name"),
        pytest.param(pdf_with(page=b"/AA << /O << /S /URI /URI (http://a) >> >>"), id="calls home"),
        pytest.param(pdf_with(b"/OpenAction << /S /URI /URI (http://a) >>"), id="calls at opening"),
        pytest.param(pdf_with(objects=[b"<< /S /Launch /F (cmd.exe) >>"]), id="starts a program"),
        pytest.param(pdf_with(objects=[b"<< /S /SubmitForm /F (http://a) >>"]), id="sends a form"),
        pytest.param(pdf_with(objects=[b"<< /S /ImportData /F (x) >>"]), id="reads a file"),
        pytest.param(pdf_with(objects=[b"<< /S /GoToE /T << >> >>"]), id="opens what it holds"),
        pytest.param(
            pdf_with(objects=[b"<< /S /GoToR /F (\\\\\\\\host\\\\a) >>"]), id="opens another"
        ),
        pytest.param(pdf_with(b"/AcroForm << /XFA [] >>"), id="a form of another kind"),
        pytest.param(pdf_with(objects=[EMBEDDED]), id="holds a file"),
        pytest.param(
            pdf_with(objects=[b"<< /Type /Filespec /EF << /F 3 0 R >> >>"]), id="names one"
        ),
        pytest.param(pdf_with(objects=[b"<< /Subtype /RichMedia >>"]), id="shows a film"),
        pytest.param(pdf_with(objects=[b"<< /Subtype /3D >>"]), id="shows a body"),
    ],
)
def test_what_would_do_something_is_refused(content: bytes) -> None:
    assert code(content) == "upload_active"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("evil.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\n" + pdf(), "upload_damaged"),
        (b"<html>" + pdf(), "upload_damaged"),
        (b"%PDF-1.7 <html><script>alert(1)</script>\n" + pdf()[9:], "upload_active"),
        (pdf_with(gaps={1: b"<script>alert(1)</script>\n"}), "upload_active"),
        (pdf_with(gaps={1: b"% <script>alert(1)</script>\n"}), "upload_active"),
        (pdf_with(gaps={1: b"any bytes\n"}), "upload_active"),
        (pdf_with(gaps={3: zipped()}), "upload_active"),
        (pdf() + zipped(), "upload_damaged"),
        (pdf() + zipped() + b"\nstartxref\n9\n%%EOF\n", "upload_active"),
        (pdf_with(objects=[stream(zipped())]), "upload_active"),
        (pdf() + b"MZ", "upload_damaged"),
    ],
)
def test_what_is_something_else_too_is_refused(content: bytes, told: str) -> None:
    assert code(content) == told


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.4\nstartxref\n0\n%%EOF\n", id="nothing in it"),
        pytest.param(pdf()[:-30], id="cut off"),
        pytest.param(
            pdf().replace(b"/Count 1", b"/Count 0").replace(b"[3 0 R]", b"[]"), id="no page"
        ),
        pytest.param(pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"), id="pages in a circle"),
        pytest.param(pdf_with(objects=[b"[" * 100_000]), id="lists in lists"),
    ],
)
def test_what_no_reader_shows_is_refused(content: bytes) -> None:
    assert code(content) == "upload_damaged"


def test_a_paper_of_countless_parts_is_refused_before_they_are_read() -> None:
    assert code(pdf_with(objects=[b"<<>>"] * MOST_OBJECTS)) == "upload_too_large"


def test_a_paper_that_asks_for_a_password_is_told_so() -> None:
    assert code(locked("secret", "owner")) == "upload_locked"


def test_a_program_hidden_in_a_locked_paper_is_found() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.root_object[NameObject("/Names")] = DictionaryObject(
        {NameObject("/JS"): TextStringObject("app.alert")}
    )
    writer.encrypt("", "owner", algorithm="AES-256")
    assert code(written(writer)) == "upload_active"


ORDINARY = by_typst()


@given(st.integers(0, len(ORDINARY)), st.binary(max_size=40), st.integers(0, 40))
def test_damaged_bytes_are_refused_or_read_and_nothing_else(
    at: int, noise: bytes, gone: int
) -> None:
    broken = ORDINARY[:at] + noise + ORDINARY[at + gone :]
    assert code(broken) in (None, "upload_damaged", "upload_active", "upload_locked")


def with_kids(kids: bytes, *objects: bytes) -> bytes:
    """A PDF whose pages are these of its objects; the third is a page, and more follow it."""
    tree = b"/Pages 4 0 R"
    root = b"<< /Type /Pages /Kids [%b] /Count 1 >>" % kids
    content = pdf_with(objects=[root, *objects])
    return content.replace(b"/Pages 2 0 R", tree)


def test_one_page_that_is_named_many_times_is_as_many_pages() -> None:
    assert code(with_kids(b"3 0 R " * MOST_PAGES)) is None
    with pytest.raises(Refused, match="页数超过2000页"):
        check_pdf(with_kids(b"3 0 R " * (MOST_PAGES + 1)))
    bundle = b"<< /Type /Pages /Kids [%b] /Count 1 >>"
    fans = [bundle % (b"%d 0 R " % (nth + 1) * 100) for nth in range(5, 9)]
    many = with_kids(b"5 0 R", *fans, bundle % (b"3 0 R " * 100))
    assert code(many) == "upload_too_large"
    assert code(with_kids(b"4 0 R")) == "upload_damaged"  # it leads back into itself
    paper = BoundPaper(
        title="合同", given="", sha256="", media_type="application/pdf", words="", note=""
    )
    for content in (many, with_kids(b"3 0 R " * 100_000)):
        assert case_file_pages._opened(paper, content) is None
