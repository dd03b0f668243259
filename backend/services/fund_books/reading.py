"""Reads a file of the fund's books line by line, however long it is: never whole."""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from typing import BinaryIO

from backend.domain import fund_books as rules
from backend.domain.errors import refuse
from backend.domain.fund_books import BadLine, Fault, Head, Line

PIECE = 1 << 20  # bytes
LONGEST = 10_000  # letters of a line: what is longer is no line of a table
ENCODINGS = ("utf-8-sig", "gb18030")
HEAD_COLUMNS, HEAD_CELLS, COLUMNS = 1, 2, 3  # the first three lines

csv.field_size_limit(LONGEST)


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
        lacking = [name for name in rules.HEAD if name not in values]
        if lacking:
            return [_missing(HEAD_COLUMNS, name) for name in lacking]
        try:
            head = rules.read_head(values)
        except BadLine as bad:
            return [Fault(HEAD_CELLS, *fault) for fault in bad.faults]
        wanted, there = rules.COLUMNS[head.kind], rules.by_column(names, names)
        return [_missing(COLUMNS, name) for name in wanted if name not in there] or head

    def lines(self, head: Head) -> Iterator[Numbered]:
        """Every line below its columns that is not blank."""
        names: Sequence[str] = ()
        for number, cells in self._rows():
            if number == COLUMNS:
                names = cells
            elif number > COLUMNS and any(cells):
                try:
                    line = rules.read_line(head, rules.by_column(names, cells))
                except BadLine as bad:
                    yield Numbered(number, None, [Fault(number, *each) for each in bad.faults])
                else:
                    yield Numbered(number, line, ())

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each line by its number."""
        self._content.seek(0)
        text = TextIOWrapper(self._content, self._encoding, newline="")
        try:
            yield from enumerate(csv.reader(text, strict=True), 1)
        except csv.Error:
            raise _unreadable() from None
        finally:
            text.detach()


def _looked_through(content: BinaryIO) -> tuple[str, str]:
    """The SHA-256 of the whole file, and how its letters are written."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ENCODINGS}
    content.seek(0)
    for piece in iter(partial(content.read, PIECE), b""):
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


def _missing(line: int, name: str) -> Fault:
    return Fault(line, name, "没有这一列，请按说明导出，不要改动表头")


def _unreadable() -> Exception:
    message = "文件不是可以读取的 CSV（UTF-8 或 GB 18030），请从资金系统重新导出。"
    return refuse("file_unreadable", message, "file")
