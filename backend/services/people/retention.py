"""到期删除: what is kept about people ends when the city's periods are over (个人信息保护法 47).

Words are replaced where their row is part of a public procedure, and rows that are part of none go.
Each end of somebody's data is a link of the audit chain, which names nobody. The sweep comes every
hour and finds what is over by index, the oldest first; what takes a look at everybody who is here
today it looks for once a day (decision 72).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.domain.audit_actions import AuditAction
from backend.domain.local_time import local_date
from backend.domain.normal import normal_name
from backend.domain.objection import UNSETTLED, Publication
from backend.domain.retention import CHAT_KEPT, GONE, bank_statements_over, ended_before
from backend.domain.routes.catalogue import closed_states
from backend.domain.subject import PURCHASE
from backend.seldom import logger_of
from backend.services.base import audit
from backend.services.base.batches import in_batches, oldest
from backend.services.base.context import Context
from backend.services.people.account_deletion import A_DAY, erase
from backend.store.audit import LastLook
from backend.store.bank_statements import BankStatement, BankStatementLine
from backend.store.desk import DeskAccount
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

logger = logger_of(__name__)

LOOK = "retention"  # when it looked at everybody last
A_FEW = 10  # statements at once, of thousands of lines each
UNSENT = (OutboxState.CREATED, OutboxState.SENDING)


def end_what_is_over(ctx: Context) -> None:
    """End what is over of each kind of personal data; each kind by itself, so that one that fails
    leaves the others done."""
    every_hour = (
        _objections,
        _former_owners,
        _requests,
        _lockouts,
        _messages,
        _words_of_messages,
        _departures,
        _words_of_bank_lines,
    )
    once_a_day = (_former_members, _accounts)
    kinds = every_hour if _looked_today(ctx) else (*every_hour, *once_a_day)
    for end in kinds:
        try:
            in_batches(ctx, partial(end, ctx))
        except Exception:
            logger.exception("what is over does not end: %s", end.__name__)
    _note_look(ctx)


def _looked_today(ctx: Context) -> bool:
    with ctx.sessions() as tx:
        last = tx.get(LastLook, LOOK)
        return last is not None and local_date(last.looked_at) == local_date(ctx.clock())


def _note_look(ctx: Context) -> None:
    values = {"looked_at": ctx.clock(), "seq": 0}
    row = insert(LastLook).values(sweep=LOOK, **values)
    with ctx.sessions() as tx:
        tx.execute(row.on_conflict_do_update(index_elements=["sweep"], set_=values))
        tx.commit()


def _note(tx: Session, now: datetime, kind: str, rows: Sequence[UUID]) -> None:
    for row_id in rows:
        audit.append(tx, now, None, AuditAction.DATA_END, (kind, row_id), {})


def _objections(ctx: Context, tx: Session, most: int) -> int:
    """The words, the name on a paper and what was published, once the case is closed for so long.
    Number, kind, status and answer are public and stay."""
    rows = tx.scalars(
        objections_over(ctx, ctx.clock())
        .order_by(Objection.received_at)
        .limit(most)
        .with_for_update(of=Objection, skip_locked=True)
    ).all()
    # While any end the next ones are looked for: what is refused is met again, and stops nobody.
    ended = sum(_words_end(ctx, tx, row) for row in rows)
    return len(rows) if ended else 0


def objections_over(ctx: Context, now: datetime) -> Select[Objection]:
    """Objections whose words should be gone by `now`."""
    before = ended_before(now, ctx.city.retention.objections.value)
    # What comes back of the premium later (退费) moves the case nowhere.
    moved = Transition.from_state != Transition.to_state
    steps = Transition.subject_kind == PURCHASE, Transition.subject_id == Purchase.id, moved
    last_step = select(func.max(Transition.at)).where(*steps)
    return (
        select(Objection)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Purchase, Purchase.id == PublicNotice.purchase_id)
        .where(
            Objection.words_ended_at.is_(None),
            Objection.received_at < before,  # by index; what came late is kept as long
            Purchase.state.in_(closed_states()),
            last_step.scalar_subquery() < before,
        )
    )


def _words_end(ctx: Context, tx: Session, row: Objection) -> bool:
    """Whether the database let them. Each by itself: several rows at once are a pipeline of the
    driver, which believes to have prepared what came after the one that failed."""
    try:
        with tx.begin_nested():
            now = ctx.clock()
            _note(tx, now, "objection", [row.id])
            tx.flush()  # the database asks the chain what time it is
            row.text_sealed = ctx.cipher.seal(Objection.text_sealed, row.id, GONE)
            row.objector_sealed = row.published_text = row.publication_reason = None
            if row.publication == Publication.PUBLISHED:
                row.publication = Publication.PRIVATE
            row.words_ended_at = now
    except DBAPIError:
        logger.exception("the words of objection %s do not end", row.id)
        return False
    return True


def _former_owners(ctx: Context, tx: Session, most: int) -> int:
    now = ctx.clock()
    before = ended_before(now, ctx.city.retention.former_people.value)
    heard = ~_objects_in_an_open_case(Objection.owner_id == Owner.id)
    over = and_(Owner.ended_at < before, Owner.name_ended_at.is_(None), heard)
    first = select(Owner).where(over).order_by(Owner.ended_at).limit(most)
    rows = tx.scalars(first.with_for_update(skip_locked=True))
    for row in (found := rows.all()):
        row.former_person_id = None
        _nameless(ctx, now, row)
    _note(tx, now, "owner", [row.id for row in found])
    return len(found)


def _former_members(ctx: Context, tx: Session, most: int) -> int:
    now = ctx.clock()
    before = local_date(ended_before(now, ctx.city.retention.former_people.value))
    rows = tx.scalars(
        select(CommitteeMember)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .where(
            CommitteeMember.name_ended_at.is_(None),
            or_(~CommitteeMember.sits(before), Committee.term_over(before)),
        )
        .limit(most)
        .with_for_update(of=CommitteeMember, skip_locked=True)
    )
    for row in (found := rows.all()):
        row.person_id = None
        _nameless(ctx, now, row)
    _note(tx, now, "committee_member", [row.id for row in found])
    return len(found)


def _nameless(ctx: Context, now: datetime, row: Owner | CommitteeMember) -> None:
    """The row that records refer to stays; its name is one that nobody bears, since two of one
    household or committee may have gone."""
    name = f"{GONE}{row.id.hex[-12:]}"
    row.name_sealed = ctx.cipher.seal(type(row).name_sealed, row.id, name)
    row.name_hash = ctx.cipher.digest("name", normal_name(name))
    row.phone_sealed = row.phone_hash = None
    row.name_ended_at = now


def _requests(ctx: Context, tx: Session, most: int) -> int:
    now = ctx.clock()
    before = ended_before(now, ctx.city.retention.requests.value)
    over = select(RectificationRequest.id).where(RectificationRequest.settled_at < before)
    gone = tx.scalars(
        delete(RectificationRequest)
        .where(RectificationRequest.id.in_(over.limit(most)))
        .returning(RectificationRequest.id)
    ).all()
    _note(tx, now, "rectification_request", gone)
    return len(gone)


def _lockouts(ctx: Context, tx: Session, most: int) -> int:
    """When somebody was kept out stays; why, in somebody's words, does not."""
    now = ctx.clock()
    before = ended_before(now, ctx.city.retention.requests.value)
    over = and_(Lockout.lifted_at < before, Lockout.reasons_ended_at.is_(None))
    rows = tx.scalars(select(Lockout).where(over).limit(most).with_for_update(skip_locked=True))
    for row in (found := rows.all()):
        row.reason_sealed = ctx.cipher.seal(Lockout.reason_sealed, row.id, GONE)
        row.lift_reason_sealed = ctx.cipher.seal(Lockout.lift_reason_sealed, row.id, GONE)
        row.reasons_ended_at = now
    _note(tx, now, "lockout", [row.id for row in found])
    return len(found)


