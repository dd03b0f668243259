"""The process that reads one file and ends (see `apart`): its content comes in, an answer goes out.

The answer is a line of JSON and, of a picture, the bytes to be kept behind it. The process lowers
its own limits before the first byte comes in. The system is asked for each, not the library: no
decoder can allocate past them, whatever its file says of itself.
"""

import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict
from importlib import import_module
from typing import Any

from backend.domain.errors import Refused, refuse
from backend.pictures.picture import Picture

MEGABYTE = 1024 * 1024
LIMITS = {
    # Of addresses: the largest that is taken, a photo of 52 million pixels, has 490 megabytes.
    "RLIMIT_AS": 560 * MEGABYTE,
    "RLIMIT_CPU": 15,  # seconds: ten times what any picture takes, three times the largest scan
    "RLIMIT_FSIZE": 0,  # bytes of any file that it writes
    "RLIMIT_CORE": 0,
}
POLITE = 5  # whoever waits for a page goes first

# What is known of a file by each name: the module that is loaded for it alone, and its function.
READERS = {
    "picture": ("backend.pictures.photos", "read_picture"),
    "pdf": ("backend.pictures.papers", "check_pdf"),
    "signature": ("backend.pictures.signatures", "is_signed"),
    "codes": ("backend.pictures.code_reader", "read_codes_in"),
}


def main(task: str) -> None:
    """Read standard input, do the task, answer on standard output."""
    module, function = READERS[task]
    read = getattr(import_module(module), function)
    limit()
    content = sys.stdin.buffer.read()
    made = b""
    try:
        found = read(content)
        if isinstance(found, Picture):
            found, made = _apart(found)
        answer = {"found": found}
    except MemoryError:
        message = "文件打开后太大。请打开后截屏，或重新拍摄、导出后上传。"
        answer = _told(refuse("upload_too_large", message, "file", "too_large"))
    except Refused as refused:
        answer = _told(refused)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + made)
    sys.stdout.buffer.flush()


def limit() -> None:
    """Lower the limits of this process for good. A system without one of them does without it."""
    os.nice(POLITE)
    for name, most in LIMITS.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _apart(picture: Picture) -> tuple[dict[str, Any], bytes]:
    """What JSON can say of a picture, and its bytes."""
    values = vars(picture) | {"taken_at": picture.taken_at and picture.taken_at.isoformat()}
    return values, values.pop("content")


def _told(refused: Refused) -> dict[str, Any]:
    """A refusal, and for the log what the decoder met."""
    reasons = [asdict(reason) for reason in refused.refusals]
    met = type(refused.__context__).__name__ if refused.__context__ else ""
    why = f"{refused.refusals[0].code} {met}".strip()
    return {"refused": {"reasons": reasons, "kind": refused.kind}, "why": why}


if __name__ == "__main__":
    main(sys.argv[1])
