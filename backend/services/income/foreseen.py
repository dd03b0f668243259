"""What a bank's interest would be, before it is entered: looked at, and nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.domain.deposits import cut_words
from backend.domain.income import Income, value_added, years_of
from backend.domain.roles import BOOK_OFFICERS
from backend.services.base.access import require_officer
from backend.services.base.context import Actor, Context
from backend.services.income.deposits import locked
from backend.services.income.interest import Receipt, check_none_waits, judged
from backend.store.queries.income_list import measure_of


@dataclass(frozen=True)
class Foreseen:
    """How interest would be cut (fen), and each figure's name with the way it was reckoned."""

    cut: Income
    words: Sequence[tuple[str, str]]


def foresee(ctx: Context, actor: Actor, deposit_id: UUID, receipt: Receipt) -> Foreseen:
    """How this receipt's interest would be cut; its reference and note make no difference.

    Raises Refused as `interest.enter`, but for what depends on reference and file.
    """
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_OFFICERS)
        deposit = locked(tx, deposit_id)
        check_none_waits(tx, deposit_id)
        from_on, statutory = judged(tx, ctx, deposit, receipt)
        cut = value_added(receipt.actual_fen, statutory)
        days = from_on, receipt.until_on
        years = years_of(cut.pooled_fen, *days)
        return Foreseen(cut, cut_words(ctx.city.income, measure_of(deposit), days, cut, years))
