"""The audit chain and the gap-free number series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.base import Base


class AuditEntry(Base):
    """One link of the chain; see `backend.domain.audit_chain` for what `hash` covers.

    The database itself gives `seq`, `previous_hash` and `hash`. The columns between `version` and
    `body` repeat what the body says, to be searched by.
    """

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, server_default=FetchedValue()
    )
    version: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    body: Mapped[bytes]
    previous_hash: Mapped[bytes] = mapped_column(server_default=FetchedValue())
    hash: Mapped[bytes] = mapped_column(unique=True, server_default=FetchedValue())


class NumberSeries(Base):
    """The last number given out per kind and year; the row lock keeps the series gap-free."""

    __tablename__ = "number_series"

    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
