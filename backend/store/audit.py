"""The audit chain, its checkpoints, how far sweeps have read it, and the gap-free numbers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.checkpoint import Checkpoint
from backend.store.base import Base, Id


class AuditEntry(Base):
    """One link of the chain; see `backend.domain.audit_chain` for what `hash` covers.

    The database itself gives `seq`, `previous_hash` and `hash`, at commit, so that writers queue
    for the chain only then; and links that are written together are one statement. The columns
    between `version` and `body` repeat what the body says, to be searched by.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(
            "ix_audit_entry_looks",
            text("at DESC"),
            text("id DESC"),
            postgresql_where=text(
                "action IN ('owner_verification.unmask', 'purchase.read_objections',"
                " 'objection.unmask', 'file.read_objection_paper', 'household.read_account',"
                " 'phone.look_up')"
            ),
        ),
    )

    id: Mapped[Id]
    version: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    body: Mapped[bytes]
    seq: Mapped[int | None] = mapped_column(FetchedValue(), unique=True)
    previous_hash: Mapped[bytes | None]
    hash: Mapped[bytes | None] = mapped_column(unique=True)


class AuditCheckpoint(Base):
    """Where the chain stood on a day, signed; see `backend.domain.checkpoint`. None is changed.

    There is one of each day. Whoever comes in as the programs do can add others, which are known by
    their keys; they are in nobody's way."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = (
        CheckConstraint(
            "seq > 0 AND length(hash) = 32 AND length(key) = 32 AND length(signature) = 64",
            name="signed",
        ),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    city: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    key: Mapped[bytes]
    signature: Mapped[bytes] = mapped_column(primary_key=True)

    @property
    def value(self) -> Checkpoint:
        """As it leaves the house."""
        return Checkpoint(self.city, self.day, self.seq, self.hash, self.key, self.signature)


class LastLook(Base):
    """How far a sweep has looked: at all until `looked_at`, and the chain up to the link `seq`."""

    __tablename__ = "last_look"

    sweep: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
    seq: Mapped[int] = mapped_column(BigInteger)


class NumberSeries(Base):
    """The last number given out per kind and year; the row lock keeps the series gap-free."""

    __tablename__ = "number_series"

    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
