"""The program that prints posters, binds cases, writes long lists, and checks and writes large
workbooks."""

from collections.abc import Callable
from importlib import import_module
from uuid import UUID

from backend.config import Settings
from backend.jobs import printing
from backend.jobs.printing import TIME_IS_UP, Printing
from backend.runtime import Runtime, join, wake_printing
from backend.services.ordered import kept as ordered_files
from backend.services.printing import print_run
from backend.services.workbooks import waiting

# What reads and writes workbooks takes memory: it is loaded for the first that waits.
ORDERED = "backend.services.ordered.making"
WORKBOOKS = "backend.services.workbooks.import_work"


def start(settings: Settings) -> None:
    """Make this process the one that works on the queue."""
    install(join(settings, kinds={}))


def install(runtime: Runtime) -> None:
    """Give the jobs of the queue what they work with."""

    def carry_on(order_id: UUID, go_on: Callable[[], bool]) -> bool:
        public_url = runtime.settings.public_url
        if waiting.is_due(runtime.ctx, order_id):
            import_module(WORKBOOKS).carry_on(runtime.ctx, order_id, ending=TIME_IS_UP)
            return False
        if ordered_files.is_due(runtime.ctx, order_id):
            import_module(ORDERED).make(runtime.ctx, order_id, ending=TIME_IS_UP)
            return False
        return print_run.carry_on(runtime.ctx, order_id, public_url, go_on, ending=TIME_IS_UP)

    printing.work.install(Printing(carry_on, wake_printing(runtime)))
