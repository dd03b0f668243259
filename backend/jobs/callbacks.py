"""The queue of what the platform pushed to us. A job may run twice and may be lost."""

from collections.abc import Callable, Sequence
from uuid import UUID

from backend.jobs.installed import Installed

# Works on these inbox rows, one by one.
Process = Callable[[Sequence[UUID]], None]

work: Installed[Process] = Installed()


def work_on_callbacks(ids: Sequence[UUID]) -> None:
    """Work on these inbox rows."""
    work.parts(ids)
