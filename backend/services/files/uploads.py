"""Files people hand in: photos, contracts, invoices. What counts is the content, not the name."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.errors import Refused, refuse
from backend.domain.local_time import local_date, midnight_after
from backend.domain.roles import OFFICERS, Role
from backend.domain.steps import NAMED_BALLOTS, NAMES_OWNERS
from backend.pictures.apart import check_pdf, read_picture
from backend.pictures.picture import FORMATS, Picture
from backend.services.base import audit
from backend.services.base.access import granted_roles, nothing_there
from backend.services.base.context import Actor, Context
from backend.services.files.handed_in import SHA256
from backend.services.files.line import HANDED_IN
from backend.store.notices import Photo, StoredFile, Upload, UploadTry
from backend.store.people import Person
from backend.store.queries.cases import (
    Viewer,
    applied,
    reach_of,
    visible,
)
from backend.store.queries.files import lock_file
from backend.store.queries.papers import (
    file_is_entered,
    file_is_of_company,
    file_is_of_company_of,
    file_is_of_money,
    file_is_paper_of,
    file_is_slip,
    objection_paper_authors,
)

# A photo of 50 million pixels has 12 to 20 MB as phones save it.
MEGABYTE = 1024 * 1024
SIZE_LIMIT = 25 * MEGABYTE
# What one person may hand in on one day, taken or not: ample for the photos of a whole estate.
MOST_FILES = 200
MOST_BYTES = 300 * MEGABYTE

TOO_LARGE = (
    f"文件超过 {SIZE_LIMIT // MEGABYTE} MB。照片请在选取时不勾“原图”，或打开后截屏再上传；"
    "PDF 请分成几份，或降低清晰度后重新导出。"
)

PDF = "application/pdf"
MEDIA_TYPES = (*FORMATS, PDF)
# JPEG, PNG, WebP, and HEIC by the brands of its first box.
IMAGE_START = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP|.{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
    re.DOTALL,
)

# Who may read the papers of a case, and those about objections.
PAPER_READERS = (Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER, Role.INSURER, *sorted(OFFICERS))
OBJECTION_READERS = {Role.CLERK, Role.REVIEWER, Role.AUDITOR}


@dataclass(frozen=True)
class Read:
    """A file that was looked into: the bytes to keep, and of a picture what else is known of it.
    `media_type` is that of anything else: a PDF, or what the house wrote itself."""

    content: bytes
    picture: Picture | None = None
    media_type: str = PDF


@dataclass(frozen=True)
class Received:
    """A stored file: the SHA-256 of its stored bytes, in hex, is its name from now on.

    Of a picture also its size in pixels, when it was taken by the camera's clock, and whether the
    camera wrote where; None and False where the file does not say, or is no picture.
    """

    sha256: str
    media_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    has_place: bool = False


def read_upload(ctx: Context, actor: Actor, file: IO[bytes]) -> Read:
    """Look into a file that somebody hands in, in their turn; the try counts, whatever it comes to.

    A picture is to be kept upright, not too large, and without what the camera wrote into it: the
    time is kept beside it, and whether there was a place. What the client calls the file is used
    for nothing: chat apps name JPEGs `.png`. Raises Refused `upload_empty`, `upload_too_large`,
    `upload_type_unsupported`, `upload_damaged`, `upload_locked`, `upload_active`,
    `uploads_used_up`, and `busy` when too many files wait to be read.
    """
    with HANDED_IN.turn(actor.person_id):
        content = file.read()  # one at a time: it may be large
        _count_try(ctx, actor, len(content))
        picture = checked(content)
    return Read(picture.content, picture) if picture else Read(content)


def keep_upload(ctx: Context, actor: Actor, read: Read) -> Received:
    """Keep what was read; handing in the same bytes again changes nothing."""
    content, picture = read.content, read.picture
    media_type = picture.media_type if picture else read.media_type
    now, size, sha256 = ctx.clock(), len(content), hashlib.sha256(content).hexdigest()
    file = {"sha256": sha256, "media_type": media_type, "size_bytes": size, "stored_at": now}
    upload = {"file_sha256": sha256, "person_id": actor.person_id, "uploaded_at": now}
    with ctx.sessions() as tx:
        lock_file(tx, sha256)
        ctx.files.put(content)
        tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
        if picture:
            _note_photo(tx, sha256, picture)
        mine = insert(Upload).values(upload).on_conflict_do_nothing()
        if tx.scalar(mine.returning(Upload.file_sha256)):
            facts = {"media_type": media_type, "size_bytes": size}
            audit.append(tx, now, actor.person_id, AuditAction.FILE_UPLOAD, ("file", sha256), facts)
        tx.commit()
        photo = tx.get(Photo, sha256)
        return _received(sha256, media_type, size, photo)


def _note_photo(tx: Session, sha256: str, picture: Picture) -> None:
    """What the first of equal pictures said stays: nobody changes an hour by uploading again."""
    photo = {
        "file_sha256": sha256,
        "width": picture.width,
        "height": picture.height,
        "taken_at": picture.taken_at,
        "has_place": picture.has_place,
        "fingerprint": picture.fingerprint,
    }
    tx.execute(insert(Photo).values(photo).on_conflict_do_nothing())


def _received(sha256: str, media_type: str, size: int, photo: Photo | None) -> Received:
    if photo is None:
        return Received(sha256, media_type, size)
    properties = (photo.width, photo.height, photo.taken_at, photo.has_place)
    return Received(sha256, media_type, size, *properties)


def _count_try(ctx: Context, actor: Actor, size: int) -> None:
    """One more file to read, whatever comes of it: a damaged one, or one that is there already,
    costs as much. It is on record before anything is decoded."""
    today = midnight_after(local_date(ctx.clock()) - timedelta(days=1))
    mine = UploadTry.person_id == actor.person_id
    with ctx.sessions() as tx:
        tx.scalar(select(Person.id).where(Person.id == actor.person_id).with_for_update())
        tx.execute(delete(UploadTry).where(mine, UploadTry.tried_at < today))
        files, size_bytes = tx.execute(
            select(func.count(), func.coalesce(func.sum(UploadTry.size_bytes), 0)).where(mine)
        ).one()
        if files >= MOST_FILES or size_bytes + size > MOST_BYTES:
            message = "您今天上传的文件已经很多，请明天再传，或把材料送到中心。"
            raise refuse("uploads_used_up", message, "file", "too_many")
        tx.add(UploadTry(person_id=actor.person_id, tried_at=ctx.clock(), size_bytes=size))
        tx.commit()


def checked(content: bytes) -> Picture | None:
    """What the content really is, after all of it was decoded: a picture, or None for a PDF.

    Raises Refused for anything else.
    """
    if not content:
        raise refuse("upload_empty", "文件是空的，请重新选择文件。", "file")
    if len(content) > SIZE_LIMIT:
        raise refuse("upload_too_large", TOO_LARGE, "file", kind="too_large")
    if content.startswith(b"%PDF-"):
        check_pdf(content)
        return None
    if IMAGE_START.match(content):
        return read_picture(content)
    raise _unsupported()


def _unsupported() -> Refused:
    message = (
        "只接受 JPEG、PNG、WebP、HEIC 图片和 PDF 文件。"
        "别的图片请打开后截屏、上传截图；别的文件请另存为 PDF，或打印后拍照。"
    )
    return refuse("upload_type_unsupported", message, "file")


def read_file(ctx: Context, actor: Actor, sha256: str) -> tuple[bytes, str]:
    """Content and media type of a file that this person handed in or may see by office.

    An officer's look at the papers of an objection is in the audit chain: a signature is a name
    (个人信息保护法 25, 55). Raises Refused (missing) for other people's files and for unknown ones.
    """
    if not SHA256.fullmatch(sha256):
        raise nothing_there("文件")
    with ctx.sessions() as tx:
        media_type = tx.scalar(select(StoredFile.media_type).where(StoredFile.sha256 == sha256))
        if media_type is None or not _may_read(tx, ctx, actor, sha256):
            raise nothing_there("文件")
        tx.commit()
    return ctx.files.read(sha256), media_type


def _may_read(tx: Session, ctx: Context, actor: Actor, sha256: str) -> bool:
    """Who uploaded it, who takes part in a case that rests on it, officers; owners only their own
    papers. A paper about an objection stays between its author and the centre, who voted for what
    between the owners and those who enter, review or audit it, and what was handed
    in for nothing yet is its uploader's alone."""
    if tx.get(Upload, (sha256, actor.person_id)):
        return True
    office = granted_roles(tx, ctx, actor, None, None) & OFFICERS
    authors = objection_paper_authors(tx, sha256)
    if authors and office & OBJECTION_READERS:
        subject = ("file", sha256)
        audit.append(
            tx, ctx.clock(), actor.person_id, AuditAction.FILE_READ_OBJECTION_PAPER, subject, {}
        )
    viewer = Viewer.at(actor.person_id, ctx.clock())
    reach = reach_of(tx, viewer)
    theirs = or_(visible(reach, PAPER_READERS), applied(reach) & visible(reach))
    hidden = () if office & OBJECTION_READERS else NAMED_BALLOTS if office else NAMES_OWNERS
    if file_is_paper_of(tx, sha256, theirs, hidden) or file_is_of_company_of(tx, sha256, viewer):
        return True
    if authors:
        return actor.person_id in authors or bool(office & OBJECTION_READERS)
    if Role.CLERK in office and file_is_entered(tx, sha256):
        return True
    of_office = (file_is_of_company, file_is_of_money, file_is_slip)
    return bool(office) and any(is_such(tx, sha256) for is_such in of_office)
