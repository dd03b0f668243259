"""The program that prints posters, binds cases and writes long lists."""

from collections.abc import Callable
from uuid import UUID

from backend.config import Settings
from backend.jobs import printing
from backend.jobs.printing import TIME_IS_UP, Printing
from backend.runtime import Runtime, join, wake_printing
from backend.services.ordered import making
from backend.services.printing import print_run


def start(settings: Settings) -> None:
    """Make this process the one that works on the queue."""
    install(join(settings, kinds={}))


def install(runtime: Runtime) -> None:
    """Give the jobs of the queue what they work with."""

    def carry_on(order_id: UUID, go_on: Callable[[], bool]) -> bool:
        public_url = runtime.settings.public_url
        if making.make(runtime.ctx, order_id, ending=TIME_IS_UP):
            return False
        return print_run.carry_on(runtime.ctx, order_id, public_url, go_on, ending=TIME_IS_UP)

    printing.work.install(Printing(carry_on, wake_printing(runtime)))
