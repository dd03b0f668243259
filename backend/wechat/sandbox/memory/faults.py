"""Latency, injected faults and counts of calls."""

from collections import Counter
from threading import Lock
from typing import Literal

from pydantic import BaseModel, Field


class Fault(BaseModel):
    """Something that goes wrong with the next `times` calls (None: until cleared).

    `errcode` answers that code and does nothing; `http` answers that HTTP status and does nothing;
    `lost_before` and `lost_after` keep the caller waiting `seconds` and answer 504: the first does
    nothing, the second has done it. `html` answers a page with HTTP 200 and `reset` ends the
    connection, both having done nothing; `drip` sends an answer byte by byte, `seconds` long, and
    has done nothing; `dropped` has done it and ends the connection without a word.
    """

    call: str = Field(description="a path, or * for every call")
    kind: Literal[
        "errcode", "http", "html", "lost_before", "lost_after", "reset", "drip", "dropped"
    ]
    code: int = Field(-1, description="the errcode or the HTTP status")
    seconds: float = Field(6.0, ge=0, le=60)
    times: int | None = Field(1, ge=1)


DONE_ALL_THE_SAME = frozenset({"lost_after", "dropped"})


class Faults:
    """What is switched on, and how often each call came."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self._calls: Counter[str] = Counter()
        self.latency_ms = 0

    def add(self, fault: Fault) -> None:
        """Switch a fault on; earlier ones come first."""
        with self._lock:
            self._faults.append(fault)

    def pending(self) -> list[Fault]:
        """What is still switched on."""
        with self._lock:
            return [fault.model_copy() for fault in self._faults]

    def clear(self) -> None:
        """Switch everything off, latency too."""
        with self._lock:
            self._faults.clear()
            self.latency_ms = 0

    def count(self, call: str) -> Fault | None:
        """Count a call; the fault it meets, if any."""
        with self._lock:
            self._calls[call] += 1
            for fault in self._faults:
                if fault.call in ("*", call):
                    self._use(fault)
                    return fault
            return None

    def calls(self) -> dict[str, int]:
        """How often each path was called."""
        with self._lock:
            return dict(self._calls)

    def forget_calls(self) -> None:
        """Start counting again."""
        with self._lock:
            self._calls.clear()

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)
