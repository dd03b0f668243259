"""People, the platform identities they proved, what they may do, and their sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    exists,
    false,
    func,
    or_,
    text,
    true,
)
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from backend.domain.right_ends import RightEnd
from backend.domain.verification import (
    RectificationState,
    VerificationKind,
    VerificationState,
)
from backend.store.base import Base, Id, OneOf, one_of


class Person(Base):
    """Someone who opened the mini-program, wrote to the service account, or has no WeChat and was
    let in to the desk by an administrator.

    A phone without `phone_verified_at` was only typed. Of someone who left, or proved to be
    another of our people, nothing is kept but the row that statutory records refer to.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("(phone_sealed IS NULL) = (phone_hash IS NULL)", name="phone"),
        CheckConstraint(
            "phone_verified_at IS NULL OR phone_hash IS NOT NULL", name="phone_verified"
        ),
        Index(
            "uq_person_phone_verified",
            "phone_hash",
            unique=True,
            postgresql_where=text("phone_verified_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    name_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    phone_sealed: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    phone_verified_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class PhoneTry(Base):
    """A phone code that a person had us take to the platform, which is paid. Real time."""

    __tablename__ = "phone_try"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    tried_at: Mapped[datetime]


class Departure(Base):
    """An openid that left today (账号注销), as a hash: whoever comes back is new to every limit, so
    nobody leaves twice a day."""

    __tablename__ = "departure"

    openid_hash: Mapped[bytes] = mapped_column(primary_key=True)
    left_at: Mapped[datetime]


class Identity(Base):
    """An openid the platform vouched for; only `unionid` joins the two apps to one person."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("appid", "openid"),
        UniqueConstraint("person_id", "appid"),
        CheckConstraint("platform IN ('mini_program', 'service_account')", name="platform"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    platform: Mapped[str]
    appid: Mapped[str]
    openid: Mapped[str]
    unionid: Mapped[str | None] = mapped_column(index=True)
    reachable: Mapped[bool]
    seen_at: Mapped[datetime]


class AccessGrant(Base):
    """A role within a scope, for a time. `scope_id` is null for the whole city.

    `stands_in_for` says in whose stead it is held (代办); such a one always has an end.
    `ended_because` says why somebody ended it before its time, as far as they were asked.
    """

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint(
            "scope_kind IN ('city', 'district', 'estate', 'insurer')", name="scope_kind"
        ),
        CheckConstraint("(scope_kind = 'city') = (scope_id IS NULL)", name="scope"),
        CheckConstraint("stands_in_for IS NULL OR valid_until IS NOT NULL", name="delegation"),
        one_of("ended_because", RightEnd),
        Index(
            "uq_access_grant_natural",
            "person_id",
            "role",
            "scope_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_access_grant_scope", "role", "scope_id"),
        Index(
            "ix_access_grant_ending",
            "valid_until",
            postgresql_where=text("valid_until IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[UUID | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    stands_in_for: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_because: Mapped[RightEnd | None] = mapped_column(OneOf(RightEnd))

    @hybrid_method
    def valid(self, at: datetime) -> bool:
        """Whether the right is held at this (aware) moment: `valid_until` is the first without."""
        return self.valid_until is None or at < self.valid_until

    @valid.expression
    @classmethod
    def _valid(cls, at: datetime) -> ColumnElement[bool]:
        return or_(cls.valid_until.is_(None), cls.valid_until > at)

    @classmethod
    def ends_by(cls, at: datetime) -> ColumnElement[bool]:
        """It has an end, and that is at this moment or before."""
        return cls.valid_until <= at

    def outlasts(self, end: datetime | None) -> bool:
        """Whether it is held longer than one that ends then (None: without end)."""
        return end is not None and (self.valid_until is None or end < self.valid_until)

    @classmethod
    def lasts_until(cls, end: datetime | None) -> ColumnElement[bool]:
        """It is held as long as one that ends then (None: without end), or longer."""
        endless = cls.valid_until.is_(None)
        return endless if end is None else or_(endless, cls.valid_until >= end)

    @classmethod
    def ended_within(
        cls, since: InstrumentedAttribute[datetime], now: datetime
    ) -> ColumnElement[bool]:
        """Whether the right ended by itself from `since` on, until now."""
        return (cls.valid_until >= since) & (cls.valid_until <= now)


class OwnerVerification(Base):
    """A person says who they are on the roster; the centre verifies or rejects it (身份核验)."""

    __tablename__ = "owner_verification"
    __table_args__ = (
        one_of("kind", VerificationKind),
        one_of("state", VerificationState),
        Index("ix_owner_verification_open", "id", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[VerificationKind] = mapped_column(OneOf(VerificationKind))
    subject_id: Mapped[UUID]
    state: Mapped[VerificationState] = mapped_column(OneOf(VerificationState))
    made_at: Mapped[datetime]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class RectificationRequest(Base):
    """What a person says is wrong about them; the centre sees to it (个人信息保护法 46)."""

    __tablename__ = "rectification_request"
    __table_args__ = (
        one_of("state", RectificationState),
        CheckConstraint("(state = 'open') = (answer IS NULL)", name="answer"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    what: Mapped[str]
    text_sealed: Mapped[bytes]
    state: Mapped[RectificationState] = mapped_column(OneOf(RectificationState))
    made_at: Mapped[datetime]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    answer: Mapped[str | None]


class LoginSession(Base):
    """A signed-in mini-program, or a PC signed in to the desk (`at_desk`): neither opens what the
    other does. Only the token's hash is stored. `proved_at` is when the second factor was proved
    there. Of a PC `place` says its part of the network and its browser, in words. Real, not
    business time."""

    __tablename__ = "login_session"
    __table_args__ = (
        Index("ix_login_session_newest", "person_id", "created_at"),
        Index("ix_login_session_desk", "person_id", "created_at", postgresql_where=text("at_desk")),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at_desk: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    proved_at: Mapped[datetime | None]
    place: Mapped[str | None]
    used_at: Mapped[datetime | None]


class SecondFactor(Base):
    """The authenticator of an officer (二次验证), one each. Real, not business time.

    `last_step` is the step of time whose code was taken last: no code is taken twice. `failures`
    are wrong codes since.
    """

    __tablename__ = "second_factor"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    secret_sealed: Mapped[bytes]
    enrolled_at: Mapped[datetime]
    last_step: Mapped[int]
    failures: Mapped[int]


class Lockout(Base):
    """A person is kept out (停用) from `locked_at` until it is lifted; nobody by two at once."""

    __tablename__ = "lockout"
    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lift_reason_sealed IS NULL)", name="lifted"),
        Index(
            "uq_lockout_open",
            "person_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    reason_sealed: Mapped[bytes]
    locked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime]
    lift_reason_sealed: Mapped[bytes | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    reasons_ended_at: Mapped[datetime | None]

    @classmethod
    def keeps_out(cls, person_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        """Whether this person is kept out."""
        return exists().where(cls.person_id == person_id, cls.lifted_at.is_(None))


class IdempotencyKey(Base):
    """The first answer to a write, given again when the same write is repeated."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    request_hash: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class KeyCheck(Base):
    """A key that words of this database are, or were, sealed with, known by its fingerprint.

    The newest one seals, the one before opens until it is `retired_at`: two at most. With
    `opens_unbound`, there may be values from before that are bound to no place. Real time.
    """

    __tablename__ = "key_check"

    fingerprint: Mapped[bytes] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]
    opens_unbound: Mapped[bool] = mapped_column(server_default=true())
