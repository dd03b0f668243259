"""Photos as evidence: whose they are, what they show, and whether one was shown before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.domain.public_notice import LEAST_PICTURE_SIDE, check_size
from backend.domain.tokens import FORM
from backend.pictures.apart import is_signed, read_codes_in
from backend.pictures.likeness import alike
from backend.services.base.context import Actor, Context
from backend.services.files.handed_in import STAYS, file_unknown
from backend.services.files.line import KEPT
from backend.store.notices import Photo, PublicNotice, PublicNoticePhoto, Upload
from backend.store.posters import Poster
from backend.store.registry import LiftToken, LiftUnit

MOST_PHOTOS = 6

# The addresses that we print: a lift's, or a notice's by its number.
PRINTED = re.compile(rf"https?://[^/\s]+/(?:e/(?P<token>{FORM})|n/(?P<number>[\w-]{{1,40}}))")


@dataclass(frozen=True)
class Hint:
    """Something about a photo that was taken in all the same."""

    code: str
    message: str


CODE_NOT_SEEN = Hint(
    "code_not_seen",
    "近景照片里没有认出公示上的二维码。照片已收下；如不清楚，请靠近、对正后再补拍一张。",
)
CODE_REVOKED = Hint(
    "code_revoked",
    "照片里的二维码已经停用，住户扫码看不到公示。照片已收下；请重新打印公示，换下旧的再补拍一张。",
)
TIME_NOT_SEEN = Hint(
    "time_not_seen",
    "照片里没有拍摄时间，按填写的时间或上传时间记录。请在手机相机里拍摄后再上传原图。",
)


def taken_late(days: int) -> Hint:
    """An end photo was taken long after the end: what follows from that."""
    return Hint(
        "photo_late",
        f"这张结束照片比公示最后一日晚了{days}天，证明不了公示一直张贴。"
        "如有按时拍的照片，请补传；没有的，中心确认公示无异议时须书面说明查明的经过。",
    )


# Where and when a photo shows the notice: unit, moment and framing.
Place = tuple[UUID, str, str]


@dataclass(frozen=True)
class Picture:
    """An uploaded picture: when, what the camera says of the time, and what it looks like."""

    sha256: str
    uploaded_at: datetime
    width: int
    height: int
    taken_at: datetime | None
    fingerprint: int | None

    def captured_at(self, given: datetime | None) -> tuple[datetime, bool]:
        """When it was taken, and whether the camera itself says so: else what the person gave, or
        when the person uploaded it, since it was there by then."""
        if self.taken_at is not None:
            return self.taken_at, True
        return given or self.uploaded_at, False


@dataclass(frozen=True)
class Shown:
    """A photo of a notice and what it looks like."""

    photo: PublicNoticePhoto
    fingerprint: int | None

    @property
    def place(self) -> Place:
        """Where and when it shows the notice."""
        return self.photo.unit_id, self.photo.moment, self.photo.framing


@dataclass(frozen=True)
class Printed:
    """What a code in a photo leads to: the token of a lift, or the number of a notice."""

    tokens: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True)
class Attached:
    """What an objection is handed in with: uploads of the author, by SHA-256."""

    photos: Sequence[str] = ()
    signature: str | None = None


def check_attached(ctx: Context, actor: Actor, attached: Attached) -> None:
    """The photos and the signature were uploaded by this person, and are what they should be.

    Takes a while; the transaction that uses them holds them (`hold_attached`). Raises Refused:
    photos_too_many, photo_repeated, file_unknown, photo_not_a_picture, photo_too_small,
    signature_too_small.
    """
    photos, signature = attached.photos, attached.signature
    if len(photos) > MOST_PHOTOS:
        raise refuse("photos_too_many", f"最多上传{MOST_PHOTOS}张照片，请删去几张。", "photos")
    if len(set(photos)) < len(photos):
        raise refuse("photo_repeated", "同一张照片只需上传一次，请删去重复的。", "photos")
    with ctx.sessions() as tx:
        for sha256 in photos:
            picture = picture_of(tx, actor, sha256, "photos")
            check_size(picture.width, picture.height, LEAST_PICTURE_SIDE, "photos")
        if signature is None:
            return
        picture_of(tx, actor, signature, "signature")
    drawn = ctx.files.read(signature)
    with KEPT.turn(actor.person_id):
        signed = is_signed(drawn)
    if not signed:
        message = "签名太小或没有写完，请用手指把姓名写满签名框。"
        raise refuse("signature_too_small", message, "signature")


def hold_attached(tx: Session, actor: Actor, attached: Attached) -> None:
    """From now on they stay; those dropped since they were checked are `file_unknown` (Refused)."""
    hashes = {*attached.photos, *([attached.signature] if attached.signature else ())}
    if not hashes:
        return
    mine = select(Upload.file_sha256).where(
        Upload.person_id == actor.person_id, Upload.file_sha256.in_(hashes)
    )
    there = tx.scalars(mine.order_by(Upload.file_sha256).with_for_update(of=Upload, **STAYS)).all()
    if len(there) < len(hashes):
        raise file_unknown("photos" if set(attached.photos) - set(there) else "signature")


def picture_of(tx: Session, actor: Actor, sha256: str, field: str) -> Picture:
    """The picture that this person uploaded.

    Raises Refused `file_unknown`, `photo_not_a_picture`.
    """
    row = tx.execute(
        select(Upload.uploaded_at, Photo)
        .outerjoin(Photo, Photo.file_sha256 == Upload.file_sha256)
        .where(Upload.file_sha256 == sha256, Upload.person_id == actor.person_id)
        .with_for_update(of=Upload, **STAYS)
    ).one_or_none()
    if row is None:
        raise file_unknown(field)
    uploaded_at, photo = row
    if photo is None:
        raise refuse("photo_not_a_picture", "这里需要照片或图片，请重新拍摄后上传。", field)
    properties = (photo.width, photo.height, photo.taken_at, photo.fingerprint)
    return Picture(sha256, uploaded_at, *properties)


def codes_in(ctx: Context, sha256: str) -> Printed | None:
    """What the codes in a picture lead to; None when it shows none of ours.

    Takes a while: not for inside a transaction that others wait for.
    """
    content = ctx.files.read(sha256)
    with KEPT.turn(sha256):
        texts = read_codes_in(content)
    found = [PRINTED.fullmatch(text) for text in texts]
    tokens = frozenset(code["token"] for code in found if code and code["token"])
    numbers = frozenset(code["number"] for code in found if code and code["number"])
    return Printed(tokens, numbers) if tokens or numbers else None


def shown_in(tx: Session, notice: PublicNotice) -> list[Shown]:
    """Every photo of a notice with what it looks like."""
    rows = tx.execute(
        select(PublicNoticePhoto, Photo.fingerprint)
        .outerjoin(Photo, Photo.file_sha256 == PublicNoticePhoto.file_sha256)
        .where(PublicNoticePhoto.notice_id == notice.id)
    )
    return [Shown(*row) for row in rows]


def check_place(tx: Session, notice: PublicNotice, unit_id: UUID, printed: Printed) -> None:
    """The code in the photo is of this unit's lifts, or of this notice.

    Raises Refused `poster_of_other_place` for one of another unit or notice; codes that are not
    ours prove nothing either way.
    """
    units = set(
        tx.scalars(
            select(LiftUnit.unit_id)
            .join(LiftToken, LiftToken.lift_id == LiftUnit.lift_id)
            .where(LiftToken.token.in_(printed.tokens))
        )
    )
    numbers = set(
        tx.scalars(select(PublicNotice.number).where(PublicNotice.number.in_(printed.numbers)))
    )
    if (units and unit_id not in units) or (numbers and notice.number not in numbers):
        message = "照片里的二维码属于别的单元或别的公示，请核对所选单元，拍摄张贴在本单元的公示。"
        raise refuse("poster_of_other_place", message, "file_sha256", "conflict")


def shows_revoked_code(tx: Session, printed: Printed) -> bool:
    """Whether a lift's code in the photo leads nowhere any more."""
    revoked = select(LiftToken.token).where(LiftToken.token.in_(printed.tokens), ~LiftToken.valid)
    return tx.scalar(revoked.limit(1)) is not None


