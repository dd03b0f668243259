"""One batch of messages: lease, send side by side, record. No session is open during a send."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import chain
from uuid import UUID

from backend.clock import system_clock
from backend.domain.channels import CHANNELS
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.messages import delivery_results, leases
from backend.services.messages.delivery_results import INTERNAL_ERROR, Outcome
from backend.services.messages.leases import LEASE, Delivery

logger = logger_of(__name__)

THREADS = 64
TAKEN_AT_ONCE = 500
BUSY_SECONDS = 60  # then the job ends, and the next one goes on

# Sends one delivery and says how that ended.
Send = Callable[[Delivery], Outcome]
Result = tuple[Delivery, Outcome]


def deliver(ctx: Context, ids: Sequence[UUID], send: Send, threads: int = THREADS) -> None:
    """Send those of `ids` that are due. Harmless when repeated or run twice at the same time.

    When they keep the threads busy, it goes on with whatever else is due: the next messages are
    taken while these are still being sent, so that no thread waits for the database.
    """
    stop_at = time.monotonic() + BUSY_SECONDS
    deliveries = leases.take(ctx, ids)
    with ThreadPoolExecutor(threads) as pool:
        sending = _start(pool, threads, deliveries, send)
        while deliveries:
            go_on = len(deliveries) >= threads and time.monotonic() < stop_at
            deliveries = leases.take_due(ctx, TAKEN_AT_ONCE) if go_on else []
            following = _start(pool, threads, deliveries, send)
            results = chain.from_iterable(part.result() for part in sending)
            delivery_results.record_outcomes(ctx, results)
            sending = following


def _start(
    pool: Executor, threads: int, deliveries: Sequence[Delivery], send: Send
) -> list[Future[list[Result]]]:
    """Begin to send. Each thread goes on with the next turn until none is left, since a future for
    each message costs as much as a tenth of sending it."""
    turns = _turns(deliveries)
    left = iter(turns)
    return [pool.submit(_send_turns, left, send) for _ in range(min(threads, len(turns)))]


def _turns(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """What may go out side by side: where a channel keeps order, one person's messages do not."""
    turns: dict[UUID, list[Delivery]] = {}
    for delivery in deliveries:
        in_order = CHANNELS[delivery.channel].keeps_order
        key = delivery.person_id if in_order else delivery.id
        turns.setdefault(key, []).append(delivery)
    return list(turns.values())


def _send_turns(left: Iterator[Sequence[Delivery]], send: Send) -> list[Result]:
    """What this thread sent of the turns that are `left` for all threads of the batch."""
    return [(delivery, send_in_time(delivery, send)) for turn in left for delivery in turn]


def send_in_time(delivery: Delivery, send: Send) -> Outcome:
    """Send one delivery, unless it cannot be or its lease is half over; never raises."""
    if delivery.undeliverable:
        return Outcome("failed", delivery.undeliverable)
    now = system_clock()
    if now > delivery.leased_at + LEASE / 2:
        # The lease would end during the call, and somebody else would send it too.
        return Outcome("later", "not_tried", not_before=now)
    try:
        return send(delivery)
    except Exception:  # one message that cannot be sent must not hold up the others
        logger.exception("message %s cannot be sent", delivery.id)
        return Outcome("failed", INTERNAL_ERROR)
