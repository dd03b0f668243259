"""Time limits, and what goes out to and comes in from the platform."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.deadlines import DeadlineState
from backend.store.base import Base, Id, OneOf, one_of
from backend.store.subjects import BOTH_OR_NEITHER, OfSubject, PerhapsOfSubject


class DeadlineRecord(OfSubject, Base):
    """期限: one running time limit of a subject, with the reasons for its end.

    `about_id` says which part of the subject it is about, such as one objection of a case.
    `next_stage`/`next_reminder_at` say which reminder is due when; the sweep reads only open rows.
    While it stands still `paused_on` and `pause_words` say since when and why, and `days_left` how
    many of its days (working days, if it is counted in these) run on afterwards. A limit that was
    over before stays open and late; then they say since when and why nobody can act.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        one_of("state", DeadlineState),
        Index(
            "uq_deadline_open",
            "subject_kind",
            "subject_id",
            "kind",
            "about_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state IN ('open', 'paused')"),
        ),
        Index("ix_deadline_due", "next_reminder_at", postgresql_where=text("state = 'open'")),
        Index("ix_deadline_urgent", "kind", "ends_before", postgresql_where=text("state = 'open'")),
        Index("ix_deadline_running", "purchase_id", postgresql_where=text("state = 'open'")),
        Index(
            "ix_deadline_ends",
            "ends_before",
            "purchase_id",
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    about_id: Mapped[UUID | None]
    started_on: Mapped[date]
    days: Mapped[int]
    ends_on: Mapped[date]
    ends_before: Mapped[datetime]
    provisional: Mapped[bool]
    explanation: Mapped[list[Any]]
    state: Mapped[DeadlineState] = mapped_column(OneOf(DeadlineState))
    next_stage: Mapped[str | None]
    next_reminder_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    paused_on: Mapped[date | None]
    days_left: Mapped[int | None]
    pause_words: Mapped[str | None]


class OutboxState(StrEnum):
    """created → sending (leased) → sent | failed | unknown | superseded."""

    CREATED = "created"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"


HAD_ITS_TURN = text("state = 'sending' OR (state = 'created' AND turn IS NULL)")


class Outbox(PerhapsOfSubject, Base):
    """A message to be delivered once; PostgreSQL is the truth, the queue only the wake-up.

    `natural_key` keeps a repeat of the cause from sending twice. Lease and retry times are real
    time. The database gives each a `turn` among those of its `party` (an estate, or whatever else
    it is about or for) that wait, and takes both away when it waits no more; what was tried once
    goes by `try_at`. `urgency` comes before both. `first_tried_at` is null for what surely never
    left: it is set when the row is taken, or where a repeat is not safe, begun.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("natural_key"),
        CheckConstraint(BOTH_OR_NEITHER, name="subject"),
        CheckConstraint("channel IN ('template', 'chat', 'subscribe')", name="channel"),
        one_of("state", OutboxState),
        Index("ix_outbox_due", "try_at", postgresql_where=text("state IN ('created', 'sending')")),
        Index("ix_outbox_written", "written_at", "id"),
        Index(
            "ix_outbox_undelivered",
            "written_at",
            "id",
            postgresql_where=text("state IN ('failed', 'unknown')"),
        ),
        Index(
            "ix_outbox_settled",
            "written_at",
            postgresql_where=text("state NOT IN ('created', 'sending')"),
        ),
        Index(
            "ix_outbox_next",
            "urgency",
            "turn",
            "id",
            "channel",
            postgresql_where=text("turn IS NOT NULL"),
        ),
        Index(
            "ix_outbox_again_by_urgency",
            "urgency",
            "try_at",
            "id",
            "channel",
            postgresql_where=HAD_ITS_TURN,
        ),
        Index(
            "ix_outbox_unanswered",
            "settled_at",
            postgresql_where=text("state = 'unknown' AND outcome = 'no_answer'"),
        ),
        Index("ix_outbox_again", "try_at", "id", postgresql_where=HAD_ITS_TURN),
        Index(
            "ix_outbox_party",
            "party",
            text("turn DESC NULLS LAST"),
            postgresql_where=text("party IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    natural_key: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    channel: Mapped[str]
    template: Mapped[str]
    data: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]
    state: Mapped[OutboxState] = mapped_column(OneOf(OutboxState))
    attempts: Mapped[int]
    try_at: Mapped[datetime]
    party: Mapped[UUID | None] = mapped_column(FetchedValue())
    turn: Mapped[int | None] = mapped_column(FetchedValue())
    urgency: Mapped[int] = mapped_column(server_default="2")
    first_tried_at: Mapped[datetime | None]
    msgid: Mapped[str | None] = mapped_column(index=True)
    outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class ChannelState(Base):
    """途径状态: a channel that was ever closed. While it is, `since` says from when, `reason` and
    `errcode` why, `probe_at` when one message tries it again, `told_at` when an operator heard of
    it. All of it is real time, and null while the channel is open."""

    __tablename__ = "channel_state"
    __table_args__ = (
        CheckConstraint(
            "(since IS NULL) = (probe_at IS NULL) AND (since IS NULL) = (reason IS NULL)",
            name="closed",
        ),
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime | None]
    reason: Mapped[str | None]
    errcode: Mapped[int | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    probe_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]


class InboxState(StrEnum):
    """`new` until it was worked on, `dead` when that failed too often."""

    NEW = "new"
    DONE = "done"
    DEAD = "dead"


class Inbox(Base):
    """A callback as it came, worked on later; sealed, since people write in it. Real time."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("appid", "dedupe_key"),
        one_of("state", InboxState),
        Index("ix_inbox_new", "received_at", postgresql_where=text("state = 'new'")),
        Index("ix_inbox_dead", "received_at", postgresql_where=text("state = 'dead'")),
        Index("ix_inbox_settled", "received_at", postgresql_where=text("state <> 'new'")),
    )

    id: Mapped[Id]
    appid: Mapped[str]
    dedupe_key: Mapped[str]
    body_sealed: Mapped[bytes]
    received_at: Mapped[datetime]
    try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[InboxState] = mapped_column(OneOf(InboxState))
    attempts: Mapped[int]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]


class UnreadableCallback(Base):
    """A callback that proved to come from the platform but could not be read."""

    __tablename__ = "unreadable_callback"

    id: Mapped[Id]
    appid: Mapped[str]
    body_sealed: Mapped[bytes]
    error: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)


class ChatTurn(Base):
    """What the bot asked a person last, so that the next free text can be understood.

    `reason_sealed` is the reason of a refusal that the person was asked to confirm.
    """

    __tablename__ = "chat_turn"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    expects: Mapped[str]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    asked_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None]


class Consent(Base):
    """How many subscribe messages under one template a person has agreed to and not yet got.

    It changes with the platform's events, and by one with each message: never sent without.
    `refused_at` is when they last switched these messages off, by the platform's clock.
    """

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint("quota >= 0", name="quota"),)

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"), primary_key=True)
    template: Mapped[str] = mapped_column(primary_key=True)
    quota: Mapped[int]
    changed_at: Mapped[datetime]
    refused_at: Mapped[datetime | None]


class Follow(Base):
    """A notice or a lift of which a person wants to hear; a lift by the code they scanned."""

    __tablename__ = "follow"
    __table_args__ = (
        CheckConstraint("kind IN ('notice', 'lift')", name="kind"),
        CheckConstraint("(kind = 'lift') = (token IS NOT NULL)", name="token"),
        Index("ix_follow_subject_id", "subject_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    token: Mapped[str | None] = mapped_column(ForeignKey("lift_token.token"))
    followed_at: Mapped[datetime]
