"""A part of a workbook, copied in WPS and pasted below a table: its cells go into the rows.

Of known rows each line says by a cell which one it is about: the code on the lift's papers, or its
last six digits; what stands behind it fills the columns in their order. Into other tables each line
goes as a row of its own. Nothing is done by it: the form is shown again, to be looked at.
"""

from collections.abc import Mapping, Sequence

from backend.desk.forms import MOST_ROWS, PASTE, Field, Known, Row
from backend.desk.values import Kind
from backend.domain.normal import normal_code

FILL = "fill"  # the button that only fills the rows
TAIL = 6  # as lifts are called by the end of their codes


def is_pasted(fields: Sequence[Field], typed: Mapping[str, str]) -> bool:
    """Whether something stands in a field for pasting."""
    return any(f"{each.name}.{PASTE}" in typed for each in fields if each.kind is Kind.TABLE)


def fill(
    fields: Sequence[Field], known: Known, typed: Mapping[str, str]
) -> tuple[Mapping[str, str], int]:
    """What was typed with what was pasted in its rows, and how many lines found none: they stay in
    the field."""
    found = dict(typed)
    left = 0
    for table in (each for each in fields if each.kind is Kind.TABLE):
        text = found.pop(f"{table.name}.{PASTE}", "")
        lines = [line for line in text.splitlines() if line.strip()]
        place = _at_known if table.key else _at_end
        rest = place(table, known.rows.get(table.name, ()), lines, found)
        if rest:
            found[f"{table.name}.{PASTE}"] = "\n".join(rest)
            left += len(rest)
    return found, left


def _at_known(
    table: Field, rows: Sequence[Row], lines: Sequence[str], found: dict[str, str]
) -> Sequence[str]:
    rest = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("\t")]
        named = [numbers for cell in cells if (numbers := _named(cell, rows))]
        if not named or len(named[0]) > 1:
            rest.append(line)
            continue
        position = next(place for place, cell in enumerate(cells) if _named(cell, rows))
        found |= _as_typed(table, named[0][0], cells[position + 1 :])
    return rest


def _named(cell: str, rows: Sequence[Row]) -> Sequence[int]:
    """The rows whose code this cell is, or the end of it."""
    code = normal_code(cell)
    if len(code) < TAIL:
        return []
    codes = [normal_code(row.code) for row in rows]
    whole = [number for number, known in enumerate(codes) if known == code]
    return whole or [number for number, known in enumerate(codes) if known.endswith(code)]


def _at_end(
    table: Field, rows: Sequence[Row], lines: Sequence[str], found: dict[str, str]
) -> Sequence[str]:
    start = f"{table.name}."
    numbers = [int(name.split(".")[1]) for name in found if name.startswith(start)]
    next_one = max(numbers, default=-1) + 1
    room = MOST_ROWS - next_one
    for number, line in enumerate(lines[:room], next_one):
        found |= _as_typed(table, number, [cell.strip() for cell in line.split("\t")])
    return lines[room:]


def _as_typed(table: Field, number: int, cells: Sequence[str]) -> Mapping[str, str]:
    return {
        f"{table.name}.{number}.{column.name}": _value(column, cell)
        for column, cell in zip(table.columns, cells, strict=False)
    }


def _value(column: Field, cell: str) -> str:
    """A choice is pasted in its words."""
    of_words = {words: value for value, words in column.choices}
    return of_words.get(cell, cell)
