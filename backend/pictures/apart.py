"""Reading what people hand in, each file in a process of its own with little memory and time.

Whatever a hostile file does to its decoder, it does there: the process knows no secret, may write
no file, and is gone with its memory when the file was read (`limited` is what runs in it, `forked`
where it comes from). What comes back is JSON and bytes. It runs under our account: so that it
cannot read what we know out of our memory or environment, we are hidden from that account first.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from backend.domain.errors import Refusal, Refused, refuse
from backend.pictures.case_file import Bound, CaseFile, framed
from backend.pictures.forked import Forks
from backend.pictures.limited import MOST_SECONDS, hide
from backend.pictures.picture import Picture
from backend.seldom import logger_of

log = logger_of(__name__)

FORKS = Forks()


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
    """What it answered; raises Refused when it did not come to its end."""
    _hide_once()
    try:
        words = FORKS.told(task, content, MOST_SECONDS)
    except OSError as error:
        raise _not_read(task, f"{type(error).__name__} {error}") from None
    begun, _, rest = words.partition(b"\n")
    if not begun:
        raise _not_read(task, "no process")
    head, _, answer = rest.partition(b"\n")
    how, _, what = head.decode(errors="replace").partition(" ")
    if how == "failed":
        raise _not_read(task, what[:200])
    if how != "read" or what != str(len(answer)):
        raise _too_much(task, f"ended over it after {len(answer)} bytes")
    return answer


_hide_once = cache(hide)


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
