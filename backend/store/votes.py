"""业主表决: a vote, its frozen roll, and the ballots."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.voting import Choice, VoteOutcome
from backend.store.base import Base, Id, OneOf, one_of


class Vote(Base):
    """A vote of the owners in the circle on one plan (Civil Code 278).

    `roll_digest` is of the roll as it was frozen; `closes_at` the first moment too late for a
    ballot, null only while the vote is being opened. Once a clerk said that all ballots are in
    (`counted_at`), `result` says what they came to and of which ballots.
    """

    __tablename__ = "vote"
    __table_args__ = (
        one_of("outcome", VoteOutcome),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        CheckConstraint(
            "(counted_at IS NULL) = (counted_by IS NULL)"
            " AND (counted_at IS NULL) = (result IS NULL)",
            name="counted",
        ),
        CheckConstraint(
            "counted_at IS NOT NULL OR outcome NOT IN ('passed', 'lost')", name="by_count"
        ),
        Index("uq_vote_open", "plan_id", unique=True, postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    plan_hash: Mapped[str]
    roll_digest: Mapped[str]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    counted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    counted_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    outcome: Mapped[VoteOutcome | None] = mapped_column(OneOf(VoteOutcome))
    ended_at: Mapped[datetime | None]


class VoteProperty(Base):
    """A flat on the roll of a vote: its area (0.01 m²) and the number of whom it belonged to when
    the vote was opened. Append-only, and closed once it is open."""

    __tablename__ = "vote_property"
    __table_args__ = (CheckConstraint("area_dm2 > 0 AND head > 0", name="positive"),)

    vote_id: Mapped[UUID] = mapped_column(ForeignKey("vote.id"), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(
        ForeignKey("household.id"), primary_key=True, index=True
    )
    area_dm2: Mapped[int]
    head: Mapped[int]


class Ballot(Base):
    """表决票: what one owner said for one flat. Append-only; the last of each owner counts.

    `owner_id` is null where the developer has not sold the flat, `choice` where the owner sold it
    and whoever bought it voted. `medium` is `mini_program`, `paper` or `sale`; from paper it names
    the scan, and the owner who cast it as a proxy (受托人), if one did.
    """

    __tablename__ = "ballot"
    __table_args__ = (
        one_of("choice", Choice),
        CheckConstraint("(medium = 'sale') = (choice IS NULL)", name="sale"),
        CheckConstraint("(medium = 'paper') = (file_sha256 IS NOT NULL)", name="scan"),
        CheckConstraint("proxy_id IS NULL OR medium = 'paper'", name="proxy"),
        UniqueConstraint("vote_id", "seq"),
        ForeignKeyConstraint(
            ("vote_id", "household_id"),
            ("vote_property.vote_id", "vote_property.household_id"),
            name="fk_ballot_on_the_roll",
        ),
        Index("ix_ballot_flat", "vote_id", "household_id"),
    )

    id: Mapped[Id]
    vote_id: Mapped[UUID]
    seq: Mapped[int]
    household_id: Mapped[UUID]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("owner.id"), index=True)
    choice: Mapped[Choice | None] = mapped_column(OneOf(Choice))
    medium: Mapped[str]
    proxy_id: Mapped[UUID | None] = mapped_column(ForeignKey("owner.id"))
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    cast_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    cast_at: Mapped[datetime]
