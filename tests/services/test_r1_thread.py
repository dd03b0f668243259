"""Route R1 from the first draft to cover, on a real database."""

from datetime import datetime

from sqlalchemy import select

from backend.domain.local_time import SHANGHAI
from backend.services.base import audit
from backend.services.books import ledger
from backend.services.case import steps as case_steps
from backend.store.ledger import Account
from backend.store.messages import Outbox
from backend.store.purchases import CoveragePeriod, Purchase, Transition
from tests.build.village import POOL_FEN, PREMIUM_FEN, Village


def test_a_case_goes_from_draft_to_cover_and_the_books_balance(village: Village) -> None:
    purchase = village.insured()
    assert purchase.state == "policy_issued"
    village.clock.set(datetime(2025, 4, 1, 0, 1, tzinfo=SHANGHAI))
    assert case_steps.sweep(village.ctx) == 1
    with village.ctx.sessions() as tx:
        case = tx.get_one(Purchase, purchase.id)
        assert case.state == "in_force"
        assert tx.get_one(Account, village.pool).balance_fen == POOL_FEN - 2 * PREMIUM_FEN
        assert ledger.trial_balance(tx).total_fen == 0
        assert ledger.drifted(tx) == []
        assert set(tx.scalars(select(CoveragePeriod.state))) == {"in_force"}
        steps = tx.scalars(select(Transition.action).order_by(Transition.seq)).all()
        assert steps[0] == "draft"
        assert steps[-1] == "begin_cover"
        assert audit.verify(tx).ok
        assert tx.scalars(select(Outbox.template)).all()
