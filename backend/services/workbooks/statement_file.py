"""Reading the file of a bank statement (.xlsx or .csv), under the headings that the city's file
names: every line, and every fault with its row and column."""

import csv
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import TypeVar

from backend.domain import bank_statement as rules
from backend.domain.bank_statement import ReadLines, StatedLine, StatementFault
from backend.domain.city.schema import StatementFileRules
from backend.domain.errors import Refused, refuse
from backend.domain.normal import normal_code, plain
from backend.domain.roles import BOOK_OFFICERS
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.files.line import HANDED_IN
from backend.services.workbooks import cells
from backend.services.workbooks.cells import BadCell
from backend.services.workbooks.package import MAX_FILE_BYTES, BadWorkbook
from backend.services.workbooks.xlsx import Cell, read_xlsx

HEADING_ROWS = 15  # a bank writes the account and the period above its headings
TOTALS = ("合计", "总计", "小计", "本页合计", "累计")
LONGEST = 200
ZIP, OLE = b"PK", bytes.fromhex("d0cf11e0")
Rows = Mapping[int, Mapping[int, Cell]]
T = TypeVar("T")


class _Every:
    """Any sheet: banks call theirs as they like."""

    def __contains__(self, name: object) -> bool:
        return True


def read(ctx: Context, actor: Actor, content: bytes) -> ReadLines:
    """The file that an officer of the books hands in, one of theirs at a time.

    Raises Refused `role_required`, `busy`, and what `read_file` raises.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
    with HANDED_IN.turn(actor.person_id):
        return read_file(ctx.city.bank_statement, content)


def read_file(headings: StatementFileRules, content: bytes) -> ReadLines:
    """All lines of the first sheet that has the headings.

    Raises Refused `upload_empty`, `upload_too_large`, `file_unreadable`.
    """
    if not content.strip():
        raise refuse("upload_empty", "文件是空的，请重新选择文件。", "file")
    if len(content) > MAX_FILE_BYTES:
        message = f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB，请分几段导出。"
        raise refuse("upload_too_large", message, "file", kind="too_large")
    needed = _needed(headings)
    found: tuple[int, Rows] | None = None
    missing: Sequence[str] = needed
    for rows in _sheets(content):
        for number in sorted(rows)[:HEADING_ROWS]:
            there = {normal_code(cell.text) for cell in rows[number].values()}
            lacking = [name for name in needed if normal_code(name) not in there]
            if len(lacking) < len(missing):
                missing, found = lacking, (number, rows)
        if not missing:
            break
    if missing or found is None:
        names = "、".join(f"“{name}”" for name in missing)
        message = f"没有找到表头{names}，请用网银导出的流水，不要改动表头。"
        at = found[0] if found else None
        return ReadLines((), [StatementFault("statement_column_missing", message, at)])
    return _read(headings, *found)


def _needed(headings: StatementFileRules) -> Sequence[str]:
    return (
        headings.day.value,
        headings.reference.value,
        headings.paid.value,
        headings.received.value,
    )


def _sheets(content: bytes) -> Sequence[Rows]:
    if content.startswith((ZIP, OLE)):
        try:
            return [sheet.rows for sheet in read_xlsx(content, _Every(), HEADING_ROWS).values()]
        except BadWorkbook as error:
            raise refuse("file_unreadable", str(error), "file") from None
    return [_csv(content)]


def _csv(content: bytes) -> Rows:
    """Banks in China write GB 18030, or UTF-8 with a mark; some end long numbers in a tab, so that
    Excel leaves them alone."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            rows = list(csv.reader(StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        if "\0" not in text:
            return {
                number: {
                    place: Cell("text", value.strip())
                    for place, value in enumerate(row)
                    if value.strip()
                }
                for number, row in enumerate(rows, 1)
                if any(value.strip() for value in row)
            }
    message = "文件不是可以读取的 .xlsx 或 .csv，请用网银重新导出。"
    raise refuse("file_unreadable", message, "file")


