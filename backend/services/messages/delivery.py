"""One batch of messages: take, send side by side, settle. No session is open during a send."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import chain
from uuid import UUID

from backend.clock import system_clock
from backend.domain.channels import CHANNELS
from backend.services.base.context import Context
from backend.services.messages import delivery_results, leases
from backend.services.messages.delivery_results import INTERNAL_ERROR, Outcome
from backend.services.messages.leases import LEASE, Letter

logger = logging.getLogger(__name__)

THREADS = 64
TAKEN_AT_ONCE = 500
BUSY_SECONDS = 60  # then the job ends, and the next one goes on

# Sends one letter and says how that ended.
Send = Callable[[Letter], Outcome]
Result = tuple[Letter, Outcome]


def deliver(ctx: Context, ids: Sequence[UUID], send: Send, threads: int = THREADS) -> None:
    """Send those of `ids` that are due. Harmless when repeated or run twice at the same time.

    When they keep the threads busy, it goes on with whatever else is due: the next messages are
    taken while these are still being sent, so that no thread waits for the database.
    """
    stop_at = time.monotonic() + BUSY_SECONDS
    letters = leases.take(ctx, ids)
    with ThreadPoolExecutor(threads) as pool:
        sending = _start(pool, letters, send)
        while letters:
            go_on = len(letters) >= threads and time.monotonic() < stop_at
            letters = leases.take_due(ctx, TAKEN_AT_ONCE) if go_on else []
            following = _start(pool, letters, send)
            delivery_results.settle(ctx, list(sending))
            sending = following


def _start(pool: Executor, letters: Sequence[Letter], send: Send) -> Iterator[Result]:
    """Begin to send; the results come in order, as they are there."""
    return chain.from_iterable(pool.map(lambda turn: _send_turn(turn, send), _turns(letters)))


def _turns(letters: Sequence[Letter]) -> list[list[Letter]]:
    """What may go out side by side: where a channel keeps order, one person's messages do not."""
    turns: dict[UUID, list[Letter]] = {}
    for letter in letters:
        in_order = CHANNELS[letter.channel].keeps_order
        key = letter.person_id if in_order else letter.id
        turns.setdefault(key, []).append(letter)
    return list(turns.values())


def _send_turn(letters: Sequence[Letter], send: Send) -> list[Result]:
    return [(letter, send_in_time(letter, send)) for letter in letters]


def send_in_time(letter: Letter, send: Send) -> Outcome:
    """Send one letter, unless it cannot be or its lease is half over; never raises."""
    if letter.undeliverable:
        return Outcome("failed", letter.undeliverable)
    now = system_clock()
    if now > letter.claimed_at + LEASE / 2:
        # The lease would end during the call, and somebody else would send it too.
        return Outcome("later", "not_tried", not_before=now)
    try:
        return send(letter)
    except Exception:  # one message that cannot be sent must not hold up the others
        logger.exception("message %s cannot be sent", letter.id)
        return Outcome("failed", INTERNAL_ERROR)
