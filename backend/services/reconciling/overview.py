"""What the desk shows of the banks: each account, how far its statements go, the latest ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.store.queries.bank_statements import (
    Covered,
    StatementView,
    all_covered,
    page_of_statements,
)
from backend.store.queries.banks import Bank, all_banks

READERS = BOOK_READERS
MOST_SHOWN = 100  # the statements of some years


@dataclass(frozen=True)
class BankLook:
    """A bank account, and the days that its statements cover."""

    bank: Bank
    covered: Covered | None


@dataclass(frozen=True)
class Overview:
    """Every bank account and the latest statements; `may_work` says whether whoever looks may
    import and match."""

    banks: Sequence[BankLook]
    statements: Sequence[StatementView]
    may_work: bool


def overview(ctx: Context, actor: Actor) -> Overview:
    """For those who keep or watch the books. Raises Refused `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        held = granted_roles(tx, ctx, actor, None, None)
        so_far = all_covered(tx)
        return Overview(
            [BankLook(bank, so_far.get(bank.id)) for bank in all_banks(tx)],
            page_of_statements(tx, None, MOST_SHOWN),
            not held.isdisjoint(BOOK_OFFICERS),
        )
