"""openpyxl, loaded when something of it is first used: of the many who could use its four megabytes
few ever do.
"""

from importlib import import_module
from typing import Any


class Late:
    """A package that is not there before something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """What the package has by this name."""
        return getattr(import_module(self._name), name)


openpyxl = Late("openpyxl")
