"""The cells of an .xlsx file as they were written: text, and numbers in their decimal digits.

A workbook comes from outside, so this reads only what an import needs (cells, formulas, merged
ranges, date formats), within fixed limits, and never turns a number into a float.
"""

import re
import zlib
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Literal
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_CELLS = 1_000_000

# Excel's own numbers for date formats; 27–36 and 50–58 are the Chinese ones.
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# What a number format says besides its date letters: quoted text, colours, escaped characters.
_NOT_A_LETTER = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
_OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")


class BadWorkbook(Exception):
    """The file cannot be read as a workbook; the message says so in Chinese."""


@dataclass(frozen=True)
class Cell:
    """One filled cell. `text` of a number is its decimal digits, of a date `2024-01-05`."""

    kind: Literal["text", "number", "date", "bool", "error", "formula"]
    text: str


@dataclass
class RawSheet:
    """A sheet's filled cells by row (from 1) and column (from 0), and its merged ranges."""

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)


def read_xlsx(content: bytes, wanted: Container[str]) -> dict[str, RawSheet]:
    """Read the sheets whose names are `wanted`, by name.

    Raises BadWorkbook for anything that is not a readable .xlsx within the limits.
    """
    if len(content) > MAX_FILE_BYTES:
        raise BadWorkbook(f"文件超过 {MAX_FILE_BYTES >> 20} MB，请删去图片或拆分后重新上传。")
    if content.startswith(_OLE_SIGNATURE):
        raise BadWorkbook("文件是旧版 .xls 或设有打开密码，请去掉密码并另存为 .xlsx 后重新上传。")
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
                raise BadZipFile("a workbook is only ever stored or deflated")
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise BadWorkbook(
                    f"文件解压后超过 {MAX_UNPACKED_BYTES >> 20} MB，请删去多余内容后重新上传。"
                )
            return _read(archive, wanted)
    # What zipfile and expat say of files that are damaged, encrypted or made to do harm.
    except (BadZipFile, expat.ExpatError, zlib.error, KeyError, ValueError, IndexError, EOFError,
            NotImplementedError, RuntimeError, OSError) as error:  # fmt: skip
        raise BadWorkbook(
            "文件不是可以读取的 .xlsx 工作簿，请用 Excel 或 WPS 另存为 .xlsx。"
        ) from error


def column_letters(column: int) -> str:
    """0 → A, 27 → AB."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def date_of_number(text: str, day_zero: date = date(1899, 12, 30)) -> date:
    """The day a workbook's number stands for; a time of day is dropped.

    Raises ValueError when it is no day at all.
    """
    try:
        days = Decimal(text)
        # A number of a million digits is a short text; do not write it out.
        if not days.is_finite() or days.adjusted() > 6:
            raise ValueError(f"not a day: {text}")
        return day_zero + timedelta(days=int(days))
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"not a day: {text}") from error


def _read(archive: ZipFile, wanted: Container[str]) -> dict[str, RawSheet]:
    book = _Book()
    _parse(archive, "xl/workbook.xml", book.start)
    targets: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    _parse(archive, "xl/_rels/workbook.xml.rels", relationship)
    parts = set(archive.namelist())
    strings, styles = _Strings(), _Styles()
    if "xl/sharedStrings.xml" in parts:
        _parse(archive, "xl/sharedStrings.xml", strings.start, strings.end, strings.data)
    if "xl/styles.xml" in parts:
        _parse(archive, "xl/styles.xml", styles.start, styles.end)
    sheets = {}
    for name, relation in book.sheets:
        if name in wanted:
            reader = _Cells(strings.texts, styles.dates(), book.day_zero)
            target = targets[relation]
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            _parse(archive, path, reader.start, reader.end, reader.data)
            sheets[name] = reader.sheet
    return sheets


def _parse(
    archive: ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Run the handlers over one part; tags come without their namespace."""

    def doctype(*_: object) -> None:
        raise BadWorkbook("文件含有工作簿不应有的内容（DOCTYPE），请另存为 .xlsx 后重新上传。")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda tag, attributes: start(
        tag.rpartition(" ")[2], {name.rpartition(" ")[2]: a for name, a in attributes.items()}
    )
    if end:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
    parser.CharacterDataHandler = data
    with archive.open(part) as stream:
        parser.ParseFile(stream)


class _Book:
    """workbook.xml: sheet names with their relations, and the date system."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.day_zero = date(1899, 12, 30)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            self.sheets.append((attributes["name"].strip(), attributes["id"]))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.day_zero = date(1904, 1, 1)


class _Strings:
    """sharedStrings.xml: the texts that cells refer to by position, without phonetic hints."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._in_hint = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._pieces = []
        elif tag == "rPh":
            self._in_hint = True
        elif tag == "t":
            self._in_text = not self._in_hint

    def data(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        if tag == "si":
            self.texts.append("".join(self._pieces))
        elif tag == "rPh":
            self._in_hint = False
        elif tag == "t":
            self._in_text = False


class _Styles:
    """styles.xml: which cell styles show a number as a date."""

    def __init__(self) -> None:
        self._custom: dict[int, str] = {}
        self._formats: list[int] = []
        self._in_cell_formats = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._custom[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag == "cellXfs":
            self._in_cell_formats = True
        elif tag == "xf" and self._in_cell_formats:
            self._formats.append(int(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cell_formats = False

    def dates(self) -> frozenset[int]:
        """The positions of the styles that show dates."""
        return frozenset(i for i, number in enumerate(self._formats) if self._is_date(number))

    def _is_date(self, number: int) -> bool:
        code = self._custom.get(number)
        if code is None:
            return number in _DATE_FORMATS
        return any(letter in _NOT_A_LETTER.sub("", code.split(";")[0]).lower() for letter in "ymd")


class _Cells:
    """A worksheet: its filled cells and merged ranges."""

    def __init__(self, strings: list[str], dates: frozenset[int], day_zero: date) -> None:
        self.sheet = RawSheet()
        self._strings = strings
        self._date_styles = dates
        self._day_zero = day_zero
        self._row = 0
        self._column = -1
        self._type = "n"
        self._style = 0
        self._formula = False
        self._in_value = False
        self._pieces: list[str] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
        elif tag == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", "0"))
            self._formula = False
            self._pieces = []
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "t"):
            self._in_value = True
        elif tag == "mergeCell":
            self.sheet.merged.append(attributes["ref"])

    def data(self, text: str) -> None:
        if self._in_value:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._in_value = False
        elif tag == "c":
            cell = self._cell("".join(self._pieces))
            if cell.text.strip() or cell.kind == "formula":
                self._keep(cell)

    def _keep(self, cell: Cell) -> None:
        self._count += 1
        if self._count > MAX_CELLS:
            raise BadWorkbook(f"一张表超过 {MAX_CELLS:,} 个单元格，请删去多余内容或拆分。")
        self.sheet.rows.setdefault(self._row, {})[self._column] = cell

    def _cell(self, text: str) -> Cell:
        if self._formula:
            return Cell("formula", text)
        if self._type == "s":
            return Cell("text", self._strings[int(text)] if text else "")
        if self._type == "b":
            return Cell("bool", text)
        if self._type == "e":
            return Cell("error", text)
        if self._type != "n":
            return Cell("text", text)
        number = text.strip()
        if number and self._style in self._date_styles:
            try:
                return Cell("date", date_of_number(number, self._day_zero).isoformat())
            except ValueError:
                return Cell("error", "####")
        return Cell("number", number)


def _column(reference: str) -> int:
    """`AB12` → 27."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - ord("A") + 1
    if number == 0:
        raise ValueError(f"not a cell reference: {reference}")
    return number - 1
