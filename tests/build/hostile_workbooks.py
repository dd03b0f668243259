"""Workbooks made to do harm: each is small, and would cost much if it were simply read."""

import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO

from backend.services.workbooks import package
from tests.build.workbooks import registry_file, registry_rows, with_texts
from tests.build.xlsx_files import (
    MAIN,
    ROW,
    noise,
    parts_of,
    saved,
    texts,
    with_rows,
    with_styles,
    zipped,
)


def with_part(name: str, part: bytes) -> bytes:
    return zipped(parts_of(saved(lambda page: None)) | {name: part})


def with_texts_in_cells(text: bytes, rows: int) -> bytes:
    """One text, to which each of these rows refers."""
    row = b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>'
    parts = parts_of(with_rows(b"".join(row % (n, n) for n in range(1, rows + 1))))
    table = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (MAIN.encode(), text)
    return zipped(with_texts(parts, table))


def crowded(entries: int) -> bytes:
    return zipped(parts_of(saved(lambda page: None)) | {f"x/{n:030}": b"" for n in range(entries)})


def lying(size: int) -> bytes:
    """A workbook whose sheet is said to unpack to another size than it does."""
    content = bytearray(with_rows(ROW % (1, 1)))
    place = content.rfind(b"xl/worksheets/sheet1.xml")  # in the list at the end
    content[place - 46 + 24 : place - 46 + 28] = size.to_bytes(4, "little")
    return bytes(content)


def twice(name: str) -> bytes:
    content = BytesIO(with_rows(ROW % (1, 1)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile says that it is there already
        with zipfile.ZipFile(content, "a") as archive:
            archive.writestr(name, b"<worksheet/>")
    return content.getvalue()


def locked() -> bytes:
    """A workbook whose parts say that they are encrypted."""
    content = bytearray(with_rows(ROW % (1, 1)))
    place = content.find(b"PK\1\2")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\1\2", place + 4)
    return bytes(content)


BOMBS: dict[str, Callable[[], bytes]] = {
    # Sizes
    "49 MB of texts out of 120 kB": lambda: texts(b"<si><t>a</t></si>" * 2_800_000),
    "a million empty rows": lambda: with_rows(b"<row/>" * 1_000_000),
    "empty rows with numbers": lambda: with_rows(
        b"".join(b'<row r="%d"/>' % n for n in range(1, package.MAX_ROWS + 2))
    ),
    "more texts than cells of any sheet": lambda: texts(noise(b"<si><t>%x</t></si>", 1_000_001)),
    "more texts than this sheet has cells": lambda: texts(noise(b"<si><t>%x</t></si>", 60_000)),
    "a text longer than a cell holds": lambda: texts(b"<si><t>%s</t></si>" % (b"a" * 32_768)),
    "a long text in many runs": lambda: texts(
        b"<si>%s</si>" % (b"<r><t>%s</t></r>" % (b"a" * 9_000) * 4)
    ),
    "one long text in thousands of cells": lambda: with_texts_in_cells(b"a" * 32_000, 700),
    "a number of forty thousand digits": lambda: with_rows(
        b'<row r="1"><c r="A1"><v>%s</v></c></row>' % (b"9" * 40_000)
    ),
    "entries without end": lambda: crowded(12_000),
    # Nesting and shapes
    "nested tags": lambda: with_rows(b"<a>" * 1_000_000 + b"</a>" * 1_000_000),
    "a few nested tags": lambda: with_rows(b"<a>" * 50 + b"</a>" * 50),
    "a row with a thousand attributes": lambda: with_rows(
        b"<row %s/>" % b" ".join(b'a%d=""' % n for n in range(1000))
    ),
    "rules without end": lambda: with_rows(b"", noise(b'<rule x="%x"/>', 200_001)),
    "columns without end": lambda: with_rows(b"", noise(b'<col min="1" max="%d"/>', 200_001)),
    "styles without end": lambda: with_styles(
        lambda styles: styles.replace(
            b"</cellXfs>", noise(b'<xf numFmtId="%d"/>', 200_001) + b"</cellXfs>"
        )
    ),
    "a number format without end": lambda: with_styles(
        lambda styles: styles.replace(b'"0.000"', b'"%s"' % (b"0" * 300))
    ),
    "entities that multiply": lambda: with_part(
        "xl/worksheets/sheet1.xml",
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b"<worksheet>&b;</worksheet>",
    ),
    "entities from elsewhere": lambda: with_part(
        "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'
    ),
    # Lies
    "a row behind the last": lambda: with_rows(ROW % (10**9, 1)),
    "rows that go back": lambda: with_rows(ROW % (3, 3) + ROW % (2, 2)),
    "a size that says less": lambda: lying(40),
    "a size that says more": lambda: lying(40_000_000),
    "a part that is there twice": lambda: twice("xl/worksheets/sheet1.xml"),
    "a part that is there twice in another case": lambda: twice("xl/Worksheets/Sheet1.xml"),
    "an index that is there twice": lambda: twice("[Content_Types].xml"),
    "an encrypted part": locked,
    "an .xls with a new name": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "a picture with a new name": lambda: b"\x89PNG\r\n\x1a\n" + bytes(600),
    "half a file": lambda: registry_file(registry_rows())[:4_000],
    "nothing": lambda: b"",
    "a strict workbook": lambda: zipped(
        {
            name: part.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            for name, part in parts_of(registry_file(registry_rows())).items()
        }
    ),
}
