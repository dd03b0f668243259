"""Whether someone is an owner here: towards one notice, and what became of their claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.services.access import nothing_there
from backend.services.applications import affected_owners
from backend.services.case_facts import required_places
from backend.services.context import Actor, Context
from backend.services.objectors import waits_to_own, written_by
from backend.services.roster import MEMBER, places_of
from backend.store.ledger import Account
from backend.store.notices import Notice, Objection
from backend.store.people import Claim
from backend.store.purchases import Purchase
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit

SHOWN = 20
# What a person is told of the own standing towards a notice.
WORDS = {
    "affected": "您是本次公示范围内经核验的业主，可以提出书面异议。",
    "waiting": "您的业主核验正在办理。现在就可以提出异议，中心核实身份后即生效力。",
    "unknown": "还没有核验到您在本次公示范围内的房屋。",
}
CLAIM_WORDS = {"open": "等待中心核验", "verified": "已核验通过", "rejected": "未通过"}


@dataclass(frozen=True)
class Place:
    """A unit as one names it when claiming a flat there."""

    estate_code: str
    estate: str
    building: str
    unit: str


@dataclass(frozen=True)
class FiledObjection:
    """The objection that this person has already filed against the notice."""

    id: UUID
    number: str
    standing: str


@dataclass(frozen=True)
class PartInNotice:
    """One person and one notice: `affected` owner, `waiting` for the centre's word, or `unknown`.

    `homes` are the own flats behind the notice; `places` are where one may claim to own a flat.
    """

    notice_id: UUID
    number: str
    standing: str
    words: str
    homes: Sequence[str]
    places: Sequence[Place]
    filed: FiledObjection | None


@dataclass(frozen=True)
class OwnClaim:
    """What this person said to be, and the centre's word on it."""

    id: UUID
    kind_name: str
    place: str
    state: str
    state_name: str
    made_at: datetime
    reason: str | None


def part_in_notice(ctx: Context, actor: Actor, notice_id: UUID) -> PartInNotice:
    """Whether this person may object to the notice, and what leads there if not yet.

    Raises Refused `not_found` for a notice that is not posted.
    """
    with ctx.sessions() as tx:
        notice = tx.get(Notice, notice_id)
        if notice is None or notice.state == "posting":
            raise nothing_there("公示")
        purchase = tx.get_one(Purchase, notice.purchase_id)
        account = tx.get_one(Account, purchase.account_id)
        owners = affected_owners(tx, account, actor.person_id)
        waits = waits_to_own(tx, account, actor.person_id)
        standing = "affected" if owners else "waiting" if waits else "unknown"
        return PartInNotice(
            notice_id=notice.id,
            number=notice.number,
            standing=standing,
            words=WORDS[standing],
            homes=list(places_of(tx, [owner.household_id for owner in owners]).values()),
            places=_places(tx, notice),
            filed=_filed(tx, actor, notice),
        )


def place_of_lift(ctx: Context, token: str) -> Place:
    """The unit behind the code in a cab, for whoever claims a flat there.

    Raises Refused `not_found` for codes that are unknown or revoked.
    """
    with ctx.sessions() as tx:
        row = tx.execute(
            select(Estate.code, Estate.name, Building.name, Unit.name)
            .join(Building, Building.estate_id == Estate.id)
            .join(Unit, Unit.building_id == Building.id)
            .join(Lift, Lift.unit_id == Unit.id)
            .join(LiftToken, LiftToken.lift_id == Lift.id)
            .where(LiftToken.token == token, LiftToken.revoked_at.is_(None))
        ).one_or_none()
    if row is None:
        raise nothing_there("电梯")
    return Place(*row)


def _places(tx: Session, notice: Notice) -> list[Place]:
    units = [unit_id for unit_id, _ in required_places(notice)]
    rows = tx.execute(
        select(Estate.code, Estate.name, Building.name, Unit.name)
        .join(Building, Building.estate_id == Estate.id)
        .join(Unit, Unit.building_id == Building.id)
        .where(Unit.id.in_(units))
        .order_by(Building.name, Unit.name)
    )
    return [Place(*row) for row in rows]


def _filed(tx: Session, actor: Actor, notice: Notice) -> FiledObjection | None:
    row = tx.execute(
        select(Objection.id, Objection.number, Objection.standing)
        .where(
            Objection.notice_id == notice.id,
            Objection.standing != "withdrawn",
            written_by(actor.person_id),
        )
        .order_by(Objection.id.desc())
        .limit(1)
    ).one_or_none()
    return FiledObjection(*row) if row else None


def own_claims(ctx: Context, actor: Actor) -> Sequence[OwnClaim]:
    """The claims of this person, the latest first, with the centre's word and its reason."""
    with ctx.sessions() as tx:
        claims = tx.scalars(
            select(Claim)
            .where(Claim.person_id == actor.person_id)
            .order_by(Claim.id.desc())
            .limit(SHOWN)
        ).all()
        places = places_of(tx, [claim.subject_id for claim in claims])
    return [
        OwnClaim(
            id=claim.id,
            kind_name="业委会委员" if claim.kind == MEMBER else "业主",
            place=places[claim.subject_id],
            state=claim.state,
            state_name=CLAIM_WORDS[claim.state],
            made_at=claim.made_at,
            reason=claim.reason,
        )
        for claim in claims
    ]
