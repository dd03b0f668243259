"""Lifts whose cover runs."""

from datetime import datetime

from sqlalchemy import update

from backend.domain.local_time import SHANGHAI
from backend.store.purchases import CoveragePeriod
from tests.build.village import Village


def insured_and_a_day_later(village: Village) -> None:
    """The village's lifts, insured for a year from 1 April 2025; it is the day after."""
    village.insured()
    with village.ctx.sessions() as tx:
        tx.execute(update(CoveragePeriod).values(state="in_force"))
        tx.commit()
    village.clock.set(datetime(2025, 4, 2, 9, tzinfo=SHANGHAI))
