"""What goes wrong in real life, on purpose: a worker dies, Redis forgets everything."""

import os
import signal

from redis import Redis

from backend.jobs.names import QUEUES
from backend.local.stack import Stack


def disturb(stack: Stack) -> None:
    """Kill every worker without warning and flush Redis; the supervisor starts workers again."""
    for queue in QUEUES:
        os.kill(stack.pid(f"worker-{queue}"), signal.SIGKILL)
    with Redis.from_url(stack.settings.redis_url) as redis:
        redis.flushall()
