"""In which order tests run, and which of them share a process.

pytest-xdist's own `loadgroup` groups nothing with pytest 9.2 (pytest-xdist issue 1386), and it
knows nothing of how long a test takes.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# What takes long to start is started once, by the process that runs all of these.
TOGETHER = (
    "tests/e2e/",
    "tests/local/test_run.py",
    "tests/api/test_proxy.py",
    "tests/api/test_edge.py",
    "tests/api/test_served.py",
)


class Turns(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each process the next test, or all of those that share something."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order of `longest_first` is better

    def _split_scope(self, nodeid: str) -> str:
        return next((path for path in TOGETHER if nodeid.startswith(path)), nodeid)


def longest_first(items: list[Any]) -> None:
    """Whole stacks begin; a process that begins one at the end would keep the others waiting."""

    def turn(item: Any) -> int:
        for place, mark in enumerate(("stack", "deep")):
            if item.get_closest_marker(mark):
                return place
        return 2 if "node" in item.fixturenames else 3

    items.sort(key=turn)
