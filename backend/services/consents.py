"""Consents to subscribe messages: one accepted popup is one message.

They grow and fall to nothing only when the platform reports it, and shrink by one in the
transaction that writes a message. The platform keeps the real count; ours never exceeds it, since
an event is counted once (see `inbox`) and what was perhaps sent counts as sent.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.services.context import Context
from backend.services.inbox import NotYet
from backend.store.messages import Consent
from backend.store.people import Identity


def accepted(tx: Session, ctx: Context, openid: str, template: str) -> None:
    """The person agreed to one message. Raises NotYet while we do not know the openid."""
    identity_id = tx.scalar(
        select(Identity.id).where(
            Identity.appid == ctx.platform.mini_appid, Identity.openid == openid
        )
    )
    if identity_id is None:
        raise NotYet  # the first sign-in is perhaps still on its way
    first = insert(Consent).values(
        identity_id=identity_id, template=template, quota=1, changed_at=ctx.clock()
    )
    tx.execute(
        first.on_conflict_do_update(
            index_elements=[Consent.identity_id, Consent.template],
            set_={"quota": Consent.quota + 1, "changed_at": ctx.clock()},
        )
    )


def switched_off(tx: Session, ctx: Context, openid: str, template: str) -> None:
    """The person refuses these messages in the settings: no consent is left."""
    who = select(Identity.id).where(
        Identity.appid == ctx.platform.mini_appid, Identity.openid == openid
    )
    tx.execute(
        update(Consent)
        .where(Consent.identity_id.in_(who), Consent.template == template)
        .values(quota=0, changed_at=ctx.clock())
    )


def take(tx: Session, ctx: Context, person_id: UUID, template: str) -> bool:
    """Use up one consent, if one is left."""
    taken = tx.scalar(
        update(Consent)
        .where(
            Consent.identity_id == _identity_of(ctx, person_id),
            Consent.template == template,
            Consent.quota > 0,
        )
        .values(quota=Consent.quota - 1, changed_at=ctx.clock())
        .returning(Consent.quota)
    )
    return taken is not None


def give_back(tx: Session, ctx: Context, person_id: UUID, template: str) -> None:
    """The message that a consent was taken for was surely not sent."""
    tx.execute(
        update(Consent)
        .where(Consent.identity_id == _identity_of(ctx, person_id), Consent.template == template)
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


def _identity_of(ctx: Context, person_id: UUID) -> ScalarSelect[UUID]:
    return (
        select(Identity.id)
        .where(Identity.person_id == person_id, Identity.appid == ctx.platform.mini_appid)
        .scalar_subquery()
    )
