"""A workbook that someone hands in: its sheets as typed rows, and everything that is wrong in it.

Headings stand in row 1 and may come in any order; data starts in row 2; blank rows do not count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Generic, TypeVar, cast

from backend.domain.normal import normal_code
from backend.services.workbooks.cells import BadCell, is_nothing
from backend.services.workbooks.formats import shows_text
from backend.services.workbooks.package import BadWorkbook
from backend.services.workbooks.xlsx import Cell, RawSheet, column_letters, read_xlsx

T = TypeVar("T")
HEADING_ROW = 1
# Nobody corrects more at a time, and each is an object and a line.
MOST_PROBLEMS = 1000


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its heading, how a cell is read, and what the template says about it."""

    heading: str
    parse: Callable[[Cell], T]
    note: str
    examples: tuple[str, ...]
    required: bool
    choices: tuple[str, ...] = ()


def required(heading: str, parse: Callable[[Cell], T], note: str, *examples: str) -> Column[T]:
    """A column that every row fills."""
    return Column(heading, parse, note, examples, required=True)


def optional(
    heading: str,
    parse: Callable[[Cell], T],
    note: str,
    *examples: str,
    choices: tuple[str, ...] = (),
) -> Column[T | None]:
    """A column that may stay blank, which reads as None."""
    return Column(heading, parse, note, examples, required=False, choices=choices)


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet by name; `needs_rows` when an import without any makes no sense."""

    name: str
    columns: tuple[Column[Any], ...]
    needs_rows: bool = True


@dataclass(frozen=True)
class Problem:
    """What is wrong and where; row and column (a letter) are None for a whole sheet."""

    sheet: str
    row: int | None
    column: str | None
    heading: str | None
    message: str

    def line(self) -> str:
        """One Chinese line: `房屋业主 第 12 行 D 列（建筑面积）：…`."""
        place = self.sheet
        if self.row is not None:
            place += f" 第 {self.row} 行"
        if self.column is not None:
            place += f" {self.column} 列" + (f"（{self.heading}）" if self.heading else "")
        return f"{place}：{self.message}" if place else self.message


@dataclass(frozen=True)
class Row:
    """A data row; `row[COLUMN]` is typed. Cells that could not be read are absent."""

    sheet: str
    number: int
    _values: Mapping[str, object]
    _letters: Mapping[str, str]

    def __getitem__(self, column: Column[T]) -> T:
        return cast(T, self._values[column.heading])

    def has(self, *columns: Column[Any]) -> bool:
        """Whether all of these could be read (a blank optional cell can)."""
        return all(column.heading in self._values for column in columns)

    def problem(self, column: Column[Any] | None, message: str) -> Problem:
        """Something wrong with this row, or with one cell of it."""
        if column is None:
            return Problem(self.sheet, self.number, None, None, message)
        letter = self._letters[column.heading]
        return Problem(self.sheet, self.number, letter, column.heading, message)


@dataclass
class Workbook:
    """The rows of each sheet and the problems so far; importers add theirs. `raw` are the sheets as
    they looked.

    `readable` is False when a sheet or a heading is missing: then rows cannot be checked against
    each other.
    """

    raw: Mapping[str, RawSheet] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True

    def complain(self, row: Row, column: Column[Any] | None, message: str) -> None:
        """Add a problem with a row."""
        self.problems.append(row.problem(column, message))


@dataclass
class Counts:
    """What an import did to one kind of record.

    `unlisted` are in the system but not in the workbook: they stay, and people should know.
    """

    added: int = 0
    changed: int = 0
    same: int = 0
    unlisted: int = 0

    def __str__(self) -> str:
        unlisted = f"，另有 {self.unlisted} 项工作簿未列出，已保留" if self.unlisted else ""
        return f"新增 {self.added}，更新 {self.changed}，未变 {self.same}{unlisted}"


@dataclass(frozen=True)
class ImportReport:
    """The outcome: with problems nothing was written; `applied` also needs `dry_run` to be off.
    `sheets` are the cells as they looked, by the name of their sheet."""

    kind: str
    dry_run: bool
    problems: tuple[Problem, ...]
    counts: Mapping[str, Counts]
    sheets: Mapping[str, RawSheet] = field(default_factory=dict)

    @property
    def applied(self) -> bool:
        """Whether the workbook is now in the database."""
        return not self.dry_run and not self.problems

    @property
    def changes(self) -> int:
        """How many records were added or changed (or would be, in a dry run)."""
        return sum(counts.added + counts.changed for counts in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """The report as one JSON document."""
        return {
            "ok": not self.problems,
            "kind": self.kind,
            "dry_run": self.dry_run,
            "applied": self.applied,
            "changes": self.changes,
            "counts": {name: asdict(counts) for name, counts in self.counts.items()},
            "problems": [asdict(problem) for problem in self.problems],
        }

    def lines(self) -> list[str]:
        """The report in Chinese, a line each."""
        if self.problems:
            lines = [problem.line() for problem in self.problems]
            return [*lines, f"共 {len(lines)} 处问题，没有导入任何内容。请改正后重新导入。"]
        lines = [f"{name}：{counts}" for name, counts in self.counts.items()]
        if not self.changes:
            return [*lines, "内容与系统一致，没有变化。"]
        done = "试运行，没有写入" if self.dry_run else "已全部写入"
        return [*lines, f"共 {self.changes} 项变化，{done}。"]


def read_workbook(content: bytes, sheets: Sequence[WorkbookSheet]) -> Workbook:
    """Read the sheets into typed rows; whatever is wrong ends up in `problems`."""
    try:
        raw = read_xlsx(content, {sheet.name for sheet in sheets})
    except BadWorkbook as error:
        return Workbook(problems=[Problem("", None, None, None, str(error))], readable=False)
    book = Workbook(raw)
    for sheet in sheets:
        if sheet.name in raw:
            _read_sheet(book, sheet, raw[sheet.name])
        else:
            book.readable = False
            book.problems.append(
                Problem(sheet.name, None, None, None, f"缺少工作表“{sheet.name}”，请使用模板填写")
            )
    return book


def in_reading_order(
    problems: Sequence[Problem], sheets: Sequence[WorkbookSheet]
) -> tuple[Problem, ...]:
    """Sheet by sheet, from the top down, from left to right."""
    order = {sheet.name: place for place, sheet in enumerate(sheets)}

    def place(problem: Problem) -> tuple[int, int, int, str]:
        column = problem.column or ""
        return order.get(problem.sheet, -1), problem.row or 0, len(column), column

    return tuple(sorted(problems, key=place))


def _read_sheet(book: Workbook, sheet: WorkbookSheet, raw: RawSheet) -> None:
    book.rows[sheet.name] = []
    _check_sheet(book, sheet, raw)
    headings = raw.rows.get(HEADING_ROW, {})
    places = _places(book, sheet, headings)
    if places is None:
        book.readable = False
        return
    letters = {heading: column_letters(place) for heading, place in places.items()}
    data = ((number, cells) for number, cells in raw.rows.items() if number != HEADING_ROW)
    for number, cells in sorted(data):
        if len(book.problems) >= MOST_PROBLEMS:
            message = f"已有 {len(book.problems)} 处问题，从本行起没有再查，请先改正前面的"
            book.problems.append(Problem(sheet.name, number, None, None, message))
            book.readable = False
            break
        if any(place in cells for place in places.values()):
            values: dict[str, object] = {}
            row = Row(sheet.name, number, values, letters)
            for column in sheet.columns:
                _read_cell(book, row, values, column, cells.get(places[column.heading]))
            book.rows[sheet.name].append(row)
    _check_hidden(book, sheet, raw, places)
    if sheet.needs_rows and not book.rows[sheet.name]:
        message = "没有数据，请从第 2 行起填写"
        book.problems.append(Problem(sheet.name, None, None, None, message))


def _check_sheet(book: Workbook, sheet: WorkbookSheet, raw: RawSheet) -> None:
    """What is wrong with a sheet before its rows are read."""
    messages = [f"有合并单元格 {reference}，请取消合并并逐行填写" for reference in raw.merged]
    if raw.copies > 1:
        messages.append(f"有 {raw.copies} 张工作表都叫这个名称，请只保留一张")
    if raw.hidden:
        messages.append("工作表被隐藏，请取消隐藏并核对内容后重新导入")
    book.problems += [Problem(sheet.name, None, None, None, message) for message in messages]


def _check_hidden(
    book: Workbook, sheet: WorkbookSheet, raw: RawSheet, places: Mapping[str, int]
) -> None:
    """What nobody saw is not taken: each run of hidden rows, each hidden column is named."""
    if HEADING_ROW in raw.hidden_rows:
        message = "表头被隐藏，请取消隐藏并核对各列后重新导入"
        book.problems.append(Problem(sheet.name, HEADING_ROW, None, None, message))
    hidden = [row.number for row in book.rows[sheet.name] if row.number in raw.hidden_rows]
    for _, run in groupby(enumerate(hidden), lambda pair: pair[1] - pair[0]):
        first, *others = (number for _, number in run)
        rows = f"第 {first} 至 {others[-1]} 行" if others else "本行"
        message = f"{rows}被隐藏或筛选掉，请取消隐藏并核对，或删除后重新导入"
        book.problems.append(Problem(sheet.name, first, None, None, message))
    for heading, place in places.items():
        if place in raw.hidden_columns:
            message = "本列被隐藏，请取消隐藏并核对后重新导入"
            book.problems.append(
                Problem(sheet.name, HEADING_ROW, column_letters(place), heading, message)
            )


def _places(
    book: Workbook, sheet: WorkbookSheet, headings: Mapping[int, Cell]
) -> dict[str, int] | None:
    """Where each column stands, or None when one is missing or there twice."""
    found: dict[str, list[int]] = {}
    for place, cell in headings.items():
        found.setdefault(_heading(cell.text), []).append(place)
    places: dict[str, int] = {}
    for column in sheet.columns:
        match found.get(_heading(column.heading), []):
            case [place]:
                places[column.heading] = place
            case []:
                message = f"第 1 行缺少“{column.heading}”列，请使用模板的表头"
                book.problems.append(Problem(sheet.name, 1, None, column.heading, message))
            case [_, second, *_]:
                message = f"“{column.heading}”列重复，请只保留一列"
                book.problems.append(
                    Problem(sheet.name, 1, column_letters(second), column.heading, message)
                )
    return places if len(places) == len(sheet.columns) else None


def _heading(text: str) -> str:
    """Headings match whatever their blanks, width of brackets and required-marks."""
    return normal_code(text).strip("*")


def _read_cell(
    book: Workbook, row: Row, values: dict[str, object], column: Column[Any], cell: Cell | None
) -> None:
    if cell and cell.kind == "text" and not shows_text(cell.shown_by):
        written = cell.text.strip()[:30]
        message = (
            f"单元格的格式没有如实显示，实际存的是“{written}”，请设为“文本”格式，核对后重新导入"
        )
        book.complain(row, column, message)
    elif cell is None or is_nothing(cell):
        if column.required:
            book.complain(row, column, "不能为空")
        else:
            values[column.heading] = None
    elif cell.kind == "formula":
        book.complain(row, column, "是公式，请复制后“粘贴为数值”")
    elif cell.kind == "error":
        book.complain(row, column, f"是错误值 {cell.text.strip()}，请改为实际内容")
    else:
        try:
            values[column.heading] = column.parse(cell)
        except BadCell as error:
            book.complain(row, column, str(error))
