"""The program of one machine: every queue, and what the clock brings."""

from backend.config import Settings
from backend.programs import callbacks, deliveries, printing, sweeps
from backend.wiring import build


def start(settings: Settings) -> None:
    """Make this process the one that works on all queues and sweeps; what its jobs write wakes it,
    as it does where each has a process."""
    runtime = build(settings)
    for program in (deliveries, callbacks, printing, sweeps):
        program.install(runtime)
