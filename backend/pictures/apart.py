"""Reading what people hand in, each file in a process of its own with little memory and time.

Whatever a hostile file does to its decoder, it does there: the process knows no secret, may write
no file, and is gone with its memory when the file was read (`limited` is what runs in it). What
comes back is JSON and bytes. It runs under our account: so that it cannot read what we know out of
our memory or environment, we are hidden from that account first.
"""

import ctypes
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from backend.domain.errors import Refusal, Refused, refuse
from backend.pictures.case_file import Bound, CaseFile, framed
from backend.pictures.picture import Picture
from backend.seldom import logger_of

log = logger_of(__name__)

# A machine on which the process has not come to the end of its CPU time by then is stuck.
MOST_SECONDS = 60
PR_SET_DUMPABLE = 4  # of linux/prctl.h


def read_picture(content: bytes) -> Picture:
    """`photos.read_picture` apart; raises Refused as it does."""
    found, made = _done("picture", content)
    taken_at = found.pop("taken_at")
    moment = datetime.fromisoformat(taken_at) if taken_at else None
    return Picture(content=made, taken_at=moment, **found)


def check_pdf(content: bytes) -> None:
    """`papers.check_pdf` apart; raises Refused as it does."""
    _done("pdf", content)


def is_signed(content: bytes) -> bool:
    """`signatures.is_signed` apart."""
    return bool(_done("signature", content)[0])


def read_codes_in(content: bytes) -> list[str]:
    """`codes.read_codes_in` apart."""
    return list(_done("codes", content)[0])


def bind_case_file(case_file: CaseFile, files: Sequence[bytes | None]) -> Bound:
    """`case_file_pages.bound` apart; `files` are those of its papers, None where there is none or
    none is to be bound. Raises Refused `busy`, `upload_damaged` where one of them costs too much.
    """
    found, made = _done("case_file", framed(case_file, files))
    return Bound(made, tuple(found))


def _done(task: str, content: bytes) -> tuple[Any, bytes]:
    """What `limited` answers to a task.

    Raises Refused: as the task does, or for a file that its process was ended over; `busy` when the
    process did not come to it.
    """
    head, _, made = _in_a_process(task, content).partition(b"\n")
    answer = json.loads(head)
    if "refused" in answer:
        log.info("%s refused: %s", task, answer["why"])
        raise _refusal(answer["refused"])
    return answer["found"], made


def _in_a_process(task: str, content: bytes) -> bytes:
    """What it wrote; raises Refused when it did not come to its end."""
    _hide()
    try:
        ran = subprocess.run(
            _words(task),
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
            env={},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_read(task, type(error).__name__) from None
    if ran.returncode < 0:
        raise _too_much(task, f"signal {-ran.returncode}")
    if ran.returncode > 0:
        last = ran.stderr.decode(errors="replace").rpartition("\n")[0].rpartition("\n")[2]
        raise _not_read(task, f"exit {ran.returncode} {last[:200]}")
    return ran.stdout


@cache
def _hide() -> None:
    """From now on only root traces this process, and its environment and memory under /proc are
    root's. It stays so in what is forked. Only on Linux."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _words(task: str) -> Sequence[str]:
    """What begins the process: nothing of ours comes along but the task."""
    return sys.executable, "-I", "-m", "backend.pictures.limited", task


def _not_read(task: str, why: str) -> Refused:
    """The fault is ours or the machine's, not the file's."""
    log.error("%s not read: %s", task, why)
    return refuse("busy", "系统繁忙，请过一会儿再上传。", kind="unavailable")


def _too_much(task: str, how: str) -> Refused:
    log.warning("%s cost too much: %s", task, how)
    message = "文件无法打开：读取它需要的时间或内存太多。请打开后截屏，或重新拍摄、导出后上传。"
    return refuse("upload_damaged", message, "file")


def _refusal(refused: Mapping[str, Any]) -> Refused:
    return Refused(*(Refusal(**reason) for reason in refused["reasons"]), kind=refused["kind"])
