"""The live notice of a case (公示): where it must hang, and which photos prove that it does."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.domain.city.schema import CityProfile
from backend.domain.facts import NO_NOTICE, NoticeFact
from backend.domain.public_notice import LIVE, late_photos, missing_photos, photo_counts
from backend.store.notices import PublicNotice, PublicNoticePhoto
from backend.store.purchases import Purchase


def live_notice(purchase: Purchase) -> Select[PublicNotice]:
    """The notice of the current plan that is being posted, runs, is suspended or was cleared."""
    return (
        select(PublicNotice)
        .where(PublicNotice.purchase_id == purchase.id, PublicNotice.state.in_(LIVE))
        .order_by(PublicNotice.id.desc())
        .limit(1)
    )


def live_notices(tx: Session, purchases: Sequence[UUID]) -> Mapping[UUID, PublicNotice]:
    """`live_notice` of each of these cases that has one."""
    rows = tx.scalars(
        select(PublicNotice)
        .where(PublicNotice.purchase_id.in_(purchases), PublicNotice.state.in_(LIVE))
        .order_by(PublicNotice.id)
    )
    return {notice.purchase_id: notice for notice in rows}


def notice_fact(tx: Session, city: CityProfile, notice: PublicNotice | None) -> NoticeFact:
    """The notice, if there is one, and the photos it still lacks by the rules of its case."""
    return notice_with(city, notice, photos_of(tx, [notice.id])[notice.id]) if notice else NO_NOTICE


def photos_of(tx: Session, notices: Sequence[UUID]) -> Mapping[UUID, Sequence[PublicNoticePhoto]]:
    """The photos of each of these notices."""
    photos: dict[UUID, list[PublicNoticePhoto]] = {notice_id: [] for notice_id in notices}
    for photo in tx.scalars(
        select(PublicNoticePhoto).where(PublicNoticePhoto.notice_id.in_(notices))
    ):
        photos[photo.notice_id].append(photo)
    return photos


def notice_with(
    city: CityProfile, notice: PublicNotice, photos: Iterable[PublicNoticePhoto]
) -> NoticeFact:
    """What these photos of a notice leave missing, and which came late."""
    counting = [
        photo for photo in photos if photo_counts(photo.moment, photo.captured_at, notice.ends_on)
    ]
    given = {(photo.unit_id, photo.moment, photo.framing) for photo in counting}
    at_the_end = [
        (photo.unit_id, photo.framing, photo.captured_at)
        for photo in counting
        if photo.moment == "end"
    ]
    rules, places = city.public_notice, required_places(notice)
    return NoticeFact(
        notice.ends_before,
        missing_photos(rules, places, given, "start"),
        missing_photos(rules, places, given, "end"),
        late_photos(rules, places, at_the_end, notice.ends_on),
    )


def required_places(notice: PublicNotice) -> list[tuple[UUID, str]]:
    """Where this notice must hang, id and name, frozen when it was drafted."""
    return [(UUID(place["unit_id"]), place["name"]) for place in notice.places]
