"""The field's own words for tables, columns and what stands in rows. No row is added or lost.

Triggers, keys and checks follow their tables and columns by themselves; only their names are given
anew. Audit entries are not touched: their bodies are hashed, and say what was said at the time.
Columns that are called `notice_id` keep that name, and so do paths of the API.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_field_words"
down_revision = "0015_public_face"

# renames: the programs of 0.2.0 know the old words only and are stopped for this upgrade
TABLES = {
    "claim": "owner_verification",
    "correction": "rectification_request",
    "notice": "public_notice",
    "notice_photo": "public_notice_photo",
    "cover": "coverage_period",
    "dead_letter": "unreadable_callback",
}
COLUMNS = (
    ("objection", "standing", "status"),
    ("plan", "limit_fen", "sum_insured_fen"),
    ("plan", "coverage", "scope_of_cover"),
    ("plan", "promises", "service_commitments"),
    ("approval", "channel", "medium"),
    ("committee_member", "conflicted", "recused"),
)
# Names that do not follow from the table's, or would be longer than PostgreSQL keeps (63).
CONSTRAINTS = (
    ("objection", "ck_objection_standing", "ck_objection_status"),
    (
        "public_notice_photo",
        "uq_notice_photo_notice_id_unit_id_moment_framing_file_sha256",
        "uq_public_notice_photo_once",
    ),
)
# What rows say: table, column, old, new.
VALUES = (
    ("purchase", "state", "publicised", "posted"),
    ("transition", "from_state", "publicised", "posted"),
    ("transition", "to_state", "publicised", "posted"),
    ("transition", "action", "publicise", "post_notice"),
    ("deadline", "kind", "publicity", "public_notice_period"),
)


def upgrade() -> None:
    connection = op.get_bind()
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for table, old, new in CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    for old, new in TABLES.items():
        _rename_what_belongs(connection, old, new)
    for table in (*TABLES.values(), *{table for table, _, _ in COLUMNS}):
        _rename_not_nulls(connection, table)
    _rename_listeners(connection)
    for table, column, old, new in VALUES:
        _rewrite(table, column, old, new)


def _rename_what_belongs(connection: sa.Connection, old: str, new: str) -> None:
    """Constraints and indexes named `<kind>_<old>…`, and triggers named `<old>_…`."""
    constraints = connection.scalars(
        sa.text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass)"),
        {"t": new},
    ).all()
    for name in constraints:
        renamed = _of_table(name, old, new)
        if renamed != name:
            op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {name} TO {renamed}")
    indexes = connection.scalars(
        sa.text("SELECT indexname FROM pg_indexes WHERE tablename = :t"), {"t": new}
    ).all()
    for name in indexes:
        renamed = _of_table(name, old, new)
        if renamed != name:
            op.execute(f"ALTER INDEX {name} RENAME TO {renamed}")
    triggers = connection.scalars(
        sa.text(
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = CAST(:t AS regclass) AND NOT tgisinternal"
        ),
        {"t": new},
    ).all()
    for name in triggers:
        op.execute(f"ALTER TRIGGER {name} ON {new} RENAME TO {new}{name.removeprefix(old)}")


def _rename_not_nulls(connection: sa.Connection, table: str) -> None:
    """PostgreSQL 18 keeps a name for each NOT NULL too, made from the names of the time."""
    found = connection.execute(
        sa.text(
            "SELECT conname, attname FROM pg_constraint "
            "JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] "
            "WHERE conrelid = CAST(:t AS regclass) AND contype = 'n'"
        ),
        {"t": table},
    ).all()
    for name, column in found:
        if name != f"{table}_{column}_not_null":
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {table}_{column}_not_null")


def _of_table(name: str, old: str, new: str) -> str:
    kind, _, rest = name.partition("_")
    return f"{kind}_{new}{rest.removeprefix(old)}" if f"{rest}_".startswith(f"{old}_") else name


def _rename_listeners(connection: sa.Connection) -> None:
    """What the API processes hear of: `…_told` calls `tell_lift_changed` no more."""
    op.execute("ALTER FUNCTION tell_lift_changed() RENAME TO notify_lift_changed")
    told = connection.execute(
        sa.text(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
            "WHERE tgname LIKE '%\\_told' AND NOT tgisinternal"
        )
    ).all()
    for table, name in told:
        op.execute(
            f"ALTER TRIGGER {name} ON {table} RENAME TO {name.removesuffix('_told')}_notifies"
        )


def _rewrite(table: str, column: str, old: str, new: str) -> None:
    """The triggers guard what people write; here only the word for the same thing changes."""
    rows = sa.table(table, sa.column(column))
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(sa.update(rows).where(rows.c[column] == old).values({column: new}))
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
