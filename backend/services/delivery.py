"""One batch of messages: claim, send side by side, settle. No session is open during a send."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from uuid import UUID

from backend.clock import system_clock
from backend.services import outbox
from backend.services.context import Context
from backend.services.outbox import LEASE, Letter, Outcome

logger = logging.getLogger(__name__)

THREADS = 64
SETTLED_AT_ONCE = 100

# Sends one letter and says how that ended.
Send = Callable[[Letter], Outcome]


def deliver(ctx: Context, ids: Sequence[UUID], send: Send, threads: int = THREADS) -> None:
    """Send those of `ids` that are due. Harmless when repeated or run twice at the same time."""
    letters = outbox.claim(ctx, ids)
    if not letters:
        return
    with ThreadPoolExecutor(min(threads, len(letters))) as pool:
        sent = chain.from_iterable(pool.map(lambda turn: _send_turn(turn, send), _turns(letters)))
        # The first ones are settled while the others are still being sent.
        while results := list(islice(sent, SETTLED_AT_ONCE)):
            outbox.settle(ctx, results)


def _turns(letters: Sequence[Letter]) -> list[list[Letter]]:
    """What may go out side by side: a person's chat messages stay in their order."""
    turns: dict[UUID, list[Letter]] = {}
    for letter in letters:
        key = letter.person_id if letter.channel == "chat" else letter.id
        turns.setdefault(key, []).append(letter)
    return list(turns.values())


def _send_turn(letters: Sequence[Letter], send: Send) -> list[tuple[Letter, Outcome]]:
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
        return Outcome("failed", "internal_error")
