"""Limits, holds, messages and records belong to a subject of any kind; until now to a purchase.

Columns are renamed and added, no row is written: most of these tables refuse that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019_any_subject"
down_revision = "0018_circle_and_source"

# locks: each table is rewritten once, under the lock of this upgrade; no city runs on these yet
# renames: the programs of 0.2.0 know the old columns only and are stopped for this upgrade
ALWAYS = ("deadline", "hold", "transition", "evidence", "officer_act")
PERHAPS = ("outbox", "entry")
# The other two have a key that begins with the subject.
FOUND_BY_SUBJECT = ("deadline", "hold", "evidence", *PERHAPS)
OLD_INDEXES = (
    ("deadline", "uq_deadline_open"),
    ("deadline", "ix_deadline_purchase_id"),
    ("hold", "uq_hold_pending"),
    ("evidence", "ix_evidence_purchase_id"),
    ("outbox", "ix_outbox_purchase_id"),
    ("entry", "ix_entry_purchase_id"),
)
IF_PURCHASE = "CASE WHEN (subject_kind = 'purchase'::text) THEN subject_id ELSE NULL::uuid END"
FROZEN_HOLD = "id, account_id, subject_kind, subject_id, amount_fen, placed_at"


def upgrade() -> None:
    op.alter_column("deadline", "subject_id", new_column_name="about_id")
    for table, index in OLD_INDEXES:
        op.drop_index(index, table)
    op.drop_constraint("uq_transition_purchase_id_seq", "transition")
    op.drop_constraint("pk_officer_act", "officer_act")
    for table in (*ALWAYS, *PERHAPS):
        op.drop_constraint(f"fk_{table}_purchase_id", table)
        op.alter_column(table, "purchase_id", new_column_name="subject_id")
        _say_purchase(table)
        purchase = sa.Computed(IF_PURCHASE, persisted=True)
        op.add_column(table, sa.Column("purchase_id", sa.Uuid(), purchase))
        op.create_foreign_key(
            op.f(f"fk_{table}_purchase_id"), table, "purchase", ["purchase_id"], ["id"]
        )
    for table in FOUND_BY_SUBJECT:
        op.create_index(op.f(f"ix_{table}_subject_id"), table, ["subject_id"])
    for table in PERHAPS:
        both = "(subject_kind IS NULL) = (subject_id IS NULL)"
        op.create_check_constraint(op.f(f"ck_{table}_subject"), table, both)
    _keys()
    _hold_is_frozen()


def _say_purchase(table: str) -> None:
    """What has a subject today has a purchase. A generated column needs no UPDATE to be filled."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN subject_kind text "
        "GENERATED ALWAYS AS (CASE WHEN subject_id IS NOT NULL THEN 'purchase' END) STORED"
    )
    op.execute(f"ALTER TABLE {table} ALTER COLUMN subject_kind DROP EXPRESSION")
    if table in ALWAYS:
        op.alter_column(table, "subject_kind", nullable=False)
        # Anew, since PostgreSQL names the rule after the column.
        op.alter_column(table, "subject_id", nullable=True)
        op.alter_column(table, "subject_id", nullable=False)


def _keys() -> None:
    op.create_index(
        "uq_deadline_open",
        "deadline",
        ["subject_kind", "subject_id", "kind", "about_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state IN ('open', 'paused')"),
    )
    op.create_index(
        "uq_hold_pending",
        "hold",
        ["subject_kind", "subject_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_unique_constraint(
        op.f("uq_transition_subject_kind_subject_id_seq"),
        "transition",
        ["subject_kind", "subject_id", "seq"],
    )
    op.create_primary_key(
        op.f("pk_officer_act"), "officer_act", ["subject_kind", "subject_id", "person_id", "role"]
    )


def _hold_is_frozen() -> None:
    old, new = (
        ", ".join(f"{side}.{column}" for column in FROZEN_HOLD.split(", "))
        for side in ("OLD", "NEW")
    )
    op.execute("DROP TRIGGER hold_frozen ON hold")
    op.execute(
        "CREATE TRIGGER hold_frozen BEFORE UPDATE ON hold FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION refuse_change()"
    )
