"""Messages that leave the house: written with their cause, delivered later, each of them once.

A row is `created` in the transaction of what it tells of. A worker takes it under a lease
(`leases`), sends it (`delivery`) and writes down how that ended (`delivery_results`). Nobody needs
the queue for any of this: `leases.due_ids` finds whatever was forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from backend.clock import system_clock
from backend.domain.channels import Channel
from backend.domain.subject import Subject
from backend.services.base.wake import Wake
from backend.store.messages import Outbox, OutboxState

WRITTEN = "outbox_ids"


def write(
    tx: Session,
    *,
    at: datetime,
    natural_key: str,
    person_id: UUID,
    role: str,
    channel: Channel,
    template: str,
    data: Mapping[str, Any],
    subject: Subject | None,
) -> UUID | None:
    """Add a message to this transaction; the id, or None when `natural_key` was written before.

    `template` names one of the platform templates and `data` its fields by our names, and perhaps
    `page`, what a tap opens in the mini-program; for `chat` it is `text` (`text`) or `menu`
    (`head`, `choices` as [id, text], `tail`). `at` is business time. Where the channel needs a
    consent, it was taken in this transaction: see `channels.write`.
    """
    row_id = tx.scalar(
        insert(Outbox)
        .values(
            natural_key=natural_key,
            person_id=person_id,
            role=role,
            channel=channel.name,
            template=template,
            data=dict(data),
            subject=subject,
            written_at=at,
            state=OutboxState.CREATED,
            attempts=0,
            try_at=system_clock(),
        )
        .on_conflict_do_nothing(index_elements=[Outbox.natural_key])
        .returning(Outbox.id)
    )
    if row_id is not None:
        tx.info.setdefault(WRITTEN, []).append(row_id)
    return row_id


@dataclass(frozen=True)
class Message:
    """One of several messages with one cause: what sets it apart from the others."""

    natural_key: str
    person_id: UUID
    channel: Channel
    data: Mapping[str, Any]


def write_each(
    tx: Session,
    messages: Sequence[Message],
    *,
    at: datetime,
    role: str,
    template: str,
    subject: Subject | None,
) -> None:
    """Add these messages to this transaction in one statement; see `write`."""
    if not messages:
        return
    common = {
        "role": role,
        "template": template,
        "subject": subject,
        "written_at": at,
        "state": OutboxState.CREATED,
        "attempts": 0,
        "try_at": system_clock(),
    }
    rows = [
        {
            "natural_key": message.natural_key,
            "person_id": message.person_id,
            "channel": message.channel.name,
            "data": dict(message.data),
            **common,
        }
        for message in messages
    ]
    new = insert(Outbox).on_conflict_do_nothing(index_elements=[Outbox.natural_key])
    tx.info.setdefault(WRITTEN, []).extend(tx.scalars(new.returning(Outbox.id), rows))


def write_again(tx: Session, row: Outbox, ending: str, channel: Channel) -> None:
    """What this message says, once more, by this channel.

    `ending` sets its natural key apart from the first one's, so that it is written once.
    """
    write(
        tx,
        at=row.written_at,
        natural_key=f"{row.natural_key}/{ending}",
        person_id=row.person_id,
        role=row.role,
        channel=channel,
        template=row.template,
        data=row.data,
        subject=row.subject,
    )


def supersede(tx: Session, subject: Subject, prefix: str) -> None:
    """Messages of this subject whose natural key starts with `prefix` need not be sent any more."""
    tx.execute(
        update(Outbox)
        .where(
            Outbox.subject == subject,
            Outbox.natural_key.startswith(prefix, autoescape=True),
            Outbox.state == OutboxState.CREATED,
        )
        .values(state=OutboxState.SUPERSEDED, settled_at=system_clock())
    )


def wake_after_commit(sessions: sessionmaker[Session], wake: Wake) -> None:
    """From now on, every commit that wrote messages calls `wake` with their ids.

    `wake` must not raise: the commit has happened, and the sweep finds what nobody was woken for.
    """

    def committed(tx: Session) -> None:
        if not tx.in_nested_transaction() and (ids := tx.info.pop(WRITTEN, None)):
            wake(ids)

    def rolled_back(tx: Session, previous: SessionTransaction) -> None:
        if previous.parent is None:
            tx.info.pop(WRITTEN, None)

    event.listen(sessions, "after_commit", committed)
    event.listen(sessions, "after_soft_rollback", rolled_back)
