"""Reads a file of the fund's books line by line, however long it is: never whole."""

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from typing import BinaryIO

from backend.domain import fund_books as rules
from backend.domain import texts
from backend.domain.errors import refuse
from backend.domain.fund_books import BadLine, Fault, Head, Line

PIECE = 1 << 20  # bytes
ENCODINGS = ("utf-8-sig", "gb18030")
HEAD_COLUMNS, HEAD_CELLS, COLUMNS = 1, 2, 3  # the first three lines


@dataclass(frozen=True)
class Numbered:
    """A line of the file by its number there: what it says, or what is wrong with it."""

    number: int
    line: Line | None
    faults: Sequence[Fault]


class FundFile:
    """One file, at its beginning again whenever its lines are asked for. `sha256` is of all of it.

    Raises Refused `file_unreadable` for what is no table of text.
    """

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.sha256, self._encoding = _looked_through(content)

    def head(self) -> Head | Sequence[Fault]:
        """What its second line says under the first, or what is wrong with the first three."""
        rows = self._rows()
        columns, cells, names = (next(rows, (0, []))[1] for _ in range(3))
        values = rules.by_column(columns, [*cells, *[""] * len(columns)])
        wrong = [
            *_columns_off(HEAD_COLUMNS, rules.HEAD, columns),
            *_beyond(HEAD_CELLS, columns, cells),
        ]
        if wrong:
            return wrong
        try:
            head = rules.read_head(values)
        except BadLine as bad:
            return [Fault(HEAD_CELLS, *fault) for fault in bad.faults]
        return _columns_off(COLUMNS, rules.COLUMNS[head.kind], names) or head

    def lines(self, head: Head) -> Iterator[Numbered]:
        """Every line below its columns that is not blank."""
        names: Sequence[str] = ()
        for number, cells in self._rows():
            if number == COLUMNS:
                names = cells
            elif number > COLUMNS and any(cells):
                if beyond := _beyond(number, names, cells):
                    yield Numbered(number, None, beyond)
                    continue
                try:
                    line = rules.read_line(head, rules.by_column(names, cells))
                except BadLine as bad:
                    yield Numbered(number, None, [Fault(number, *each) for each in bad.faults])
                else:
                    yield Numbered(number, line, ())

    def has_changed(self) -> bool:
        """Whether somebody wrote to the file after it was looked through."""
        self._content.seek(0)
        pieces = iter(partial(self._content.read, PIECE), b"")
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        return digest.hexdigest() != self.sha256

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each line by its number."""
        self._content.seek(0)
        text = TextIOWrapper(self._content, self._encoding, newline="")
        number = 0
        try:
            for number, cells in enumerate(csv.reader(text, strict=True), 1):
                yield number, cells
        except csv.Error:
            what = f"第 {number + 1} 行起读不出来，引号可能没有成对"
            raise _unreadable(what) from None
        except UnicodeDecodeError:
            raise _unreadable("在读取时被改动") from None
        finally:
            text.detach()


def _looked_through(content: BinaryIO) -> tuple[str, str]:
    """The SHA-256 of the whole file, and how its letters are written."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    content.seek(0)
    for piece in iter(partial(content.read, PIECE), b""):
        if len(piece) == PIECE and b"\n" not in piece and b"\r" not in piece:
            raise _unreadable("有一行太长")
        digest.update(piece)
        _all_decode(decoders, piece)
    _all_decode(decoders, b"", final=True)
    if not decoders:
        raise _unreadable()
    return digest.hexdigest(), next(iter(decoders))


def _all_decode(
    decoders: dict[str, codecs.IncrementalDecoder], piece: bytes, *, final: bool = False
) -> None:
    """Let go of those that cannot read it."""
    for name, decoder in tuple(decoders.items()):
        try:
            if "\0" in decoder.decode(piece, final):
                raise _unreadable()
        except UnicodeDecodeError:
            del decoders[name]


def _columns_off(line: int, wanted: Sequence[str], names: Sequence[str]) -> Sequence[Fault]:
    """Columns that this line of headings lacks, or has twice."""
    times = Counter(texts.tidy(name) for name in names)
    lacking = [name for name in wanted if not times[name]]
    twice = [name for name in {*wanted, rules.BALANCE} if times[name] > 1]
    return [
        *(Fault(line, name, "没有这一列，请按说明导出，不要改动表头") for name in lacking),
        *(Fault(line, name, "这一列出现了两次，请只留一列") for name in sorted(twice)),
    ]


def _beyond(line: int, names: Sequence[str], cells: Sequence[str]) -> Sequence[Fault]:
    """What stands where no column is, as after a comma within a figure."""
    if not any(cells[len(names) :]):
        return ()
    return [Fault(line, "表头以外", "这一行比表头多出几格，请核对各格里有没有逗号")]


def _unreadable(what: str = "不是可以读取的 CSV（UTF-8 或 GB 18030）") -> Exception:
    return refuse("file_unreadable", f"文件{what}，请从资金系统重新导出。", "file")
