"""What waits for a second officer, of whatever kind, what waits for anybody of the books, and which
letters wait to be given."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, exists, literal, select, union_all
from sqlalchemy.orm import Session

from backend.domain.closing import CloseState
from backend.store.bank_transfers import BankTransfer
from backend.store.base import Base
from backend.store.income import Deposit, DepositInterest, InterestUndo, YearClose
from backend.store.past_income import PastIncome
from backend.store.period_locks import PeriodLock
from backend.store.proposals import OpeningCorrection, PaperEntry, PayeeChange, Succession
from backend.store.queries.case_letters import letter_due
from backend.store.queries.income_list import ended_unpaid
from backend.store.queries.special_accounts import left_idle
from backend.store.rulings import CaseLetter
from backend.store.special_accounts import SpecialDeposit


def kinds_waiting(tx: Session, today: date) -> frozenset[type[Base]]:
    """Of which kinds something waits; by one statement, since mostly nothing does."""
    kinds = _waits(today)
    places = dict(enumerate(kinds))
    asked = [select(literal(at)).where(exists().where(kinds[kind])) for at, kind in places.items()]
    return frozenset(places[place] for place in tx.scalars(union_all(*asked)))


def _waits(today: date) -> Mapping[type[Base], ColumnElement[bool]]:
    """Of each kind, which of its rows wait; of letters, which cases wait for one."""
    return {
        Succession: Succession.decided_at.is_(None),
        PayeeChange: PayeeChange.decided_at.is_(None),
        PaperEntry: PaperEntry.decided_at.is_(None),
        CaseLetter: letter_due(),
        OpeningCorrection: OpeningCorrection.decided_at.is_(None),
        DepositInterest: DepositInterest.decided_at.is_(None),
        InterestUndo: InterestUndo.decided_at.is_(None),
        BankTransfer: BankTransfer.decided_at.is_(None),
        PastIncome: PastIncome.decided_at.is_(None),
        PeriodLock: PeriodLock.decided_at.is_(None),
        YearClose: YearClose.state == CloseState.PREVIEW,
        Deposit: ended_unpaid(today),
        SpecialDeposit: SpecialDeposit.account_id.in_(left_idle()),
    }
