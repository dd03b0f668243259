"""What goes wrong in real life, on purpose: the workers die, Redis forgets everything."""

import os
import signal

from redis import Redis

from backend.local.stack import Stack


def disturb(stack: Stack) -> None:
    """Kill the workers without warning and flush Redis; the supervisor starts them again."""
    os.kill(stack.pid("workers"), signal.SIGKILL)
    with Redis.from_url(stack.settings.redis_url) as redis:
        redis.flushall()
