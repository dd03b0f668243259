"""supervisord with the house loaded: what it starts begins as a fork of it, and not anew.

What several programs import is loaded once, by who starts them: it is there at once and in memory
once, and a fork has for itself only what it changes. What one alone needs, as pages, it imports by
itself. Whatever is not ours (PostgreSQL, Valkey) is started as ever.
"""

import atexit
import ctypes
import gc
import os
import runpy
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from supervisor import supervisord
from supervisor.options import ServerOptions

from backend.config import Settings
from backend.loading import load
from backend.local.processes import is_ours

SHELL = "/bin/sh"
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
# What more than one program of a stack begins with, or loads by name as `commands.workers` does.
HOUSE = (
    "backend.commands.workers",
    "backend.commands.emulator",
    "backend.wechat.sandbox.app",
    "backend.programs.everything",
)


class Nursery(ServerOptions):  # type: ignore[misc]  # supervisor has no types
    """How supervisord turns a fork of itself into a program."""

    def execve(self, filename: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Go on as the program, or let it take this process's place; does not come back."""
        words = command_line(argv)
        if is_ours(words):
            become(words, env)
        super().execve(filename, argv, env)


def command_line(argv: Sequence[str]) -> list[str]:
    """What stands in the file that the shell is to run; see `supervisor._configure`."""
    shell, file = argv
    return shlex.split(Path(file).read_text("utf-8"))[1:] if shell == SHELL else [shell, file]


def become(words: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a console script in this process, which is a fork, and end as the script does."""
    os.environ.clear()
    os.environ.update(env)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD, signal.SIGUSR2):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _end_with_supervisord()
    sys.argv = list(words)
    with suppress(OSError):  # a system without /proc shows them all by one name
        Path("/proc/self/comm").write_text(env["SUPERVISOR_PROCESS_NAME"], "utf-8")
    status = 1
    try:
        runpy.run_path(words[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:  # nobody above may go on in a fork
        traceback.print_exc()
    finally:
        # As at the end of any interpreter, but supervisord's own frames stay as they are.
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end_with_supervisord() -> None:
    """However it ends. Who reads files hides itself, and could not be found by its mark afterwards;
    see `supervisor` and `pictures.apart`. Only on Linux."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1


def _made_once() -> None:
    """What making the parts and a long statement leaves behind, a quarter of what a worker would
    have for itself. Opens no connection; the settings are nobody's."""
    engine = load("backend.wiring").build(Settings()).engine
    load("backend.services.messages.leases").claim_of_next().compile(engine)


def main() -> None:
    """Load the house, and be supervisord."""
    for name in HOUSE:
        load(name)
    # Else each fork would do it for itself.
    load("sqlalchemy.orm").configure_mappers()
    _made_once()
    # A collector that looks at what is shared writes into it: each fork would have its own.
    gc.collect()
    gc.freeze()
    supervisord.ServerOptions = Nursery
    supervisord.main()


if __name__ == "__main__":
    main()
