"""公示: the frozen notice, its photos, and the objections to it; and uploaded files."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.objection import ObjectionStatus, Owed, Publication, Source, Verdict
from backend.domain.public_notice import TO_BE_PRINTED, NoticeState
from backend.store.base import Base, Id, OneOf, one_of, values_of
from backend.store.registry import Owner
from backend.store.subjects import OfSubject


class StoredFile(Base):
    """An upload, kept under the SHA-256 of its bytes."""

    __tablename__ = "file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]


class Upload(Base):
    """Who handed in which file; the same bytes may come from several people."""

    __tablename__ = "upload"

    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    uploaded_at: Mapped[datetime] = mapped_column(index=True)


class UploadTry(Base):
    """A file that somebody sent today, taken or not: each is read once, which costs the same."""

    __tablename__ = "upload_try"

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    tried_at: Mapped[datetime]
    size_bytes: Mapped[int]


class Photo(Base):
    """What an uploaded picture shows and said of itself before that was cut out of it. Append-only.

    `taken_at` by the camera's clock, null when it did not say; `has_place` when it said where,
    which is not kept. Flat pictures have no `fingerprint`.
    """

    __tablename__ = "photo"

    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    has_place: Mapped[bool]
    fingerprint: Mapped[int | None]


class Evidence(OfSubject, Base):
    """A document or statement that a step of a subject rests on. Append-only."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(file_sha256 IS NOT NULL) OR (statement IS NOT NULL)", name="content"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    statement: Mapped[str | None]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]


class PublicNotice(Base):
    """公示: a plan posted in the building, frozen with its text. `ends_before` moves only later.

    `places` are the units where it must hang, `unit_id` and `name`, as the roster was then.
    """

    __tablename__ = "public_notice"
    __table_args__ = (
        one_of("state", NoticeState),
        Index(
            "uq_public_notice_live",
            "purchase_id",
            unique=True,
            postgresql_where=text(f"state IN ({values_of(*TO_BE_PRINTED)})"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), index=True)
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str]
    places: Mapped[list[Any]]
    state: Mapped[NoticeState] = mapped_column(OneOf(NoticeState))
    drafted_at: Mapped[datetime]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    ends_before: Mapped[datetime | None]
    provisional: Mapped[bool]
    explanation: Mapped[list[Any]]
    days_left: Mapped[int | None]