def check_poster(tx: Session, notice: PublicNotice, unit_id: UUID, sha256: str) -> None:
    """The poster was made of this notice, for this unit.

    Raises Refused `poster_unknown`, `poster_of_other_place`.
    """
    poster = tx.get(Poster, sha256)
    if poster is None or poster.notice_id != notice.id:
        message = "没有找到为本次公示制作的这份海报，请先生成海报再张贴。"
        raise refuse("poster_unknown", message, "poster_sha256")
    if poster.unit_id != unit_id:
        message = "这份海报是为别的单元制作的，请选择本单元的海报。"
        raise refuse("poster_of_other_place", message, "poster_sha256", "conflict")


def check_no_double(shown: Sequence[Shown], picture: Picture, place: Place) -> None:
    """No photo of this notice shows the same picture at another place or moment, or as the other
    framing.

    Raises Refused `photo_is_a_double`. The case is locked by the caller, so that two doubles that
    arrive at once are seen one after the other.
    """
    for other in shown:
        one, two = picture.fingerprint, other.fingerprint
        same = one is not None and two is not None and alike(one, two)
        if other.place != place and (same or other.photo.file_sha256 == picture.sha256):
            message = (
                "这张照片与本次公示已有的另一张（别的单元、时间或远近景）相同，请到现场重新拍摄。"
            )
            raise refuse("photo_is_a_double", message, "file_sha256", "conflict")
