"""How many codes a caller guessed in vain: counted in Redis, which may forget it at any moment.

Whoever can write there can let a caller guess for longer, or slow them down: nothing else.
"""

import ipaddress
import threading
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from backend.seldom import logger_of

log = logger_of(__name__)

PATIENCE_SECONDS = 0.2
WINDOW_SECONDS = 600
MOST_MISSES = 30
MOST_REMEMBERED = 10_000


def impatient_redis(url: str) -> Redis:
    """A client for counting: what is not there at once is done without."""
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class Guesses:
    """Misses per caller within a fixed window of the machine's clock.

    In Redis for all processes together; without it each process counts for itself.
    """

    def __init__(self, redis: Redis, of: str) -> None:
        """`of` is what is guessed: each has a count of its own."""
        self._redis = redis
        self._of = of
        self._lock = threading.Lock()
        self._window = 0
        self._own: dict[str, int] = {}

    def miss(self, address: str) -> bool:
        """One more code from this network address led nowhere; True when there were too many."""
        return self._counted(address, 1) > MOST_MISSES

    def used_up(self, address: str) -> bool:
        """Whether too many codes from this network address led nowhere already."""
        return self._counted(address, 0) > MOST_MISSES

    def answers(self) -> bool:
        """Whether Redis is there."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def _counted(self, address: str, more: int) -> int:
        """The misses with so many more. Added to and not read: so it is a number, and a short one,
        whoever wrote what there."""
        window, caller = int(time.time()) // WINDOW_SECONDS, network(address)
        key = f"guesses:{self._of}:{window}:{caller}"
        try:
            with self._redis.pipeline() as pipe:
                pipe.incrby(key, more)
                pipe.expire(key, WINDOW_SECONDS)
                return int(pipe.execute()[0])
        except RedisError as error:
            log.warning("guesses are counted by this process alone: %s", error)
            return self._count_alone(window, caller, more)

    def _count_alone(self, window: int, caller: str, more: int) -> int:
        with self._lock:
            if window != self._window or len(self._own) >= MOST_REMEMBERED:
                self._window, self._own = window, {}
            count = self._own.get(caller, 0) + more
            if more:
                self._own[caller] = count
            return count


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 one: a home has as many of those as it likes.

    A server that listens for both writes ::ffff:203.0.113.7 for 203.0.113.7; by its /64 all of
    IPv4 would be one caller.
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network(f"{known}/64", strict=False).network_address)
