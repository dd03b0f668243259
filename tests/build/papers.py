"""PDFs as programs write them, and as attackers do."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>"


def pdf(words: str = "") -> bytes:
    """A PDF of one page with these words beside it, else one that nobody has uploaded before."""
    return pdf_with(objects=[b"(%s)" % (words or str(uuid4())).encode()])


def pdf_with(
    catalog: bytes = b"",
    page: bytes = b"",
    objects: Sequence[bytes] = (),
    trailer: bytes = b"",
    gaps: Mapping[int, bytes] | None = None,
) -> bytes:
    """One page; entries of its catalog and of its page, further objects from number 4 on, entries
    of its trailer, and what stands behind the objects of these numbers."""
    content = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, written in enumerate([CATALOG % catalog, PAGES, PAGE % page, *objects], 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, written) + (gaps or {}).get(number, b"")
    start, size = len(content), len(places) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n" % size
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, trailer)
    return bytes(content) + b"startxref\n%d\n%%%%EOF\n" % start


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """An object that holds these bytes."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)
