"""What residents may ask to be told: the messages, and the notices and lifts they follow.

Following says what somebody wants to hear of. Whether a message may be sent is another matter: see
`consents`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.public_notice import NoticeState
from backend.services.base.access import nothing_there, still_here
from backend.services.base.context import Actor, Context
from backend.services.messages import consents
from backend.store.messages import Follow
from backend.store.notices import PublicNotice
from backend.store.purchases import Purchase
from backend.store.queries.places import units_served
from backend.store.registry import Building, Estate, Lift, LiftToken, Unit


@dataclass(frozen=True)
class Subscription:
    """A subscribe message: its key, and what the person reads before giving consent."""

    key: str
    title: str
    why: str


SUBSCRIPTIONS: Mapping[str, Subscription] = {
    subscription.key: subscription
    for subscription in (
        Subscription(
            "objection_answered",
            "异议答复通知",
            "您提出的异议有了答复时告诉您。每同意一次，发送一条。",
        ),
        Subscription(
            "notice_ending",
            "公示即将截止",
            "您关注的公示截止前一天提醒您，那时还可以提异议。每同意一次，发送一条。",
        ),
        Subscription(
            "cover_changed",
            "电梯保障变动",
            "您关注的电梯保险开始或结束时告诉您。每同意一次，发送一条。",
        ),
    )
}


@dataclass(frozen=True)
class Offer:
    """A subscription and how many messages the person has agreed to."""

    subscription: Subscription
    quota: int


@dataclass(frozen=True)
class Followed:
    """Something a person follows: a `notice` by its id, or a `lift` by the token they scanned."""

    kind: str
    id: str
    title: str


@dataclass(frozen=True)
class Mine:
    """What one person may hear of."""

    offers: Sequence[Offer]
    follows: Sequence[Followed]


def mine(ctx: Context, actor: Actor) -> Mine:
    """The person's consents and what they follow, the latest first."""
    with ctx.sessions() as tx:
        left = consents.left(tx, ctx, actor.person_id)
        offers = [Offer(offered, left.get(key, 0)) for key, offered in SUBSCRIPTIONS.items()]
        return Mine(offers, follows_of(tx, actor.person_id))


def follow_notice(ctx: Context, actor: Actor, notice_id: UUID) -> None:
    """Hear when this notice is about to end, and of the cover it leads to. Raises `not_found`."""
    with ctx.sessions() as tx:
        notice = tx.get(PublicNotice, notice_id)
        if notice is None or notice.state in (NoticeState.POSTING, NoticeState.VOID):
            raise nothing_there("公示")
        _follow(tx, ctx, actor, "notice", notice.id, None)
        tx.commit()


def unfollow_notice(ctx: Context, actor: Actor, notice_id: UUID) -> None:
    """Hear no more of it; harmless when repeated."""
    with ctx.sessions() as tx:
        _unfollow(tx, actor, "notice", notice_id)
        tx.commit()


def follow_lift(ctx: Context, actor: Actor, token: str) -> None:
    """Hear when the cover of the lift with this code begins or ends. Raises `not_found`."""
    with ctx.sessions() as tx:
        _follow(tx, ctx, actor, "lift", _lift(tx, token), token)
        tx.commit()


def unfollow_lift(ctx: Context, actor: Actor, token: str) -> None:
    """Hear no more of it, by any code the lift ever had; harmless when repeated.

    A code of no lift is answered alike: nobody learns here which codes there were.
    """
    with ctx.sessions() as tx:
        lift_id = tx.scalar(select(LiftToken.lift_id).where(LiftToken.token == token))
        if lift_id is not None:
            _unfollow(tx, actor, "lift", lift_id)
        tx.commit()


def follows_of(tx: Session, person_id: UUID) -> Sequence[Followed]:
    """What a person follows, the latest first."""
    notices = tx.execute(
        select(Follow, Estate.name, PublicNotice.number)
        .join(PublicNotice, PublicNotice.id == Follow.subject_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .join(Estate, Estate.id == Purchase.estate_id)
        .where(Follow.person_id == person_id, Follow.kind == "notice")
    )
    lifts = tx.execute(
        select(Follow, Estate.name, Building.name, units_served(), Lift.name)
        .join(Lift, Lift.id == Follow.subject_id)
        .join(Unit, Unit.id == Lift.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .join(Estate, Estate.id == Building.estate_id)
        .where(Follow.person_id == person_id, Follow.kind == "lift")
    )
    found = [
        (follow.followed_at, Followed("notice", str(follow.subject_id), f"{estate} 公示 {number}"))
        for follow, estate, number in notices
    ]
    found += [
        (follow.followed_at, Followed("lift", str(follow.token), "".join(place)))
        for follow, *place in lifts
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [followed for _, followed in found]


def _follow(
    tx: Session, ctx: Context, actor: Actor, kind: str, subject_id: UUID, token: str | None
) -> None:
    """Whoever follows already goes on with the token they scanned last."""
    follow = insert(Follow).values(
        person_id=still_here(tx, actor).id,
        kind=kind,
        subject_id=subject_id,
        token=token,
        followed_at=ctx.clock(),
    )
    key = [Follow.person_id, Follow.kind, Follow.subject_id]
    tx.execute(follow.on_conflict_do_update(index_elements=key, set_={"token": token}))


def _unfollow(tx: Session, actor: Actor, kind: str, subject_id: UUID) -> None:
    tx.execute(
        delete(Follow).where(
            Follow.person_id == actor.person_id,
            Follow.kind == kind,
            Follow.subject_id == subject_id,
        )
    )


def _lift(tx: Session, token: str) -> UUID:
    """The lift that a valid code stands for; a revoked one is like an unknown one."""
    lift_id = tx.scalar(select(LiftToken.lift_id).where(LiftToken.token == token, LiftToken.valid))
    if lift_id is None:
        raise nothing_there("电梯")
    return lift_id
