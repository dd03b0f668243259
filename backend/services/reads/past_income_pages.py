"""以前年度收益 for those who keep or watch the books."""

from dataclasses import dataclass

from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import shown_name
from backend.services.base.paging import Paged, paged
from backend.store.queries.past_income import (
    PastIncomeView,
    count_past_income,
    left_fen,
    past_income_rows,
)


@dataclass(frozen=True)
class PastIncomeLine:
    """What was entered, and who entered and decided it."""

    view: PastIncomeView
    entered_by: str
    decided_by: str | None


@dataclass(frozen=True)
class PastIncomePage:
    """The latest first; what counts for no year yet, in fen; whether this person's office enters
    and confirms."""

    found: Paged[PastIncomeLine]
    left_fen: int
    may_work: bool


def read_past_income(ctx: Context, actor: Actor, page: int) -> PastIncomePage:
    """Fifty a page. Raises Refused `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)

        def lines(skipped: int, most: int) -> list[PastIncomeLine]:
            return [
                PastIncomeLine(
                    view,
                    shown_name(ctx.cipher, entered_by),
                    shown_name(ctx.cipher, decided_by) if decided_by else None,
                )
                for view, entered_by, decided_by in past_income_rows(tx, skipped, most)
            ]

        return PastIncomePage(
            paged(page, lambda most: count_past_income(tx, most), lines),
            left_fen(tx),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )
