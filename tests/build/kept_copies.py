"""A copy of a database that test after test gets, put back after each as it was made.

Some rows of some tables are all that a test changes. A copy takes 60 ms to make and to drop, and
whoever connects to a new one learns every table anew, for 50 to 90 more; what was changed is found
and put back in a fraction of that, and connections stay. What changed more than rows is dropped.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from sqlalchemy import Pool

OURS = "kept"  # the name by which the connections that stay are told from all others
# However often rows are put back, what was there before lies in the files until they are swept.
MOST_USES = 60
ON_THE_WAY_OUT = (0.002, 0.005, 0.01, 0.02)  # seconds
TABLES = """
SELECT relname, array_agg(attname ORDER BY attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
    AND NOT attisdropped AND attgenerated = ''
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY 1
"""
# Of those without a page none has a row.
HAVE_PAGES = """
SELECT relname, pg_relation_size(oid) > 0 FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
SEQUENCES = """
SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'
"""
# Where anything is written that is not a row of ours; statistics are nobody's business.
CATALOGS = (
    *("pg_attribute", "pg_class", "pg_constraint", "pg_database", "pg_db_role_setting", "pg_index"),
    *("pg_namespace", "pg_proc", "pg_trigger", "pg_type"),
)
CHANGED = SQL(
    "SELECT {name} FROM {table} HAVING count(*) FILTER (WHERE age(xmin) <= age({mark}::xid)) > 0"
)
FEWER = SQL(" OR count(*) <> {count}")
BOTH = SQL(" UNION ALL ")
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> %s
"""


class KeptCopy:
    """A database that one test at a time has, and what stood in it when it was made."""

    def __init__(self, name: str, owner_url: str) -> None:
        self.name = name
        self._engine: object = None  # whose pool it is
        self._pool: Pool | None = None
        self._uses = 0
        self._owner = psycopg.connect(
            owner_url.replace("+psycopg", ""),
            autocommit=True,
            application_name=OURS,
            options="-c lock_timeout=2000",
        )
        self._columns: dict[str, Sequence[str]] = dict(self._rows(TABLES))
        self._sequences = dict(self._rows(SEQUENCES))
        self._contents: dict[str, bytes] = {}
        self._counts = dict.fromkeys(self._columns, 0)
        for table, has_pages in self._rows(HAVE_PAGES):
            if has_pages:
                self._contents[table], self._counts[table] = self._read(table)
        self._mark = self._next_number()

    def keep(self, engine: object, pool: Pool | None) -> None:
        """The pool of this engine stays, with its connections, in the place of any other."""
        if self._pool:
            self._pool.dispose()
        self._engine, self._pool = engine, pool
        if pool and self._owner.closed:
            self.close()

    def pool_of(self, engine: object) -> Pool | None:
        """The pool that stayed, if it is of this engine: from now on it is the engine's alone."""
        if self._engine is not engine:
            return None
        pool, self._pool = self._pool, None
        return pool

    def put_back(self) -> bool:
        """Make it as it was; whether that is what it is now, and it may serve another time."""
        self._uses += 1
        if self._uses >= MOST_USES or not self._alone():
            return False
        if self._next_number() == self._mark:
            return True
        try:
            now = dict(self._rows(HAVE_PAGES))
            if now.keys() != self._columns.keys() or self._changed(CATALOGS):
                return False
            emptied = [each for each in self._contents if not now[each]]
            self._put_back([*self._changed([each for each in now if now[each]]), *emptied])
        except psycopg.Error:  # a thread of the test still holds a row
            return False
        self._mark = self._next_number()
        return True

    def close(self) -> None:
        """Let go of it: it may be dropped, or copied."""
        self.keep(None, None)
        self._owner.close()

    def _alone(self) -> bool:
        """Whether nobody else is connected; who went just now may still be on the way out."""
        for seconds in ON_THE_WAY_OUT:
            if not self._one(OTHERS, OURS):
                return True
            self._one("SELECT pg_sleep(%s)", seconds)
        return False

    def _next_number(self) -> str:
        """What the next transaction that writes will have: the same for as long as nobody does."""
        return str(self._one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))

    def _changed(self, tables: Iterable[str]) -> list[str]:
        """Those that anything was written into, or taken from, since they were as made."""

        def changed(table: str) -> Composable:
            asked = CHANGED.format(mark=Literal(self._mark), **_named(table))
            count = self._counts.get(table)
            return asked if count is None else asked + FEWER.format(count=Literal(count))

        return [name for (name,) in self._rows(BOTH.join(map(changed, tables)))]

    def _put_back(self, tables: Sequence[str]) -> None:
        emptied = [SQL("DELETE FROM {table}").format(**_named(each)) for each in tables]
        unguarded = SQL("SET LOCAL session_replication_role = replica")
        with self._owner.transaction(), self._owner.cursor() as cursor:
            cursor.execute(SQL("; ").join([unguarded, *emptied]))
            for each in tables:
                if each in self._contents:
                    with cursor.copy(self._copying(each, "FROM STDIN")) as copy:
                        copy.write(self._contents[each])
        for name, value in self._rows(SEQUENCES):
            began = self._sequences[name]
            if value != began:
                self._one("SELECT setval(%s, %s, %s)", name, began or 1, began is not None)

    def _read(self, table: str) -> tuple[bytes, int]:
        """All of its rows, and how many they are."""
        with self._owner.cursor() as cursor:
            with cursor.copy(self._copying(table, "TO STDOUT")) as copy:
                content = b"".join(copy)
            return content, cursor.rowcount

    def _copying(self, table: str, where: Any) -> Composed:
        columns = SQL(", ").join(map(Identifier, self._columns[table]))
        words = SQL("COPY {} ({}) {} (FORMAT binary)")
        return words.format(Identifier(table), columns, SQL(where))

    def _rows(self, asked: Any) -> Iterator[Any]:
        yield from self._owner.execute(asked)

    def _one(self, asked: Any, *values: object) -> Any:
        [(value,)] = self._owner.execute(asked, values)
        return value


def _named(table: str) -> dict[str, Composable]:
    return {"table": Identifier(table), "name": Literal(table)}
