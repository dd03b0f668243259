"""How sends ended: written down, tried again, or recorded by the platform's report."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.domain.channels import CHANNELS, SUBSCRIBE, TEMPLATE, App, Channel, Needs
from backend.domain.messages import SET_UP
from backend.domain.outages import LONGEST_PAUSE, Closing
from backend.services.base.context import Context
from backend.services.messages import channels, consents
from backend.services.messages.inbox import NotYet
from backend.services.messages.leases import Delivery
from backend.services.messages.outbox import write_again
from backend.services.messages.unanswered import NO_ANSWER, NO_ANSWER_AGAIN
from backend.store.messages import ChannelState, Outbox, OutboxState
from backend.store.people import Identity

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600
INTERNAL_ERROR = "internal_error"  # our own mistake


@dataclass(frozen=True)
class Outcome:
    """How a send ended.

    `sent`: accepted · `failed`: never will be · `later`: surely not sent, for no fault of its own,
    so it is tried again until it is sent or somebody says that it need not be · `unknown`: perhaps
    sent. `reason` is a short code for the row. `unreachable`: the person has not done, or has taken
    back, what the channel needs. `not_before` (real time) says when to try again. `closes` is a
    verdict on the channel: the message only waits for it. `waited`: what was posted beside it met
    that, and it was not posted itself.
    """

    kind: Literal["sent", "failed", "later", "unknown"]
    reason: str
    msgid: str | None = None
    unreachable: bool = False
    not_before: datetime | None = None
    closes: Closing | None = None
    waited: bool = False


RECORD = text("""
    UPDATE outbox SET state = s.state, try_at = s.try_at,
        first_tried_at = CASE WHEN s.posted_at IS NOT NULL
            THEN coalesce(outbox.first_tried_at, s.posted_at) END,
        msgid = s.msgid, outcome = CASE
            WHEN coalesce(outbox.outcome, '') NOT IN ('posted_again', 'no_answer_again')
                THEN s.outcome
            WHEN s.state = 'created' THEN outbox.outcome
            WHEN s.outcome = 'no_answer' THEN 'no_answer_again'
            ELSE s.outcome END,
        settled_at = s.settled_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS s (
        id uuid, lease bigint, state text, try_at timestamptz, posted_at timestamptz, msgid text,
        outcome text, settled_at timestamptz)
    WHERE outbox.id = s.id AND outbox.attempts = s.lease AND outbox.state IN ('sending', 'unknown')
    RETURNING outbox.id, outbox.state
""")


class _Fate(Enum):
    """What becomes of a row after a send."""

    ENDED = auto()  # sent, or never will be
    REPEATED = auto()  # perhaps sent, and the platform would know a repeat
    OPEN = auto()  # perhaps sent, and nobody will know
    POSTPONED = auto()  # surely not sent, and it is known when to go on
    TRIED_AGAIN = auto()  # surely not sent


def record_outcomes(ctx: Context, results: Iterable[tuple[Delivery, Outcome]]) -> None:
    """Write down how sends ended, all of them in one statement.

    A row that somebody else has taken since then is left to them. What was surely not sent gives
    back what it needed and goes the channel's next way.
    """
    results = list(results)
    if not results:
        return
    now = system_clock()
    rows = [_result_row(delivery, outcome, now) for delivery, outcome in results]
    with ctx.sessions() as tx:
        recorded = tx.execute(RECORD, {"rows": json.dumps(rows, default=str)})
        failed = {row.id for row in recorded if row.state == OutboxState.FAILED}
        for delivery, outcome in results:
            if delivery.id in failed:
                _not_sent(tx, ctx, delivery, outcome)
        _forget_followers(tx, ctx, results)
        tx.commit()


def _result_row(delivery: Delivery, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The row's new values."""
    again_at = now + _wait(delivery, outcome)
    state: str = outcome.kind
    try_at: datetime | None = None
    posted_at: datetime | None = delivery.leased_at
    reason = outcome.reason
    match _fate(delivery, outcome, again_at):
        case _Fate.REPEATED:
            state, try_at, reason = "sending", again_at, NO_ANSWER
        case _Fate.OPEN:
            state, reason = "unknown", NO_ANSWER
        case _Fate.TRIED_AGAIN:
            state, try_at, posted_at = "created", again_at, None
        case _Fate.POSTPONED:
            state, try_at, posted_at = "created", outcome.not_before, None
    return {
        "id": delivery.id,
        "lease": delivery.attempts,
        "state": state,
        "try_at": try_at or now,
        "posted_at": posted_at,
        "msgid": outcome.msgid,
        "outcome": reason,
        "settled_at": None if try_at else now,
    }


def _fate(delivery: Delivery, outcome: Outcome, again_at: datetime) -> _Fate:
    if outcome.kind in ("sent", "failed"):
        return _Fate.ENDED
    # An earlier try may have got through, so this one's clear answer does not settle the row.
    if outcome.kind == "unknown" or delivery.first_tried_at is not None:
        first = delivery.first_tried_at or delivery.leased_at
        safe_until = first + CHANNELS[delivery.channel].repeat_safe
        return _Fate.REPEATED if again_at < safe_until else _Fate.OPEN
    return _Fate.TRIED_AGAIN if outcome.not_before is None else _Fate.POSTPONED


