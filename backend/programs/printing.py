"""The program that prints posters."""

from collections.abc import Callable
from uuid import UUID

from backend.jobs import printing
from backend.jobs.printing import TIME_IS_UP, Printing
from backend.services.printing import print_run
from backend.wiring import House, wake_printing


def install(house: House) -> None:
    """Give the jobs of the queue what they work with."""

    def carry_on(order_id: UUID, go_on: Callable[[], bool]) -> bool:
        public_url = house.settings.public_url
        return print_run.carry_on(house.ctx, order_id, public_url, go_on, ending=TIME_IS_UP)

    printing.work.install(Printing(carry_on, wake_printing(house)))
