"""The processes that read files, each of them one (see `apart`), and the template of them.

A file comes in, an answer goes out: a line of JSON and, of a picture or a bound case, the bytes to
be kept behind it. A fork lowers its own limits before the first byte comes in. The system is asked
for each, not the library: no decoder can allocate past them, whatever its file says of itself.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any, NoReturn

from backend.domain.errors import Refused, refuse
from backend.pictures.case_file import Bound
from backend.pictures.picture import Picture

MEGABYTE = 1024 * 1024
LIMITS = {
    # Of addresses: the largest that is taken, a photo of 52 million pixels, has 490 megabytes.
    "RLIMIT_AS": 560 * MEGABYTE,
    "RLIMIT_CPU": 15,  # seconds: ten times what any picture takes, three times the largest scan
    "RLIMIT_FSIZE": 0,  # bytes of any file that it writes
    "RLIMIT_CORE": 0,
}
# What binds the papers of a whole case has all of them at once.
MORE = {"case_file": {"RLIMIT_AS": 2048 * MEGABYTE, "RLIMIT_CPU": 50}}
POLITE = 5  # whoever waits for a page goes first
# A fork that has not come to the end of its CPU time by then is stuck: nobody waits any longer, and
# a little later it is ended.
MOST_SECONDS = 60
ENDED_SECONDS = MOST_SECONDS + 5
# As long as somebody may be handing in the next one of a few. The memory of a template is not worth
# more: it is begun in less than half a second.
IDLE_SECONDS = 5
PR_SET_DUMPABLE = 4  # of linux/prctl.h

Reader = Callable[[bytes], Any]

# What is known of a file by each name: the module that is loaded for it alone, and its function.
READERS = {
    "picture": ("backend.pictures.photos", "read_picture"),
    "pdf": ("backend.pictures.papers", "check_pdf"),
    "signature": ("backend.pictures.signatures", "is_signed"),
    "codes": ("backend.pictures.code_reader", "read_codes_in"),
    "case_file": ("backend.pictures.case_file_pages", "bound"),
}
NAMES = tuple(READERS)  # a template is asked for one by its place


def main() -> None:
    """Load what reads, and go on in the background as the template of this program's standard
    input, a socket: each byte on it is a task, and a line to whoever has its file comes along."""
    hide()  # first: a fork of an earlier one may be alive, and we read what comes after it
    for task in NAMES:
        if task not in MORE:  # what few ask for is loaded by whom it is asked of
            reader(task)
    if os.fork():
        return
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a fork
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's is for who has us
    gc.freeze()
    serve(socket.socket(fileno=0))


def serve(control: socket.socket) -> None:
    """Fork for each file, until none comes for a while or whoever hands them in is gone."""
    while select.select([control], (), (), IDLE_SECONDS)[0]:
        task, lines, _, _ = socket.recv_fds(control, 1, 1)
        if not task:
            return
        if os.fork() == 0:
            control.close()
            one(NAMES[task[0]], socket.socket(fileno=lines[0]))
        os.close(lines[0])


def one(task: str, line: socket.socket) -> NoReturn:
    """Read one file in this process and end. It says that it began, then `read` and how many bytes
    the answer has, and the answer; or `failed` and why, where the fault is ours."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.alarm(ENDED_SECONDS)
    try:
        line.sendall(b"begun\n")
        limit(LIMITS | MORE.get(task, {}))
        with line.makefile("rb") as incoming:
            answer = answered(reader(task), incoming.read())
        line.sendall(b"read %d\n" % len(answer))
        line.sendall(answer)
    except BaseException as fault:  # nobody above may go on in a fork
        with contextlib.suppress(OSError):
            line.sendall(f"failed {type(fault).__name__} {fault}\n".encode(errors="replace"))
    finally:
        os._exit(0)


def hide() -> None:
    """From now on only root traces this process, and its environment and memory under /proc are
    root's. It stays so in what is forked. Only on Linux."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def reader(task: str) -> Reader:
    """The function of this name, whose module is loaded now if it is not yet."""
    module, function = READERS[task]
    read: Reader = getattr(import_module(module), function)
    return read


def answered(read: Reader, content: bytes) -> bytes:
    """What goes out for this content: a line of JSON, and perhaps bytes behind it."""
    try:
        found, made = _apart(read(content))
        answer = {"found": found}
    except MemoryError:
        made = b""
        message = "文件打开后太大。请打开后截屏，或重新拍摄、导出后上传。"
        answer = _told(refuse("upload_too_large", message, "file", "too_large"))
    except Refused as refused:
        answer, made = _told(refused), b""
    return json.dumps(answer).encode() + b"\n" + made


def limit(limits: Mapping[str, int] = LIMITS) -> None:
    """Lower the limits of this process for good. A system without one of them does without it."""
    os.nice(POLITE)
    for name, most in limits.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _apart(found: Any) -> tuple[Any, bytes]:
    """What JSON can say of what was found, and of a picture or a bound case its bytes."""
    if isinstance(found, Bound):
        return list(found.unread), found.content
    if not isinstance(found, Picture):
        return found, b""
    values = vars(found) | {"taken_at": found.taken_at and found.taken_at.isoformat()}
    return values, values.pop("content")


def _told(refused: Refused) -> dict[str, Any]:
    """A refusal, and for the log what the decoder met."""
    reasons = [asdict(reason) for reason in refused.refusals]
    met = type(refused.__context__).__name__ if refused.__context__ else ""
    why = f"{refused.refusals[0].code} {met}".strip()
    return {"refused": {"reasons": reasons, "kind": refused.kind}, "why": why}


if __name__ == "__main__":
    main()
