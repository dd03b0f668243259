"""Which way a message takes: the first of its channels that is open to the person, else none.

What a channel is and which one comes next stands in `domain.channels`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain.channels import CHANNELS, SUBSCRIBE, App, Channel, Needs, ways_after, ways_from
from backend.domain.subject import Subject
from backend.services.base.context import Context
from backend.services.messages import consents, outbox
from backend.store.messages import Consent, Outbox
from backend.store.people import Identity

TO_RESIDENTS = tuple(ways_from(SUBSCRIBE))


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
    channel = choose(tx, ctx, [person_id], template).get(person_id)
    if channel is None:
        return None
    row_id = outbox.write(
        tx,
        ctx.clock(),
        outbox.Message(
            natural_key=natural_key,
            person_id=person_id,
            role="resident",
            channel=channel,
            template=template,
            data=data,
            subject=subject,
        ),
    )
    if row_id is None and channel.needs is Needs.CONSENT:
        consents.give_back(tx, ctx, person_id, template)  # somebody else wrote it meanwhile
    return row_id


def choose(
    tx: Session,
    ctx: Context,
    people: Sequence[UUID],
    template: str,
    ways: Iterable[Channel] = TO_RESIDENTS,
) -> Mapping[UUID, Channel]:
    """The first way that is open to each of these people; its consent is used up herewith.

    However many they are, it takes a few statements. Nobody is named to whom none is open.
    """
    chosen: dict[UUID, Channel] = {}
    for channel in ways:
        left = [person_id for person_id in people if person_id not in chosen]
        if left:
            chosen |= dict.fromkeys(_allowed(tx, ctx, channel, left, template), channel)
    return chosen


def _allowed(
    tx: Session, ctx: Context, channel: Channel, people: Sequence[UUID], template: str
) -> frozenset[UUID]:
    if channel.needs is Needs.CONSENT:
        return consents.take_each(tx, ctx, people, template)
    reached = select(Identity.person_id).where(
        Identity.person_id.in_(people), _follows(ctx, channel.app)
    )
    return frozenset(tx.scalars(reached))


def open_to(
    ctx: Context, person_id: InstrumentedAttribute[UUID], template: str
) -> ColumnElement[bool]:
    """Whether some way for such a message is open to the person in this column."""
    theirs = exists().where(Identity.person_id == person_id)
    consent = theirs.where(
        Identity.appid == ctx.appid_of(SUBSCRIBE.app),
        Consent.identity_id == Identity.id,
        Consent.template == template,
        Consent.quota > 0,
    )
    return or_(
        *(
            consent if channel.needs is Needs.CONSENT else theirs.where(_follows(ctx, channel.app))
            for channel in TO_RESIDENTS
        )
    )


def write_by_next(tx: Session, ctx: Context, row: Outbox) -> None:
    """The same message once more, by the next way that is open to the person."""
    ways = ways_after(CHANNELS[row.channel])
    chosen = choose(tx, ctx, [row.person_id], row.template, ways)
    if row.person_id in chosen:
        outbox.write_again(tx, row, "next", chosen[row.person_id])


def mark_unreachable(tx: Session, ctx: Context, app: App, people: Sequence[UUID]) -> None:
    """These people have left the app: nothing can be delivered there until they come back."""
    tx.execute(
        update(Identity)
        .where(Identity.person_id.in_(people), Identity.appid == ctx.appid_of(app))
        .values(reachable=False)
    )


def _follows(ctx: Context, app: App) -> Any:
    return (Identity.appid == ctx.appid_of(app)) & Identity.reachable
