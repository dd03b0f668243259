"""Brings a database to the newest schema. Migrations only go forward."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable, QueryCanceled
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from backend.store import rights

# Any constant will do: it only has to be the same in every process that migrates.
MIGRATION_LOCK = 7_105_001

# In PostgreSQL's words; `migrations/env.py` says why.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "5min"


class TablesBusy(Exception):
    """A migration did not get its lock, or a statement took too long; nothing was changed."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(owner_url: str, programs: str, to: str = "head") -> None:
    """Apply what is missing up to the revision `to`, all or nothing, as the owner of the tables.

    At the head the role `programs` gets its rights anew. A second process waits and finds nothing
    to do. Raises TablesBusy, and TooMuchPower for a role that should not run programs.
    """
    config = _config()
    engine = create_engine(owner_url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            if to == "head":
                rights.give(connection, programs)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable | QueryCanceled):
            raise TablesBusy(str(error.orig)) from None
        raise


def head() -> str:
    """The newest revision's name; raises alembic's CommandError when there is more than one."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise LookupError("no migrations are installed")
    return revision
