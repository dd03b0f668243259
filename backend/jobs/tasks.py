"""What workers do, three lines each. Every job may run twice and may be lost."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from redis import Redis
from rq.timeouts import JobTimeoutException

from backend.jobs.queues import QueueName, waiting
from backend.services.base.context import Context, Wake
from backend.services.case import followers, reminders, steps
from backend.services.messages import inbox, leases
from backend.services.messages.delivery import Send, deliver
from backend.services.messages.inbox import Handle
from backend.services.people import idempotency, sessions
from backend.services.printing import print_orders

# A queue with this many jobs waiting is woken already; the sweep need not add to it.
AWAKE = 3
PRINTING_SECONDS = 20  # then the job ends, so that a worker told to stop does so soon


@dataclass(frozen=True)
class Parts:
    """What jobs work with, handed over by the composition root when a worker starts."""

    ctx: Context
    redis: Redis
    send: Send
    handle: Handle
    wake_deliveries: Wake
    wake_callbacks: Wake
    wake_printing: Wake
    public_url: str


_moved_in: list[Parts] = []


def move_in(parts: Parts) -> None:
    """Give this process its parts, once, before the first job."""
    _moved_in[:] = [parts]


def parts() -> Parts:
    """The parts of this process."""
    return _moved_in[0]


def send_messages(ids: list[str]) -> None:
    """Deliver these outbox rows."""
    deliver(parts().ctx, [UUID(row_id) for row_id in ids], parts().send)


def work_on_callbacks(ids: list[str]) -> None:
    """Work on these inbox rows."""
    inbox.process(parts().ctx, [UUID(row_id) for row_id in ids], parts().handle)


def print_posters(ids: list[str]) -> None:
    """Work on these print orders for a while; the next job goes on."""
    stop_at = time.monotonic() + PRINTING_SECONDS
    for order_id in map(UUID, ids):
        more = print_orders.carry_on(
            parts().ctx,
            order_id,
            parts().public_url,
            lambda: time.monotonic() < stop_at,
            ending=(JobTimeoutException,),
        )
        if more:
            parts().wake_printing([order_id])


def sweep_outbox() -> None:
    """Wake the deliveries for whatever is due and forgotten."""
    _sweep(QueueName.DELIVERIES, leases.due_ids, parts().wake_deliveries)


def sweep_inbox() -> None:
    """Wake the callbacks for whatever is due and forgotten."""
    _sweep(QueueName.CALLBACKS, inbox.due_ids, parts().wake_callbacks)


def sweep_printing() -> None:
    """Wake the printing for orders that nobody works on."""
    _sweep(QueueName.PRINTING, print_orders.due_ids, parts().wake_printing)


def sweep_deadlines() -> None:
    """Write the reminders whose moment has come."""
    reminders.sweep(parts().ctx)


def sweep_endings() -> None:
    """Tell followers of notices that are about to end."""
    followers.sweep_endings(parts().ctx)


def sweep_purchases() -> None:
    """Take the steps that only the clock decides."""
    steps.sweep(parts().ctx)


def sweep_remains() -> None:
    """Drop what nobody will ask for again: ended sessions, old answers and old callbacks."""
    sessions.forget_ended(parts().ctx)
    idempotency.forget_old(parts().ctx)
    inbox.forget_old(parts().ctx)


def _sweep(queue_name: QueueName, due_ids: Callable[[Context], Sequence[UUID]], wake: Wake) -> None:
    if waiting(parts().redis, queue_name) < AWAKE:
        wake(due_ids(parts().ctx))
