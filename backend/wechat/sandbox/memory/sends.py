"""Which template messages were accepted lately: a repeat within ten minutes is sent once."""

import time
from collections.abc import Callable
from threading import Lock

PROTECTED_SECONDS = 600


class RecentSends:
    """msgids by openid and client_msg_id, in real time, since programs repeat in real time."""

    def __init__(self, machine_time: Callable[[], float] = time.time) -> None:
        self._now = machine_time
        self._lock = Lock()
        self._sent: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, openid: str, client_msg_id: str, msgid: int) -> int:
        """The msgid of the earlier send, or `msgid` when this is the first within ten minutes."""
        with self._lock:
            self._forget_old()
            return self._sent.setdefault((openid, client_msg_id), (self._now(), msgid))[1]

    def _forget_old(self) -> None:
        """Entries are in the order of their times, so the old ones come first."""
        limit = self._now() - PROTECTED_SECONDS
        while self._sent:
            first = next(iter(self._sent))
            if self._sent[first][0] > limit:
                return
            del self._sent[first]
