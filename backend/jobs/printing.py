"""The queue of print orders. A job may run twice and may be lost."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from rq.timeouts import JobTimeoutException

from backend.jobs.installed import Installed
from backend.services.base.wake import Wake

PRINTING_SECONDS = 20  # then the job ends, so that a worker told to stop does so soon
TIME_IS_UP = (JobTimeoutException,)


@dataclass(frozen=True)
class Printing:
    """Goes on with an order for as long as it may, and says whether something is left of it."""

    carry_on: Callable[[UUID, Callable[[], bool]], bool]
    wake: Wake


work: Installed[Printing] = Installed()


def print_posters(ids: Sequence[UUID]) -> None:
    """Work on these print orders for a while; the next job goes on."""
    stop_at = time.monotonic() + PRINTING_SECONDS
    for order_id in ids:
        if work.parts.carry_on(order_id, lambda: time.monotonic() < stop_at):
            work.parts.wake([order_id])
