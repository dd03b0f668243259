"""Workbooks that officers hand in at the desk, checked first and written by a second word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.domain.imports import ImportKind, ImportState
from backend.store.base import Base, Id, OneOf, one_of


class WorkbookImport(Base):
    """One workbook: how many faults it has, and what it changes, or has changed, by kind of record
    (`counts`). The file and what was found in it are sealed, since names and phones stand there,
    and go once it is written, or after a month. `filed`: its committee was compared with what the
    committee filed (备案表); `mandate_paper`: with which paper its mandates were, empty where with
    none. `in_stead_of` is whose work the handing in was (代办). `ordered_by` said that a worker
    write it; that works under a lease of real time, and `failure` is why it came to nothing, in a
    sentence for whoever looks at it."""

    __tablename__ = "workbook_import"
    __table_args__ = (
        one_of("kind", ImportKind),
        one_of("state", ImportState),
        CheckConstraint("(state = 'written') = (applied_at IS NOT NULL)", name="written_at"),
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied_by"),
        CheckConstraint("state <> 'written' OR problems = 0", name="no_problems"),
        CheckConstraint("state <> 'ordered' OR ordered_by IS NOT NULL", name="ordered_by"),
        CheckConstraint("state <> 'failed' OR failure IS NOT NULL", name="failure"),
        CheckConstraint(
            "kind <> 'balances' OR (applied_by IS DISTINCT FROM handed_in_by"
            " AND (applied_by IS NULL OR applied_by IS DISTINCT FROM in_stead_of))",
            name="another_officer",
        ),
        # The same file again is the same import, as long as it is not written.
        Index(
            "uq_workbook_import_waiting",
            "kind",
            "sha256",
            "filed",
            "mandate_paper",
            "handed_in_by",
            unique=True,
            postgresql_where=text(
                "state IN ('waits', 'checked', 'ordered') AND content_sealed IS NOT NULL"
            ),
        ),
        Index(
            "ix_workbook_import_at_work",
            "leased_until",
            postgresql_where=text("state IN ('waits', 'ordered')"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[ImportKind] = mapped_column(OneOf(ImportKind))
    state: Mapped[ImportState] = mapped_column(OneOf(ImportState))
    file_name: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    filed: Mapped[bool]
    mandate_paper: Mapped[str]
    problems: Mapped[int]
    counts: Mapped[dict[str, Any]]
    content_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    found_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    handed_in_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    in_stead_of: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    handed_in_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(server_default="0")
    leased_until: Mapped[datetime | None]
    failure: Mapped[str | None]
    ordered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    applied_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime | None]
