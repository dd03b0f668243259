"""The program that does what the clock brings."""

from functools import partial

from backend.jobs import sweeps
from backend.jobs.queues import connect
from backend.jobs.sweeps import Forgotten, Sweeps
from backend.services.case import followers, reminders, steps
from backend.services.messages import inbox, leases
from backend.services.people import idempotency, sessions
from backend.services.printing import print_orders
from backend.wiring import House, wake_callbacks, wake_deliveries, wake_printing


def install(house: House) -> None:
    """Give the jobs of the queue what they work with; their messages wake the deliveries."""
    ctx = house.ctx
    sweeps.work.install(
        Sweeps(
            redis=connect(house.settings.redis_url),
            outbox=Forgotten(partial(leases.due_ids, ctx), wake_deliveries(house)),
            inbox=Forgotten(partial(inbox.due_ids, ctx), wake_callbacks(house)),
            printing=Forgotten(partial(print_orders.due_ids, ctx), wake_printing(house)),
            deadlines=partial(reminders.sweep, ctx),
            endings=partial(followers.sweep_endings, ctx),
            purchases=partial(steps.sweep, ctx),
            remains=(
                partial(sessions.forget_ended, ctx),
                partial(idempotency.forget_old, ctx),
                partial(inbox.forget_old, ctx),
            ),
        )
    )
