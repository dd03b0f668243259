"""Writes what a year's close gave the flats as a file for the fund's system, once for each close.

It looks as the files that come in do: a head with number, lines and sums, then the lines.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend.domain import fund_books as rules
from backend.domain.closing import last_day
from backend.domain.households import MOVEMENT_NAMES, MovementKind
from backend.domain.local_time import local_date
from backend.domain.money import decimal_yuan
from backend.services.base.context import Context
from backend.services.fund_books.whole_files import whole
from backend.store.database import be_patient
from backend.store.fund_books import FundSent
from backend.store.income import YearClose
from backend.store.queries.fund_books import closes_to_send
from backend.store.queries.households import flats_moved

AT_ONCE = 5000  # lines


def send_closes(ctx: Context, folder: Path) -> Sequence[str]:
    """Write a file for every posted close that has none yet, the oldest first; their names. Whoever
    was interrupted writes the same file again. Raises OSError where the folder takes none."""
    with ctx.sessions() as tx:
        waiting = closes_to_send(tx)
    return [name for close in waiting if (name := _send(ctx, folder, close))]


def _send(ctx: Context, folder: Path, close: YearClose) -> str | None:
    name = f"{rules.SENT}-{close.year}-{close.revision}.csv"
    with ctx.sessions() as tx:
        be_patient(tx)
        mine = select(YearClose.id).where(YearClose.id == close.id)
        tx.execute(mine.with_for_update(key_share=True))
        if tx.get(FundSent, close.id):  # somebody else wrote it meanwhile, into another folder
            return None
        lines = _write(tx, folder / name, close)
        tx.add(FundSent(close_id=close.id, file_name=name, lines=lines, written_at=ctx.clock()))
        tx.commit()
    return name


def _write(tx: Session, path: Path, close: YearClose) -> int:
    """How many lines were written."""
    moved = flats_moved(close)
    fen = moved.order_by(None).subquery("moved").c.fen
    count, more, less = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((fen > 0, fen), else_=0)), 0),
            func.coalesce(func.sum(case((fen < 0, -fen), else_=0)), 0),
        )
    ).one()
    assert close.posted_at, "only a posted close is sent"
    on = local_date(close.posted_at).isoformat()
    sums = decimal_yuan(int(more)), decimal_yuan(int(less))
    with whole(path) as file:
        table = csv.writer(file)
        table.writerow([rules.KIND, rules.NUMBER, rules.AS_OF, rules.COUNT, *rules.HEAD[-2:]])
        number = f"{close.year}-{close.revision}"
        table.writerow([rules.SENT, number, last_day(close.year), count, *sums])
        table.writerow(rules.SENT_COLUMNS)
        for *place, kind, amount in tx.execute(moved, execution_options={"yield_per": AT_ONCE}):
            name = MOVEMENT_NAMES[MovementKind(kind)]
            table.writerow([*place, on, name, decimal_yuan(amount)])
    return int(count)
