"""Files people hand in: photos, contracts, invoices. What counts is the content, not the name."""

import io
import logging
import re
import threading
from dataclasses import dataclass

from PIL import Image
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.errors import Refused, refuse
from backend.domain.roles import OFFICERS, Role
from backend.services import audit
from backend.services.access import granted_roles, nothing_there
from backend.services.context import Actor, Context
from backend.store.notices import StoredFile, Upload
from backend.store.queries.cases import (
    Viewer,
    applied,
    file_is_mandate_of,
    file_is_paper_of,
    visible,
    withdrawal_authors,
)

log = logging.getLogger(__name__)

SIZE_LIMIT = 10 * 1024 * 1024
PIXEL_LIMIT = 50_000_000

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF = "application/pdf"
MEDIA_TYPES = (*IMAGE_TYPES.values(), PDF)
ENDINGS = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": PDF,
}

SHA256 = re.compile(r"[0-9a-f]{64}")
IMAGE_START = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
PDF_START = re.compile(rb"%PDF-[12]\.[0-9]")
PDF_END = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*\Z")
PDF_TAIL = 1024

# Who may read the papers of a case, and those about objections.
PAPER_READERS = (Role.COMMITTEE_MEMBER, Role.PROPERTY_MANAGER, Role.INSURER, *sorted(OFFICERS))
OBJECTION_READERS = {Role.CLERK, Role.REVIEWER, Role.AUDITOR}

# A large picture takes a few hundred megabytes while it is decoded: one at a time.
_decoding = threading.Lock()


@dataclass(frozen=True)
class Received:
    """A stored file: its SHA-256 in hex is its name from now on."""

    sha256: str
    media_type: str
    size_bytes: int


def store_upload(
    ctx: Context, actor: Actor, content: bytes, name: str | None, declared_type: str | None
) -> Received:
    """Check and keep a file; handing in the same bytes again changes nothing.

    `name` and `declared_type` are the client's claims: both may be missing, neither may contradict
    the content. Raises Refused `upload_empty`, `upload_too_large`, `upload_type_unsupported`,
    `upload_damaged`, `upload_type_mismatch`.
    """
    media_type = sniff(content)
    _check_claims(media_type, name, declared_type)
    sha256 = ctx.files.put(content)
    now = ctx.clock()
    file = {
        "sha256": sha256,
        "media_type": media_type,
        "size_bytes": len(content),
        "stored_at": now,
    }
    upload = {"file_sha256": sha256, "person_id": actor.person_id, "uploaded_at": now}
    with ctx.sessions() as tx:
        tx.execute(insert(StoredFile).values(file).on_conflict_do_nothing())
        mine = insert(Upload).values(upload).on_conflict_do_nothing()
        if tx.scalar(mine.returning(Upload.file_sha256)):
            facts = {"media_type": media_type, "size_bytes": len(content)}
            audit.append(tx, now, actor.person_id, "file.upload", ("file", sha256), facts)
        tx.commit()
    return Received(sha256, media_type, len(content))


def sniff(content: bytes) -> str:
    """The media type that the content really has, after all of it was decoded; raises Refused."""
    if not content:
        raise refuse("upload_empty", "文件是空的，请重新选择文件。", "file")
    if len(content) > SIZE_LIMIT:
        raise refuse(
            "upload_too_large", "文件超过 10 MB，请压缩后再上传。", "file", kind="too_large"
        )
    if content.startswith(b"%PDF-"):
        return _checked_pdf(content)
    if IMAGE_START.match(content):
        return _checked_image(content)
    raise _unsupported()


def _unsupported() -> Refused:
    message = "只接受 JPEG、PNG、WebP 图片和 PDF 文件，请转换格式后再上传。"
    return refuse("upload_type_unsupported", message, "file")


def _damaged(what: str) -> Refused:
    return refuse(
        "upload_damaged", f"{what}不完整或已损坏，无法打开，请重新拍摄或导出后上传。", "file"
    )


def _checked_pdf(content: bytes) -> str:
    found = PDF_END.search(content, max(0, len(content) - PDF_TAIL))
    if not PDF_START.match(content) or found is None or int(found[1]) >= len(content):
        raise _damaged("PDF 文件")
    return PDF


def _checked_image(content: bytes) -> str:
    try:
        with _decoding, Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as image:
            if image.width * image.height > PIXEL_LIMIT:
                raise _too_many_pixels()
            image.load()
            return IMAGE_TYPES[str(image.format)]
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # decoders fail in many ways on hostile bytes; all mean the same
        log.info("picture refused: %s", type(error).__name__)
        raise _damaged("图片") from None


def _too_many_pixels() -> Refused:
    message = "图片超过 5000 万像素，请缩小后再上传。"
    return refuse("upload_too_large", message, "file", kind="too_large")


def _check_claims(media_type: str, name: str | None, declared_type: str | None) -> None:
    ending = (name or "").rpartition(".")[2].lower()
    claims = {ENDINGS.get(ending, media_type)}
    if declared_type and declared_type not in ("application/octet-stream", ""):
        claims.add("image/jpeg" if declared_type == "image/jpg" else declared_type)
    if claims != {media_type}:
        message = f"文件内容是 {media_type}，与名称或声明的类型不符，请检查后重新上传。"
        raise refuse("upload_type_mismatch", message, "file")


def read_file(ctx: Context, actor: Actor, sha256: str) -> tuple[bytes, str]:
    """Content and media type of a file that this person handed in or may see by office.

    Raises Refused (missing) for other people's files and unknown ones alike.
    """
    if not SHA256.fullmatch(sha256):
        raise nothing_there("文件")
    with ctx.sessions() as tx:
        media_type = tx.scalar(select(StoredFile.media_type).where(StoredFile.sha256 == sha256))
        if media_type is None or not _may_read(tx, ctx, actor, sha256):
            raise nothing_there("文件")
    return ctx.files.read(sha256), media_type


def _may_read(tx: Session, ctx: Context, actor: Actor, sha256: str) -> bool:
    """Who uploaded it, who takes part in a case that rests on it, officers; owners only their own
    papers. A paper about an objection stays between its author and the centre."""
    if tx.get(Upload, (sha256, actor.person_id)):
        return True
    viewer = Viewer.at(actor.person_id, ctx.clock())
    theirs = or_(visible(viewer, PAPER_READERS), applied(viewer) & visible(viewer))
    if file_is_paper_of(tx, sha256, theirs) or file_is_mandate_of(tx, sha256, viewer):
        return True
    office = granted_roles(tx, ctx, actor, None, None) & OFFICERS
    authors = withdrawal_authors(tx, sha256)
    if authors:
        return actor.person_id in authors or bool(office & OBJECTION_READERS)
    return bool(office)
