"""What officers rule: an objection holds nothing up, or what was published is read no more; and how
those hear of it whom no message reaches."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Exists,
    ForeignKey,
    Index,
    ScalarSelect,
    UniqueConstraint,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.letters import How
from backend.store.base import Base, Id, OneOf, one_of
from backend.store.notices import Objection, PublicNoticePhoto


class Dismissal(Base):
    """不予采纳: the reviewer's word that an answered objection holds nothing up, with reasons as
    everybody reads them; undone by another officer who says why.

    `in_stead_of` is whose work it was (代办): that one does not undo it either.
    """

    __tablename__ = "dismissal"
    __table_args__ = (
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name="undone",
        ),
        CheckConstraint("undone_by <> dismissed_by", name="another_officer"),
        Index(
            "uq_dismissal_in_effect",
            "objection_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    objection_id: Mapped[UUID] = mapped_column(ForeignKey("objection.id"), index=True)
    reasons: Mapped[str]
    dismissed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    dismissed_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str | None]

    @classmethod
    def in_effect(cls) -> ScalarSelect[str]:
        """The reasons for which an objection stands dismissed, for a query over objections."""
        reasons = select(cls.reasons).where(cls.objection_id == Objection.id)
        return reasons.where(cls.undone_at.is_(None)).correlate(Objection).scalar_subquery()


class Handed:
    """The columns of how a letter was given, and of what proves it. Undone where it was not given
    after all."""

    how: Mapped[How] = mapped_column(OneOf(How))
    given_on: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("file.sha256"), index=True)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_because: Mapped[str | None]


def handed() -> tuple[CheckConstraint, CheckConstraint]:
    """What the database holds of everything `Handed`."""
    return (
        one_of("how", How),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name="undone",
        ),
    )


class AnswerDelivery(Handed, Base):
    """送达: a letter with what the centre said was given to an author without an account.
    `delivered_on` is the day from which it counts."""

    __tablename__ = "answer_delivery"
    __table_args__ = (
        *handed(),
        CheckConstraint("given_on <= delivered_on", name="given_first"),
    )

    id: Mapped[Id]
    objection_id: Mapped[UUID] = mapped_column(ForeignKey("objection.id"), index=True)
    delivered_on: Mapped[date]

    @classmethod
    def last_day(cls) -> ScalarSelect[date]:
        """When the author was last given a letter, for a query over objections."""
        days = select(func.max(cls.delivered_on)).where(cls.objection_id == Objection.id)
        return days.where(cls.undone_at.is_(None)).correlate(Objection).scalar_subquery()


class CaseLetter(Base):
    """办理情况告知书: how a case stood after its step `version`, as it was first printed for owners
    who applied on paper; printed again before the next step it is the same letter."""

    __tablename__ = "case_letter"
    __table_args__ = (UniqueConstraint("purchase_id", "version"),)

    id: Mapped[Id]
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"))
    version: Mapped[int]
    printed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    printed_at: Mapped[datetime]


class CaseLetterDelivery(Handed, Base):
    """Such a letter was given to those who applied."""

    __tablename__ = "case_letter_delivery"
    __table_args__ = (
        *handed(),
        CheckConstraint("how <> 'announced'", name="to_somebody"),
        Index(
            "uq_case_letter_delivery_in_effect",
            "letter_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("case_letter.id"), index=True)


class Takedown(Base):
    """撤下: words or a photo of a notice that everybody could read, and may not for this reason.

    Either what was published of an objection (its words, the answer, the reasons of its dismissal)
    or one photo. The rows themselves stay as they were; another officer may restore it, but
    not the one in whose stead it was done (`in_stead_of`, 代办).
    """

    __tablename__ = "takedown"
    __table_args__ = (
        CheckConstraint("(objection_id IS NULL) <> (file_sha256 IS NULL)", name="one_thing"),
        CheckConstraint(
            "(restored_at IS NULL) = (restored_by IS NULL)"
            " AND (restored_at IS NULL) = (restored_because IS NULL)",
            name="restored",
        ),
        CheckConstraint("restored_by <> taken_down_by", name="another_officer"),
        Index(
            "uq_takedown_objection_id",
            "notice_id",
            "objection_id",
            unique=True,
            postgresql_where=text("restored_at IS NULL AND objection_id IS NOT NULL"),
        ),
        Index(
            "uq_takedown_file_sha256",
            "notice_id",
            "file_sha256",
            unique=True,
            postgresql_where=text("restored_at IS NULL AND file_sha256 IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("public_notice.id"))
    objection_id: Mapped[UUID | None] = mapped_column(ForeignKey("objection.id"))
    file_sha256: Mapped[str | None] = mapped_column(ForeignKey("photo.file_sha256"), index=True)
    reason: Mapped[str]
    taken_down_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    taken_down_at: Mapped[datetime]
    restored_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    restored_at: Mapped[datetime | None]
    restored_because: Mapped[str | None]

    @classmethod
    def of_objection(cls) -> ScalarSelect[str]:
        """Why the words of an objection are taken down, for a query over objections."""
        reason = select(cls.reason).where(
            cls.notice_id == Objection.notice_id, cls.objection_id == Objection.id
        )
        return reason.where(cls.restored_at.is_(None)).correlate(Objection).scalar_subquery()

    @classmethod
    def why_of_photo(cls) -> ScalarSelect[str]:
        """Why a photo is taken down, for a query over photos of notices."""
        reason = select(cls.reason).where(
            cls.notice_id == PublicNoticePhoto.notice_id,
            cls.file_sha256 == PublicNoticePhoto.file_sha256,
        )
        return (
            reason.where(cls.restored_at.is_(None)).correlate(PublicNoticePhoto).scalar_subquery()
        )

    @classmethod
    def of_photo(cls) -> Exists:
        """Whether a photo is taken down, for a query over photos of notices."""
        return exists().where(
            cls.notice_id == PublicNoticePhoto.notice_id,
            cls.file_sha256 == PublicNoticePhoto.file_sha256,
            cls.restored_at.is_(None),
        )
