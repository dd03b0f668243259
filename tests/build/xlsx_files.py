"""Workbooks put together by hand, part by part."""

import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl

from tests.build.workbooks import with_texts

SHEET = "房屋业主"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'


def saved(fill: Callable[[Any], object]) -> bytes:
    """A workbook with one sheet, as somebody filled it."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = SHEET
    fill(page)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def with_rows(rows: bytes, after: bytes = b"") -> bytes:
    """A workbook whose one sheet has these rows."""
    parts = parts_of(saved(lambda page: None))
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData>%s</worksheet>'
    parts["xl/worksheets/sheet1.xml"] = sheet % (MAIN.encode(), rows, after)
    return zipped(parts)


def with_styles(change: Callable[[bytes], bytes]) -> bytes:
    def fill(page: Any) -> None:
        page["A1"] = 42165
        page["A1"].number_format = "0.000"

    parts = parts_of(saved(fill))
    parts["xl/styles.xml"] = change(parts["xl/styles.xml"])
    return zipped(parts)


def texts(table: bytes) -> bytes:
    table = b'<sst xmlns="%s">%s</sst>' % (MAIN.encode(), table)
    return zipped(with_texts(parts_of(saved(lambda page: page.append(["x"]))), table))


def noise(one: bytes, times: int) -> bytes:
    """Many tags that a packer cannot make small."""
    chance = random.Random(1)
    return b"".join(one % chance.getrandbits(40) for _ in range(times))