class PublicNoticePhoto(Base):
    """影像资料: a photo of the notice in one unit, wide or close, at start or end. Append-only.

    `poster_sha256` is the printed notice that it shows, where whoever took it said so.
    """

    __tablename__ = "public_notice_photo"
    __table_args__ = (
        CheckConstraint("moment IN ('start', 'end')", name="moment"),
        CheckConstraint("framing IN ('wide', 'close')", name="framing"),
        UniqueConstraint(
            "notice_id",
            "unit_id",
            "moment",
            "framing",
            "file_sha256",
            name="uq_public_notice_photo_once",
        ),
    )

    id: Mapped[Id]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("public_notice.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    moment: Mapped[str]
    framing: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    captured_at: Mapped[datetime]
    received_at: Mapped[datetime]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    poster_sha256: Mapped[str | None] = mapped_column(ForeignKey("poster.sha256"))


class Objection(Base):
    """书面反对意见. `status`: received → verified | not_entitled, or late from the start;
    then withdrawn or, answered and dismissed, inadmissible. Its words are sealed; number, kind and
    answer are public (个人信息保护法 25, 28), the words only where their author asked for it.

    `publication` says how that went: `private` (not asked, or taken back), `published`
    (`published_text` is what everybody reads, masked), `held` for an officer or until the author is
    verified, `refused` for `publication_reason`. `moderation` is the platform's verdict on the
    words, written once: `unchecked` until it says one, null when they came on paper. Since
    `words_ended_at` the words are gone: they had been kept for their period. `letter_due_since`
    while what the centre said last must still be given on paper to an author without an account.
    """

    __tablename__ = "objection"
    __table_args__ = (
        one_of("source", Source),
        one_of("status", ObjectionStatus),
        one_of("publication", Publication),
        CheckConstraint(
            "(publication = 'published') = (published_text IS NOT NULL)", name="published_text"
        ),
        one_of("moderation", Verdict),
        Index(
            "uq_objection_owner",
            "notice_id",
            "owner_id",
            unique=True,
            postgresql_where=text("owner_id IS NOT NULL AND status <> 'withdrawn'"),
        ),
        Index("ix_objection_publication", "publication", "received_at", "id"),
        Index(
            "ix_objection_open",
            "received_at",
            "id",
            postgresql_where=text(
                "status IN ('received', 'verified') OR letter_due_since IS NOT NULL"
                " OR status = 'late' AND answer IS NULL"
            ),
        ),
        Index("ix_objection_words", "received_at", postgresql_where=text("words_ended_at IS NULL")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("public_notice.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("owner.id"), index=True)
    source: Mapped[Source] = mapped_column(OneOf(Source))
    kind: Mapped[str]
    text_sealed: Mapped[bytes]
    objector_sealed: Mapped[bytes | None]
    received_at: Mapped[datetime]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    entered_at: Mapped[datetime]
    status: Mapped[ObjectionStatus] = mapped_column(OneOf(ObjectionStatus))
    signature_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("photo.file_sha256"), index=True
    )
    moderation: Mapped[Verdict | None] = mapped_column(OneOf(Verdict))
    publication: Mapped[Publication] = mapped_column(OneOf(Publication))
    publication_reason: Mapped[str | None]
    published_text: Mapped[str | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    letter_due_since: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    paper_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    withdrawal_sha256: Mapped[str | None] = mapped_column(ForeignKey("file.sha256"), index=True)
    words_ended_at: Mapped[datetime | None]

    @classmethod
    def is_open(cls) -> ColumnElement[bool]:
        """In a query: the centre may still have to do something about it, as the index has them."""
        unsettled = cls.status.in_((ObjectionStatus.RECEIVED, ObjectionStatus.VERIFIED))
        unanswered = (cls.status == ObjectionStatus.LATE) & cls.answer.is_(None)
        return or_(unsettled, cls.letter_due_since.is_not(None), unanswered)

    @classmethod
    def owed(cls) -> ColumnElement[str]:
        """In a query over open ones: what that is first (`Owed`)."""
        return case(
            (cls.status == ObjectionStatus.RECEIVED, str(Owed.VERIFICATION)),
            (cls.letter_due_since.is_not(None), str(Owed.LETTER)),
            (cls.answer.is_(None), str(Owed.ANSWER)),
            else_=str(Owed.REVIEW),
        )

    @classmethod
    def author(cls) -> ColumnElement[UUID | None]:
        """Whose words they are, for a query over objections; null for nobody whom we know.

        What came through the mini-program stays its sender's, whoever holds the flat on the roster
        later: nobody else may read, withdraw or publish it (个人信息保护法 10, 25). A paper is
        that of the owner it was traced to, whoever of the centre entered it.
        """
        person_id = func.coalesce(Owner.person_id, Owner.former_person_id)
        holder = select(person_id).where(Owner.id == cls.owner_id).scalar_subquery()
        return case((cls.source == Source.MINI_PROGRAM, cls.entered_by), else_=holder)

    @classmethod
    def written_by(cls, person_id: UUID) -> ColumnElement[bool]:
        """The objections that this person wrote, as `author` says."""
        return cls.author() == person_id


class ObjectionPhoto(Base):
    """A photo that an objection was handed in with, in the author's order. Append-only."""

    __tablename__ = "objection_photo"
    __table_args__ = (UniqueConstraint("objection_id", "file_sha256"),)

    objection_id: Mapped[UUID] = mapped_column(ForeignKey("objection.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_sha256: Mapped[str] = mapped_column(ForeignKey("photo.file_sha256"), index=True)


class RegistrationRecord(Base):
    """使用登记备案 of a plan, once."""

    __tablename__ = "registration"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"), unique=True)
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[datetime]
