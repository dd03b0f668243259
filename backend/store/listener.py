"""Listens to PostgreSQL's notifications in one thread of its own."""

import threading
from collections.abc import Callable

import psycopg
from sqlalchemy.engine import make_url

from backend.seldom import logger_of

log = logger_of(__name__)

RETRY_SECONDS = 1.0
PROBE_SECONDS = 1.0


class Listener:
    """Calls back for every notification on a channel, and whenever it begins or ceases to hear.

    `on_link(True)` comes once nothing can be missed any more, `on_link(False)` as soon as something
    might have been. Both run in the listener's thread.
    """

    def __init__(
        self,
        database_url: str,
        channel: str,
        on_message: Callable[[str], None],
        on_link: Callable[[bool], None],
    ) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._conninfo = url.render_as_string(hide_password=False)
        self._channel = channel
        self._on_message = on_message
        self._on_link = on_link
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"listen-{channel}", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Cease to listen and wait until the thread is gone."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("listening to %s broke off: %s", self._channel, type(error).__name__)
            self._on_link(False)
            self._stopped.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {self._channel}")
            self._on_link(True)
            while not self._stopped.is_set():
                for notify in connection.notifies(timeout=PROBE_SECONDS):
                    self._on_message(notify.payload)
                # A link that died silently is found by asking.
                connection.execute("SELECT 1")
