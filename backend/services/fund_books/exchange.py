"""The daily exchange with the fund's own system: files in folders, done again from wherever it was
broken off.

`in/` is what the fund's system put there. What was booked goes to `done/`; what has faults to
`faulty/`, with them beside it; nothing is ever overwritten or thrown away. `out/` is what we say.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.domain.errors import Refused
from backend.domain.fund_books import Fault
from backend.services.base.context import Context
from backend.services.fund_books.bringing import bring
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
    One with faults keeps no other out. Raises OSError where the folder is not to be used."""
    for each in (IN, DONE, FAULTY, OUT):
        (folder / each).mkdir(exist_ok=True)
    done: list[str] = []
    faulty: list[str] = []
    for path in sorted((folder / IN).glob("[!.]*.csv")):
        faults = _faults(ctx, path)
        if faults:
            with whole(_free(folder / FAULTY / f"{path.stem}.问题.csv")) as file:
                table = csv.writer(file)
                table.writerow(["行", "列", "问题"])
                table.writerows([each.line, each.column, each.message] for each in faults)
        path.rename(_free(folder / (FAULTY if faults else DONE) / path.name))
        (faulty if faults else done).append(path.name)
    return Exchanged(done, faulty, send_closes(ctx, folder / OUT))


def _faults(ctx: Context, path: Path) -> Sequence[Fault]:
    with path.open("rb") as content:
        try:
            return bring(ctx, content, path.name).faults
        except Refused as refused:
            return [Fault(1, "", refused.refusals[0].message)]


def _free(path: Path) -> Path:
    """This name, or the first with a number that nothing has."""
    number = 2
    free = path
    while free.exists():
        free = path.with_stem(f"{path.stem}.{number}")
        number += 1
    return free
