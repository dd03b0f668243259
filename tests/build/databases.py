"""Databases on this process's server: each a copy of another, made when it is first needed.

They belong to `tibao_owner`, as a town's does, and tests come as the programs do, unless they say
that they need the owner's power.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from backend.config import LOCAL_OWNER
from backend.local import postgres
from backend.store.database import make_engine
from tests.build.connections import in_use

MIGRATED = "tibao"  # every table and no row

Admin = psycopg.Connection[tuple[Any, ...]]


class Databases:
    """Makes and drops them through a connection of its own."""

    def __init__(self, admin: Admin, port: int) -> None:
        self._admin = admin
        self._port = port
        self._numbers = count(1)
        self._left: str | None = None

    def new(self, template: str = MIGRATED) -> "Database":
        """A database to be, as a copy of `template`."""
        return Database(self, f"copy_{next(self._numbers)}", template)

    def url(self, name: str) -> str:
        """SQLAlchemy's address of a database."""
        return postgres.database_url(self._port, name)

    def owner_url(self, name: str) -> str:
        """The same for the owner of its tables."""
        return postgres.database_url(self._port, name, LOCAL_OWNER)

    def copy(self, template: str, name: str) -> None:
        """Copy a database that nobody is connected to, and what is let happen in it."""
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self._admin.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")

    def drop(self, name: str) -> None:
        """Drop it when the next is dropped.

        A connection that was closed just now may still be ending, and PostgreSQL waits a tenth of
        a second for that.
        """
        if self._left:
            self._admin.execute(f"DROP DATABASE {self._left} WITH (FORCE)")
        self._left = name


class Database:
    """A database that comes into being with the first connection.

    Until then nothing can have happened in it, and it may become a copy of another `template`.
    """

    def __init__(self, databases: Databases, name: str, template: str) -> None:
        self._databases = databases
        self._lock = Lock()
        self.name = name
        self.template = template
        self.exists = False

    @property
    def url(self) -> str:
        """SQLAlchemy's address; whoever hands it out must `create` it first."""
        return self._databases.url(self.name)

    @property
    def owner_url(self) -> str:
        """The same for the owner of its tables."""
        return self._databases.owner_url(self.name)

    def create(self) -> None:
        """Make it, if it does not exist yet."""
        with self._lock:
            if not self.exists:
                self._databases.copy(self.template, self.name)
                self.exists = True

    def drop(self) -> None:
        """It is needed no longer."""
        if self.exists:
            self._databases.drop(self.name)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine on this database alone, for as long as the block runs."""
        shared = SharedEngine(self._databases)
        with shared.on(self) as engine:
            yield engine


class SharedEngine:
    """One engine for one database after the other, since it knows its statements by heart.

    A new engine compiles every statement anew, and asks the server who it is.
    """

    def __init__(self, databases: Databases) -> None:
        self._engine = make_engine(databases.url(MIGRATED))
        self._database: Database | None = None
        event.listen(self._engine, "do_connect", self._before_connecting)

    @contextmanager
    def on(self, database: Database) -> Iterator[Engine]:
        """The engine on this database; at the end no connection may still be in use."""
        self._database = database
        try:
            yield self._engine
            if in_use(self._engine):
                gc.collect()  # what a failed step or a thread left in a circle is no leak
            assert in_use(self._engine) == 0, "a session used after its block keeps a connection"
        finally:
            self._database = None
            self._engine.dispose()

    def _before_connecting(self, *seen: Any) -> None:
        assert self._database, "no test is running"
        self._database.create()
        seen[-1]["dbname"] = self._database.name
