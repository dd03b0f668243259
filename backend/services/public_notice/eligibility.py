"""Whether someone may object to a notice, and what leads there if not yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.city.schema import ObjectionChannel
from backend.domain.objection import ObjectionStatus
from backend.domain.public_notice import NoticeState, open_to_objections
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.case.live_notice import required_places
from backend.services.case.profiles import profile_of
from backend.store.notices import Objection, PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries import area
from backend.store.queries.places import Place, places_of, units_as_places

# What a person is told of the own eligibility towards a notice.
WORDS = {
    "affected": "您是本次公示范围内经核验的业主，可以提出书面异议。",
    "waiting": "您的业主核验正在办理。现在就可以提出异议，中心核实身份后即生效力。",
    "unknown": "还没有核验到您在本次公示范围内的房屋。",
    "elsewhere": "您核验过的房屋是{homes}，不在本次公示的范围（{places}）里，"
    "所以不能对这份公示提异议。您在范围里另有房屋的，可以再核验一处。",
}
# What an objection of theirs would bring about.
TOO_LATE = "公示期已满：登记并答复，不暂缓投保。"
EFFECTS = {
    "affected": "这次投保立即暂缓，处理完才继续。",
    "waiting": "中心先核实您的身份；属实的，这次投保暂缓。",
    "unknown": "中心先核实您的身份；属实的，这次投保暂缓。",
    "elsewhere": "中心先核实您的身份；属实的，这次投保暂缓。",
}


@dataclass(frozen=True)
class FiledObjection:
    """The objection that this person has already filed against the notice."""

    id: UUID
    number: str
    status: str


@dataclass(frozen=True)
class PartInNotice:
    """One person and one notice: `affected` owner, `waiting` for the centre's word, owner of flats
    `elsewhere`, or `unknown`.

    `channels` are the ways in which the city takes objections. `effect` says what one would bring
    about. `homes` are the own flats behind the notice;
    `places` are where one may ask to be verified as the owner of a flat.
    """

    notice_id: UUID
    number: str
    eligibility: str
    words: str
    effect: str
    channels: Sequence[ObjectionChannel]
    homes: Sequence[str]
    places: Sequence[Place]
    filed: FiledObjection | None


def part_in_notice(ctx: Context, actor: Actor, notice_id: UUID) -> PartInNotice:
    """Whether this person may object to the notice, and what leads there if not yet.

    Raises Refused `not_found` for a notice that is not posted.
    """
    with ctx.sessions() as tx:
        notice = tx.get(PublicNotice, notice_id)
        if notice is None or notice.state == NoticeState.POSTING:
            raise nothing_there("公示")
        purchase = tx.get_one(Purchase, notice.purchase_id)
        circle = area.circle(purchase.id)
        owners = area.owners_of(tx, circle, actor.person_id)
        waits = area.waits_to_own(tx, circle, actor.person_id)
        others = () if owners or waits else area.homes_of(tx, actor.person_id)
        eligibility = (
            "affected" if owners else "waiting" if waits else "elsewhere" if others else "unknown"
        )
        places = units_as_places(tx, [unit_id for unit_id, _ in required_places(notice)])
        counts = open_to_objections(notice.state, notice.ends_before, ctx.clock())
        return PartInNotice(
            notice_id=notice.id,
            number=notice.number,
            eligibility=eligibility,
            words=WORDS[eligibility].format(
                homes="、".join(places_of(tx, others).values()),
                places="、".join(f"{place.building}{place.unit}" for place in places),
            ),
            effect=EFFECTS[eligibility] if counts else TOO_LATE,
            channels=profile_of(tx, ctx, purchase).objection.channels.value,
            homes=list(places_of(tx, [owner.household_id for owner in owners]).values()),
            places=places,
            filed=_filed(tx, actor, notice),
        )


def _filed(tx: Session, actor: Actor, notice: PublicNotice) -> FiledObjection | None:
    row = tx.execute(
        select(Objection.id, Objection.number, Objection.status)
        .where(
            Objection.notice_id == notice.id,
            Objection.status != ObjectionStatus.WITHDRAWN,
            Objection.written_by(actor.person_id),
        )
        .order_by(Objection.id.desc())
        .limit(1)
    ).one_or_none()
    return FiledObjection(*row) if row else None
