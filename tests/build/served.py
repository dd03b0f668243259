"""The API on the web server of production."""

import http.client
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from backend.clock import SettableClock
from backend.config import Settings, environment
from backend.local.processes import free_port, server
from backend.local.stack import API, GRANIAN, SERVING

LOG = "api.log"


@contextmanager
def served(
    settings: Settings, moment: datetime, folder: Path, port: int | None = None
) -> Iterator[int]:
    """Its port, for as long as the block runs; business time begins at `moment`."""
    clock_file = folder / "clock"
    SettableClock(clock_file).set(moment)
    port = port or free_port()
    ours = environment(replace(settings, clock_file=clock_file, api_port=port))
    words = [
        *("env", *(f"{name}={value}" for name, value in ours.items() if name.startswith("TIBAO_"))),
        *(GRANIAN, *SERVING, API, "--port", str(port)),
    ]
    with server(words, folder / LOG, lambda: _answers(port), signal.SIGTERM):
        yield port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
