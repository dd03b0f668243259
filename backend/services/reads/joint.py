"""An application by owners together (联名): who began it, who may sign, how many have.

Whoever got the link reads what it is about before they prove to be an owner; of the signatures
they read a number, and of the one who began it no more than the first character of the name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from backend.domain.actions import Action
from backend.domain.personal import masked_name
from backend.domain.roles import Role
from backend.domain.routes.catalogue import closed_states, state_name
from backend.services.base.access import nothing_there
from backend.services.base.context import Actor, Context
from backend.services.base.own_words import name_of
from backend.services.case.case import table_for
from backend.services.case.conflicts_of_interest import count_cosigners
from backend.services.case.profiles import profile_of
from backend.store.purchases import Purchase
from backend.store.queries import area
from backend.store.queries.cases import (
    CaseLift,
    Reach,
    Viewer,
    applied,
    in_role,
    lifts_of,
    reach_of,
)
from backend.store.queries.places import Place, places_of, units_as_places
from backend.store.queries.sources import source_of
from backend.store.registry import Estate, Insurer, Owner
from backend.store.signatures import Cosignature

Eligibility = Literal["signed", "may_sign", "waiting", "elsewhere", "unknown", "over"]
SHOWN = 30
SIGNING = "联名不用您出钱，也不是同意某个价格。中心查询账户、保险机构查勘后才有方案"
POSTED = "；方案要公示，到时您仍然可以提异议"
WORDS: dict[Eligibility, str] = {
    "signed": "您已经联名。",
    "may_sign": "您是这件申请范围内经核验的业主，可以联名。",
    "waiting": "您的业主核验正在办理，核验通过后就能联名。",
    "elsewhere": "您核验过的房屋是{homes}，不在这件申请的范围（{places}）里，所以不能联名。"
    "您在范围里另有房屋的，可以再核验一处。",
    "unknown": "联名的须是{places}的业主。请先核验您的房屋，核验后就能联名。",
    "over": "这件申请现在{state}，不再征集联名。",
}


@dataclass(frozen=True)
class Signatures:
    """How many owners signed of those needed, when this person did, and whether they may sign, or
    take their signature back."""

    cosigners: int
    needed: int
    signed_at: datetime | None
    can_sign: bool
    can_withdraw: bool


@dataclass(frozen=True)
class JointApplication:
    """An application by owners together, which this person signed or may sign."""

    purchase_id: UUID
    number: str
    estate: str
    account: str
    state: str
    state_name: str
    signed: Signatures


@dataclass(frozen=True)
class Invitation:
    """What somebody is asked to sign. `words` say how they stand to it, `places` where one may ask
    to be verified as the owner of a flat, `afterwards` what signing leads to by the rules of the
    case; `initiator` is masked."""

    purchase_id: UUID
    number: str
    estate: str
    state_name: str
    initiator: str
    insurer: str | None
    account: str
    lifts: Sequence[CaseLift]
    signed: Signatures
    eligibility: Eligibility
    words: str
    places: Sequence[Place]
    afterwards: str


def joint_applications(ctx: Context, actor: Actor) -> Sequence[JointApplication]:
    """Applications of owners that this person signed, or may sign as an owner in the circle.

    The latest first; drafts that wait for signatures before the others.
    """
    viewer = Viewer.at(actor.person_id, ctx.clock())
    theirs = select(Purchase, Estate.name).join(Estate, Estate.id == Purchase.estate_id)
    theirs = theirs.where(Purchase.applicant == "owners").order_by(Purchase.id.desc())
    with ctx.sessions() as tx:
        reach = reach_of(tx, viewer)
        theirs, mine = theirs.where(_near(reach)), applied(reach)
        concerned = or_(mine, Purchase.id.in_(area.concerning(actor.person_id)))
        unfinished = tx.execute(theirs.where(concerned, Purchase.state.not_in(closed_states())))
        drafts = [row for row in unfinished.all() if _may_be_signed(tx, ctx, row[0])]
        others = Purchase.id.not_in([purchase.id for purchase, _ in drafts])
        signed = tx.execute(theirs.where(mine, others).limit(SHOWN)).all()
        rows = [*drafts, *signed][:SHOWN]
        return [_joint(tx, ctx, actor, *row) for row in rows]


def _near(reach: Reach) -> ColumnElement[bool]:
    """Of the city's cases those that can be this person's: where they own, what they signed, and
    what they entered from paper for others."""
    entered = and_(Purchase.on_paper, Purchase.applied_by == reach.person_id)
    return or_(
        Purchase.estate_id.in_(reach.scopes.get(Role.OWNER, ())),
        Purchase.id.in_(reach.signed),
        and_(entered, in_role(reach, Role.CLERK)),
    )


def _joint(
    tx: Session, ctx: Context, actor: Actor, purchase: Purchase, estate: str
) -> JointApplication:
    return JointApplication(
        purchase_id=purchase.id,
        number=purchase.number,
        estate=estate,
        account=source_of(tx, purchase.id).name,
        state=purchase.state,
        state_name=state_name(purchase.state),
        signed=signatures(tx, ctx, purchase, actor.person_id),
    )


def signatures(tx: Session, ctx: Context, purchase: Purchase, person_id: UUID) -> Signatures:
    """How the signing of an application by owners stands, for an owner in its circle."""
    signed_at = tx.scalar(
        select(Cosignature.signed_at)
        .join(Owner, Owner.id == Cosignature.owner_id)
        .where(
            Cosignature.purchase_id == purchase.id,
            Cosignature.counts,
            Owner.person_id == person_id,
        )
        .limit(1)
    )
    table = table_for(tx, ctx, purchase)
    return Signatures(
        cosigners=tx.scalars(count_cosigners(purchase)).one(),
        needed=profile_of(tx, ctx, purchase).applicants.minimum_cosigners.value,
        signed_at=signed_at,
        can_sign=signed_at is None and table.allows(Action.COSIGN, purchase.state),
        can_withdraw=signed_at is not None
        and table.allows(Action.WITHDRAW_COSIGNATURE, purchase.state),
    )


def _may_be_signed(tx: Session, ctx: Context, purchase: Purchase) -> bool:
    """Whether the case waits for signatures, by the table that it goes by."""
    return table_for(tx, ctx, purchase).allows(Action.COSIGN, purchase.state)


def invitation(ctx: Context, actor: Actor, purchase_id: UUID) -> Invitation:
    """An application by owners, for whoever has its link; raises Refused `not_found` for others."""
    with ctx.sessions() as tx:
        purchase = tx.get(Purchase, purchase_id)
        if purchase is None or purchase.applicant != "owners":
            raise nothing_there("联名申请")
        circle = area.circle(purchase.id)
        places = units_as_places(tx, list(tx.scalars(circle)))
        signed = signatures(tx, ctx, purchase, actor.person_id)
        eligibility = _eligibility(tx, circle, signed, actor)
        posted = profile_of(tx, ctx, purchase).routes[purchase.route].public_notice.value
        homes = area.homes_of(tx, actor.person_id) if eligibility == "elsewhere" else ()
        insurer = tx.get(Insurer, purchase.insurer_id) if purchase.insurer_id else None
        return Invitation(
            purchase_id=purchase.id,
            number=purchase.number,
            estate=tx.get_one(Estate, purchase.estate_id).name,
            state_name=state_name(purchase.state),
            initiator=_initiator(tx, ctx, purchase),
            insurer=insurer.name if insurer else None,
            account=source_of(tx, purchase.id).name,
            lifts=lifts_of(tx, purchase),
            signed=signed,
            eligibility=eligibility,
            words=WORDS[eligibility].format(
                homes="、".join(places_of(tx, homes).values()),
                places="、".join(f"{place.building}{place.unit}" for place in places),
                state=state_name(purchase.state),
            ),
            places=places,
            afterwards=f"{SIGNING}{POSTED if posted else ''}。",
        )


def _eligibility(tx: Session, circle: area.Units, signed: Signatures, actor: Actor) -> Eligibility:
    if signed.signed_at:
        return "signed"
    if not signed.can_sign:
        return "over"
    if area.owners_of(tx, circle, actor.person_id):
        return "may_sign"
    if area.waits_to_own(tx, circle, actor.person_id):
        return "waiting"
    return "elsewhere" if area.homes_of(tx, actor.person_id) else "unknown"


def _initiator(tx: Session, ctx: Context, purchase: Purchase) -> str:
    """The owner who began it, by the first character of the name; nothing once the flat is sold."""
    owners = area.owners_of(tx, area.circle(purchase.id), purchase.applied_by)
    return masked_name(name_of(ctx.cipher, owners[0])) if owners else ""