def _not_sent(tx: Session, ctx: Context, delivery: Delivery, outcome: Outcome) -> None:
    """The consent of a message that was surely not sent is free again; the next way is taken."""
    channel = CHANNELS[delivery.channel]
    if channel.needs is Needs.CONSENT:
        if outcome.unreachable:
            consents.none_left(tx, ctx, delivery.person_id, delivery.template)
        elif outcome.reason != INTERNAL_ERROR:  # then nobody knows how far it came
            consents.give_back(tx, ctx, delivery.person_id, delivery.template)
    if channel.next:
        channels.write_by_next(tx, ctx, tx.get_one(Outbox, delivery.id))


def _forget_followers(
    tx: Session, ctx: Context, results: Iterable[tuple[Delivery, Outcome]]
) -> None:
    """Whoever cannot be reached any more by a channel that needs followers has left its app."""
    gone: dict[App, list[UUID]] = {}
    for delivery, outcome in results:
        channel = CHANNELS[delivery.channel]
        if outcome.unreachable and channel.needs is Needs.FOLLOWER:
            gone.setdefault(channel.app, []).append(delivery.person_id)
    for app, people in gone.items():
        channels.mark_unreachable(tx, ctx, app, people)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: 5 s, 15 s, 45 s … an hour, give or take a quarter."""
    seconds = min(FIRST_PAUSE_SECONDS * 3 ** min(tries - 1, 9), LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load


def _wait(delivery: Delivery, outcome: Outcome) -> timedelta:
    """Before it is due again. Whatever met verdicts on its channel itself waits too: if that was
    its own fault after all, it does not close the channel each time that this is opened."""
    if not outcome.closes:
        return pause(delivery.attempts)
    if outcome.waited or delivery.attempts == 1:
        return timedelta(0)
    return min(pause(delivery.attempts - 1), LONGEST_PAUSE)


def waiting(tx: Session) -> Mapping[str, int]:
    """How many messages wait because our account is set up wrongly, by the platform's code."""
    closed = select(ChannelState.reason).where(ChannelState.channel == Outbox.channel)
    why = func.coalesce(closed.scalar_subquery(), Outbox.outcome).label("why")
    wrong = why.startswith(SET_UP, autoescape=True)
    rows = tx.execute(
        select(why, func.count()).where(Outbox.state == OutboxState.CREATED, wrong).group_by(why)
    )
    return {str(outcome).removeprefix(SET_UP): count for outcome, count in rows}


def finish(tx: Session, ctx: Context, openid: str, msgid: str, status: str) -> bool:
    """The platform reports how a template message to this person ended; False when we do not know
    its msgid (yet).

    Whose answer got lost has no msgid: the only one that it can be is taken to be this one.
    `failed:user block` makes the person unreachable; `failed: system failed` sends it once more
    under a new id.
    """
    row = _sent_by(tx, TEMPLATE, msgid)
    if row is None:
        outstanding = _outstanding(tx, ctx, TEMPLATE, openid)
        if len(outstanding) != 1 or _in_hand(outstanding[0]):
            return False
        (row,) = outstanding
        row.msgid = msgid
    if status == "success":
        row.state, row.outcome = OutboxState.SENT, "delivered"
        row.settled_at = row.settled_at or system_clock()
        return True
    row.state, row.outcome = OutboxState.FAILED, status
    if "block" in status:
        channels.mark_unreachable(tx, ctx, TEMPLATE.app, [row.person_id])
    elif "system" in status and not row.natural_key.endswith("/again"):
        write_again(tx, row, "again", TEMPLATE)
    return True


def finish_subscribe(
    tx: Session, ctx: Context, openid: str, template: str, msgid: str, status: str
) -> None:
    """The platform reports how a subscribe message ended.

    A message whose answer got lost has no msgid: it is taken to be this one only when nothing else
    to this person under this template is outstanding. Raises NotYet while one is being sent.
    """
    row = _sent_by(tx, SUBSCRIBE, msgid)
    if row is None:
        outstanding = _outstanding(tx, ctx, SUBSCRIBE, openid, template)
        if any(candidate.state == OutboxState.SENDING for candidate in outstanding):
            raise NotYet
        if len(outstanding) != 1:
            return
        row = outstanding[0]
        row.msgid = msgid
    if status == "success":
        row.state, row.outcome = OutboxState.SENT, "delivered"
    elif row.state != OutboxState.FAILED:
        row.state, row.outcome = OutboxState.FAILED, status
        channels.write_by_next(tx, ctx, row)


def _sent_by(tx: Session, channel: Channel, msgid: str) -> Outbox | None:
    found = select(Outbox).where(Outbox.channel == channel.name, Outbox.msgid == msgid)
    return tx.scalar(found.with_for_update())


def _in_hand(row: Outbox) -> bool:
    """Whether a worker posts it right now, and will know its msgid itself. A repeat has the msgid
    of the first."""
    repeated = row.outcome in (NO_ANSWER, NO_ANSWER_AGAIN)
    return row.state == OutboxState.SENDING and not repeated and row.try_at > system_clock()


def _outstanding(
    tx: Session, ctx: Context, channel: Channel, openid: str, template: str | None = None
) -> Sequence[Outbox]:
    """Messages (under this template) that left, or perhaps left, and whose msgid nobody told us."""
    these = Outbox.template == template if template else Outbox.first_tried_at.is_not(None)
    return tx.scalars(
        select(Outbox)
        .join(Identity, Identity.person_id == Outbox.person_id)
        .where(
            Identity.appid == ctx.appid_of(channel.app),
            Identity.openid == openid,
            Outbox.channel == channel.name,
            these,
            Outbox.msgid.is_(None),
            Outbox.state.in_([OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.SENT]),
        )
        .with_for_update(of=Outbox)
    ).all()
