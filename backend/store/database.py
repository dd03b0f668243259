"""Connections and sessions."""

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

RECYCLE_SECONDS = 600
# For one statement; that of 300,000 flats took 17 seconds on two busy cores.
OF_EVERY_FLAT_MILLISECONDS = 600_000


@dataclass(frozen=True)
class Patience:
    """How long to wait for the database, in milliseconds: for a connection, kept or new, for a lock
    of somebody else, for a statement to end, and for ourselves between two statements."""

    connection: int = 5_000
    lock: int = 5_000
    statement: int = 30_000
    idle: int = 60_000


def make_engine(url: str, pool_size: int = 5, patience: Patience = Patience()) -> Engine:
    """An engine with a small pool of checked connections; its errors quote no personal data.

    What takes longer than `patience` raises OperationalError (for the pool: TimeoutError).
    """
    limits = {
        "lock_timeout": patience.lock,
        "statement_timeout": patience.statement,
        "idle_in_transaction_session_timeout": patience.idle,
    }
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=patience.connection / 1000,
        pool_use_lifo=True,
        pool_recycle=RECYCLE_SECONDS,  # a firewall may have forgotten one that lay idle
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": math.ceil(patience.connection / 1000),
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    event.listen(engine, "handle_error", _quote_nobody)
    return engine


class ReadsKept(Session):
    """A session that ends with COMMIT where it only read.

    Ended with ROLLBACK, as SQLAlchemy does it, psycopg would let go of all statements that the
    connection has prepared: PostgreSQL would plan every page anew. What was written and not
    committed is rolled back as ever, and so is all that cannot be told from it here (a text, a
    connection in somebody's hands), and what the database refused: that may have been a prepared
    statement which fits its tables no more.
    """

    _may_have_written = False

    def connection(self, *words: Any, **options: Any) -> Connection:
        """As ever. What is done on it, this session does not see."""
        self._may_have_written = True
        return super().connection(*words, **options)

    def commit(self) -> None:
        """As ever; what comes after it is another transaction."""
        super().commit()
        self._may_have_written = False

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """As ever; what the database refused is no read that has ended well."""
        self._may_have_written |= isinstance(error, SQLAlchemyError)
        super().__exit__(kind, error, trace)

    def close(self) -> None:
        """End what is open, and give the connection back."""
        if self._only_read():
            with suppress(SQLAlchemyError):  # it is rolled back then, or the connection is lost
                super().commit()
        super().close()

    def _only_read(self) -> bool:
        open_here = self.in_transaction() and self.is_active and isinstance(self.bind, Engine)
        written = self._may_have_written or self.new or self.dirty or self.deleted
        return open_here and not written


@event.listens_for(ReadsKept, "do_orm_execute")
def _note_writing(asked: ORMExecuteState) -> None:
    if isinstance(asked.session, ReadsKept) and not asked.is_select:
        asked.session._may_have_written = True


@event.listens_for(ReadsKept, "after_flush")
def _note_flushing(tx: ReadsKept, _: object) -> None:
    tx._may_have_written = True


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose records stay readable after commit; nothing loads behind one's back.

    A session that was closed stays so: used after its block it raises, where it would otherwise
    begin anew and hold a connection that nobody gives back.
    """
    return sessionmaker(engine, class_=ReadsKept, expire_on_commit=False, close_resets_only=False)


def be_patient(tx: Session) -> None:
    """From here to its end a statement of this transaction may take `OF_EVERY_FLAT_MILLISECONDS`:
    for the few that go through a whole city, of which no number of retries makes one shorter."""
    of_each = str(OF_EVERY_FLAT_MILLISECONDS)
    tx.execute(select(func.set_config("statement_timeout", of_each, True)))


def at_one_moment(tx: Session) -> None:
    """All statements of this transaction, which only reads and begins here, see the database as it
    is now: what is put together of several of them adds up."""
    Session.connection(tx, execution_options={"isolation_level": "REPEATABLE READ"})


def _quote_nobody(context: ExceptionContext) -> None:
    """Cut off what PostgreSQL adds to an error: the values of the key, or the whole row."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if wrapped is not None:
            wrapped.args = (f"({type(error).__name__}) {error.diag.message_primary}",)
