"""专户划转 for those who keep or watch the books."""

from dataclasses import dataclass

from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.store.queries.bank_transfers import TransferView, count_transfers, transfer_rows


@dataclass(frozen=True)
class TransferLine:
    """A transfer, and who entered and decided it."""

    view: TransferView
    entered_by: str
    decided_by: str | None


@dataclass(frozen=True)
class TransfersPage:
    """The latest first, and whether this person's office enters and confirms them."""

    found: Paged[TransferLine]
    may_work: bool


def read_transfers(ctx: Context, actor: Actor, page: int) -> TransfersPage:
    """Fifty a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)

        def lines(skipped: int, most: int) -> list[TransferLine]:
            return [
                TransferLine(
                    view,
                    shown_name(ctx.cipher, entered_by),
                    shown_name(ctx.cipher, decided_by) if decided_by else None,
                )
                for view, entered_by, decided_by in transfer_rows(tx, skipped, most)
            ]

        return TransfersPage(
            paged(page, lambda most: count_transfers(tx, most), lines),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )
