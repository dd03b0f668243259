"""Real processes of the house on a test's database, started again whenever they end."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from backend.config import Settings, environment
from backend.local.stack import TIBAO
from tests.build.waiting import PATIENCE_SECONDS, eventually


class Supervised:
    """A process that is started again whenever it ends, as the supervisor does."""

    def __init__(self, settings: Settings, words: tuple[str, ...]) -> None:
        self._words = [TIBAO, *words]
        self._env = environment(settings)
        self._log = log(settings)
        self._ending = Event()
        self.starts = 0
        self.process = self._start()
        self._thread = Thread(target=self._keep_alive, daemon=True)
        self._thread.start()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        with self._log.open("ab") as output:
            return subprocess.Popen(self._words, env=self._env, stdout=output, stderr=output)

    def _keep_alive(self) -> None:
        while True:
            self.process.wait()
            if self._ending.is_set():
                return
            self.process = self._start()

    def kill(self) -> None:
        """Kill it without warning, and wait until it is dead."""
        dead = self.process
        dead.send_signal(signal.SIGKILL)
        dead.wait(PATIENCE_SECONDS)

    def end(self) -> int:
        """Tell it to stop; what it exits with."""
        self._ending.set()
        self.process.terminate()
        self._thread.join(PATIENCE_SECONDS)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(settings: Settings, *programs: tuple[str, ...]) -> Iterator[list[Supervised]]:
    """`tibao` with these words each, for as long as the block runs."""
    processes = [Supervised(settings, words) for words in programs]
    try:
        yield processes
    finally:
        for process in processes:
            process.end()


def log(settings: Settings) -> Path:
    """Where all of them write."""
    return settings.data_dir / "workers.log"


def seen(condition: Callable[[], bool], settings: Settings) -> None:
    """Wait until the processes have brought this about; fails with what they said last."""
    eventually(condition, lambda: log(settings).read_text()[-3000:])
