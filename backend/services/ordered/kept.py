"""Which ordered files wait for a worker, and which are over; apart from what makes them, which
takes memory."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.ordered import KEPT
from backend.services.base.batches import in_batches
from backend.services.base.context import Context
from backend.store.notices import StoredFile
from backend.store.queries import ordered
from backend.store.queries.files import lock_file, named_files


def is_due(ctx: Context, row_id: UUID) -> bool:
    """Whether this is an open order that nobody works on."""
    with ctx.sessions() as tx:
        return ordered.is_free(tx, row_id, system_clock())


def due_ids(ctx: Context, batch_size: int = 20) -> Sequence[UUID]:
    """Open orders that nobody works on."""
    with ctx.sessions() as tx:
        return ordered.free_ids(tx, system_clock(), batch_size)


def forget_old(ctx: Context) -> None:
    """Drop what was ordered some days ago, whether anybody fetched it or not, and its file where
    nothing else rests on that and nobody handed it in; who ordered and fetched what stays in the
    audit chain."""
    in_batches(ctx, _forgetting(ctx))


def _forgetting(ctx: Context) -> Callable[[Session, int], int]:
    def some(tx: Session, most: int) -> int:
        gone = ordered.over(tx, ctx.clock(), KEPT, most)
        files = sorted({order.file_sha256 for order in gone if order.file_sha256})
        for order in gone:
            tx.delete(order)
        tx.flush()
        for sha256 in files:
            lock_file(tx, sha256)
            named = tx.query(StoredFile.sha256).filter(StoredFile.sha256 == sha256, named_files())
            if named.first() is None:
                ctx.files.forget(sha256)
        return len(gone)

    return some
