"""An answered objection that nobody withdraws is dismissed by the reviewer, or not after all."""

import sqlalchemy as sa
from alembic import op

revision = "0035_dismissals"
down_revision = "0034_delegations"


def upgrade() -> None:
    op.create_table(
        "dismissal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("dismissed_by", sa.Uuid(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)"
            " AND (undone_at IS NULL) = (undone_because IS NULL)",
            name=op.f("ck_dismissal_undone"),
        ),
        sa.CheckConstraint("undone_by <> dismissed_by", name=op.f("ck_dismissal_another_officer")),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_dismissal_objection_id")
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_by"], ["person.id"], name=op.f("fk_dismissal_dismissed_by")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_dismissal_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dismissal")),
    )
    op.create_index(
        "uq_dismissal_in_effect",
        "dismissal",
        ["objection_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
