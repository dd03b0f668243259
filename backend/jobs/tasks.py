"""What workers do, three lines each. Every job may run twice and may be lost."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from redis import Redis

from backend.jobs.queues import waiting
from backend.services import deadline_sweep, idempotency, inbox, outbox, purchases, sessions
from backend.services.context import Context, Wake
from backend.services.delivery import Send, deliver
from backend.services.inbox import Handle

# A queue with this many jobs waiting is woken already; the sweep need not add to it.
AWAKE = 3


@dataclass(frozen=True)
class Parts:
    """What jobs work with, handed over by the composition root when a worker starts."""

    ctx: Context
    redis: Redis
    send: Send
    handle: Handle
    wake_deliveries: Wake
    wake_callbacks: Wake


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


def sweep_outbox() -> None:
    """Wake the deliveries for whatever is due and forgotten."""
    _sweep("deliveries", outbox.due_ids, parts().wake_deliveries)


def sweep_inbox() -> None:
    """Wake the callbacks for whatever is due and forgotten."""
    _sweep("callbacks", inbox.due_ids, parts().wake_callbacks)


def sweep_deadlines() -> None:
    """Write the reminders whose moment has come."""
    deadline_sweep.sweep(parts().ctx)


def sweep_purchases() -> None:
    """Take the steps that only the clock decides."""
    purchases.sweep(parts().ctx)


def sweep_remains() -> None:
    """Drop what nobody will ask for again: ended sessions and old answers."""
    sessions.forget_ended(parts().ctx)
    idempotency.forget_old(parts().ctx)


def _sweep(queue_name: str, due_ids: Callable[[Context], list[UUID]], wake: Wake) -> None:
    if waiting(parts().redis, queue_name) < AWAKE:
        wake(due_ids(parts().ctx))
