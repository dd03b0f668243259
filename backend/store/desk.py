"""What the officers' desk (工作台) keeps of signing in, of letting people in, of what was typed
when a session had ended, and of filters by name; the sessions are `login_session`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.desk import SignInOutcome
from backend.domain.invitations import InvitationState
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


class Invitation(Base):
    """Somebody is to scan a code and get a right (邀请): what it is, for whom as the keeper wrote
    it (until it is settled), and who scanned it. The code is not kept: it is made of the id and
    signed. Real time, but `valid_until`, which is the right's own end."""

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("state", InvitationState),
        CheckConstraint("accepted_by IS NOT NULL OR state IN ('open', 'withdrawn')", name="taken"),
        Index(
            "ix_invitation_waiting", "id", postgresql_where=text("state IN ('open', 'accepted')")
        ),
    )

    id: Mapped[Id]
    role: Mapped[str]
    scope_id: Mapped[UUID | None]
    valid_until: Mapped[datetime | None]
    name_sealed: Mapped[bytes | None]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime]
    state: Mapped[InvitationState] = mapped_column(OneOf(InvitationState))
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    settled_at: Mapped[datetime | None]


class DeskAccount(Base):
    """How somebody without WeChat signs in (没有微信的人员): a number, the slow hash of a phrase
    that we made, and their authenticator (`second_factor`).

    `invited_at` is of the newest invitation, `confirmed_at` when another administrator (None: the
    server's command line) said that it is meant, `begun_at` when its code was used. `failures` are
    wrong ones since the last right one. Real, not business time.
    """

    __tablename__ = "desk_account"
    __table_args__ = (
        CheckConstraint("(phrase_hash IS NULL) = (phrase_salt IS NULL)", name="phrase"),
        CheckConstraint("phrase_hash IS NULL OR begun_at IS NOT NULL", name="begun"),
        CheckConstraint("begun_at IS NULL OR confirmed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("confirmed_by IS DISTINCT FROM invited_by", name="another_officer"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    phrase_hash: Mapped[bytes | None]
    phrase_salt: Mapped[bytes | None]
    failures: Mapped[int]
    seen_at: Mapped[datetime | None]


class DeskTry(Base):
    """A wrong sign-in by number from a network address, of which only the keyed hash is kept, for
    an hour. Real time."""

    __tablename__ = "desk_try"

    id: Mapped[Id]
    address_hash: Mapped[bytes] = mapped_column(index=True)
    tried_at: Mapped[datetime] = mapped_column(index=True)


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
