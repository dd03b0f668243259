"""One supervisord for the local processes: its configuration, its start and end, its answers.

supervisord restarts what dies and ends everything in order. We tell it what to start and when, over
its own XML-RPC on a socket in a private folder, and sweep up after it.
"""

import http.client
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy, Transport

import psutil

from backend.local.processes import (
    LocalError,
    ends_with_parent,
    is_ours,
    last_words,
    wait_until,
)
from backend.private import OWNER_ALONE

GROUPS = ("databases", "app", "setup")  # ended in the reverse of this order
SUPERVISORD = "supervisor.supervisord"
NURSERY = "backend.local.nursery"  # the same with our house loaded
MARK = "TIBAO_STACK"  # every process of a stack carries it, with the folder of its logs
PATIENCE_SECONDS = 45
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Program:
    """A process to keep alive, or with `once` to run to its end."""

    name: str
    group: str
    words: Sequence[str]
    once: bool = False
    stop_signal: str = "TERM"


@dataclass(frozen=True)
class Process:
    """What supervisord knows of a program: its state (`RUNNING`, `BACKOFF`, …) and pid, or 0."""

    state: str
    pid: int
    exit_status: int


class OnSocket(Transport):
    """How XML-RPC reaches a server by its file. supervisor's own brings its web server along, and
    4 MB, into a process that only watches."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        """A connection of this request alone."""
        connection = http.client.HTTPConnection("localhost")
        self._connection = "localhost", connection  # which `close` closes
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self._file))
        return connection


class Supervisor:
    """A running supervisord."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: Path, logs: Path) -> None:
        self.process = process
        self.address = address
        self.logs = logs

    def answers(self) -> bool:
        """Whether it listens: its socket is there a moment before."""
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.address)) == 0

    def log(self, name: str) -> Path:
        """The file that everything a program prints goes to."""
        return self.logs / f"{name}.log"

    def processes(self) -> dict[str, Process]:
        """Every program by name; raises LocalError when supervisord is gone."""
        return {
            row["name"]: Process(row["statename"], row["pid"], row["exitstatus"])
            for row in self._ask("getAllProcessInfo")
        }

    def run_once(self, program: Program) -> None:
        """Run a program to its end; raises LocalError with its last words if it fails."""
        self.begin(program)
        self.finish(program)

    def begin(self, program: Program) -> None:
        """Start a program and go on."""
        self._ask("startProcess", f"{program.group}:{program.name}", False)

    def finish(self, program: Program) -> None:
        """Wait for the end of one that was begun; raises LocalError with its last words if it
        fails."""

        def ended() -> bool:
            process = self.processes()[program.name]
            with suppress(psutil.Error):  # runs on, or is gone
                if process.pid:  # the system waits at less cost than who asks again and again
                    psutil.Process(process.pid).wait(timeout=1)
            return process.state in ("EXITED", "FATAL")

        wait_until(ended, program.name)
        if self.processes()[program.name].exit_status != 0:
            raise LocalError(f"{program.name} 失败 / failed: {last_words(self.log(program.name))}")

    def start(self, programs: Sequence[Program], ready: Callable[[], bool]) -> None:
        """Start programs and wait for `ready`; raises LocalError as soon as one of them dies."""
        for program in programs:
            self.begin(program)
        self.wait_for(programs, ready)

    def wait_for(self, programs: Sequence[Program], ready: Callable[[], bool]) -> None:
        """Wait for `ready`; raises LocalError as soon as one of these programs has died, also where
        it was started again before anybody looked."""
        pids: dict[str, int] = {}

        def started() -> bool:
            processes = self.processes()
            for program in programs:
                process = processes[program.name]
                is_another = process.pid != pids.setdefault(program.name, process.pid)
                if is_another or process.state in ("BACKOFF", "EXITED", "FATAL"):
                    words = last_words(self.log(program.name))
                    raise LocalError(f"{program.name} 启动失败 / does not start: {words}")
            return ready()

        wait_until(started, ", ".join(program.name for program in programs))

    def pid(self, name: str) -> int:
        """The program's process id, 0 when it does not run."""
        return self.processes()[name].pid

    def listens(self, name: str, port: int) -> bool:
        """Whether this program, or a child of it, is who listens on this port."""
        try:
            process = psutil.Process(self.pid(name))
            return any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for one in (process, *process.children(recursive=True))
                for connection in one.net_connections("tcp")
            )
        except psutil.Error:  # ended meanwhile
            return False

    def _ask(self, method: str, *values: object) -> Any:
        transport = OnSocket(self.address)
        try:
            with ServerProxy("http://localhost", transport=transport) as proxy:
                return getattr(proxy.supervisor, method)(*values)
        except OSError as error:
            raise LocalError(f"supervisord 没有应答 / does not answer: {error}") from None
        except Fault as fault:
            raise LocalError(f"supervisord: {fault.faultString}") from None


