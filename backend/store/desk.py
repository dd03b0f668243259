"""What the officers' desk (工作台) keeps of signing in, of what was typed when a session had ended,
and of filters by name; the sessions are `login_session`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.desk import SignInOutcome
from backend.store.base import Base, Id, OneOf, one_of


class DeskSignIn(Base):
    """What a phone said to a code that stood on a PC; codes that no phone saw leave nothing.

    Of the code only the keyed hash is kept, until the code is over. Real, not business time.
    """

    __tablename__ = "desk_sign_in"
    __table_args__ = (one_of("outcome", SignInOutcome),)

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    outcome: Mapped[SignInOutcome] = mapped_column(OneOf(SignInOutcome))
    answered_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class DeskDraft(Base):
    """What somebody typed on a page of the desk and could not be done, for a day. Real time."""

    __tablename__ = "desk_draft"
    __table_args__ = (UniqueConstraint("person_id", "address"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str]
    words_sealed: Mapped[bytes]
    kept_at: Mapped[datetime] = mapped_column(index=True)


class SavedFilter(Base):
    """What narrows a list of the desk, under a name: somebody's own, or everybody's who holds
    `office`. `address` are the parts of the list's address that narrow it."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        Index(
            "uq_saved_filter_own",
            "person_id",
            "list_name",
            "name",
            unique=True,
            postgresql_where=text("office IS NULL"),
        ),
        Index(
            "uq_saved_filter_office",
            "office",
            "list_name",
            "name",
            unique=True,
            postgresql_where=text("office IS NOT NULL"),
        ),
        Index("ix_saved_filter_person_id", "person_id"),
    )

    id: Mapped[Id]
    list_name: Mapped[str]
    name: Mapped[str]
    address: Mapped[dict[str, Any]]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    office: Mapped[str | None]
    saved_at: Mapped[datetime]
