"""How somebody is told that rows wait for them."""

from collections.abc import Callable, Sequence
from uuid import UUID

# Hands over the ids of rows; never raises, since the rows are there and will be found.
Wake = Callable[[Sequence[UUID]], None]
