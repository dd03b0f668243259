"""Where the income stands, for those who keep or watch the books."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.roles import BOOK_OFFICERS, BOOK_READERS
from backend.services.base.access import granted_roles, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.paging import Paged, paged
from backend.store.queries import income_list as rows
from backend.store.queries.banks import Bank, all_banks
from backend.store.queries.income_list import OwingAccount, YearOfIncome


@dataclass(frozen=True)
class IncomeAccounts:
    """In fen: the fund's banks, each year's income, how many interests lack of the statutory one,
    how much, and how many of them are undecided; and the accounts that should give back. Whether
    this person enters what was decided."""

    banks: Sequence[Bank]
    years: Sequence[YearOfIncome]
    short: int
    short_fen: int
    undecided: int
    owing: Paged[OwingAccount]
    may_work: bool


def read_accounts(ctx: Context, actor: Actor, page: int) -> IncomeAccounts:
    """Where the income stands; `page` is of the accounts that should give back. Raises Refused
    `role_required`, `not_found`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *BOOK_READERS)
        return IncomeAccounts(
            all_banks(tx),
            rows.years_of_income(tx),
            *rows.owed_interest(tx),
            paged(
                page,
                lambda most: rows.count_owing(tx, most),
                lambda skipped, most: rows.owing_accounts(tx, skipped, most),
            ),
            not granted_roles(tx, ctx, actor, None, None).isdisjoint(BOOK_OFFICERS),
        )
