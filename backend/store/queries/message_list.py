"""What was told to people, as officers look for it: when, about what, how it ended; not to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, func, literal_column, select
from sqlalchemy.orm import Session

from backend.domain.channels import CHAT
from backend.store.messages import (
    Consent,
    Inbox,
    InboxState,
    Outbox,
    OutboxState,
    UnreadableCallback,
)
from backend.store.people import Identity
from backend.store.purchases import Purchase
from backend.store.queries.places import among, looked_up
from backend.store.queries.searches import has_letters, named_like
from backend.store.registry import Estate

OF_A_MESSAGE = (
    Outbox.id,
    Outbox.written_at,
    Outbox.template,
    Outbox.role,
    Outbox.channel,
    Outbox.state,
    Outbox.outcome,
    Outbox.attempts,
    Outbox.settled_at,
    Outbox.purchase_id,
)


@dataclass(frozen=True)
class MessageFilter:
    """What the list is narrowed to: written from `since` on and before `until`, how it ended,
    what it is about (its template, `chat` for answers there; "" for all), its case or words in the
    estate's name."""

    since: datetime | None = None
    until: datetime | None = None
    state: OutboxState | None = None
    template: str = ""
    case: UUID | None = None
    estate: str = ""


@dataclass(frozen=True)
class MessageRow:
    """A message without its words and without its reader, but for their part."""

    id: UUID
    written_at: datetime
    template: str
    role: str
    channel: str
    state: OutboxState
    outcome: str | None
    attempts: int
    settled_at: datetime | None
    purchase_id: UUID | None
    case: str | None
    estate: str | None


@dataclass(frozen=True)
class Ended:
    """How many messages about one thing ended so."""

    template: str
    state: OutboxState
    number: int


@dataclass(frozen=True)
class ReaderRow:
    """Somebody whom a case was messages to, by their part; whether they follow the service account
    (None: never seen there), and to how many more messages of the mini-program they agreed."""

    person_id: UUID
    role: str
    follows: bool | None
    consents: int


def count(tx: Session, chosen: MessageFilter, most: int) -> int:
    """How many messages, counted up to `most`."""
    some = select(Outbox.id).where(*_where(chosen)).limit(most)
    return tx.scalar(select(func.count()).select_from(some.subquery())) or 0


