"""锁账 for those who keep or watch the books: up to which day they are locked, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.services.books.locks import locked_until
from backend.store.queries.period_locks import LockView, count_locks, lock_rows, lock_waiting


@dataclass(frozen=True)
class LockLine:
    """A change of the lock, and who entered and decided it."""

    view: LockView
    entered_by: str
    decided_by: str | None


@dataclass(frozen=True)
class LocksPage:
    """Where the lock stands, every change of it, the latest first, which of them waits, and whether
    this person's office changes it."""

    locked_until: date | None
    changes: Paged[LockLine]
    waiting: LockView | None
    may_work: bool


def read_locks(ctx: Context, actor: Actor, page: int) -> LocksPage:
    """Fifty changes a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return LocksPage(
            locked_until(tx),
            paged(
                page,
                lambda most: count_locks(tx, most),
                lambda skipped, most: _lines(tx, ctx, skipped, most),
            ),
            lock_waiting(tx),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )


def _lines(tx: Session, ctx: Context, skipped: int, most: int) -> Sequence[LockLine]:
    return [
        LockLine(
            view,
            shown_name(ctx.cipher, entered_by),
            shown_name(ctx.cipher, decided_by) if decided_by else None,
        )
        for view, entered_by, decided_by in lock_rows(tx, skipped, most)
    ]
