"""Databases on this process's server: each a copy of another, made when it is first needed.

They belong to `tibao_owner`, as a town's does, and tests come as the programs do, unless they say
that they need the owner's power. Of what is copied again and again one copy is kept, and put back
after each test (`kept_copies`).
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import Any, NoReturn

import psycopg
from sqlalchemy import Engine, Pool, PoolProxiedConnection, QueuePool, event

from backend.config import LOCAL_OWNER
from backend.local import postgres
from backend.store.database import make_engine
from tests.build.connections import in_use
from tests.build.kept_copies import OURS, KeptCopy

MIGRATED = "tibao"  # every table and no row
NO_TABLES = "template1"  # whoever begins with it makes them, and leaves another database
NO_DATABASE = postgres.database_url(1, "none")  # for who is given an engine and needs no address
MOST_KEPT = 12
MOST_IDLE = 2  # connections of an engine that stay open to a kept copy
# Whatever a test has set or locked for its connection.
AS_NEW = "RESET ALL; RESET ROLE; SELECT pg_advisory_unlock_all(); UNLISTEN *"

Admin = psycopg.Connection[tuple[Any, ...]]


class Databases:
    """Makes and drops them through a connection of its own."""

    def __init__(self, admin: Admin, port: int) -> None:
        self._admin = admin
        self._port = port
        self._numbers = count(1)
        self._left: str | None = None
        self._copied: Counter[str] = Counter()
        self._free: dict[str, KeptCopy] = {}  # by template, the one used last at the end
        self._taken: dict[str, KeptCopy] = {}  # by name

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
        if kept := self._taken.pop(template, None):
            kept.close()  # whatever is made from it, it stays as it is from now on
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self._admin.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")

    def take(self, template: str, name: str) -> KeptCopy | None:
        """The copy that is kept of this template, or a new one of this name; of what was never
        copied before none is kept."""
        kept = self._free.pop(template, None)
        if kept is None:
            self._copied[template] += 1
            if self._copied[template] == 1 or template == NO_TABLES:
                return None
            self.copy(template, name)
            kept = KeptCopy(name, self.owner_url(name))
        self._taken[kept.name] = kept
        return kept

    def give_back(self, kept: KeptCopy, template: str) -> None:
        """The next may have it, if it can be put back."""
        if self._taken.pop(kept.name, None) is None:
            self._part_with(kept)  # it was copied meanwhile
        elif template in self._free or not kept.put_back():
            self._part_with(kept)
        else:
            self._free[template] = kept
            if len(self._free) > MOST_KEPT:
                self._part_with(self._free.pop(next(iter(self._free))))

    def close(self) -> None:
        """Let go of every connection."""
        for kept in (*self._free.values(), *self._taken.values()):
            kept.close()

    def _part_with(self, kept: KeptCopy) -> None:
        kept.close()
        self.drop(kept.name)

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
        self.kept: KeptCopy | None = None
        self._told = False

    @property
    def url(self) -> str:
        """SQLAlchemy's address; whoever hands it out must `create` it first, or it will be a copy
        that is not kept."""
        self._told = True
        return self._databases.url(self.name)

    @property
    def owner_url(self) -> str:
        """The same for the owner of its tables."""
        self._told = True
        return self._databases.owner_url(self.name)

    def create(self) -> None:
        """Make it, if it does not exist yet: the copy that is kept, under the name that it has, or
        another under the name that was told."""
        with self._lock:
            if self.exists:
                return
            if not self._told:
                self.kept = self._databases.take(self.template, self.name)
            if self.kept:
                self.name = self.kept.name
            else:
                self._databases.copy(self.template, self.name)
            self.exists = True

    def drop(self) -> None:
        """It is needed no longer."""
        if self.kept:
            self._databases.give_back(self.kept, self.template)
        elif self.exists:
            self._databases.drop(self.name)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine on this database alone, for as long as the block runs."""
        shared = SharedEngine(self._databases)
        with shared.on(self, stays=False) as engine:
            yield engine


class SharedEngine:
    """One engine for one database after the other, since it knows its statements by heart.

    A new engine compiles every statement anew, and asks the server who it is.
    """

    def __init__(self, databases: Databases) -> None:
        self._engine = make_engine(databases.url(MIGRATED))
        self._fresh = self._engine.pool
        self._lock = Lock()
        self._database: Database | None = None
        event.listen(self._engine, "do_connect", self._before_connecting)

    @contextmanager
    def on(self, database: Database, stays: bool = True) -> Iterator[Engine]:
        """The engine on this database; at the end no connection may still be in use. Some stay open
        to a database that is kept, unless nobody comes again."""
        self._database = database
        self._engine.pool = FirstConnection(self._pool)
        try:
            yield self._engine
            if in_use(self._engine):
                gc.collect()  # what a failed step or a thread left in a circle is no leak
            assert in_use(self._engine) == 0, "a session used after its block keeps a connection"
            if stays and database.kept and self._connected():
                database.kept.keep(self, _as_new(self._engine.pool))
                self._engine.pool = FirstConnection(self._pool)
        finally:
            self._engine.pool.dispose()
            self._database = None

    def _pool(self) -> Pool:
        """Where connections to the database of now come from, which exists from here on."""
        assert self._database, "no test is running"
        self._database.create()
        with self._lock:
            if not self._connected():
                kept = self._database.kept
                stayed = kept.pool_of(self) if kept else None
                self._engine.pool = stayed or self._fresh.recreate()
            return self._engine.pool

    def _connected(self) -> bool:
        return not isinstance(self._engine.pool, FirstConnection)

    def _before_connecting(self, *seen: Any) -> None:
        assert self._database, "no test is running"
        self._database.create()
        seen[-1].update(dbname=self._database.name, application_name=OURS)


class FirstConnection(QueuePool):
    """Stands in an engine for the pool that is chosen when a connection is wanted."""

    def __init__(self, choose: Callable[[], Pool]) -> None:
        super().__init__(_nobody)
        self._choose = choose

    def connect(self) -> PoolProxiedConnection:
        return self._choose().connect()

    def recreate(self) -> "FirstConnection":
        return self


def _nobody() -> NoReturn:
    raise AssertionError("it gives no connection of its own")


def _as_new(pool: Pool) -> Pool:
    """Of its connections a few stay, and know nothing of what was said to them."""
    assert isinstance(pool, QueuePool)
    idle = [pool.connect() for _ in range(pool.checkedin())]
    for number, each in enumerate(idle):
        connection = each.driver_connection
        assert isinstance(connection, psycopg.Connection)
        connection.execute(AS_NEW)
        connection.commit()
        if number >= MOST_IDLE:
            each.detach()
        each.close()
    return pool
