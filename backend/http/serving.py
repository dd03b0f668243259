"""How the web server is started in production, as README says it; one machine serves alike."""

import sys
from pathlib import Path

from backend.http.room import CONNECTIONS

GRANIAN = str(Path(sys.executable).with_name("granian"))
API = "backend.app:create_served"
DESK = "backend.desk_app:create_served"
HEADER_MILLISECONDS = 10_000  # within which a request's headers have to be here
HEADER_BYTES = 32_768
SERVING = (
    *("--interface", "rsgi", "--loop", "uvloop", "--http", "1", "--no-ws"),
    *("--task-impl", "rust"),  # on Python 3.11; later ones go on without
    *("--http1-header-read-timeout", str(HEADER_MILLISECONDS)),
    *("--http1-buffer-size", str(HEADER_BYTES), "--backpressure", str(CONNECTIONS)),
    *("--workers-kill-timeout", "10", "--factory"),
)
