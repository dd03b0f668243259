"""Records that belong to a subject of any kind (`docs/decisions/0018-any-subject.md`).

Records are given a `subject` and found by it. For purchases the database also keeps `purchase_id`
with its foreign key: nothing can hang on a case that does not exist, and reads join by it.
"""

from uuid import UUID

from sqlalchemy import Computed, ForeignKey
from sqlalchemy.orm import Mapped, composite, declared_attr, mapped_column

from backend.domain.subject import Subject

# As PostgreSQL writes it, so that comparing the schemas finds no difference.
IF_PURCHASE = "CASE WHEN (subject_kind = 'purchase'::text) THEN subject_id ELSE NULL::uuid END"
# For the table's arguments where there may be no subject.
BOTH_OR_NEITHER = "(subject_kind IS NULL) = (subject_id IS NULL)"


class OfSubject:
    """Columns of a record that belongs to a subject."""

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    purchase_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("purchase.id"), Computed(IF_PURCHASE, persisted=True)
    )

    @declared_attr
    @classmethod
    def subject(cls) -> Mapped[Subject]:
        """The subject, to be given and compared."""
        return composite(Subject, "subject_kind", "subject_id")


class PerhapsOfSubject:
    """Columns of a record that may belong to a subject."""

    subject_kind: Mapped[str | None]
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    purchase_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("purchase.id"), Computed(IF_PURCHASE, persisted=True)
    )

    @declared_attr
    @classmethod
    def subject(cls) -> Mapped[Subject | None]:
        """The subject, to be given and compared; None without one."""
        return composite(
            Subject,
            "subject_kind",
            "subject_id",
            return_none_on=lambda kind, subject_id: kind is None,
        )
