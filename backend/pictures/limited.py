"""The process that reads one file and ends (see `apart`): its content comes in, an answer goes out.

The answer is a line of JSON and, of a picture or a bound case, the bytes to be kept behind it. The
process lowers its own limits before the first byte comes in. The system is asked for each, not the
library: no decoder can allocate past them, whatever its file says of itself.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

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

Reader = Callable[[bytes], Any]

# What is known of a file by each name: the module that is loaded for it alone, and its function.
READERS = {
    "picture": ("backend.pictures.photos", "read_picture"),
    "pdf": ("backend.pictures.papers", "check_pdf"),
    "signature": ("backend.pictures.signatures", "is_signed"),
    "codes": ("backend.pictures.code_reader", "read_codes_in"),
    "case_file": ("backend.pictures.case_file_pages", "bound"),
}


def main(task: str) -> None:
    """Read standard input, do the task, answer on standard output."""
    read = reader(task)
    limit(LIMITS | MORE.get(task, {}))
    sys.stdout.buffer.write(answered(read, sys.stdin.buffer.read()))
    sys.stdout.buffer.flush()


def reader(task: str) -> Reader:
    """The function of this name, whose module is loaded now."""
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
    main(sys.argv[1])
