"""PDFs as people hand them in: whole, readable by whoever opens them, and doing nothing."""

import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
)

from backend.domain.errors import Refused, refuse

START = re.compile(rb"%PDF-[12]\.[0-9]")
END = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*\Z")
TAIL = 1024
MOST_OBJECTS = 50_000  # a second to read; a page has some ten
MOST_PAGES = 2000  # one page may be named many times, so that few objects are countless pages
MOST_NODES = 2 * MOST_PAGES  # of the tree that leads to them
DEEPEST = 100  # a tree of so many branches upon one another leads back into itself

# Names (ISO 32000-2, 12.6.4 and 13) by which a PDF runs a program, calls an address, or carries
# another file. Forms and signatures of their own do nothing of the kind: invoices have them.
ACTIVE = frozenset(
    (
        *(
            "/JavaScript",
            "/JS",
            "/Launch",
            "/SubmitForm",
            "/ImportData",
            "/GoToE",
            "/GoToR",
            "/XFA",
        ),
        *("/EmbeddedFile", "/EmbeddedFiles", "/EF"),
        *("/RichMedia", "/Movie", "/Sound", "/Rendition", "/Screen", "/3D"),
    )
)
# What happens when a document or a page is opened: show a place in it, or turn a page.
BY_ITSELF = ("/OpenAction", "/AA")
HARMLESS = ("/GoTo", "/Named")

# The same names wherever they stand in the file, also where no table leads: some readers look
# everywhere. Short ones are left out, which chance writes into compressed pictures.
WRITTEN = frozenset(name.encode() for name in ACTIVE if len(name) > 8)
NAME = re.compile(rb"/[^\x00-\x20()<>\[\]{}/%]{7,64}")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")

# Between its objects a PDF has blanks and comments, and in its first kilobyte no page of the web.
GAP = re.compile(rb"\bendobj(?:\s++|%[^\r\n<]*+)*+(?=[0-9]|xref|trailer|startxref)")
PAGE_OF_THE_WEB = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe)\b", re.IGNORECASE)


def check_pdf(content: bytes) -> None:
    """That this is a PDF, and nothing but one. It is kept as it is: signatures in it stay valid.

    Raises Refused `upload_damaged`, `upload_too_large` for one of countless parts or pages,
    `upload_locked` for one that asks for a password, `upload_active` for one that would do
    something or holds other files.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found = END.search(content, max(0, len(content) - TAIL))
    if not START.match(content) or found is None or int(found[1]) >= len(content):
        raise _damaged()
    if content.count(b"endobj") > MOST_OBJECTS:
        message = "PDF 的内容太多，请分成几份，或打印后拍照，再上传。"
        raise refuse("upload_too_large", message, "file", kind="too_large")
    if _is_something_else_too(content) or _names_what_acts(content):
        raise _active()
    try:
        _read(PdfReader(io.BytesIO(content)))
    except (Refused, MemoryError):
        raise
    except Exception:  # a reader fails in many ways on hostile bytes; all mean the same
        raise _damaged() from None


def has_too_many_pages(reader: PdfReader) -> bool:
    """Whether the tree of pages leads to more than anybody hands in. It is never written out whole.
    Raises Refused `upload_damaged` for one that leads back into itself."""
    waiting = [iter([reader.root_object["/Pages"]])]
    nodes = pages = 0
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        nodes += 1
        kids = _kids(node.get_object())
        if kids is None:
            pages += 1
        else:
            waiting.append(iter(kids))
        if len(waiting) > DEEPEST:
            raise _damaged()
        if pages > MOST_PAGES or nodes > MOST_NODES:
            return True
    return False


def _kids(node: PdfObject | None) -> Iterable[PdfObject] | None:
    """What a node of the tree leads to; None for a page."""
    if not isinstance(node, DictionaryObject) or node.get("/Type") == "/Page":
        return None
    kids = node.get("/Kids")
    kids = None if kids is None else kids.get_object()
    return kids if isinstance(kids, ArrayObject) else None


def _read(reader: PdfReader) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        message = "PDF 有打开密码，中心打不开。请去掉密码后另存，或打印后拍照，再上传。"
        raise refuse("upload_locked", message, "file")
    if has_too_many_pages(reader):
        message = f"PDF 的页数超过{MOST_PAGES}页，请分成几份再上传。"
        raise refuse("upload_too_large", message, "file", kind="too_large")
    if not len(reader.pages):
        raise _damaged()
    if any(map(_acts, _objects(reader))):
        raise _active()


def _objects(reader: PdfReader) -> Iterator[PdfObject]:
    """Everything that the document's tables lead to, one by one; what lies in packed ones too."""
    named = {(number, 0) for number in reader.xref_objStm}
    named |= {(number, turn) for turn, places in reader.xref.items() for number in places}
    for number, turn in sorted(named):
        waiting = [reader.get_object(IndirectObject(number, turn, reader))]
        while waiting:
            part = waiting.pop()
            if part is None or isinstance(part, NullObject):
                continue
            yield part
            if isinstance(part, DictionaryObject):
                waiting += [*map(NameObject, part), *part.values()]
            elif isinstance(part, ArrayObject):
                waiting += part


def _acts(part: PdfObject) -> bool:
    """Whether a part names what acts, or does by itself more than show a place."""
    if isinstance(part, NameObject):
        return part in ACTIVE
    if not isinstance(part, DictionaryObject):
        return False
    actions = [part.get(name) for name in BY_ITSELF]
    return any(_does_more(action) for action in actions if action is not None)


def _does_more(action: PdfObject) -> bool:
    action = action.get_object() or NullObject()
    if not isinstance(action, DictionaryObject):
        return False  # a place in the document
    if "/S" in action:
        return str(action["/S"]) not in HARMLESS
    return any(map(_does_more, action.values()))


def _is_something_else_too(content: bytes) -> bool:
    """Whether other programs take the file for an archive or a page, or something lies between."""
    if zipfile.is_zipfile(io.BytesIO(content)) or PAGE_OF_THE_WEB.search(content, 0, TAIL):
        return True
    return content.count(b"endobj") != sum(1 for _ in GAP.finditer(content))


def _names_what_acts(content: bytes) -> bool:
    names = (found[0] for found in NAME.finditer(content))
    return any(ESCAPED.sub(_byte, name) in WRITTEN for name in names)


def _byte(escaped: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escaped[1].decode())


def _damaged() -> Refused:
    message = "PDF 文件不完整或已损坏，无法打开，请重新拍摄或导出后上传。"
    return refuse("upload_damaged", message, "file")


def _active() -> Refused:
    message = (
        "PDF 里有会自动运行的内容，或夹带了别的文件，不能接收。"
        "请用“打印”另存为新的 PDF，或打印后拍照，再上传。"
    )
    return refuse("upload_active", message, "file")
