"""People who agreed to messages or follow the service account, and what reached them."""

from sqlalchemy import select

from backend.services.messages import consents
from backend.services.messages.follows import SUBSCRIPTIONS
from backend.store.messages import Outbox
from backend.store.people import Identity
from backend.store.registry import LiftToken, Owner
from tests.build.village import Village

TOKEN = "0123456789abcdefghjkmnpqrs"
KEYS = tuple(SUBSCRIPTIONS)


def agree(village: Village, name: str, *keys: str) -> None:
    """The person uses the mini-program and accepted these popups."""
    openid = f"mini-of-{name}"
    with village.ctx.sessions() as tx:
        if tx.scalar(select(Identity.id).where(Identity.openid == openid)) is None:
            tx.add(identity(village, name, "mini_program", "wx-mini", openid))
            tx.flush()
        for key in keys:
            consents.accepted(tx, village.ctx, openid, key, village.clock())
        tx.commit()


def follow_us(village: Village, name: str) -> None:
    """The person follows the service account."""
    with village.ctx.sessions() as tx:
        tx.add(identity(village, name, "service_account", "wx-service", f"fan-{name}"))
        tx.commit()


def identity(village: Village, name: str, platform: str, appid: str, openid: str) -> Identity:
    """Somebody of the village under one of our apps."""
    return Identity(
        person_id=village.actor(name).person_id,
        platform=platform,
        appid=appid,
        openid=openid,
        reachable=platform == "service_account",
        seen_at=village.clock(),
    )


def messages_to(village: Village, name: str, template: str) -> list[Outbox]:
    """What this person was written with this template, in order."""
    with village.ctx.sessions() as tx:
        person_id = village.actor(name).person_id
        rows = select(Outbox).where(Outbox.person_id == person_id, Outbox.template == template)
        return list(tx.scalars(rows.order_by(Outbox.id)))


def left(village: Village, name: str) -> dict[str, int]:
    """How many messages of each kind this person has agreed to and not received yet."""
    with village.ctx.sessions() as tx:
        return dict(consents.left(tx, village.ctx, village.actor(name).person_id))


def token(village: Village) -> str:
    """The code in the cab of the first lift."""
    with village.ctx.sessions() as tx:
        tx.add(LiftToken(token=TOKEN, lift_id=village.lifts[0], issued_at=village.clock()))
        tx.commit()
    return TOKEN


def without_account(village: Village, number: int) -> None:
    """This owner of the roster never came to the mini-program."""
    with village.ctx.sessions() as tx:
        tx.get_one(Owner, village.owners[number]).person_id = None
        tx.commit()
