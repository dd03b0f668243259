"""Whatever a program of ours writes is for the account alone that it runs under."""

import os

OWNER_ALONE = 0o077


def keep_to_owner() -> None:
    """From now on this process, and those that it starts, make files and folders for their owner
    alone: no setting of the server is needed for it."""
    os.umask(OWNER_ALONE)
