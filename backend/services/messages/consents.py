"""Consents to subscribe messages: one accepted popup is one message.

They grow and fall to nothing only when the platform reports it, and shrink by one in the
transaction that writes a message. The platform keeps the real count; ours never exceeds it, since
an event is counted once (see `inbox`) and what was perhaps sent counts as sent. Events may come in
any order: an accept from before the person switched a template off is worth nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.services.base.context import Context
from backend.services.messages.inbox import NotYet
from backend.store.messages import Consent
from backend.store.people import Identity


def accepted(tx: Session, ctx: Context, openid: str, template: str, at: datetime) -> None:
    """The person agreed to one message at this moment of the platform's clock.

    Raises NotYet while we do not know the openid.
    """
    first = insert(Consent).values(
        identity_id=_identity_with(tx, ctx, openid),
        template=template,
        quota=1,
        changed_at=ctx.clock(),
    )
    tx.execute(
        first.on_conflict_do_update(
            index_elements=[Consent.identity_id, Consent.template],
            set_={"quota": Consent.quota + 1, "changed_at": ctx.clock()},
            where=or_(Consent.refused_at.is_(None), Consent.refused_at <= at),
        )
    )


def switched_off(tx: Session, ctx: Context, openid: str, template: str, at: datetime) -> None:
    """The person refuses these messages in the settings since `at`: no consent is left.

    Raises NotYet like `accepted`.
    """
    off = insert(Consent).values(
        identity_id=_identity_with(tx, ctx, openid),
        template=template,
        quota=0,
        changed_at=ctx.clock(),
        refused_at=at,
    )
    tx.execute(
        off.on_conflict_do_update(
            index_elements=[Consent.identity_id, Consent.template],
            set_={
                "quota": 0,
                "changed_at": ctx.clock(),
                "refused_at": func.greatest(Consent.refused_at, at),
            },
        )
    )


def take_each(tx: Session, ctx: Context, people: Sequence[UUID], template: str) -> frozenset[UUID]:
    """Use up one consent of each of these people; those who had one left.

    Locked in one order, so that two causes that concern the same people cannot block each other.
    """
    agreed = tx.execute(
        select(Identity.person_id, Consent.identity_id)
        .join(Consent, Consent.identity_id == Identity.id)
        .where(
            Identity.person_id.in_(people),
            Identity.appid == ctx.platform.mini_appid,
            Consent.template == template,
            Consent.quota > 0,
        )
        .order_by(Identity.person_id)
        .with_for_update(of=Consent)
    ).all()
    if agreed:
        identities = [identity_id for _, identity_id in agreed]
        tx.execute(
            update(Consent)
            .where(Consent.identity_id.in_(identities), Consent.template == template)
            .values(quota=Consent.quota - 1, changed_at=ctx.clock())
        )
    return frozenset(person_id for person_id, _ in agreed)


def give_back(tx: Session, ctx: Context, person_id: UUID, template: str) -> None:
    """The message that a consent was taken for was surely not sent.

    Not after the person switched these messages off: that ended what they had agreed to before,
    and nobody knows any more which consent this was.
    """
    tx.execute(
        update(Consent)
        .where(
            Consent.identity_id == _identity_of(ctx, person_id),
            Consent.template == template,
            Consent.refused_at.is_(None),
        )
        .values(quota=Consent.quota + 1, changed_at=ctx.clock())
    )


def none_left(tx: Session, ctx: Context, person_id: UUID, template: str) -> None:
    """The platform says that there is no consent, whatever we counted."""
    tx.execute(
        update(Consent)
        .where(Consent.identity_id == _identity_of(ctx, person_id), Consent.template == template)
        .values(quota=0, changed_at=ctx.clock())
    )


def left(tx: Session, ctx: Context, person_id: UUID) -> Mapping[str, int]:
    """How many messages may still be sent to the person, by template; absent means none."""
    rows = tx.execute(
        select(Consent.template, Consent.quota).where(
            Consent.identity_id == _identity_of(ctx, person_id)
        )
    )
    return {row.template: row.quota for row in rows}


def _identity_with(tx: Session, ctx: Context, openid: str) -> UUID:
    identity_id = tx.scalar(
        select(Identity.id).where(
            Identity.appid == ctx.platform.mini_appid, Identity.openid == openid
        )
    )
    if identity_id is None:
        raise NotYet  # the first sign-in is perhaps still on its way
    return identity_id


def _identity_of(ctx: Context, person_id: UUID) -> ScalarSelect[UUID]:
    return (
        select(Identity.id)
        .where(Identity.person_id == person_id, Identity.appid == ctx.platform.mini_appid)
        .scalar_subquery()
    )
