"""The machine's clock of the whole house, where a test lets hours pass in no time."""

import sys
from datetime import datetime

import pytest

from backend import clock
from tests.build.clock import ManualClock


def machine_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> ManualClock:
    """Stands still at `moment` for every module of the house that was loaded, until it is moved."""
    manual, real = ManualClock(moment), clock.system_clock
    for name, module in list(sys.modules.items()):
        if name.startswith("backend.") and getattr(module, "system_clock", None) is real:
            monkeypatch.setattr(module, "system_clock", manual)
    return manual