# What the C library keeps for threads that freed it, on one machine for all programs together:
# arenas beside the first, and free memory below what is in use.
SMALL_HEAPS = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}


@contextmanager
def supervised(
    programs: Sequence[Program],
    logs: Path,
    environment: Mapping[str, str],
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Supervisor]:
    """A supervisord that knows these programs and has started none of them yet. While it loads
    the house, `meanwhile` is done.

    When the block ends, however it ends, all of them are gone before this returns; a second Ctrl-C
    meanwhile is not heard.
    """
    logs.mkdir(parents=True, exist_ok=True)
    logs.chmod(0o700)
    with tempfile.TemporaryDirectory(prefix="tibao-") as name:
        folder = Path(name)
        _configure(folder, programs, logs)
        configuration = ["--configuration", str(folder / "config")]
        module = NURSERY if any(is_ours(each.words) for each in programs) else SUPERVISORD
        process = subprocess.Popen(
            [*ends_with_parent("TERM"), sys.executable, "-m", module, *configuration],
            env={**SMALL_HEAPS, **marked(environment, logs)},
            umask=OWNER_ALONE,
            start_new_session=True,  # a terminal's Ctrl-C is for us; we end it in order
        )
        supervisor = Supervisor(process, folder / "socket", logs)
        try:
            meanwhile()
            wait_until(lambda: supervisor.answers() or process.poll() is not None, "supervisord")
            yield supervisor
        finally:
            with _deaf():
                _end(supervisor)


def _configure(folder: Path, programs: Sequence[Program], logs: Path) -> None:
    """Write the configuration; nothing starts by itself, so that the order is ours.

    Commands go into files and logs behind a link: spaces, `%` and `;` mean something in it.
    """
    (folder / "logs").symlink_to(logs.resolve())
    lines = [
        "[supervisord]",
        "nodaemon = true",
        "silent = true",
        f"logfile = {folder}/logs/supervisord.log",
        "logfile_maxbytes = 1MB",
        "logfile_backups = 1",
        f"pidfile = {folder}/pid",
        "[unix_http_server]",
        f"file = {folder}/socket",
        "chmod = 0700",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for priority, group in enumerate(GROUPS):
        names = [program.name for program in programs if program.group == group]
        if names:
            lines += [f"[group:{group}]", f"programs = {','.join(names)}", f"priority = {priority}"]
    for program in programs:
        (folder / program.name).write_text(f"exec {shlex.join(program.words)}\n")
        lines += [
            f"[program:{program.name}]",
            f"command = /bin/sh {folder}/{program.name}",
            "autostart = false",
            f"autorestart = {'false' if program.once else 'true'}",
            f"startsecs = {0 if program.once else 1}",
            "startretries = 50",
            f"stopsignal = {program.stop_signal}",
            "stopwaitsecs = 10",
            "killasgroup = true",
            "redirect_stderr = true",
            f"stdout_logfile = {folder}/logs/{program.name}.log",
            "stdout_logfile_maxbytes = 5MB",
            "stdout_logfile_backups = 1",
        ]
    (folder / "config").write_text("\n".join(lines) + "\n")


def _end(supervisor: Supervisor) -> None:
    """End supervisord and all it started, then whatever escaped it (children of killed workers)."""
    supervisor.process.terminate()
    try:
        supervisor.process.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.process.kill()
        supervisor.process.wait()
    end_leftovers(supervisor.logs, seconds=5)


def marked(environment: Mapping[str, str], logs: Path) -> dict[str, str]:
    """The environment of whatever a stack with these logs starts, so that it can be found."""
    return {**environment, MARK: str(logs.resolve())}


def end_leftovers(logs: Path, seconds: float = PATIENCE_SECONDS) -> None:
    """End what a stack with these logs left behind, when it was killed and could not itself.

    Only for whoever has the sole use of the stack's folder.
    """
    give_up_at = time.monotonic() + seconds
    ended: set[int] = set()
    while left := _marked(logs):
        pids = {process.pid for process in left}
        for process in left:
            try:
                # From the top: supervisord ends its own in order, a server its children.
                if process.ppid() not in pids and process.pid not in ended:
                    process.terminate()
                    ended.add(process.pid)
                if time.monotonic() > give_up_at:
                    process.kill()
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.05)


def _marked(logs: Path) -> list[psutil.Process]:
    """Processes that carry the mark of these logs, as all that a stack starts does."""
    found, mark = [], str(logs.resolve())
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:  # another user's, or just gone
            continue
    return found


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignore the signals that end us (only the main thread may)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
