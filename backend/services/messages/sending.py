"""One batch of messages: lease, send side by side, record. No session is open during a send."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.clock import system_clock
from backend.domain.channels import CHANNELS
from backend.seldom import logger_of
from backend.services.base.context import Context
from backend.services.messages import channel_states, delivery_results, leases
from backend.services.messages.delivery_results import INTERNAL_ERROR, Outcome
from backend.services.messages.leases import LEASE, Delivery
from backend.services.messages.pieces import Pieces

logger = logger_of(__name__)

THREADS = 64
# No more than is posted within half a lease, were each answer to take two seconds.
TAKEN_AT_ONCE = 6 * THREADS
BUSY_SECONDS = 60  # then the job ends, and the next one goes on
SETTLE_AGAIN = (0.2, 0.5, 1, 2, 4)  # seconds before each further try to write down how sends ended
NOT_TRIED = "not_tried"

# Sends one delivery and says how that ended.
Send = Callable[[Delivery], Outcome]
Result = tuple[Delivery, Outcome]
Turn = Sequence[Delivery]  # one after the other


def deliver(ctx: Context, ids: Sequence[UUID], send: Send, threads: int = THREADS) -> None:
    """Send those of `ids` that are due. Harmless when repeated or run twice at the same time.

    When they keep the threads busy, it goes on with whatever else is due: the next messages are
    taken while these are still being sent, so that no thread waits for the database.
    """
    stop_at = time.monotonic() + BUSY_SECONDS
    one = Sending(ctx, send)
    deliveries = leases.take(ctx, ids, TAKEN_AT_ONCE)
    with ThreadPoolExecutor(threads) as pool:
        sending = _start(pool, threads, deliveries, one)
        while deliveries:
            go_on = len(deliveries) >= threads and time.monotonic() < stop_at
            deliveries = leases.take_due(ctx, TAKEN_AT_ONCE) if go_on else []
            following = _start(pool, threads, deliveries, one)
            results = list(chain.from_iterable(part.result() for part in sending))
            _settle(ctx, results)
            sending = following


@dataclass
class Sending:
    """What the threads of a batch share: how to send, and which channels closed meanwhile."""

    ctx: Context
    send: Send
    closed: dict[str, tuple[datetime, Outcome]] = field(default_factory=dict)

    def __call__(self, delivery: Delivery) -> Outcome:
        """Send one, unless its channel closed since it was taken; what that says of the channel is
        known to all from now on. What was taken afterwards was taken because it is open again."""
        closed_at, shut = self.closed.get(delivery.channel, (None, None))
        if shut and closed_at and delivery.leased_at <= closed_at and not delivery.probing:
            return shut
        outcome = send_in_time(delivery, self.send)
        try:
            self._tell(delivery, outcome)
        except (DBAPIError, PoolTimeout):
            logger.exception("whether %s is closed is not written down", delivery.channel)
        return outcome

    def begin(self, piece: Sequence[Turn]) -> Sequence[Turn]:
        """Those of these turns that may be posted now: of what nobody may repeat, only what was
        said to be begun before. What cannot be marked is left alone until its lease ends."""
        marked = [delivery for turn in piece for delivery in turn if _is_marked(delivery)]
        try:
            begun = leases.begin(self.ctx, marked) if marked else frozenset()
        except (DBAPIError, PoolTimeout):
            logger.exception("messages are not begun")
            begun = frozenset()
        ours = ([one for one in turn if not _is_marked(one) or one.id in begun] for turn in piece)
        return [turn for turn in ours if turn]

    def _tell(self, delivery: Delivery, outcome: Outcome) -> None:
        if outcome.closes is not None:
            reason = outcome.reason if outcome.kind == "later" else outcome.closes.reason
            shut = Outcome("later", reason, closes=outcome.closes, waited=True)
            self.closed[delivery.channel] = system_clock(), shut
            tried = delivery.probing
            channel_states.close(self.ctx, delivery.channel, outcome.closes, tried=tried)
        elif delivery.probing and _is_the_platforms_word(delivery, outcome):
            self.closed.pop(delivery.channel, None)
            channel_states.open_again(self.ctx, delivery.channel)


def _is_marked(delivery: Delivery) -> bool:
    """Whether somebody has to say that it begins; of the others the claim says so."""
    return not delivery.undeliverable and not CHANNELS[delivery.channel].repeat_safe


def _is_the_platforms_word(delivery: Delivery, outcome: Outcome) -> bool:
    ours = (INTERNAL_ERROR, NOT_TRIED, delivery.undeliverable)
    return outcome.reason not in ours


def _start(
    pool: Executor, threads: int, deliveries: Sequence[Delivery], one: Sending
) -> list[Future[list[Result]]]:
    """Begin to send. Each thread goes on with the next turn until none is left, since a future for
    each message costs as much as a tenth of sending it."""
    turns = _turns(deliveries)
    some_marked = any(map(_is_marked, deliveries))
    left = Pieces(turns, one.begin, threads) if some_marked else iter(turns)
    return [pool.submit(_send_turns, left, one) for _ in range(min(threads, len(turns)))]


def _turns(deliveries: Sequence[Delivery]) -> list[Turn]:
    """What may go out side by side: where a channel keeps order, one person's messages do not."""
    turns: dict[UUID, list[Delivery]] = {}
    for delivery in deliveries:
        in_order = CHANNELS[delivery.channel].keeps_order
        key = delivery.person_id if in_order else delivery.id
        turns.setdefault(key, []).append(delivery)
    return list(turns.values())


def _send_turns(left: Iterable[Turn], send: Send) -> list[Result]:
    """What this thread sent of the turns that are `left` for all threads of the batch."""
    return [(delivery, send(delivery)) for turn in left for delivery in turn]


def send_in_time(delivery: Delivery, send: Send) -> Outcome:
    """Send one delivery, unless it cannot be or its lease is half over; never raises."""
    if delivery.undeliverable:
        return Outcome("failed", delivery.undeliverable)
    now = system_clock()
    if now > delivery.leased_at + LEASE / 2:
        # The lease would end during the call, and somebody else would send it too.
        return Outcome("later", NOT_TRIED, not_before=now)
    try:
        return send(delivery)
    except Exception:  # one message that cannot be sent must not hold up the others
        logger.exception("message %s cannot be sent", delivery.id)
        return Outcome("failed", INTERNAL_ERROR)


def _settle(ctx: Context, results: Sequence[Result]) -> None:
    """Write down how sends ended, again while the database does not take it: what is written twice
    changes nothing."""
    for seconds in SETTLE_AGAIN:
        try:
            return delivery_results.record_outcomes(ctx, results)
        except (DBAPIError, PoolTimeout) as error:
            logger.warning("not settled yet: %s", type(error).__name__)
            time.sleep(seconds)
    return delivery_results.record_outcomes(ctx, results)
