"""Access tokens and one-use codes as the platform hands them out.

Tokens live in real time, since programs count their seconds; codes live in sandbox time.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from backend.clock import Clock

TOKEN_SECONDS = 7200
RENEWAL_SECONDS = 300
FORCED_PER_DAY = 20
FORCED_GAP_SECONDS = 30
CODE_LIFE = timedelta(minutes=5)
DAY_SECONDS = 86_400

Value = TypeVar("Value")


class QuotaUsedUp(Exception):
    """Too many forced refreshes today."""


@dataclass(frozen=True)
class PhoneShown:
    """What a phone code stands for: the number, and the app that the person showed it to."""

    phone: str
    appid: str


@dataclass
class _Code(Generic[Value]):
    value: Value
    made_at: datetime
    used: bool = False


class Tokens:
    """The stable tokens of the apps."""

    def __init__(self, machine_time: Callable[[], float] = time.time) -> None:
        self._now = machine_time
        self._lock = Lock()
        self._ends: dict[str, tuple[str, float]] = {}  # token → its appid, its end
        self._current: dict[str, str] = {}
        self._forced: dict[str, list[float]] = {}

    def stable(self, appid: str, force: bool) -> tuple[str, int]:
        """The token of an app and the seconds it still lives. Raises QuotaUsedUp.

        Within its last five minutes a new one is made and the old one lives on; a forced refresh
        kills the old one, and does nothing within 30 seconds of the last.
        """
        with self._lock:
            now = self._now()
            if force and self._may_force(appid, now):
                self._ends.pop(self._current.pop(appid, ""), None)
            token = self._current.get(appid)
            if token is None or self._ends[token][1] - now <= RENEWAL_SECONDS:
                token = secrets.token_hex(256)  # 512 characters: what a store must hold
                self._current[appid] = token
                self._ends[token] = (appid, now + TOKEN_SECONDS)
            return token, int(self._ends[token][1] - now)

    def errcode(self, token: str, appid: str) -> int:
        """0 when the token is good for the app, else the platform's error code."""
        if not token:
            return 41001
        with self._lock:
            owner, ends = self._ends.get(token, ("", 0.0))
            if owner != appid:
                return 40001
            return 42001 if self._now() >= ends else 0

    def revoke(self) -> None:
        """Make every token invalid, as if another program had refreshed by force."""
        with self._lock:
            self._ends.clear()
            self._current.clear()

    def _may_force(self, appid: str, now: float) -> bool:
        forced = [at for at in self._forced.get(appid, []) if now - at < DAY_SECONDS]
        if forced and now - forced[-1] < FORCED_GAP_SECONDS:
            return False
        if len(forced) >= FORCED_PER_DAY:
            raise QuotaUsedUp
        self._forced[appid] = [*forced, now]
        return True


class OneUseCodes(Generic[Value]):
    """Codes that the phone gives to the mini-program, for a login or for the phone number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._codes: dict[str, _Code[Value]] = {}

    def make(self, value: Value) -> str:
        """A fresh code that stands for `value`."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = _Code(value, self._clock())
        return code

    def redeem(self, code: str) -> Value | int:
        """The value, or 40029 for an unknown or old code, or 40163 for a used one."""
        with self._lock:
            found = self._codes.get(code)
            if found is None or self._clock() - found.made_at >= CODE_LIFE:
                return 40029
            if found.used:
                return 40163
            found.used = True
            return found.value
