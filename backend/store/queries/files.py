"""Files, by what they are used for."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, SQLColumnExpression, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.store.base import Base
from backend.store.notices import Photo, StoredFile, Upload

# The space of advisory locks in which each file has one, while it comes or goes.
FILE_LOCKS = 7105010
# What says of a file who handed it in and what it shows is no use of it.
BESIDE = (Upload.__table__, Photo.__table__)


def lock_file(tx: Session, sha256: str) -> None:
    """Until the end of the transaction nobody else stores these bytes or drops them."""
    tx.execute(select(func.pg_advisory_xact_lock(FILE_LOCKS, func.hashtext(sha256))))


def _uses() -> Iterator[Column[str]]:
    """Every column that names a file, in whatever table, as one that something rests on."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            named = {key.column.table for key in column.foreign_keys}
            if table not in BESIDE and named & {StoredFile.__table__, Photo.__table__}:
                yield column


def is_used(sha256: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether something rests on the file."""
    return or_(*(exists().where(column == sha256) for column in _uses()))


def named_files() -> ColumnElement[bool]:
    """Of stored files those that must be there: in use, or still somebody's to use."""
    theirs = exists().where(Upload.file_sha256 == StoredFile.sha256)
    return or_(theirs, is_used(StoredFile.sha256))


def begins_with(part: str) -> ColumnElement[bool]:
    """Whether the hash of what was handed in begins so, by its index."""
    return Upload.file_sha256.between(part, part + "g")  # no digit comes after f


def unused_since(
    tx: Session, before: datetime, which: ColumnElement[bool], most: int = 1
) -> Sequence[str]:
    """Files of `which` that were handed in for nothing, all of them before that moment."""
    later = aliased(Upload)
    same = later.file_sha256 == Upload.file_sha256
    again = select(later).where(same, later.uploaded_at >= before).correlate(Upload)
    files = (
        select(Upload.file_sha256)
        .where(which, Upload.uploaded_at < before)
        .group_by(Upload.file_sha256)
        .having(~is_used(Upload.file_sha256), ~again.exists())
        .limit(most)
    )
    return tx.scalars(files).all()


def known_files(tx: Session, hashes: Sequence[str]) -> set[str]:
    """Those of these files that were put on record, whatever became of them since."""
    return set(tx.scalars(select(StoredFile.sha256).where(StoredFile.sha256.in_(hashes))))
