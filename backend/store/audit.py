"""The audit chain, how far sweeps have read it, and the gap-free number series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index, text
from sqlalchemy.orm import Mapped, mapped_column

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
                " 'objection.unmask', 'file.read_objection_paper')"
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
