"""The periodic work, in one table. Each is harmless when it runs twice or not at all."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.jobs import sweeps
from backend.jobs.shift import Shift


@dataclass(frozen=True)
class Periodic:
    """A sweep every so many seconds of real time."""

    sweep: Callable[[], None]
    seconds: int


# Seconds, so that a settable clock moves cases on at once; an idle sweep costs a millisecond.
PERIODIC = (
    Periodic(sweeps.sweep_outbox, 3),
    Periodic(sweeps.sweep_inbox, 3),
    Periodic(sweeps.sweep_printing, 3),
    Periodic(sweeps.sweep_deadlines, 5),
    Periodic(sweeps.sweep_purchases, 5),
    Periodic(sweeps.sweep_endings, 5),
    Periodic(sweeps.sweep_newcomers, 60),
    Periodic(sweeps.sweep_shortages, 60),
    Periodic(sweeps.sweep_handovers, 60),
    Periodic(sweeps.sweep_renewals, 60),
    Periodic(sweeps.sweep_unanswered, 60),
    Periodic(sweeps.sweep_checkpoints, 60),
    Periodic(sweeps.sweep_public_accounts, 60),
    Periodic(sweeps.sweep_remains, 3600),
)


# What is done in a shift for so many seconds, until the next sweep is due.
Meanwhile = Callable[[Shift, float], None]


def _sleep(_shift: Shift, seconds: float) -> None:
    time.sleep(seconds)


def run_cron(meanwhile: Meanwhile = _sleep) -> None:
    """Sweep, until told to stop by SystemExit. Of itself it asks Redis for
    nothing: it wakes by it."""
    shift = Shift()
    next_at = dict.fromkeys(PERIODIC, time.monotonic())
    while True:
        periodic = min(next_at, key=lambda one: next_at[one])
        meanwhile(shift, max(0.0, next_at[periodic] - time.monotonic()))
        next_at[periodic] = time.monotonic() + periodic.seconds
        shift.do(periodic.sweep.__name__, periodic.sweep)
