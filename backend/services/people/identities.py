"""Who writes to the service account: from an openid to the person behind it.

The two apps are joined by unionid alone, whenever it becomes known.
"""

from uuid import UUID

from sqlalchemy import delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.base.own_words import keep_name, keep_phone, name_of, phone_of
from backend.services.messages.inbox import AskFirst, Vouched
from backend.store.desk import DeskDraft, DeskSignIn, Invitation
from backend.store.messages import Follow
from backend.store.notices import UploadTry
from backend.store.people import (
    AccessGrant,
    Identity,
    Lockout,
    LoginSession,
    OwnerVerification,
    Person,
    PhoneTry,
    RectificationRequest,
    SecondFactor,
)
from backend.store.registry import CommitteeMember, Owner

# The space of advisory locks in which each person's first contact has one.
NEWCOMER_LOCKS = 7105011


def known_by(tx: Session, appid: str, openid: str) -> Identity | None:
    """The identity with this openid. Where there is none, nobody else makes it until the end of the
    transaction: two first contacts at once would else break a rule, and the server's log would tell
    whose."""
    which = select(Identity).where(Identity.appid == appid, Identity.openid == openid)
    known = tx.scalar(which)
    if known is None:
        tx.execute(select(func.pg_advisory_xact_lock(NEWCOMER_LOCKS, func.hashtext(openid))))
        known = tx.scalar(which)
    return known


def person_behind(tx: Session, ctx: Context, openid: str, vouched: Vouched | None) -> UUID:
    """The person with this openid of the service account, made on first contact.

    Only the unionid joins them to who they are in the mini-program; it is asked for until it is
    known: raises AskFirst while it is not and nobody `vouched`. Whoever writes to us can be
    reached. Does not commit.
    """
    identity = known_by(tx, ctx.platform.service_appid, openid)
    if identity is None or identity.unionid is None:
        if vouched is None:
            raise AskFirst(openid)
        identity = _joined(tx, ctx, openid, identity, vouched.unionid)
    identity.reachable = True
    identity.seen_at = ctx.clock()
    tx.flush()
    return identity.person_id


def unfollowed(tx: Session, ctx: Context, openid: str) -> None:
    """The person left the service account: nothing can be delivered until they come back."""
    tx.execute(
        update(Identity)
        .where(Identity.appid == ctx.platform.service_appid, Identity.openid == openid)
        .values(reachable=False)
    )


def _joined(
    tx: Session, ctx: Context, openid: str, identity: Identity | None, unionid: str | None
) -> Identity:
    """The identity with its unionid, joined to the mini-program's person where there is one."""
    mini = known_as(tx, ctx.platform.mini_appid, unionid)
    if identity is None:
        identity = Identity(
            person_id=mini.person_id if mini else _new_person(tx, ctx),
            platform="service_account",
            appid=ctx.platform.service_appid,
            openid=openid,
            reachable=True,
            seen_at=ctx.clock(),
        )
        tx.add(identity)
    elif mini is not None:
        # They wrote before we knew the unionid.
        join_apps(tx, ctx, mini, identity)
    identity.unionid = unionid
    return identity


def known_as(tx: Session, appid: str, unionid: str | None) -> Identity | None:
    """The identity in this app that has the unionid, if one is known."""
    if unionid is None:
        return None
    return tx.scalar(select(Identity).where(Identity.appid == appid, Identity.unionid == unionid))


def join_apps(tx: Session, ctx: Context, mini: Identity, service: Identity) -> None:
    """From now on both identities mean one person: the mini-program's, if that can be.

    A person who has rights, a place on the roster or a verification keeps the identity; when both
    have, or the person is known in that app under another openid, nothing is joined.
    """
    if mini.person_id == service.person_id:
        return
    for moved, identity in ((service, mini), (mini, service)):
        if _counts_for_something(tx, moved.person_id) or _has_app(
            tx, identity.person_id, moved.appid
        ):
            continue
        subject = ("person", identity.person_id)
        facts = {"identity_id": str(moved.id), "from": str(moved.person_id)}
        audit.append(tx, ctx.clock(), identity.person_id, AuditAction.IDENTITY_JOIN, subject, facts)
        _take_along(tx, ctx, moved.person_id, identity.person_id)
        moved.person_id = identity.person_id
        return


def _take_along(tx: Session, ctx: Context, left_id: UUID, kept_id: UUID) -> None:
    """What was the one's is the other's, who is the same; consents belong to the identity.

    The row that is left has no phone any more, which nobody could prove to have again, and
    requests that still mean it are told to sign in anew.
    """
    locked = select(Person).where(Person.id.in_([left_id, kept_id])).order_by(Person.id)
    people = {person.id: person for person in tx.scalars(locked.with_for_update())}
    left, consent = people[left_id], people[kept_id]
    phone, verified_at = phone_of(ctx.cipher, left), left.phone_verified_at
    if consent.name_sealed is None and left.name_sealed is not None:
        keep_name(ctx.cipher, consent, name_of(ctx.cipher, left))
    left.name_sealed = left.phone_sealed = left.phone_hash = left.phone_verified_at = None
    left.left_at = ctx.clock()
    tx.flush()  # first given up, then taken: a proved number is nobody else's
    if phone and consent.phone_verified_at is None and (verified_at or not consent.phone_sealed):
        keep_phone(ctx.cipher, consent, phone)
        consent.phone_verified_at = verified_at
    for table in (RectificationRequest, LoginSession, DeskSignIn, PhoneTry, UploadTry):
        tx.execute(update(table).where(table.person_id == left_id).values(person_id=kept_id))
    columns = (Follow.kind, Follow.subject_id, Follow.token, Follow.followed_at)
    theirs = select(literal(kept_id), *columns).where(Follow.person_id == left_id)
    follows = insert(Follow).from_select([Follow.person_id, *columns], theirs)
    tx.execute(follows.on_conflict_do_nothing())
    kept_out = update(Lockout).where(Lockout.person_id == left_id, ~Lockout.keeps_out(kept_id))
    tx.execute(kept_out.values(person_id=kept_id))
    scanned = update(Invitation).where(Invitation.accepted_by == left_id)
    tx.execute(scanned.values(accepted_by=kept_id))
    for gone in (Follow, SecondFactor, DeskDraft):
        tx.execute(delete(gone).where(gone.person_id == left_id))


def _counts_for_something(tx: Session, person_id: UUID) -> bool:
    found = (
        exists().where(column == person_id)
        for column in (
            AccessGrant.person_id,
            AccessGrant.stands_in_for,
            Owner.person_id,
            Owner.former_person_id,
            CommitteeMember.person_id,
            OwnerVerification.person_id,
        )
    )
    return bool(tx.scalar(select(or_(*found))))


def _has_app(tx: Session, person_id: UUID, appid: str) -> bool:
    known = exists().where(Identity.person_id == person_id, Identity.appid == appid)
    return bool(tx.scalar(select(known)))


def _new_person(tx: Session, ctx: Context) -> UUID:
    person = Person(name_sealed=None, created_at=ctx.clock())
    tx.add(person)
    tx.flush()
    return person.id
