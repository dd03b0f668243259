"""Room for many connections and for large bodies, in the process that serves them."""

import ctypes
import resource

from backend.seldom import logger_of

log = logger_of(__name__)

# Open files, of which each connection is one; the web server holds CONNECTIONS of them
# (`--backpressure`), the rest is for the database, Redis, the platform and what is on its way.
CONNECTIONS = 8192
MOST_OPEN = CONNECTIONS + 1024

M_MMAP_THRESHOLD = -3  # glibc's name for it
LARGE = 1024 * 1024


def make_room() -> None:
    """Call it once, before the first request.

    Systems let a process open 1,024 files unless it asks for more, as far as its hard limit goes.
    And what is large is to go back to the system when it is freed: glibc would raise its threshold
    with each body and keep the freed ones, scattered, for good.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_OPEN if hard == resource.RLIM_INFINITY else min(MOST_OPEN, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < MOST_OPEN:
        log.warning("may open %d files, and needs %d: raise the hard limit", most, MOST_OPEN)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # other C libraries do so by themselves
        mallopt(M_MMAP_THRESHOLD, LARGE)
