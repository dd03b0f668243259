"""Who writes to the service account: from an openid to the person behind it."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.services.context import Context
from backend.store.people import Identity, Person


def person_behind(ctx: Context, openid: str) -> UUID:
    """The person with this openid of the service account, made on first contact.

    Only the unionid joins them to who they are in the mini-program; it is asked for until it is
    known. Whoever writes to us can be reached. Commits by itself, before anything refers to them.
    """
    appid = ctx.platform.service_appid
    with ctx.sessions() as tx:
        known = tx.scalar(
            select(Identity).where(Identity.appid == appid, Identity.openid == openid)
        )
        if known is not None and known.unionid is not None:
            _seen(ctx, known)
            tx.commit()
            return known.person_id
    unionid = ctx.platform.unionid(openid)
    with ctx.sessions() as tx:
        person_id = _join(tx, ctx, openid, unionid)
        tx.commit()
        return person_id


def unfollowed(tx: Session, ctx: Context, openid: str) -> None:
    """The person left the service account: nothing can be delivered until they come back."""
    tx.execute(
        update(Identity)
        .where(Identity.appid == ctx.platform.service_appid, Identity.openid == openid)
        .values(reachable=False)
    )


def _seen(ctx: Context, identity: Identity) -> None:
    identity.reachable = True
    identity.seen_at = ctx.clock()


def _join(tx: Session, ctx: Context, openid: str, unionid: str | None) -> UUID:
    appid = ctx.platform.service_appid
    identity = tx.scalar(select(Identity).where(Identity.appid == appid, Identity.openid == openid))
    elsewhere = _in_mini_program(tx, ctx, unionid)
    if identity is None:
        identity = Identity(
            person_id=elsewhere or _new_person(tx, ctx),
            platform="service_account",
            appid=appid,
            openid=openid,
            reachable=True,
            seen_at=ctx.clock(),
        )
        tx.add(identity)
    elif elsewhere is not None:
        # They wrote before we knew the unionid: from now on both apps mean the same person.
        identity.person_id = elsewhere
    identity.unionid = unionid
    _seen(ctx, identity)
    return identity.person_id


def _in_mini_program(tx: Session, ctx: Context, unionid: str | None) -> UUID | None:
    if unionid is None:
        return None
    return tx.scalar(
        select(Identity.person_id).where(
            Identity.appid == ctx.platform.mini_appid, Identity.unionid == unionid
        )
    )


def _new_person(tx: Session, ctx: Context) -> UUID:
    person = Person(name_sealed=None, created_at=ctx.clock())
    tx.add(person)
    tx.flush()
    return person.id
