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
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from backend.domain.errors import Refused, refuse
from backend.pictures.code_reader import read_codes_in
from backend.pictures.photos import read_picture
from backend.pictures.signatures import is_signed

MEGABYTE = 1024 * 1024
LIMITS = {
    # Of addresses: the largest that is taken, a photo of 52 million pixels, has 490 megabytes.
    "RLIMIT_AS": 560 * MEGABYTE,
    "RLIMIT_CPU": 20,  # seconds: ten times what any file takes that is not refused
    "RLIMIT_FSIZE": 0,  # bytes of any file that it writes
    "RLIMIT_CORE": 0,
}
POLITE = 10  # whoever waits for a page goes first

Answer = tuple[Mapping[str, Any], bytes]


def picture(content: bytes) -> Answer:
    """The picture to be kept."""
    kept = vars(read_picture(content)).copy()
    kept_bytes = kept.pop("content")
    kept["taken_at"] = kept["taken_at"] and kept["taken_at"].isoformat()
    return kept, kept_bytes


def signature(content: bytes) -> Answer:
    """Whether it is one."""
    return {"signed": is_signed(content)}, b""


def codes(content: bytes) -> Answer:
    """The texts of the QR codes in a kept picture."""
    return {"texts": read_codes_in(content)}, b""


TASKS: Mapping[str, Callable[[bytes], Answer]] = {
    "picture": picture,
    "signature": signature,
    "codes": codes,
}


def main(task: str) -> None:
    """Read standard input, do the task, answer on standard output."""
    limit()
    content = sys.stdin.buffer.read()
    try:
        answer, kept = TASKS[task](content)
    except MemoryError:
        message = "文件打开后太大。请打开后截屏，或重新拍摄、导出后上传。"
        answer, kept = _told(refuse("upload_too_large", message, "file", "too_large")), b""
    except Refused as refused:
        answer, kept = _told(refused), b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + kept)
    sys.stdout.buffer.flush()


def limit() -> None:
    """Lower the limits of this process for good. A system without one of them does without it."""
    os.nice(POLITE)
    for name, most in LIMITS.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _told(refused: Refused) -> Mapping[str, Any]:
    """A refusal, and for the log what the decoder met."""
    reasons = [asdict(reason) for reason in refused.refusals]
    met = type(refused.__context__).__name__ if refused.__context__ else ""
    why = f"{refused.refusals[0].code} {met}".strip()
    return {"refused": {"reasons": reasons, "kind": refused.kind}, "why": why}


if __name__ == "__main__":
    main(sys.argv[1])
