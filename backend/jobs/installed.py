"""What the jobs of a queue work with: handed over once, when their program starts.

So a module of jobs imports nothing that the work needs, and whoever only enqueues them loads none
of it.
"""

from typing import Generic, TypeVar

P = TypeVar("P")


class Installed(Generic[P]):
    """A place for the parts of this process."""

    def __init__(self) -> None:
        self._parts: list[P] = []

    def install(self, parts: P) -> None:
        """Give the jobs their parts, before the first of them."""
        self._parts[:] = [parts]

    @property
    def parts(self) -> P:
        """The parts of this process."""
        return self._parts[0]
