"""到期删除: what is kept about people ends when the city's periods are over (个人信息保护法 47).

Words are replaced where their row is part of a public procedure, and rows that are part of none go.
Each end of somebody's data is a link of the audit chain, which names nobody. Some at a time: the
sweep comes every hour.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.local_time import local_date
from backend.domain.normal import normal_name
from backend.domain.objection import UNSETTLED, Publication
from backend.domain.retention import CHAT_KEPT, GONE, ended_before
from backend.domain.routes.catalogue import closed_states
from backend.services.base import audit
from backend.services.base.context import Context
from backend.services.people.account_deletion import A_DAY, erase
from backend.store.messages import ChatTurn, Outbox, OutboxState
from backend.store.notices import Objection, PublicNotice
from backend.store.people import (
    AccessGrant,
    Departure,
    Identity,
    Lockout,
    Person,
    RectificationRequest,
)
from backend.store.purchases import Purchase, Transition
from backend.store.registry import Committee, CommitteeMember, Owner

AT_ONCE = 500
UNSENT = (OutboxState.CREATED, OutboxState.SENDING)


def end_what_is_over(ctx: Context) -> None:
    """End some of each kind of personal data whose period is over; each kind by itself, so that one
    that fails leaves the others done."""
    kinds: tuple[Callable[[Session, Context], None], ...] = (
        _objections,
        _former_owners,
        _former_members,
        _requests,
        _lockouts,
        _messages,
        _departures,
        _accounts,
    )
    for end in kinds:
        with ctx.sessions() as tx:
            end(tx, ctx)
            tx.commit()


def _note(tx: Session, ctx: Context, kind: str, rows: Sequence[UUID]) -> None:
    for row_id in rows:
        audit.append(tx, ctx.clock(), None, AuditAction.DATA_END, (kind, row_id), {})


def _objections(tx: Session, ctx: Context) -> None:
    """The words, the name on a paper and what was published, once the case is closed for so long.
    Number, kind, status and answer are public and stay."""
    before = ended_before(ctx.clock(), ctx.city.retention.objections.value)
    # What comes back of the premium later (退费) moves the case nowhere.
    last_step = select(func.max(Transition.at)).where(
        Transition.purchase_id == Purchase.id, Transition.from_state != Transition.to_state
    )
    rows = tx.scalars(
        select(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .where(
            Objection.words_ended_at.is_(None),
            Purchase.state.in_(closed_states()),
            last_step.scalar_subquery() < before,
        )
        .limit(AT_ONCE)
        .with_for_update(of=Objection, skip_locked=True)
    ).all()
    # The database asks the chain what time it is.
    _note(tx, ctx, "objection", [row.id for row in rows])
    for row in rows:
        row.text_sealed = ctx.cipher.seal(Objection.text_sealed, row.id, GONE)
        row.objector_sealed = row.published_text = row.publication_reason = None
        if row.publication == Publication.PUBLISHED:
            row.publication = Publication.PRIVATE
        row.words_ended_at = ctx.clock()


def _former_owners(tx: Session, ctx: Context) -> None:
    before = ended_before(ctx.clock(), ctx.city.retention.former_people.value)
    heard = ~_objects_in_an_open_case(Objection.owner_id == Owner.id)
    over = and_(Owner.ended_at < before, Owner.name_ended_at.is_(None), heard)
    rows = tx.scalars(select(Owner).where(over).limit(AT_ONCE).with_for_update(skip_locked=True))
    for row in (found := rows.all()):
        row.former_person_id = None
        _nameless(ctx, row)
    _note(tx, ctx, "owner", [row.id for row in found])


def _former_members(tx: Session, ctx: Context) -> None:
    before = local_date(ended_before(ctx.clock(), ctx.city.retention.former_people.value))
    rows = tx.scalars(
        select(CommitteeMember)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(
            CommitteeMember.name_ended_at.is_(None),
            or_(~CommitteeMember.sits(before), Committee.term_over(before)),
        )
        .limit(AT_ONCE)
        .with_for_update(of=CommitteeMember, skip_locked=True)
    )
    for row in (found := rows.all()):
        row.person_id = None
        _nameless(ctx, row)
    _note(tx, ctx, "committee_member", [row.id for row in found])


def _nameless(ctx: Context, row: Owner | CommitteeMember) -> None:
    """The row that records refer to stays; its name is one that nobody bears, since two of one
    household or committee may have gone."""
    name = f"{GONE}{row.id.hex[-12:]}"
    row.name_sealed = ctx.cipher.seal(type(row).name_sealed, row.id, name)
    row.name_hash = ctx.cipher.digest("name", normal_name(name))
    row.phone_sealed = row.phone_hash = None
    row.name_ended_at = ctx.clock()


def _requests(tx: Session, ctx: Context) -> None:
    before = ended_before(ctx.clock(), ctx.city.retention.requests.value)
    over = select(RectificationRequest.id).where(RectificationRequest.settled_at < before)
    gone = tx.scalars(
        delete(RectificationRequest)
        .where(RectificationRequest.id.in_(over.limit(AT_ONCE)))
        .returning(RectificationRequest.id)
    ).all()
    _note(tx, ctx, "rectification_request", gone)


def _lockouts(tx: Session, ctx: Context) -> None:
    """When somebody was kept out stays; why, in somebody's words, does not."""
    before = ended_before(ctx.clock(), ctx.city.retention.requests.value)
    over = and_(Lockout.lifted_at < before, Lockout.reasons_ended_at.is_(None))
    rows = tx.scalars(select(Lockout).where(over).limit(AT_ONCE).with_for_update(skip_locked=True))
    for row in (found := rows.all()):
        row.reason_sealed = ctx.cipher.seal(Lockout.reason_sealed, row.id, GONE)
        row.lift_reason_sealed = ctx.cipher.seal(Lockout.lift_reason_sealed, row.id, GONE)
        row.reasons_ended_at = ctx.clock()
    _note(tx, ctx, "lockout", [row.id for row in found])


