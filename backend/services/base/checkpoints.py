"""Checkpoints of the audit chain: one a day, signed, for somebody outside to keep."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.checkpoint import Checkpoint, signed_words
from backend.domain.local_time import local_date
from backend.services.base.context import Context
from backend.store.audit import AuditCheckpoint, AuditEntry
from backend.store.signer import Signer

AT_ONCE = 1000


def sign(signer: Signer, city: str, day: date, seq: int, link_hash: bytes) -> Checkpoint:
    """That the link `seq` of the chain has this hash, signed."""
    signature = signer.sign(signed_words(city, day, seq, link_hash))
    return Checkpoint(city, day, seq, link_hash, signer.key, signature)


def sign_day(ctx: Context, signer: Signer) -> None:
    """Sign where the chain stands, unless that was done today or there is no chain yet."""
    today = local_date(ctx.clock())
    with ctx.sessions() as tx:
        if tx.get(AuditCheckpoint, today) is not None:
            return
        query = select(AuditEntry.seq, AuditEntry.hash).where(AuditEntry.seq.is_not(None))
        last = tx.execute(query.order_by(AuditEntry.seq.desc()).limit(1)).one_or_none()
        if last is None or last.seq is None or last.hash is None:
            return
        point = sign(signer, ctx.city.code, today, last.seq, last.hash)
        row = {
            "day": point.day,
            "city": point.city,
            "seq": point.seq,
            "hash": point.hash,
            "key": point.key,
            "signature": point.signature,
        }
        tx.execute(insert(AuditCheckpoint).values(row).on_conflict_do_nothing())
        tx.commit()


def latest(tx: Session, most: int) -> Sequence[Checkpoint]:
    """The last `most` of them, the latest first."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.day.desc()).limit(most)
    return [row.value for row in tx.scalars(query)]


def until(tx: Session, seq: int) -> Iterator[Checkpoint]:
    """All that cover no link after `seq`, the oldest first."""
    query = select(AuditCheckpoint).where(AuditCheckpoint.seq <= seq).order_by(AuditCheckpoint.day)
    for row in tx.scalars(query, execution_options={"yield_per": AT_ONCE}):
        yield row.value
