"""Cursor pages: rows in the order of their UUIDv7 ids, the oldest first, or of their numbers."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from backend.domain.errors import Refused, refuse
from backend.http.present import Input

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

# Fits a 64-bit count.
COUNT = re.compile(r"[0-9]{1,18}", re.ASCII)


class AnyPageQuery(Input):
    """How long a page may be, and where it begins."""

    cursor: str | None = Field(default=None, max_length=64, description="上一页的 next_cursor")
    page_size: int = Field(default=20, ge=1, le=100, description="一页几条")


class PageQuery(AnyPageQuery):
    """Where a page begins and how long it may be."""

    def after(self) -> UUID | None:
        """The id of the last row of the page before; raises Refused `cursor_invalid`."""
        if self.cursor is None:
            return None
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self.cursor + "=="))
        except (ValueError, binascii.Error):
            raise _invalid() from None


class CountedPageQuery(AnyPageQuery):
    """The same over rows that are counted from 1 on."""

    def after(self) -> int:
        """The number of the last row of the page before, else 0; raises Refused as `PageQuery`."""
        if self.cursor is None:
            return 0
        if not COUNT.fullmatch(self.cursor):
            raise _invalid()
        return int(self.cursor)


def _invalid() -> Refused:
    return refuse("cursor_invalid", "翻页位置无效，请从第一页重新查看。", "cursor")


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None


def cursor_after(
    rows: Sequence[Row], page_size: int, place_of: Callable[[Row], UUID | int]
) -> str | None:
    """The cursor behind the first `page_size` of `rows`, by the id or number of the last of them.

    None when there are no more.

    Services are asked for `page_size + 1` rows, so that one row too many tells of a next page.
    """
    if len(rows) <= page_size:
        return None
    last = place_of(rows[page_size - 1])
    if isinstance(last, int):
        return str(last)
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")
