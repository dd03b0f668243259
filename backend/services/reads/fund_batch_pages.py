"""资金系统的文件 for those who keep or watch the books."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.roles import BOOK_READERS
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.paging import Paged, paged
from backend.store.fund_books import FundSent
from backend.store.queries.fund_batches import BatchView, batch_rows, count_batches, latest_sent

SENT_SHOWN = 10


@dataclass(frozen=True)
class BatchesPage:
    """The batches that were booked, the latest first, and what was written last."""

    found: Paged[BatchView]
    sent: Sequence[FundSent]


def read_batches(ctx: Context, actor: Actor, page: int) -> BatchesPage:
    """Fifty a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        found = paged(
            page,
            lambda most: count_batches(tx, most),
            lambda skipped, most: batch_rows(tx, skipped, most),
        )
        return BatchesPage(found, latest_sent(tx, SENT_SHOWN))
