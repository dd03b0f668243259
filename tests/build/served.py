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
from backend.http.serving import API, GRANIAN, SERVING
from backend.local import valkey
from backend.local.processes import free_port, server
from backend.store.database import make_sessions
from backend.store.files import FileStore
from tests.build.clock import MORNING, ManualClock
from tests.build.context import quiet_context
from tests.build.databases import Databases
from tests.build.snapshots import Snapshots

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


@contextmanager
def village_for_all(
    databases: Databases, snapshots: Snapshots, redis_port: int, folder: Path
) -> Iterator[Settings]:
    """A village in the `MORNING`, its people signed in, for a server that many tests ask."""
    database = databases.new()
    with database.engine() as engine:
        clock = ManualClock(MORNING)
        ctx = quiet_context(make_sessions(engine), clock, FileStore(folder / "files"))
        snapshots.village(ctx, clock, database)
    database.create()
    yield Settings(
        database_url=database.url, redis_url=valkey.redis_url(redis_port), data_dir=folder
    )
    database.drop()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
