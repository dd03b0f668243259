"""What the clock brings: see `cron`. A sweep may run twice at once, or not at all for a while."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from redis import Redis, RedisError

from backend.jobs.installed import Installed
from backend.jobs.names import QueueName
from backend.jobs.queues import waiting
from backend.seldom import logger_of
from backend.services.base.wake import Wake

logger = logger_of(__name__)

# A queue with this many entries waiting is woken already; the sweep need not add to it.
AWAKE = 3

DueIds = Callable[[], Sequence[UUID]]


@dataclass(frozen=True)
class Forgotten:
    """Rows of a queue for which nobody may have been woken: how to find them and whom to wake."""

    due_ids: DueIds
    wake: Wake


@dataclass(frozen=True)
class Sweeps:
    """What is looked for and done in each sweep."""

    redis: Redis
    outbox: Forgotten
    inbox: Forgotten
    printing: Forgotten
    deadlines: Callable[[], object]
    endings: Callable[[], object]
    purchases: Callable[[], object]
    newcomers: Callable[[], object]
    shortages: Callable[[], object]
    handovers: Callable[[], object]
    renewals: Callable[[], object]
    unanswered: Callable[[], object]
    checkpoints: Callable[[], object]
    public_accounts: Callable[[], object]
    remains: Sequence[Callable[[], object]]


work: Installed[Sweeps] = Installed()


def sweep_outbox() -> None:
    """Wake the deliveries for whatever is due and forgotten."""
    _wake_for(QueueName.DELIVERIES, work.parts.outbox)


def sweep_inbox() -> None:
    """Wake the callbacks for whatever is due and forgotten."""
    _wake_for(QueueName.CALLBACKS, work.parts.inbox)


def sweep_printing() -> None:
    """Wake the printing for orders that nobody works on."""
    _wake_for(QueueName.PRINTING, work.parts.printing)


def sweep_deadlines() -> None:
    """Write the reminders whose moment has come."""
    work.parts.deadlines()


def sweep_endings() -> None:
    """Tell followers of notices that are about to end."""
    work.parts.endings()


def sweep_purchases() -> None:
    """Take the steps that only the clock decides."""
    work.parts.purchases()


def sweep_newcomers() -> None:
    """Invite the members of a committee who came after a plan was put to it."""
    work.parts.newcomers()


def sweep_shortages() -> None:
    """Tell of money that came in for cases that were short of it."""
    work.parts.shortages()


def sweep_handovers() -> None:
    """Tell who is left what waits for them, and the administrators what waits for nobody."""
    work.parts.handovers()


def sweep_renewals() -> None:
    """Tell those who applied until when the next application begins."""
    work.parts.renewals()


def sweep_unanswered() -> None:
    """Remind those whose second word is waited for."""
    work.parts.unanswered()


def sweep_checkpoints() -> None:
    """Sign where the audit chain stands, once a day."""
    work.parts.checkpoints()


def sweep_public_accounts() -> None:
    """Say each quarter that the public accounts can be read."""
    work.parts.public_accounts()


def sweep_remains() -> None:
    """Drop what nobody will ask for again."""
    for forget in work.parts.remains:
        forget()


def _wake_for(queue: QueueName, forgotten: Forgotten) -> None:
    try:
        awake = waiting(work.parts.redis, queue) >= AWAKE
    except RedisError as error:
        logger.warning("nobody can be woken for %s: %s", queue, error)
    else:
        if not awake:
            forgotten.wake(forgotten.due_ids())
