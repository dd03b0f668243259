"""The queue of messages to send. A job may run twice and may be lost."""

from collections.abc import Callable, Sequence
from uuid import UUID

from backend.jobs.installed import Installed

# Sends those of these outbox rows that are due.
Deliver = Callable[[Sequence[UUID]], None]

work: Installed[Deliver] = Installed()


def send_messages(ids: Sequence[UUID]) -> None:
    """Deliver these outbox rows."""
    work.parts(ids)
