"""Small things that every local server needs: a free port, a wait, and an end with its parent."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

LOOPBACK = "127.0.0.1"
# As long as a machine that is only busy needs; who dies is waited for no longer.
PATIENCE_SECONDS = 120.0


class LocalError(Exception):
    """A local server or program did not start; the message is one clear line or a log's last."""


def folder_of(package: str) -> Path:
    """Where an installed package lies, without running its code; else ModuleNotFoundError."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(spec.origin).parent


def free_port() -> int:
    """A TCP port on loopback that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now, and no stack means to."""
    with ExitStack() as held:
        try:
            hold_ports([port], held)
        except OSError:
            return False
        return not somebody_listens(port)


def somebody_listens(port: int) -> bool:
    """Whether a server of ours would find this loopback port taken, or closed to us."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def hold_ports(ports: Iterable[int], held: ExitStack) -> None:
    """Keep other stacks from these TCP ports until `held` ends; OSError when one of them has one.

    Whoever binds a UDP port has it alone, at once and until the process ends, whatever ends it. So
    the UDP port of the same number, which we have no other use for, says that a stack has the TCP
    port, from before its server listens.
    """
    with ExitStack() as all_of_them:
        for port in ports:
            claim = all_of_them.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            claim.bind((LOOPBACK, port))
        held.push(all_of_them.pop_all())


def is_ours(words: Sequence[str]) -> bool:
    """Whether a command line is of our console script, that of this environment."""
    return Path(words[0]) == Path(sys.executable).with_name("tibao")


def ends_with_parent(signal_name: str) -> list[str]:
    """Words to put before a command so that it gets this signal (`TERM`) when its parent dies.

    Linux only, where every distribution has setpriv; elsewhere nothing is put before it.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name] if setpriv else []


def wait_until(ready: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Ask `ready` every 50 ms until it says yes; raises LocalError after `seconds`."""
    give_up_at = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > give_up_at:
            raise LocalError(f"{what} 在 {seconds:.0f} 秒内没有就绪 / was not ready in time")
        time.sleep(0.05)


@contextmanager
def server(
    words: list[str], log: Path, ready: Callable[[], bool], stop_with: signal.Signals
) -> Iterator[None]:
    """Run a server for as long as the block runs, from when it is ready.

    Raises LocalError with the end of its log when it stops before that.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)
    try:
        wait_until(lambda: ready() or process.poll() is not None, log.stem)
        if process.poll() is not None:
            raise LocalError(f"{log.stem}: {last_words(log)}")
        yield
    finally:
        process.send_signal(stop_with)
        process.wait(timeout=PATIENCE_SECONDS)


def last_words(log: Path, lines: int = 15) -> str:
    """The last lines of a log file, empty if there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