def _messages(ctx: Context, tx: Session, most: int) -> int:
    """What we said goes, and that we said it, once the case is closed: none of its causes comes
    again, so that nothing can be told twice. Causes beside cases come again for a week at most."""
    over = oldest(Outbox.id, Outbox.written_at, _settled_long_ago(ctx), ~_case_goes_on(), most=most)
    return len(tx.scalars(over.returning(Outbox.id)).all())


def _words_of_messages(ctx: Context, tx: Session, most: int) -> int:
    """While the case goes on only what we said goes: that we said it keeps it from being told
    again."""
    over = and_(_settled_long_ago(ctx), _case_goes_on(), Outbox.data != {})
    some = select(Outbox.id).where(over).order_by(Outbox.written_at).limit(most)
    ended = (
        update(Outbox)
        .where(Outbox.id.in_(some.with_for_update(skip_locked=True)))
        .values(data={})
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return len(tx.scalars(ended).all())


def _settled_long_ago(ctx: Context) -> ColumnElement[bool]:
    before = ended_before(ctx.clock(), ctx.city.retention.messages.value)
    return and_(Outbox.written_at < before, Outbox.state.not_in(UNSENT))


def _case_goes_on() -> ColumnElement[bool]:
    return exists().where(Purchase.id == Outbox.purchase_id, Purchase.state.not_in(closed_states()))


def _departures(ctx: Context, tx: Session, most: int) -> int:
    """That somebody left is known for a day, and what the bot asked last for as long as an answer
    to it can be meant: there is one of each for a person, and few are over."""
    tx.execute(delete(Departure).where(Departure.left_at < ctx.clock() - A_DAY))
    tx.execute(delete(ChatTurn).where(ChatTurn.asked_at < ctx.clock() - CHAT_KEPT))
    return 0


def _words_of_bank_lines(ctx: Context, tx: Session, most: int) -> int:
    """From whom and to whom money went, and for what; day, amount and reference stay."""
    before = bank_statements_over(local_date(ctx.clock()))
    over = BankStatement.until_on < before, BankStatement.words_ended_at.is_(None)
    first = (
        select(BankStatement).where(*over).order_by(BankStatement.until_on).limit(min(most, A_FEW))
    )
    found = tx.scalars(first.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in found]
    _note(tx, ctx.clock(), "bank_statement", ids)
    tx.flush()  # the database asks the chain what time it is
    words = update(BankStatementLine).where(BankStatementLine.statement_id.in_(ids))
    tx.execute(words.values(words_sealed=None))
    for row in found:
        row.words_ended_at = ctx.clock()
    return len(found)


def _accounts(ctx: Context, tx: Session, most: int) -> int:
    """Whoever has no part here any more and did not come for so long is erased as if they had asked
    for it; to sign in and to write to us is to come."""
    before = ended_before(ctx.clock(), ctx.city.retention.accounts.value)
    visits = select(func.max(Identity.seen_at)).where(Identity.person_id == Person.id)
    by_number = select(func.greatest(DeskAccount.seen_at, DeskAccount.invited_at)).where(
        DeskAccount.person_id == Person.id
    )
    came = func.greatest(visits.scalar_subquery(), by_number.scalar_subquery())
    last = func.coalesce(came, Person.created_at)
    rows = tx.scalars(
        select(Person)
        .where(Person.left_at.is_(None), last < before, *_no_part(ctx))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    for person in (found := rows.all()):
        erase(tx, ctx, person, None)
    return len(found)


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
