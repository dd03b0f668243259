"""What belongs to which year: of the interest that banks paid, and of what was earned before these
books."""

from sqlalchemy import CompoundSelect, case, select, union_all

from backend.store.income import DepositInterest, InterestYear
from backend.store.past_income import PastIncome


def parts() -> CompoundSelect[int, int, int]:
    """Rows of a year, its value-added income and the owners' by statute, in fen, that add up to
    what its close shares."""
    earned = (
        select(InterestYear.year, InterestYear.value_added_fen, InterestYear.owners_fen)
        .join(DepositInterest, DepositInterest.id == InterestYear.interest_id)
        .where(DepositInterest.counts())
    )
    sign = case((PastIncome.undoes_id.is_(None), 1), else_=-1)
    before = select(
        PastIncome.year, sign * PastIncome.value_added_fen, sign * PastIncome.statutory_fen
    ).where(PastIncome.confirmed.is_(True))
    return union_all(earned, before)
