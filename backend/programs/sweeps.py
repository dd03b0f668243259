"""The program that does what the clock brings."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from backend.config import Settings
from backend.jobs import sweeps
from backend.jobs.queues import connect
from backend.jobs.sweeps import Forgotten, Sweeps
from backend.runtime import Runtime, wake_callbacks, wake_deliveries, wake_printing
from backend.services.base import checkpoints
from backend.services.base.context import Context
from backend.services.case import (
    accounts_published,
    followers,
    handover,
    reminders,
    renewals,
    shortages,
    steps,
    unanswered,
)
from backend.services.case.checkpoint_news import tell_auditors
from backend.services.files import unused
from backend.services.messages import inbox, leases
from backend.services.ordered import kept as ordered_files
from backend.services.people import (
    desk_accounts,
    desk_drafts,
    desk_sessions,
    idempotency,
    invitations,
    retention,
    sessions,
)
from backend.services.printing import print_orders
from backend.services.workbooks import old_imports, waiting
from backend.store.signer import Signer
from backend.wiring import build


def start(settings: Settings) -> None:
    """Make this process the one that sweeps."""
    install(build(settings))


def install(runtime: Runtime) -> None:
    """Give the sweeps what they work with; their messages wake the deliveries."""
    ctx = runtime.ctx
    signer = Signer(runtime.settings.signing_key())
    sweeps.work.install(
        Sweeps(
            redis=connect(runtime.settings.redis_url),
            outbox=Forgotten(partial(leases.due_ids, ctx), wake_deliveries(runtime)),
            inbox=Forgotten(partial(inbox.due_ids, ctx), wake_callbacks(runtime)),
            printing=Forgotten(partial(_ordered, ctx), wake_printing(runtime)),
            deadlines=partial(reminders.sweep, ctx),
            endings=partial(followers.sweep_endings, ctx),
            purchases=partial(steps.sweep, ctx),
            newcomers=partial(handover.invite_who_came, ctx),
            shortages=partial(shortages.tell_of_money, ctx),
            handovers=partial(handover.sweep, ctx),
            renewals=partial(renewals.sweep, ctx),
            unanswered=partial(unanswered.sweep, ctx),
            checkpoints=partial(checkpoints.sign_day, ctx, signer, tell_auditors),
            public_accounts=partial(accounts_published.publish, ctx),
            remains=(
                partial(sessions.forget_ended, ctx),
                partial(desk_sessions.forget_answers, ctx),
                partial(desk_drafts.forget_old, ctx),
                partial(desk_accounts.forget_tries, ctx),
                partial(invitations.forget_over, ctx),
                partial(old_imports.forget_old, ctx),
                partial(ordered_files.forget_old, ctx),
                partial(idempotency.forget_old, ctx),
                partial(inbox.forget_old, ctx),
                partial(unused.forget_unused, ctx),
                partial(retention.end_what_is_over, ctx),
            ),
        )
    )


def _ordered(ctx: Context) -> Sequence[UUID]:
    """What waits for the printing worker: posters, bound cases, long lists, large workbooks."""
    return [*print_orders.due_ids(ctx), *ordered_files.due_ids(ctx), *waiting.due_ids(ctx)]
