"""How sends ended: written down, tried again, given up, or recorded by the platform's report."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from backend.clock import system_clock
from backend.services.base.context import Context
from backend.services.messages import channels
from backend.services.messages.inbox import NotYet
from backend.services.messages.outbox import REPEAT_SAFE, Delivery, write_again
from backend.store.messages import Outbox
from backend.store.people import Identity

MAX_TRIES = 8
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900


@dataclass(frozen=True)
class Outcome:
    """How a send ended.

    `sent`: accepted · `failed`: never will be · `later`: surely not sent, worth another try ·
    `unknown`: perhaps sent. `reason` is a short code for the row. `unreachable` marks the person's
    identity. `not_before` (real time) postpones without counting the try; `tries` is how often a
    `later` may happen.
    """

    kind: Literal["sent", "failed", "later", "unknown"]
    reason: str
    msgid: str | None = None
    unreachable: bool = False
    not_before: datetime | None = None
    tries: int = MAX_TRIES


RECORD = text("""
    UPDATE outbox SET state = s.state, attempts = s.attempts, try_at = s.try_at,
        first_tried_at = s.first_tried_at, msgid = s.msgid, outcome = s.outcome,
        settled_at = s.settled_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS s (
        id uuid, lease bigint, state text, attempts bigint, try_at timestamptz,
        first_tried_at timestamptz, msgid text, outcome text, settled_at timestamptz)
    WHERE outbox.id = s.id AND outbox.attempts = s.lease AND outbox.state IN ('sending', 'unknown')
    RETURNING outbox.id, outbox.channel, outbox.state
""")


def record_outcomes(ctx: Context, results: Iterable[tuple[Delivery, Outcome]]) -> None:
    """Write down how sends ended, all of them in one statement.

    A row that somebody else has leased since then is left to them. A subscribe message that was
    surely not sent goes the other way, and its consent is free again.
    """
    results = list(results)
    if not results:
        return
    now = system_clock()
    rows = [_result_row(delivery, outcome, now) for delivery, outcome in results]
    gone = [delivery.person_id for delivery, outcome in results if outcome.unreachable]
    with ctx.sessions() as tx:
        recorded = tx.execute(RECORD, {"rows": json.dumps(rows, default=str)})
        failed = [
            row.id for row in recorded if row.channel == "subscribe" and row.state == "failed"
        ]
        for row_id in failed:
            channels.not_sent(tx, ctx, tx.get_one(Outbox, row_id))
        if gone:
            tx.execute(
                update(Identity)
                .where(Identity.person_id.in_(gone), Identity.appid == ctx.platform.service_appid)
                .values(reachable=False)
            )
        tx.commit()


def _result_row(delivery: Delivery, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The row's new values."""
    row = {
        "id": delivery.id,
        "lease": delivery.attempts,
        "state": outcome.kind,
        "attempts": delivery.attempts,
        "try_at": now,
        "first_tried_at": delivery.first_tried_at,
        "msgid": outcome.msgid,
        "outcome": outcome.reason,
        "settled_at": now,
    }
    if outcome.kind in ("sent", "failed"):
        return row
    try_again_at = now + pause(delivery.attempts)
    again: dict[str, Any] = {"settled_at": None, "try_at": try_again_at}
    repeated = delivery.first_tried_at < delivery.leased_at
    if outcome.kind == "unknown" or repeated:
        # An earlier try may have got through, so this one's clear answer does not settle the row.
        safe = try_again_at < delivery.first_tried_at + REPEAT_SAFE
        if delivery.channel == "template" and safe:
            return row | again | {"state": "sending"}
        return row | {"state": "unknown"}
    again |= {"state": "created", "first_tried_at": None}
    if outcome.not_before is not None:
        return row | again | {"try_at": outcome.not_before, "attempts": delivery.attempts - 1}
    return row | (again if delivery.attempts < outcome.tries else {"state": "failed"})


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: 5 s, 15 s, 45 s … 15 min, give or take a quarter."""
    seconds = min(FIRST_PAUSE_SECONDS * 3 ** (tries - 1), LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load


def finish(tx: Session, service_appid: str, msgid: str, status: str) -> bool:
    """The platform reports how a template message ended; False when we do not know its msgid (yet).

    `failed:user block` makes the person unreachable; `failed: system failed` sends it once more
    under a new id.
    """
    row = tx.scalar(
        select(Outbox).where(Outbox.channel == "template", Outbox.msgid == msgid).with_for_update()
    )
    if row is None:
        return False
    if status == "success":
        row.outcome = "delivered"
        return True
    row.state, row.outcome = "failed", status
    if "block" in status:
        tx.execute(
            update(Identity)
            .where(Identity.person_id == row.person_id, Identity.appid == service_appid)
            .values(reachable=False)
        )
    elif "system" in status and not row.natural_key.endswith("/again"):
        write_again(tx, row, "again")
    return True


def finish_subscribe(
    tx: Session, ctx: Context, openid: str, template: str, msgid: str, status: str
) -> None:
    """The platform reports how a subscribe message ended.

    A message whose answer got lost has no msgid: it is taken to be this one only when nothing else
    to this person under this template is outstanding. Raises NotYet while one is being sent.
    """
    row = tx.scalar(
        select(Outbox).where(Outbox.channel == "subscribe", Outbox.msgid == msgid).with_for_update()
    )
    if row is None:
        outstanding = _outstanding(tx, ctx, openid, template)
        if any(candidate.state == "sending" for candidate in outstanding):
            raise NotYet
        if len(outstanding) != 1:
            return
        row = outstanding[0]
        row.msgid = msgid
    if status == "success":
        row.state, row.outcome = "sent", "delivered"
    elif row.state != "failed":
        row.state, row.outcome = "failed", status
        channels.next_channel(tx, ctx, row)


def _outstanding(tx: Session, ctx: Context, openid: str, template: str) -> Sequence[Outbox]:
    """Messages under this template that left, or perhaps left, and whose msgid nobody told us."""
    return tx.scalars(
        select(Outbox)
        .join(Identity, Identity.person_id == Outbox.person_id)
        .where(
            Identity.appid == ctx.platform.mini_appid,
            Identity.openid == openid,
            Outbox.channel == "subscribe",
            Outbox.template == template,
            Outbox.msgid.is_(None),
            Outbox.state.in_(["sending", "unknown", "sent"]),
        )
        .with_for_update(of=Outbox)
    ).all()
