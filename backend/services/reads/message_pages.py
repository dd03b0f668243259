"""消息 for those who watch over them: what was told when, about what, and how it ended.

Neither words nor names are in a list. Whether people can be reached is shown of one case alone, by
their part in it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain.channels import App
from backend.domain.messages import RESIDENT, title_of
from backend.domain.normal import normal_code
from backend.domain.roles import ROLE_NAMES, Role
from backend.services.base.access import granted_roles, nothing_there, require_officer
from backend.services.base.context import Actor, Context
from backend.services.base.paging import Paged, paged, whole
from backend.services.messages import channel_states
from backend.services.messages.again import KEEPERS, SENDERS, why_not_again
from backend.store.messages import ChannelState, Inbox, Outbox, OutboxState
from backend.store.queries import message_list
from backend.store.queries.message_list import MessageFilter, MessageRow

READERS = (Role.ADMINISTRATOR, Role.CLERK, Role.SUPERVISOR, Role.AUDITOR)
READ_DEAD = (Role.ADMINISTRATOR, Role.AUDITOR)
DEAD_SHOWN = 200


@dataclass(frozen=True)
class EventFigures:
    """How the messages about one thing ended."""

    template: str
    title: str
    sent: int
    failed: int
    unknown: int
    waiting: int
    superseded: int


@dataclass(frozen=True)
class Reader:
    """Somebody whom a case was told to, by their part and a number; see `ReaderRow`."""

    part: str
    follows: bool | None
    consents: int


@dataclass(frozen=True)
class DeadCallback:
    """A callback that was given up: what kind it is, of which app, and the kind of error; not what
    somebody wrote in it."""

    id: UUID
    app: App | None
    what: str
    received_at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True)
class Unreadable:
    """What nobody could read: of which app, and why."""

    app: App | None
    received_at: datetime
    error: str


@dataclass(frozen=True)
class FailedCallbacks:
    """Callbacks that were given up, those that nobody could read, and whether this person may have
    the first worked on again."""

    dead: Sequence[DeadCallback]
    unreadable: Sequence[Unreadable]
    may_take_up: bool


@dataclass(frozen=True)
class MessagePage:
    """A message, whether this person may send it again, and, where it did not arrive, why nobody
    can."""

    row: MessageRow
    may_send: bool
    why_not: str = ""


def page_of_messages(
    ctx: Context, actor: Actor, chosen: MessageFilter, page: int
) -> Paged[MessageRow]:
    """Messages, the latest first, fifty a page; raises Refused `not_found`, `role_required` for
    others."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return paged(
            page,
            lambda most: message_list.count(tx, chosen, most),
            lambda skipped, most: message_list.rows(tx, chosen, skipped, most),
        )


def whole_messages(
    ctx: Context, actor: Actor, chosen: MessageFilter, most: int | None = None
) -> Sequence[MessageRow]:
    """Every line, `most` at most; raises Refused as `page_of_messages`, and `export_too_long`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return whole(lambda skipped, some: message_list.rows(tx, chosen, skipped, some), most)


def figures_of(ctx: Context, actor: Actor, chosen: MessageFilter) -> Sequence[EventFigures]:
    """How the messages of this list ended, by what they are about, the most frequent first; raises
    Refused as `page_of_messages`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        ended = message_list.by_event(tx, chosen)
    numbers = Counter({(each.template, each.state): each.number for each in ended})
    totals = Counter[str]()
    for each in ended:
        totals[each.template] += each.number
    return [_figures(template, numbers) for template, _ in totals.most_common()]