def _messages(tx: Session, ctx: Context) -> None:
    """What we said goes, that we said it stays: a message is written once. What the bot asked last
    goes too, once no answer to it can be meant."""
    before = ended_before(ctx.clock(), ctx.city.retention.messages.value)
    over = and_(Outbox.written_at < before, Outbox.state.not_in(UNSENT), Outbox.data != {})
    some = select(Outbox.id).where(over).limit(AT_ONCE).with_for_update(skip_locked=True)
    tx.execute(update(Outbox).where(Outbox.id.in_(some)).values(data={}))
    tx.execute(delete(ChatTurn).where(ChatTurn.asked_at < ctx.clock() - CHAT_KEPT))


def _departures(tx: Session, ctx: Context) -> None:
    """That somebody left is known for a day."""
    tx.execute(delete(Departure).where(Departure.left_at < ctx.clock() - A_DAY))


def _accounts(tx: Session, ctx: Context) -> None:
    """Whoever has no part here any more and did not come for so long is erased as if they had asked
    for it; to sign in and to write to us is to come."""
    before = ended_before(ctx.clock(), ctx.city.retention.accounts.value)
    visits = select(func.max(Identity.seen_at)).where(Identity.person_id == Person.id)
    last = func.coalesce(visits.scalar_subquery(), Person.created_at)
    rows = tx.scalars(
        select(Person)
        .where(Person.left_at.is_(None), last < before, *_no_part(ctx))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for person in rows.all():
        erase(tx, ctx, person, None)


def _no_part(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    """No role, no flat, no seat, no objection that waits for the centre in a case that goes on."""
    now = ctx.clock()
    theirs = and_(Objection.author() == Person.id, Objection.status.in_(UNSETTLED))
    return (
        ~exists().where(AccessGrant.person_id == Person.id, AccessGrant.valid(now)),
        ~exists().where(Owner.person_id == Person.id),
        ~exists().where(CommitteeMember.person_id == Person.id),
        ~_objects_in_an_open_case(theirs),
    )


def _objects_in_an_open_case(whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an objection of these was made to a case that goes on."""
    return exists().where(
        whose,
        PublicNotice.id == Objection.notice_id,
        Purchase.id == PublicNotice.purchase_id,
        Purchase.state.not_in(closed_states()),
    )
