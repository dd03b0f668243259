"""Lifts stop, are taken out, replaced, or get another code; places are renamed; accounts close."""

import sqlalchemy as sa
from alembic import op

revision = "0029_things_change"
down_revision = "0028_better_scans"


def upgrade() -> None:
    op.create_table(
        "former_lift_code",
        sa.Column("registration_code", sa.Text(), nullable=False),
        sa.Column("lift_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lift_id"], ["lift.id"], name=op.f("fk_former_lift_code_lift_id")),
        sa.PrimaryKeyConstraint("registration_code", name=op.f("pk_former_lift_code")),
    )
    op.create_index(op.f("ix_former_lift_code_lift_id"), "former_lift_code", ["lift_id"])
    op.add_column("lift", sa.Column("stopped_on", sa.Date(), nullable=True))
    op.add_column("lift", sa.Column("retired_on", sa.Date(), nullable=True))
    op.add_column("lift", sa.Column("replaced_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_lift_replaced_by_id"), "lift", "lift", ["replaced_by_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_lift_replaced"), "lift", "replaced_by_id IS NULL OR retired_on IS NOT NULL"
    )
    for table in ("building", "unit"):
        op.execute(f"ALTER TABLE {table} ADD former_names text[] NOT NULL DEFAULT '{{}}'")
    op.add_column("account", sa.Column("closed_on", sa.Date(), nullable=True))
