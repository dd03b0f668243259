"""Which way a message to a resident takes.

As a subscribe message while a consent is left, else as a template message if they follow the
service account, else not at all.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend.domain.subject import Subject
from backend.services.base.context import Context
from backend.services.messages import consents, outbox
from backend.store.messages import Outbox
from backend.store.people import Identity


def write(
    tx: Session,
    ctx: Context,
    *,
    natural_key: str,
    person_id: UUID,
    template: str,
    data: Mapping[str, str],
    subject: Subject | None,
) -> UUID | None:
    """Write one message to a resident with the consent it needs; its id, or None for no message.

    `data` are the template's fields by our names, and `page`, what a tap opens.
    """
    if tx.scalar(select(exists().where(Outbox.natural_key == natural_key))):
        return None
    channel: outbox.Channel
    if consents.take(tx, ctx, person_id, template):
        channel = "subscribe"
    elif _follows_us(tx, ctx, person_id):
        channel = "template"
    else:
        return None
    row_id = outbox.write(
        tx,
        at=ctx.clock(),
        natural_key=natural_key,
        person_id=person_id,
        role="resident",
        channel=channel,
        template=template,
        data=data,
        subject=subject,
    )
    if row_id is None and channel == "subscribe":
        consents.give_back(tx, ctx, person_id, template)  # somebody else wrote it meanwhile
    return row_id


def not_sent(tx: Session, ctx: Context, row: Outbox) -> None:
    """A subscribe message that was surely not sent: its consent is free, the other way is taken."""
    if row.outcome == "43101":
        consents.none_left(tx, ctx, row.person_id, row.template)
    elif row.outcome != "internal_error":  # then nobody knows how far it came
        consents.give_back(tx, ctx, row.person_id, row.template)
    next_channel(tx, ctx, row)


def next_channel(tx: Session, ctx: Context, row: Outbox) -> None:
    """The same message through the service account, if the person follows it."""
    if _follows_us(tx, ctx, row.person_id):
        outbox.write_again(tx, row, "next")


def _follows_us(tx: Session, ctx: Context, person_id: UUID) -> bool:
    return person_id in following_us(tx, ctx, [person_id])


def following_us(tx: Session, ctx: Context, people: Sequence[UUID]) -> frozenset[UUID]:
    """Those of them who follow the service account and can be reached there."""
    ours = select(Identity.person_id).where(
        Identity.person_id.in_(people),
        Identity.appid == ctx.platform.service_appid,
        Identity.reachable,
    )
    return frozenset(tx.scalars(ours))
