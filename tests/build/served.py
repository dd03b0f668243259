"""The API on the web server of production, and any app in a thread of the test."""

import http.client
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

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


@contextmanager
def in_thread(app: Flask) -> Iterator[str]:
    """Its address on a free port, for as long as the block runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