def _read(headings: StatementFileRules, heading: int, rows: Rows) -> ReadLines:
    places: dict[str, int] = {}
    faults = []
    known = {normal_code(name) for name in (*_needed(headings), *_optional(headings))}
    known |= {normal_code(name) for name in headings.other.value}
    for place, cell in sorted(rows[heading].items()):
        name = normal_code(cell.text)
        shown = plain(cell.text)[:30]
        if name in places:
            message = f"表头“{shown}”出现了两次，请删去一列。"
            faults.append(StatementFault("statement_column_unknown", message, heading, shown))
        elif name not in known:
            message = f"不认识“{shown}”这一列。不需要的列请删去，或写进城市参数。"
            faults.append(StatementFault("statement_column_unknown", message, heading, shown))
        places.setdefault(name, place)
    below = [each for each in sorted(rows) if each > heading and not _is_total(rows[each])]
    if len(below) > rules.MOST_LINES:
        return ReadLines((), [*faults, rules.too_long()])
    lines = []
    for number in below:
        line = _Line(headings, number, rows[number], places)
        stated = line.read()
        faults += line.faults
        lines += [stated] if stated else []
    return ReadLines(lines, faults)


def _optional(headings: StatementFileRules) -> Sequence[str]:
    return (
        headings.counterparty.value,
        headings.account.value,
        headings.purpose.value,
    )


def _is_total(row: Mapping[int, Cell]) -> bool:
    """Whether a bank adds up here what stands above."""
    first = normal_code(row[min(row)].text)
    return first.rstrip(":：") in TOTALS or first.startswith(TOTALS[:2])


class _Line:
    """One row on its way to a line."""

    def __init__(
        self,
        headings: StatementFileRules,
        number: int,
        row: Mapping[int, Cell],
        places: Mapping[str, int],
    ) -> None:
        self.headings, self.number, self.row, self.places = headings, number, row, places
        self.faults: list[StatementFault] = []

    def read(self) -> StatedLine | None:
        """The line; None where something of it could not be read, which `faults` say."""
        headings = self.headings
        day = self._cell(headings.day.value, cells.day, "statement_day_invalid")
        if day is None and not self.faults:
            name = headings.day.value
            self._wrong("statement_day_invalid", "没有日期。", name)
        reference = self._cell(
            headings.reference.value, cells.text, "statement_reference_unreadable"
        )
        fen = self._fen()
        if self.faults or day is None:
            return None
        return StatedLine(
            self.number,
            day,
            fen,
            normal_code(reference or ""),
            self._words(headings.counterparty.value),
            self._words(headings.account.value),
            self._words(headings.purpose.value),
        )

    def _find(self, name: str) -> Cell | None:
        place = self.places.get(normal_code(name))
        return self.row.get(place) if place is not None else None

    def _wrong(self, code: str, message: str, column: str | None) -> None:
        self.faults.append(StatementFault(code, message, self.number, column))

    def _cell(self, name: str, parse: Callable[[Cell], T], code: str) -> T | None:
        cell = self._find(name)
        try:
            return parse(cell) if cell else None
        except BadCell as bad:
            self._wrong(code, f"{bad}。", name)
            return None

    def _fen(self) -> int:
        """What the two columns say; nought where they cannot be read."""
        texts = []
        for name in (self.headings.paid.value, self.headings.received.value):
            cell = self._find(name)
            try:
                text = cells.figures(cell) if cell else ""
                if text.strip():
                    rules.amount_fen(text)
                texts.append(text)
            except BadCell as bad:
                self._wrong("statement_amount_invalid", f"{bad}。", name)
            except Refused as refused:
                for each in refused.refusals:
                    self._wrong(each.code, each.message, name)
        if len(texts) < 2:
            return 0
        try:
            return rules.signed_fen(*texts)
        except Refused as refused:
            for each in refused.refusals:
                self._wrong(each.code, each.message, self.headings.paid.value)
            return 0

    def _words(self, name: str) -> str:
        """What people read, as far as it can be; nothing is booked by it."""
        cell = self._find(name)
        return plain(cell.text)[:LONGEST] if cell else ""
