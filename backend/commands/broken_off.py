"""What a command says when a disk is full, or the database goes away, while it is at work.

What it was writing then is not there: each command writes in one transaction, or goes on where it
was when it is run again.
"""

from psycopg import OperationalError as DriverError
from psycopg.errors import DiskFull
from sqlalchemy.exc import OperationalError

from backend.store.files import NO_ROOM

AGAIN = "这条命令没有做完。请先腾出空间，再运行一次同一条命令。"
GONE = "数据库正忙、断开了或没有应答，这条命令没有做完。请确认数据库正常，再运行一次同一条命令。"


def in_words(error: Exception) -> str | None:
    """What whoever ran the command has to know and do; None for what is a fault of ours.

    Nothing of the error itself is repeated: its words could quote values.
    """
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"这台机器的磁盘满了，{AGAIN}"
    cause = error.orig if isinstance(error, OperationalError) else error
    if isinstance(cause, DiskFull):
        return f"数据库所在的磁盘满了，{AGAIN}"
    return GONE if isinstance(cause, DriverError) else None
