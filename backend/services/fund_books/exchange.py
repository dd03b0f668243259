"""The daily exchange with the fund's own system: files in folders, done again from wherever it was
broken off.

`in/` is what the fund's system put there. What was booked goes to `done/`; what has faults to
`faulty/`, with them beside it; nothing is ever overwritten or thrown away. `out/` is what we say.
"""

import csv
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.domain.errors import Refused, refuse
from backend.domain.fund_books import Fault
from backend.services.base.context import Context
from backend.services.fund_books.bringing import bring, legible
from backend.services.fund_books.sending import send_closes
from backend.services.fund_books.whole_files import whole

IN, DONE, FAULTY, OUT = "in", "done", "faulty", "out"


@dataclass(frozen=True)
class Exchanged:
    """The names of the files that were booked, of those with faults, and of those written."""

    done: Sequence[str]
    faulty: Sequence[str]
    sent: Sequence[str]


def exchange(ctx: Context, folder: Path) -> Exchanged:
    """Bring in every file of `folder`, in the order of their names, and write what is to be sent.
    One with faults keeps no other out. Raises OSError where the folder is not to be used, and
    Refused `busy` while somebody else exchanges there."""
    with _alone(folder):
        for each in (IN, DONE, FAULTY, OUT):
            (folder / each).mkdir(exist_ok=True)
        done: list[str] = []
        faulty: list[str] = []
        for path in sorted((folder / IN).iterdir()):
            is_ours = path.suffix.lower() == ".csv" and not path.name.startswith(".")
            if not is_ours or not os.path.lexists(path):  # taken back meanwhile
                continue
            faults = _faults(ctx, path)
            place = _free(folder / (FAULTY if faults else DONE) / path.name)
            if faults:
                with whole(_report(place)) as file:
                    table = csv.writer(file)
                    table.writerow(["行", "列", "问题"])
                    table.writerows([each.line, each.column, each.message] for each in faults)
            path.rename(place)
            (faulty if faults else done).append(legible(path.name))
        return Exchanged(done, faulty, send_closes(ctx, folder / OUT))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else exchanges files in this folder while the block runs."""
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        message = "另一次交换正在用这个文件夹，请等它结束后再运行。"
        raise refuse("busy", message, kind="unavailable") from None
    finally:
        os.close(place)


def _faults(ctx: Context, path: Path) -> Sequence[Fault]:
    if not path.is_file():  # a pipe would be waited for
        return [Fault(1, "", "这不是文件，请只放入 CSV 文件")]
    try:
        with path.open("rb") as content:
            return bring(ctx, content, path.name).faults
    except PermissionError:
        return [Fault(1, "", "没有读取这份文件的权限，请放开权限后重新放入")]
    except Refused as refused:
        return [Fault(1, "", refused.refusals[0].message)]


def _free(path: Path) -> Path:
    """This name, or the first with a number, that nothing has, nor what is told of it."""
    number = 2
    free = path
    while os.path.lexists(free) or os.path.lexists(_report(free)):
        free = path.with_stem(f"{path.stem}.{number}")
        number += 1
    return free


def _report(path: Path) -> Path:
    """Beside a file: what is wrong with it."""
    return path.with_stem(f"{path.stem}.问题")
