"""Files that somebody ordered at the desk and that a worker makes: the whole of a case (案卷), and
lists too long to wait for. Pure.

Everything here is ours: the plans say only that the centre keeps its papers.
"""

from datetime import timedelta
from enum import StrEnum

# As long as somebody needs to fetch it; it can be ordered again at any time.
KEPT = timedelta(days=7)
MOST_ATTEMPTS = 3
# Of all papers of one case together, in bytes: what the machine that binds them has room for.
MOST_BOUND = 200 * 1024 * 1024
# A list of more lines than this is no list that anybody reads.
MOST_LINES = 50_000


class OrderedKind(StrEnum):
    """`case_file` is everything of one case bound into one PDF, `list` a list as a workbook."""

    CASE_FILE = "case_file"
    LIST = "list"


class OrderedState(StrEnum):
    """`open` until the file is there, or could not be made."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
