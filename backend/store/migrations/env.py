"""Runs the migrations on the connection that `backend.store.migrate` hands over.

Whoever waits for a table's lock stands in the way of everybody who comes after. So a migration
waits for a lock no longer than people wait for a page, and no statement of it runs on and on while
the house stands still; either of them undoes the whole upgrade.
"""

from alembic import context

from backend.store import migrate
from backend.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.execute(f"SET LOCAL lock_timeout = '{migrate.LOCK_TIMEOUT}'")
    context.execute(f"SET LOCAL statement_timeout = '{migrate.STATEMENT_TIMEOUT}'")
    context.run_migrations()