def read_message(ctx: Context, actor: Actor, message_id: UUID) -> MessagePage:
    """One of them; raises Refused as `page_of_messages`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        row = message_list.one(tx, message_id)
        if row is None:
            raise nothing_there("消息")
        held = granted_roles(tx, ctx, actor, None, None)
        if row.state not in (OutboxState.FAILED, OutboxState.UNKNOWN):
            return MessagePage(row, may_send=False)
        refusal = why_not_again(tx, ctx, tx.get_one(Outbox, message_id))
        may_send = refusal is None and not held.isdisjoint(SENDERS)
        return MessagePage(row, may_send, refusal.message if refusal else "")


def case_of_number(ctx: Context, actor: Actor, number: str) -> UUID | None:
    """The case with this number, however it is written; raises Refused as `page_of_messages`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return message_list.case_by_number(tx, normal_code(number))


def readers_of(ctx: Context, actor: Actor, purchase_id: UUID) -> Sequence[Reader]:
    """Whom a case was told to and who of them can be reached; raises Refused as
    `page_of_messages`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        service, mini = ctx.appid_of(App.SERVICE_ACCOUNT), ctx.appid_of(App.MINI_PROGRAM)
        found = message_list.readers_of(tx, purchase_id, service, mini)
    numbered = Counter[str]()
    readers = []
    for row in found:
        part = part_name(row.role)
        numbered[part] += 1
        readers.append(Reader(f"{part}{numbered[part]}", row.follows, row.consents))
    return readers


def closed_channels(ctx: Context, actor: Actor) -> Sequence[ChannelState]:
    """The channels by which nothing leaves now; raises Refused as `page_of_messages`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READERS)
        return sorted(channel_states.closed(tx).values(), key=lambda each: each.channel)


def failed_callbacks(ctx: Context, actor: Actor) -> FailedCallbacks:
    """Callbacks that ended nowhere, the latest first; raises Refused `not_found`,
    `role_required`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READ_DEAD)
        held = granted_roles(tx, ctx, actor, None, None)
        return FailedCallbacks(
            [_dead(ctx, row) for row in message_list.dead_callbacks(tx, DEAD_SHOWN)],
            [
                Unreadable(_app(ctx, row.appid), row.received_at, row.error)
                for row in message_list.unreadable_callbacks(tx, DEAD_SHOWN)
            ],
            not held.isdisjoint(KEEPERS),
        )


def read_dead(ctx: Context, actor: Actor, callback_id: UUID) -> DeadCallback:
    """One that was given up; raises Refused as `failed_callbacks`."""
    with ctx.sessions() as tx:
        require_officer(tx, ctx, actor, *READ_DEAD)
        row = _dead_row(tx, callback_id)
        return _dead(ctx, row)


def part_name(role: str) -> str:
    """A reader's part, as it stands in a message."""
    return ROLE_NAMES[Role(role)] if role in ROLE_NAMES else RESIDENT


def _dead_row(tx: Session, callback_id: UUID) -> Inbox:
    row = tx.get(Inbox, callback_id)
    if row is None:
        raise nothing_there("回调")
    return row


def _figures(template: str, numbers: Counter[tuple[str, OutboxState]]) -> EventFigures:
    def ended(*states: OutboxState) -> int:
        return sum(numbers[template, state] for state in states)

    return EventFigures(
        template,
        title_of(template),
        ended(OutboxState.SENT),
        ended(OutboxState.FAILED),
        ended(OutboxState.UNKNOWN),
        ended(OutboxState.CREATED, OutboxState.SENDING),
        ended(OutboxState.SUPERSEDED),
    )


def _dead(ctx: Context, row: Inbox) -> DeadCallback:
    body = ctx.cipher.open(Inbox.body_sealed, row.id, row.body_sealed)
    app = _app(ctx, row.appid)
    return DeadCallback(row.id, app, _kind(body), row.received_at, row.attempts, row.error)


def _kind(body: str) -> str:
    """What kind of callback it is, by the platform's own word; nothing of what is in it."""
    try:
        values = json.loads(body)
        return str(values["event"] or values["kind"])
    except (ValueError, TypeError, KeyError):
        return ""


def _app(ctx: Context, appid: str) -> App | None:
    return next((app for app in App if ctx.appid_of(app) == appid), None)
