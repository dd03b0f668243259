"""Cursor pages: rows in the order of their UUIDv7 ids, the oldest first."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from backend.domain.errors import refuse
from backend.http.present import Input

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)


class PageQuery(Input):
    """Where a page begins and how long it may be."""

    cursor: str | None = Field(default=None, max_length=64, description="上一页的 next_cursor")
    page_size: int = Field(default=20, ge=1, le=100)

    def after(self) -> UUID | None:
        """The id of the last row of the page before; raises Refused `cursor_invalid`."""
        if self.cursor is None:
            return None
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self.cursor + "=="))
        except (ValueError, binascii.Error):
            raise refuse("cursor_invalid", "翻页位置无效，请从第一页重新查看。", "cursor") from None


class Page(BaseModel, Generic[Item]):
    """One page; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None


def cursor_after(rows: Sequence[Row], page_size: int, id_of: Callable[[Row], UUID]) -> str | None:
    """The cursor behind the first `page_size` of `rows`; None when there are no more.

    Services are asked for `page_size + 1` rows, so that one row too many tells of a next page.
    """
    if len(rows) <= page_size:
        return None
    return base64.urlsafe_b64encode(id_of(rows[page_size - 1]).bytes).decode().rstrip("=")
