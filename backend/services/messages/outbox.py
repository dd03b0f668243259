"""Messages that leave the house: written with their cause, delivered later, each of them once.

A row is `created` in the transaction of what it tells of. A worker takes it under a lease
(`leases`), sends it (`delivery`) and writes down how that ended (`delivery_results`). Nobody needs
the queue for any of this: `leases.due_ids` finds whatever was forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from typing import cast as cast_
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    Text,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    event,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session, SessionTransaction, sessionmaker
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.domain.channels import Channel
from backend.domain.deadlines import DeadlineState
from backend.domain.local_time import local_date
from backend.domain.outages import OF_USE, urgency_of
from backend.domain.roles import GRANT_SCOPES, Role
from backend.domain.subject import Subject
from backend.services.base.afterwards import afterwards
from backend.services.base.wake import Wake
from backend.store.messages import DeadlineRecord, Outbox, OutboxState
from backend.store.people import AccessGrant
from backend.store.purchases import Purchase
from backend.store.registry import (
    Building,
    Committee,
    CommitteeMember,
    Estate,
    Household,
    Owner,
    Unit,
)

WRITTEN = "outbox_ids"

# The limit that a row reminds of or invites to act within, by its natural key; null for others.
LIMIT_ID: ColumnElement[UUID] = case(
    (
        Outbox.natural_key.regexp_match("^(deadline|invitation)/"),
        cast(func.split_part(Outbox.natural_key, "/", 2), Uuid),
    )
)


@dataclass(frozen=True)
class Message:
    """What to tell one person, and by which channel.

    `natural_key` names the cause, so that it is told once. `template` names one of the platform
    templates and `data` its fields by our names, `page`, what a tap opens in the mini-program, and
    perhaps `link`, the path of a web page of ours for phones that cannot open that; for `chat` it
    is `text` or `menu`, and what it says is sealed for this `id` (`wechat.channels.chat`). Where
    the channel needs a consent, it was taken in this transaction: see `channels.write`.
    """

    natural_key: str
    person_id: UUID
    role: str
    channel: Channel
    template: str
    data: Mapping[str, Any]
    subject: Subject | None = None
    id: UUID = field(default_factory=uuid7)


def write(tx: Session, at: datetime, message: Message) -> UUID | None:
    """Add a message to this transaction at this business time; the id, or None when its
    `natural_key` was written before."""
    written = write_each(tx, at, [message])
    return written[0] if written else None


def write_each(tx: Session, at: datetime, messages: Sequence[Message]) -> Sequence[UUID]:
    """Add these messages to this transaction in one statement; the ids of those that are new."""
    if not messages:
        return []
    now = system_clock()
    rows = [
        {
            "id": message.id,
            "natural_key": message.natural_key,
            "person_id": message.person_id,
            "role": message.role,
            "channel": message.channel.name,
            "template": message.template,
            "data": dict(message.data),
            "subject_kind": message.subject.kind if message.subject else None,
            "subject_id": message.subject.id if message.subject else None,
            "written_at": at,
            "state": OutboxState.CREATED,
            "attempts": 0,
            "try_at": now,
            "urgency": urgency_of(message.template, message.natural_key),
        }
        for message in messages
    ]
    new = insert(Outbox).on_conflict_do_nothing(index_elements=[Outbox.natural_key])
    written = tx.scalars(new.returning(Outbox.id), rows).all()
    tx.info.setdefault(WRITTEN, []).extend(written)
    return written


def write_again(tx: Session, row: Outbox, ending: str, channel: Channel) -> None:
    """What this message says, once more, by this channel.

    `ending` sets its natural key apart from the first one's, so that it is written once.
    """
    again = Message(
        natural_key=f"{row.natural_key}/{ending}",
        person_id=row.person_id,
        role=row.role,
        channel=channel,
        template=row.template,
        data=row.data,
        subject=row.subject,
    )
    write(tx, row.written_at, again)


def _waits() -> ColumnElement[bool]:
    """Whether a row waits unsent. Said so that, beside a subject, no index of all that waits offers
    itself: where nobody has counted these, it looks empty."""
    return and_(Outbox.settled_at.is_(None), Outbox.state != OutboxState.SENDING)


def supersede(tx: Session, subject: Subject, prefix: str) -> None:
    """Messages of this subject whose natural key starts with `prefix` need not be sent any more."""
    tx.execute(
        update(Outbox)
        .where(
            Outbox.subject == subject,
            Outbox.natural_key.startswith(prefix, autoescape=True),
            _waits(),
        )
        .values(state=OutboxState.SUPERSEDED, settled_at=system_clock())
    )


def supersede_role(tx: Session, subject: Subject, role: str) -> None:
    """Messages of this subject to people in this role need not be sent any more."""
    tx.execute(
        update(Outbox)
        .where(Outbox.subject == subject, Outbox.role == role, _waits())
        .values(state=OutboxState.SUPERSEDED, settled_at=system_clock())
    )


def is_over() -> ColumnElement[bool]:
    """Whether what a row reminds of has ended or stands still: it must not leave like news.

    Most such rows are taken back by what ends the limit; not those that were in a worker's hands
    at that moment and came back unsent, perhaps for days (decision 33).
    """
    return exists(
        select(DeadlineRecord.id).where(
            DeadlineRecord.id == LIMIT_ID, DeadlineRecord.state != DeadlineState.OPEN
        )
    )


def no_use(at: datetime) -> ColumnElement[bool]:
    """Whether a row was written so long before this business time that it is of no use any more."""
    return or_(
        *(
            and_(Outbox.template == template, Outbox.written_at < at - of_use)
            for template, of_use in OF_USE.items()
        )
    )


def _of_its_case(scope: InstrumentedAttribute[Any]) -> Select[Any]:
    """The estate or insurer of the case that a row is about. Which row is said outright: inside two
    queries it would else be any row."""
    return select(scope).where(Purchase.id == Outbox.purchase_id).correlate(Outbox)


def role_ended(now: datetime) -> ColumnElement[bool]:
    """Whether a row speaks to somebody in a part that they do not have (any more) at this business
    time: what waited for them is not theirs to read (decision 40)."""
    return role_ended_by(now, local_date(now))


def role_ended_by(now: datetime, today: date) -> ColumnElement[bool]:
    """The same where both are parameters of a statement that is made once."""
    home = Estate.id.in_(_of_its_case(Purchase.estate_id))
    districts = select(Estate.district_id).where(home).correlate(Outbox)
    granted = exists().where(
        AccessGrant.person_id == Outbox.person_id,
        AccessGrant.role == Outbox.role,
        AccessGrant.valid(now),
        or_(
            AccessGrant.scope_id.is_(None),
            Outbox.purchase_id.is_(None),
            AccessGrant.scope_id.in_(_of_its_case(Purchase.estate_id)),
            AccessGrant.scope_id.in_(_of_its_case(Purchase.insurer_id)),
            AccessGrant.scope_id.in_(districts),
        ),
    )
    sits = exists().where(
        CommitteeMember.person_id == Outbox.person_id,
        CommitteeMember.committee_id == Committee.id,
        CommitteeMember.sits(today),
        Committee.in_office(today),
        or_(
            Outbox.purchase_id.is_(None),
            Committee.estate_id.in_(_of_its_case(Purchase.estate_id)),
        ),
    )
    owns = exists().where(
        Owner.person_id == Outbox.person_id,
        Household.id == Owner.household_id,
        Unit.id == Household.unit_id,
        Building.id == Unit.building_id,
        or_(
            Outbox.purchase_id.is_(None),
            Building.estate_id.in_(_of_its_case(Purchase.estate_id)),
        ),
    )
    return or_(
        and_(Outbox.role == str(Role.OWNER), ~owns),
        and_(Outbox.role.in_([str(role) for role in GRANT_SCOPES]), ~granted),
        and_(Outbox.role == str(Role.COMMITTEE_MEMBER), ~sits),
    )


def supersede_what_is_over(tx: Session, now: datetime, at: datetime) -> None:
    """Take back what waited until it was no news any more, or its reader no reader; `now` is real
    time, `at` business time."""
    tx.connection().execute(
        _taken_back(), {"now": now, "business_time": at, "today": local_date(at)}
    )


@cache
def _taken_back() -> Update:
    """Made once: the sweeps say it every few seconds."""
    now = bindparam("now", type_=DateTime(timezone=True))
    at = cast_(datetime, bindparam("business_time", type_=DateTime(timezone=True)))
    today = cast_(date, bindparam("today", type_=Date))
    over = or_(is_over(), no_use(at), role_ended_by(at, today))
    return (
        update(Outbox)
        .where(and_(Outbox.state == OutboxState.CREATED, Outbox.try_at <= now, over))
        .values(state=OutboxState.SUPERSEDED, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def supersede_for_each(
    tx: Session, subject: Subject, causes: Sequence[tuple[str, ColumnElement[Any]]]
) -> None:
    """The same for the messages that each of these `causes` (a prefix, and a column of a query) led
    to: their natural key goes on after the prefix with the cause's id and a slash."""
    keys = (func.concat(prefix, cast(cause, Text), "/") for prefix, cause in causes)
    tx.execute(
        update(Outbox)
        .where(
            Outbox.subject == subject,
            or_(*(Outbox.natural_key.startswith(key) for key in keys)),
            _waits(),
        )
        .values(state=OutboxState.SUPERSEDED, settled_at=system_clock())
        .execution_options(synchronize_session=False)
    )


def wake_after_commit(sessions: sessionmaker[Session], wake: Wake) -> None:
    """From now on, every commit that wrote messages calls `wake` with their ids.

    `wake` must not raise: the commit has happened, and the sweep finds what nobody was woken for.
    """

    def committed(tx: Session) -> None:
        if not tx.in_nested_transaction() and (ids := tx.info.pop(WRITTEN, None)):
            afterwards(tx, partial(wake, ids))

    def rolled_back(tx: Session, previous: SessionTransaction) -> None:
        if previous.parent is None:
            tx.info.pop(WRITTEN, None)

    event.listen(sessions, "after_commit", committed)
    event.listen(sessions, "after_soft_rollback", rolled_back)
