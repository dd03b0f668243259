"""Counts what a request asks of the database."""

from types import TracebackType
from typing import Any, Self

from sqlalchemy import event

from backend.services.base.context import Context


class Counter:
    """`statements` ran inside the block, on every connection of `ctx`; `queries` is how many."""

    def __init__(self, ctx: Context) -> None:
        self._engine = ctx.sessions.kw["bind"]
        self.statements: list[str] = []

    @property
    def queries(self) -> int:
        return len(self.statements)

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._count)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)

    def _count(self, *seen: Any) -> None:
        self.statements.append(seen[2])