def undelivered(tx: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Of the messages written in that time, how many did not arrive, and of how many nobody knows
    whether they did."""
    failed, unknown = OutboxState.FAILED, OutboxState.UNKNOWN
    number = func.count()
    query = select(
        number.filter(Outbox.state == failed), number.filter(Outbox.state == unknown)
    ).where(*_where(MessageFilter(since, until)))
    found, nobody_knows = tx.execute(query).one()
    return int(found), int(nobody_knows)


def rows(tx: Session, chosen: MessageFilter, skipped: int, most: int) -> Sequence[MessageRow]:
    """Messages, the latest first, `most` after the first `skipped`."""
    order = Outbox.written_at.desc(), Outbox.id.desc()
    page = select(Outbox.id).where(*_where(chosen)).order_by(*order).offset(skipped).limit(most)
    found = looked_up("page", page)
    messages = looked_up("messages", select(*OF_A_MESSAGE), among(Outbox.id, select(found.c.id)))
    cases = looked_up(
        "cases",
        select(Purchase.id, Purchase.number, Purchase.estate_id),
        among(Purchase.id, select(messages.c.purchase_id).distinct()),
    )
    estates = looked_up(
        "estates",
        select(Estate.id, Estate.name),
        among(Estate.id, select(cases.c.estate_id).distinct()),
    )
    query = (
        select(*messages.c, cases.c.number, estates.c.name)
        .outerjoin(cases, cases.c.id == messages.c.purchase_id)
        .outerjoin(estates, estates.c.id == cases.c.estate_id)
        .order_by(messages.c.written_at.desc(), messages.c.id.desc())
    )
    return [MessageRow(*tuple(row)) for row in tx.execute(query)]


def one(tx: Session, message_id: UUID) -> MessageRow | None:
    """This one."""
    row = tx.execute(_whole().where(Outbox.id == message_id)).one_or_none()
    return MessageRow(*row) if row else None


def by_event(tx: Session, chosen: MessageFilter) -> Sequence[Ended]:
    """How messages ended, by what they are about."""
    event = _event()
    query = select(event, Outbox.state, func.count()).where(*_where(chosen))
    found = tx.execute(query.group_by(event, Outbox.state))
    return [Ended(*row) for row in found]


def readers_of(
    tx: Session, purchase_id: UUID, service_appid: str, mini_appid: str
) -> Sequence[ReaderRow]:
    """Whom a case was told to, by part and by when they first heard of it. Each of them is looked
    up by themselves: a join would read everybody of the app where these seem few."""
    people = (
        select(Outbox.person_id, Outbox.role, func.min(Outbox.written_at).label("first"))
        .where(Outbox.subject_id == purchase_id, Outbox.purchase_id == purchase_id)
        .group_by(Outbox.person_id, Outbox.role)
        .subquery()
    )
    theirs = Identity.person_id == people.c.person_id
    reachable = select(Identity.reachable).where(theirs, Identity.appid == service_appid)
    agreed = (
        select(func.coalesce(func.sum(Consent.quota), 0))
        .join(Identity, Identity.id == Consent.identity_id)
        .where(theirs, Identity.appid == mini_appid)
    )
    query = select(
        people.c.person_id,
        people.c.role,
        reachable.scalar_subquery(),
        agreed.scalar_subquery(),
    ).order_by(people.c.role, people.c.first, people.c.person_id)
    return [ReaderRow(*row) for row in tx.execute(query)]


def case_by_number(tx: Session, number: str) -> UUID | None:
    """The case with this number."""
    return tx.scalar(select(Purchase.id).where(Purchase.number == number))


def dead_callbacks(tx: Session, most: int) -> Sequence[Inbox]:
    """Callbacks that were given up, the latest first."""
    dead = select(Inbox).where(Inbox.state == InboxState.DEAD)
    return tx.scalars(dead.order_by(Inbox.received_at.desc(), Inbox.id.desc()).limit(most)).all()


def unreadable_callbacks(tx: Session, most: int) -> Sequence[UnreadableCallback]:
    """What the platform sent and nobody could read, the latest first."""
    query = select(UnreadableCallback).order_by(UnreadableCallback.id.desc())
    return tx.scalars(query.limit(most)).all()


def _event() -> ColumnElement[str]:
    """What a message is about, answers in chat as one."""
    is_chat = Outbox.channel == CHAT.name
    return case((is_chat, literal_column("'chat'", Text)), else_=Outbox.template)


def _whole() -> Select[*tuple[Any, ...]]:
    return (
        select(*OF_A_MESSAGE, Purchase.number, Estate.name)
        .outerjoin(Purchase, Purchase.id == Outbox.purchase_id)
        .outerjoin(Estate, Estate.id == Purchase.estate_id)
    )


def _where(chosen: MessageFilter) -> Sequence[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.since is not None:
        where.append(Outbox.written_at >= chosen.since)
    if chosen.until is not None:
        where.append(Outbox.written_at < chosen.until)
    if chosen.state is not None:
        where.append(Outbox.state == chosen.state)
    if chosen.template:
        where.append(_event() == chosen.template)
    if chosen.case is not None:
        where.append(Outbox.subject_id == chosen.case)
    if chosen.estate:
        named = (
            has_letters(Estate.letters(), chosen.estate),
            Estate.name.ilike(named_like(chosen.estate)),
        )
        cases = select(Purchase.id).join(Estate, Estate.id == Purchase.estate_id).where(*named)
        where.append(Outbox.purchase_id.in_(cases))
    return where
