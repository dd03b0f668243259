"""Lists in pages: fifty lines each, twenty pages at most, and a whole list as a workbook."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.domain.errors import refuse

ROWS = 50
MOST_PAGES = 20
MOST_COUNTED = ROWS * MOST_PAGES + 1
MOST_EXPORTED = 2000

Line = TypeVar("Line")
# Lines of a list: `most` after the first `skipped`.
Lines = Callable[[int, int], Sequence[Line]]


@dataclass(frozen=True)
class Paged(Generic[Line]):
    """A page of a list: how many lines there are (more than can be counted: `more`), and which
    pages."""

    rows: Sequence[Line]
    total: int
    more: bool
    page: int
    pages: int


def paged(page: int, count: Callable[[int], int], lines: Lines[Line]) -> Paged[Line]:
    """The `page` (from 1) of a list that counts up to a number, the last one for one beyond it."""
    total = count(MOST_COUNTED)
    pages = max(1, min(MOST_PAGES, -(-total // ROWS)))
    page = min(max(page, 1), pages)
    return Paged(lines((page - 1) * ROWS, ROWS), total, total == MOST_COUNTED, page, pages)


def whole(lines: Lines[Line], most: int | None = None) -> Sequence[Line]:
    """Every line; raises Refused `export_too_long` for more than `most`, or (None) than anybody
    waits for."""
    limit = MOST_EXPORTED if most is None else most
    found = lines(0, limit + 1)
    if len(found) > limit:
        message = f"超过{limit}行，没有导出。请加上条件，分几次导出。"
        raise refuse("export_too_long", message, kind="conflict")
    return found
