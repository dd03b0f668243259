"""What a form of the desk asks for, and reading what was typed: values, files, tables.

A cell of a table is named by its row and column (`answers.3.name`), as refusals of the services
name it; each box of several by its value.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import request

from backend.desk.values import YES, Kind, value_of
from backend.domain.errors import Refusal, Refused, refuse
from backend.services.base.context import Actor, Context
from backend.services.files import uploads

PIECE = 64 * 1024
MOST_ROWS = 200
PASTE = "paste"  # beside the rows of a table: a part of a workbook, as it is copied

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One input: `name` as the API calls it, so that refusals find it. `choices` are value and
    words where they are always the same.

    Of a table: its `columns`; `key` names the one that says what a row is about, where its rows
    are known before anybody types. A row of an `optional` table may stay empty.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    optional: bool = False
    choices: Choices = ()
    columns: tuple["Field", ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table that is known: what it is about, in words, and the code on its papers."""

    id: str
    words: str
    code: str = ""


@dataclass(frozen=True)
class Known:
    """What is in a form before anybody types: values by name, what there is to choose from, and
    the rows of its tables."""

    values: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)


NOTHING = Known()
Given = Mapping[str, Any]


def digest(fields: Sequence[Field]) -> str:
    """What makes two submissions the same: the address, what was typed, the files' content."""
    found = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for name, text in sorted(typed(fields).items()):
        found.update(f"{name}\n{text}\n".encode())
    for each in fields:
        file = request.files.get(each.name) if each.kind is Kind.FILE else None
        if file is not None:
            found.update(f"{each.name}\n".encode())
            for piece in iter(partial(file.stream.read, PIECE), b""):
                found.update(piece)
            file.stream.seek(0)
    return found.hexdigest()


def typed(fields: Sequence[Field]) -> Mapping[str, str]:
    """What was typed, by name, to be shown again; rows that are empty are left out, so that the
    others have the numbers that refusals name."""
    found: dict[str, str] = {}
    for each in fields:
        if each.kind is Kind.TABLE:
            rows = _rows(each)
            found |= {
                f"{each.name}.{number}.{column}": text
                for number, row in enumerate(rows)
                for column, text in row.items()
            }
            if pasted := request.form.get(f"{each.name}.{PASTE}", "").strip():
                found[f"{each.name}.{PASTE}"] = pasted
        elif each.kind is Kind.SEVERAL:
            found |= {f"{each.name}.{value}": YES for value in _ticked(each)}
        elif each.kind is not Kind.FILE:
            found[each.name] = request.form.get(each.name, "")
    return found


def read(fields: Sequence[Field]) -> Given:
    """What was typed, as values; files are left out (`read_files`). A table becomes its rows.

    Raises Refused with everything that is missing or cannot be read.
    """
    found: dict[str, Any] = {}
    wrong: list[Refusal] = []
    for each in fields:
        try:
            if each.kind is Kind.FILE:
                _check_there(each)
            elif each.kind is Kind.TABLE:
                found[each.name] = _read_table(each)
            elif each.kind is Kind.SEVERAL:
                found[each.name] = _read_several(each)
            else:
                found[each.name] = _read(each, request.form.get(each.name, ""), each.name)
        except Refused as refused:
            wrong += refused.refusals
    if wrong:
        raise Refused(*wrong)
    return found


def read_files(ctx: Context, actor: Actor, fields: Sequence[Field]) -> Mapping[str, uploads.Read]:
    """The files of a form, looked into; raises Refused as `uploads.read_upload`, at their field."""
    found = {}
    for each in fields:
        file = request.files.get(each.name) if each.kind is Kind.FILE else None
        if file is not None and file.filename:
            try:
                found[each.name] = uploads.read_upload(ctx, actor, file.stream)
            except Refused as refused:
                at_field = (Refusal(r.code, r.message, each.name) for r in refused.refusals)
                raise Refused(*at_field, kind=refused.kind) from None
    return found


def _check_there(each: Field) -> None:
    file = request.files.get(each.name)
    if not each.optional and (file is None or not file.filename):
        raise refuse("field_missing", f"请选择“{each.label}”的文件（照片或 PDF）。", each.name)


def _read(each: Field, text: str, name: str) -> Any:
    value = value_of(each.kind, text, each.label, name)
    if value is None and not each.optional:
        verb = "选择" if each.kind in (Kind.CHOICE, Kind.ID) else "填写"
        raise refuse("field_missing", f"请{verb}“{each.label}”。", name)
    if each.choices and value is not None and value not in dict(each.choices):
        raise refuse("field_invalid", f"请重新选择“{each.label}”。", name)
    return value


def _ticked(each: Field) -> Sequence[str]:
    start = f"{each.name}."
    return [
        name.removeprefix(start)
        for name, text in request.form.items()
        if name.startswith(start) and text == YES
    ]


def _read_several(each: Field) -> Sequence[str]:
    if found := _ticked(each):
        return found
    raise refuse("field_missing", f"请在“{each.label}”里至少勾选一项。", each.name)


def _rows(table: Field) -> Sequence[Mapping[str, str]]:
    """The cells of each row of this table in which something was typed, by column."""
    cell = re.compile(rf"{table.name}\.([0-9]{{1,3}})\.(\w+)")
    rows: dict[int, dict[str, str]] = {}
    columns = {column.name for column in table.columns} | ({table.key} if table.key else set())
    for name, text in request.form.items():
        found = cell.fullmatch(name)
        if found and found[2] in columns and int(found[1]) < MOST_ROWS:
            rows.setdefault(int(found[1]), {})[found[2]] = text
    # Of known rows each stays, at the number of its row on the page.
    return [row for _, row in sorted(rows.items()) if table.key or _is_filled(table, row)]


def _is_filled(table: Field, row: Mapping[str, str]) -> bool:
    return any(row.get(column.name, "").strip() for column in table.columns)


def _read_table(table: Field) -> Sequence[Given]:
    """Its rows; raises Refused with everything that is wrong in any of them."""
    found: list[Given] = []
    wrong: list[Refusal] = []
    for number, row in enumerate(_rows(table)):
        if table.optional and not _is_filled(table, row):
            continue
        try:
            found.append(dict(_read_row(table, f"{table.name}.{number}", row, wrong)))
        except Refused as refused:
            wrong += refused.refusals
    if wrong:
        raise Refused(*wrong)
    if not found:
        raise refuse("field_missing", f"请至少填写“{table.label}”的一行。", table.name)
    return found


def _read_row(
    table: Field, name: str, row: Mapping[str, str], wrong: list[Refusal]
) -> Iterator[tuple[str, Any]]:
    if table.key:
        key = Field(table.key, table.label, Kind.HIDDEN)
        yield table.key, _read(key, row.get(table.key, ""), table.name)
    for column in table.columns:
        try:
            text = row.get(column.name, "")
            yield column.name, _read(column, text, f"{name}.{column.name}")
        except Refused as refused:
            wrong += refused.refusals
