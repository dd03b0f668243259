"""Checkpoints of the audit chain: one a day, signed, for somebody outside to keep."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.checkpoint import Checkpoint, signed_words
from backend.domain.local_time import local_date
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.store.audit import AuditCheckpoint, AuditEntry
from backend.store.signer import Signer, signed

AT_ONCE = 1000
MONTH = timedelta(days=31)
Tell = Callable[[Session, Context, Checkpoint], None]

logger = logger_of(__name__)


def sign(signer: Signer, city: str, day: date, seq: int, link_hash: bytes) -> Checkpoint:
    """That the link `seq` of the chain has this hash, signed."""
    signature = signer.sign(signed_words(city, day, seq, link_hash))
    return Checkpoint(city, day, seq, link_hash, signer.key, signature)


def sign_day(ctx: Context, signer: Signer, tell: Tell | None = None) -> None:
    """Sign where the chain stands, unless that was done today or there is no chain yet; whom to
    `tell` of it hears in the same transaction.

    Done is a row of today that this key signed, that is true of the chain, and that no other row
    until today goes beyond. Any other row of today is of somebody who came in as the programs do,
    of a clock that ran ahead, or of the key before: it is told, and the day is signed beside it.
    """
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        furthest = 0
        for point in latest(tx, today):
            furthest = furthest or point.seq
            if (point.day, point.seq, point.key) == (today, furthest, signer.key):
                return
        query = select(AuditEntry.seq, AuditEntry.hash).where(AuditEntry.seq.is_not(None))
        last = tx.execute(query.order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
        if last is None or last.seq is None or last.hash is None:
            return
        if tx.scalar(select(exists().where(AuditCheckpoint.day == today))):
            logger.error(
                "audit_checkpoint holds a row of %s that is not true, that another key signed, or"
                " that earlier rows go beyond: did the clock run ahead, or who wrote it?",
                today,
            )
        point = sign(signer, ctx.city.code, today, last.seq, last.hash)
        tx.execute(insert(AuditCheckpoint).values(asdict(point)).on_conflict_do_nothing())
        if tell:
            tell(tx, ctx, point)
        tx.commit()


def latest(tx: Session, today: date) -> Iterator[Checkpoint]:
    """Those of the month until today that are true of the chain and signed by the key they name;
    what covers most comes first, of the same the latest."""
    link = and_(AuditEntry.seq == AuditCheckpoint.seq, AuditEntry.hash == AuditCheckpoint.hash)
    query = (
        select(AuditCheckpoint)
        .join(AuditEntry, link)
        .where(AuditCheckpoint.day > today - MONTH, AuditCheckpoint.day <= today)
        .order_by(AuditCheckpoint.seq.desc(), AuditCheckpoint.day.desc())
    )
    for row in tx.scalars(query):
        point = row.value
        words = signed_words(point.city, point.day, point.seq, point.hash)
        if signed(point.key, point.signature, words):
            yield point


def until(tx: Session, seq: int) -> Iterator[Checkpoint]:
    """All that cover no link after `seq`, in the order of the chain."""
    query = select(AuditCheckpoint).where(AuditCheckpoint.seq <= seq)
    query = query.order_by(AuditCheckpoint.seq, AuditCheckpoint.day)
    for row in tx.scalars(query, execution_options={"yield_per": AT_ONCE}):
        yield row.value
