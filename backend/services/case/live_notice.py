"""The live notice of a case (公示): where it must hang, and which photos prove that it does."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.domain.calendar import local_date
from backend.domain.facts import NO_NOTICE, NoticeFact
from backend.domain.publicity import missing_photos
from backend.store.ledger import Account
from backend.store.notices import Notice, NoticePhoto
from backend.store.purchases import Purchase
from backend.store.registry import Building, Unit

LIVE_NOTICE = ("posting", "open", "suspended", "ended")


def live_notice(purchase: Purchase) -> Select[Notice]:
    """The notice of the current plan that is being posted, runs, is suspended or was cleared."""
    return (
        select(Notice)
        .where(Notice.purchase_id == purchase.id, Notice.state.in_(LIVE_NOTICE))
        .order_by(Notice.id.desc())
        .limit(1)
    )


def notice_fact(tx: Session, notice: Notice | None) -> NoticeFact:
    """The notice, if there is one, and the photos it still lacks."""
    if notice is None:
        return NO_NOTICE
    photos = tx.scalars(select(NoticePhoto).where(NoticePhoto.notice_id == notice.id))
    return notice_with(notice, photos)


def notice_with(notice: Notice, photos: Iterable[NoticePhoto]) -> NoticeFact:
    """What these photos of a notice leave missing.

    An end photo counts if it was taken on the last day or later; when the end moves on, the photos
    of the earlier end prove nothing any more.
    """
    given = {
        (photo.unit_id, photo.moment, photo.framing)
        for photo in photos
        if photo.moment == "start" or at_the_end(notice, photo)
    }
    places = required_places(notice)
    return NoticeFact(
        notice.ends_before,
        missing_photos(places, given, "start"),
        missing_photos(places, given, "end"),
    )


def required_places(notice: Notice) -> list[tuple[UUID, str]]:
    """Where this notice must hang, id and name, frozen when it was drafted."""
    return [(UUID(place["unit_id"]), place["name"]) for place in notice.places]


def at_the_end(notice: Notice, photo: NoticePhoto) -> bool:
    """Whether the photo was taken on the last day or later, as that day now stands."""
    return notice.ends_on is not None and local_date(photo.captured_at) >= notice.ends_on


def units_behind(tx: Session, account: Account) -> list[tuple[UUID, str]]:
    """Every unit behind the account now, id and name; a notice drafted now must hang there."""
    rows = tx.execute(
        select(Unit.id, Building.name, Unit.name)
        .join(Building, Building.id == Unit.building_id)
        .where(
            Unit.id == account.unit_id
            if account.unit_id
            else Unit.building_id == account.building_id
        )
        .order_by(Building.name, Unit.name)
    )
    return [(unit_id, f"{building}{unit}") for unit_id, building, unit in rows]
